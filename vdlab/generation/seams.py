"""Two videos joined along the surface in space and time that is seen least.

A pixel of the join comes from the one or the other; where two neighbours, in height, width or time, come from
different ones, the eye may see it. That price is how far the two videos are apart at both pixels, and how much moves or
stands out there. The cheapest surface is a minimum cut of the graph of pixels (Kwatra et al. 2003, sec. 3 and 4).
"""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

UNITS = 1000  # a price of 1 in the whole numbers that flow takes
NEVER = 10**8


def cut_between(
    one: np.ndarray, other: np.ndarray, price: np.ndarray, *, keep_one: np.ndarray, keep_other: np.ndarray
) -> np.ndarray:
    """Return where the join of two videos float32 (T, H, W, 3) is of the `other` one, bool (T, H, W).

    `price` (T, H, W): what a cut costs there beside the difference of the two. `keep_one` and `keep_other`, bool,
    must be of the one and the other; neither may be empty.
    """
    apart = np.abs(one - other).mean(-1) + price
    places = np.arange(apart.size).reshape(apart.shape)
    source, sink = apart.size, apart.size + 1
    begin, end, room = [], [], []
    for axis in range(3):
        first, last = (
            tuple(cut if a == axis else slice(None) for a in range(3)) for cut in (slice(None, -1), slice(1, None))
        )
        cost = 1 + np.minimum(UNITS * (apart[first] + apart[last]), NEVER // 100)
        begin += [places[first].ravel(), places[last].ravel()]
        end += [places[last].ravel(), places[first].ravel()]
        room += [cost.ravel()] * 2
    fixed_one, fixed_other = places[keep_one], places[keep_other & ~keep_one]
    begin += [np.full(len(fixed_one), source), fixed_other]
    end += [fixed_one, np.full(len(fixed_other), sink)]
    room += [np.full(len(fixed_one), NEVER), np.full(len(fixed_other), NEVER)]
    graph = csr_matrix(
        (np.concatenate(room).astype(np.int32), (np.concatenate(begin), np.concatenate(end))), (sink + 1, sink + 1)
    )
    left = graph - maximum_flow(graph, source, sink).flow
    left.data = np.maximum(left.data, 0)
    left.eliminate_zeros()
    theirs = np.ones(sink + 1, bool)
    theirs[breadth_first_order(left, source, return_predecessors=False)] = False
    return theirs[:-2].reshape(apart.shape)


def seam_prices(one: np.ndarray, other: np.ndarray, prices: tuple[np.ndarray, np.ndarray], *, play: int) -> np.ndarray:
    """Return what a seam costs for every pair of columns: float (W + 1, W + 1), [b, a] where column b of `one` would
    have followed and column a of `other` does.

    Both are videos float32 (T, H, W, 3), `prices` (T, H, W) theirs. A seam may leave its place by `play` columns
    at every pixel for itself, as a cut will.
    """
    t, h, w, _ = one.shape
    flat = [v.reshape(t * h, w, 3) for v in (one, other)]
    square = [np.einsum("nwc,nwc->nw", v, v) for v in flat]
    apart = np.maximum(square[0][:, :, None] + square[1][:, None] - 2 * flat[0] @ flat[1].transpose(0, 2, 1), 0)
    apart = np.sqrt(apart / 3) + prices[0].reshape(t * h, w, 1) + prices[1].reshape(t * h, 1, w)
    least = apart.copy()
    for step in range(1, play + 1):
        least[:, step:, step:] = np.minimum(least[:, step:, step:], apart[:, :-step, :-step])
        least[:, :-step, :-step] = np.minimum(least[:, :-step, :-step], apart[:, step:, step:])
    mean = np.pad(least.mean(0), 1, mode="edge")  # a seam stands between two columns
    return (mean[:-1, :-1] + mean[1:, 1:]) / 2
