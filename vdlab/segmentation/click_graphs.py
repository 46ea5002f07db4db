"""The graphs over a shot's superpixels on which a click walks: where the flow leads, and what touches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, diags
from scipy.sparse.csgraph import dijkstra

from .superpixels import Superpixels

COLOUR_SCALE = 8.0  # units of CIELAB at which a step between neighbours counts 1/e


def colour_distances(cells: Superpixels, point: tuple[int, int]) -> np.ndarray:
    """The geodesic distance in CIELAB of each superpixel of a frame to the one at a point (x, y), (n,)."""
    a, b = cells.neighbours.T
    graph = csr_matrix((np.linalg.norm(cells.lab[a] - cells.lab[b], axis=1) + 1e-3, (a, b)), shape=(cells.count,) * 2)
    return dijkstra(graph, directed=False, indices=cells.labels[point[1], point[0]])


def flow_graph(cells: Sequence[Superpixels], starts: np.ndarray, onwards: Sequence, back: Sequence) -> csr_matrix:
    """Over how many pixels the flow, either way, carries one superpixel onto another, (n, n).

    `starts`: the number of each frame's first superpixel; `onwards` and `back`: flows (H, W, 2) from each frame to the
    next, and from that to it.
    """
    rows, columns = cells[0].labels.shape
    grid = np.dstack(np.meshgrid(np.arange(columns), np.arange(rows)))
    pairs = [np.empty((0, 2), np.int64)]
    for t in range(len(cells) - 1):
        for a, b, flow in ((t, t + 1, onwards[t]), (t + 1, t, back[t])):
            x, y = np.moveaxis(np.rint(grid + flow).astype(int), -1, 0)
            stays = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
            here, there = cells[a].labels[stays], cells[b].labels[y[stays], x[stays]]
            pairs.append(np.stack([starts[a] + here, starts[b] + there], 1))
    a, b = np.concatenate(pairs).T
    graph = csr_matrix((np.ones(len(a)), (a, b)), shape=(starts[-1],) * 2)
    return graph + graph.T


def touch_graph(cells: Sequence[Superpixels], starts: np.ndarray) -> csr_matrix:
    """How alike superpixels are that touch, (n, n)."""
    a, b = np.concatenate([start + c.neighbours for start, c in zip(starts, cells)]).T
    lab = np.concatenate([c.lab for c in cells])
    alike = np.exp(-np.linalg.norm(lab[a] - lab[b], axis=1) / COLOUR_SCALE)
    graph = csr_matrix((alike, (a, b)), shape=(starts[-1],) * 2)
    return graph + graph.T


def as_walk(graph: csr_matrix) -> csr_matrix:
    """A graph as a walk: each row sums to 1, or to 0 where nothing leads on."""
    sums = np.asarray(graph.sum(1)).ravel()
    return diags(1 / np.where(sums > 0, sums, 1)) @ graph
