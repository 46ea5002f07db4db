"""Noise out of a clip: blocks through time along the motion, transformed, shrunk and averaged.

Optical flow (DIS, Kroeger et al. 2016) brings a frame's neighbours onto it; in the cosine domain of 8×8×T blocks what
is under 2.7 σ is dropped; with that first picture as a guess of the truth, each coefficient of the noisy blocks is then
scaled by Wiener's factor. Where motion fails, a block simply is less sparse through time, and less is taken from it. A
cut ends the window: no frame ever sees the other side.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ..base import checks
from ..base.errors import ParameterError
from ..base.parallel import WORKERS, map_in_order
from ..video import optical_flow
from ..video.images import to_rgb8
from ..video.neighbours import sliding_windows
from ..video.opencv import cv2
from ..video.optical_flow import compute_flow, warp
from . import clipped_noise, dct_blocks, noise_level

# Luma and two differences, orthonormal: noise of one σ in R, G and B is noise of one σ in each, and detail gathers in
# the first.
OPPONENT = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]], np.float32) / np.sqrt(np.array([[3], [2], [6]], np.float32))
FARTHEST = 32  # frames before and after that may help: they are in memory
HARD_THRESHOLD = 2.7  # σ under which a coefficient is taken for noise
GUESS_MISSES = 0.65  # of σ² in Wiener's factor: the guess has lost what of the picture was small


@dataclass(frozen=True)
class DenoiseSettings:
    """How much work goes into a frame. A second pass sees more frames than the first, which makes it a guess."""

    radius: int = 2  # frames before and after that help
    strides: tuple = (4, 4)  # pixels from block to block, luma and colour
    flow: int = optical_flow.MEDIUM  # how hard the flow is looked for
    smooth: float = 1.2  # pixels; blur of the pictures that the flow looks at, while they are noisy
    second: tuple | None = (3, 5)  # strides of the Wiener pass; None: no second pass
    second_radius: int = 4
    second_flow: int = optical_flow.MEDIUM

    @property
    def reach(self) -> int:
        """How many frames before it a frame's result may depend on: a shot's last frames look back twice as far."""
        return 2 * (self.radius + (self.second_radius if self.second else 0))


PRESETS = {"best": DenoiseSettings(), "live": DenoiseSettings(radius=1, flow=optical_flow.FAST, second=None)}


@dataclass(eq=False)
class _Frame:
    ordinal: int
    noisy: np.ndarray  # opponent colours, float32 (H, W, 3)
    guide: np.ndarray  # what the flow looks at, uint8 (H, W)
    level: float | np.ndarray  # σ of a channel, a number or (H, W)
    sigma: float | np.ndarray  # σ of the opponent colours
    guess: np.ndarray | None = None
    moves: dict = field(default_factory=dict)  # the flow to each neighbour, by its ordinal


def denoise(
    frames: Iterable[np.ndarray],
    *,
    sigma=None,
    preset: str | DenoiseSettings = "best",
    clipped: tuple[bool, bool] | None = None,
    workers: int = WORKERS,
) -> Iterator[np.ndarray]:
    """Yield each frame without its noise, uint8 (H, W, 3), as many and in the order given; holds a few frames at a
    time.

    `frames`: uint8 or float [0, 1], grey, RGB or RGBA, all of one size. `sigma`: standard deviation of the noise in
    grey levels (0..255): a number, a map (H, W), or a curve (256,), the level at each brightness; None reads the curve
    from the first frames. `clipped`: whether noise was cut off at black, and at white, which is undone; None looks for
    it in the first frames (`clipped_noise`). Raises `ParameterError`.
    """
    settings = checks.preset(PRESETS, preset)
    _sound(settings)
    frames = checks.frames(frames, file="denoising.denoise_file")
    return _run(frames, None if sigma is None else _deviation(sigma), settings, clipped, workers)


def _sound(settings: DenoiseSettings) -> None:
    """Raise `ParameterError` unless the numbers of a preset mean something."""
    checks.typed(settings, where="preset", optional=("second",))
    checks.number("preset: smooth", settings.smooth, 0, above=True)
    for name, most in (("radius", FARTHEST), ("flow", optical_flow.MEDIUM)):
        checks.number(f"preset: {name}", getattr(settings, name), 0, most)
        checks.number(f"preset: second_{name}", getattr(settings, f"second_{name}"), 0, most)
    for strides in (settings.strides, settings.second or (1, 1)):
        if len(strides) != 2 or not all(s in range(1, dct_blocks.SIDE + 1) for s in strides):
            raise ParameterError(f"preset: strides are two whole numbers from 1 to {dct_blocks.SIDE}, not {strides!r}.")


def _deviation(sigma):
    """Return a number, or a map (H, W) or curve (256,) of standard deviations as an array. Raises `ParameterError`."""
    if np.ndim(sigma) == 0:
        return checks.number("sigma", sigma, 0)
    known = np.ndim(sigma) == 2 or np.shape(sigma) == (256,)
    if not known or np.size(sigma) == 0 or np.asarray(sigma).dtype.kind not in "iuf":
        raise ParameterError(
            f"sigma: a map of the noise is numbers (H, W), a curve is 256 of them, not {np.shape(sigma)} of "
            f"{np.asarray(sigma).dtype}."
        )
    if not np.all(np.isfinite(sigma)) or np.min(sigma) < 0:
        raise ParameterError(
            "sigma: a map or a curve of the noise holds standard deviations, 0 or more grey levels; this one does not."
        )
    return np.asarray(sigma)


def _run(frames, sigma, settings: DenoiseSettings, clipped, workers: int) -> Iterator[np.ndarray]:
    frames = map(to_rgb8, frames)
    first = [*itertools.islice(frames, 2 * noise_level.FRAMES)]
    frames = itertools.chain(first, frames)
    if np.ndim(sigma) == 2 and first and sigma.shape != first[0].shape[:2]:
        raise ParameterError(f"sigma: the map is {sigma.shape}, a frame (H, W) is {first[0].shape[:2]}.")
    if sigma is None:
        sigma = noise_level.noise_curve(first)
    if np.ndim(sigma) == 1 and np.min(sigma) == np.max(sigma):
        sigma = float(sigma[0])
    if np.max(sigma) == 0:
        yield from frames
        return
    ends = clipped_noise.clipped_ends(first, sigma) if clipped is None else clipped
    stream: Iterable[_Frame] = (_prepare(n, f, sigma, settings) for n, f in enumerate(frames))
    windows = sliding_windows(stream, 2 * settings.radius + 1)
    stream = map_in_order(lambda w: _first(w[0], w[1], settings), windows, workers=workers)
    if settings.second:
        windows = sliding_windows(stream, 2 * settings.second_radius + 1)
        stream = map_in_order(lambda w: _second(w[0], w[1], settings), windows, workers=workers)
    for frame in stream:
        seen = clipped_noise.unclipped(frame.guess @ OPPONENT, frame.level, ends)
        yield np.clip(seen + 0.5, 0, 255).astype(np.uint8)


def _prepare(ordinal: int, frame: np.ndarray, sigma, settings: DenoiseSettings) -> _Frame:
    grey = frame.mean(2, dtype=np.float32)
    guide = cv2.GaussianBlur(grey, (0, 0), settings.smooth).round().astype(np.uint8)
    if np.ndim(sigma) == 1:
        sigma = sigma[cv2.blur(grey, (dct_blocks.SIDE, dct_blocks.SIDE)).round().astype(np.uint8)]
    level = sigma
    if not np.ptp(frame, axis=2).any():
        sigma = sigma * np.float32(np.sqrt(3))  # a grey frame's three channels have one noise, and add up in the first
    return _Frame(ordinal, frame.astype(np.float32) @ OPPONENT.T, guide, level, sigma)


def _stack(window: list[_Frame], at: int, values: str, stride: int, preset: int) -> np.ndarray:
    """The window's pictures brought onto frame `at`, padded planes (T, 3, H, W)."""
    centre, planes = window[at], []
    for other in window:
        image = getattr(other, values)
        if other is not centre:
            if other.ordinal not in centre.moves:
                centre.moves[other.ordinal] = compute_flow(centre.guide, other.guide, preset=preset)
            image = warp(image, centre.moves[other.ordinal], cubic=True)
        planes.append(dct_blocks.pad_picture(image, stride))
    return np.stack(planes)


def _parts(strides: tuple) -> tuple:
    """(stride, channels) of luma and of colour, together where both strides are one."""
    luma, colour = strides
    return ((luma, slice(0, 3)),) if luma == colour else ((luma, slice(0, 1)), (colour, slice(1, 3)))


def _level(sigma, stack: np.ndarray, stride: int):
    """σ at each block of a padded stack: a number, or the map read at the blocks' middles, (ny, nx)."""
    if np.ndim(sigma) == 0:
        return np.float32(sigma)
    height, width = stack.shape[2:]
    ny, nx = dct_blocks.block_grid(height, width, stride)
    y, x = (np.minimum(np.arange(n) * stride, size - 1) for n, size in zip((ny, nx), sigma.shape))
    return sigma[np.ix_(y, x)].astype(np.float32)


def _shrunk(frame: _Frame, at: int, stacks: list[np.ndarray], strides: tuple, shrink) -> np.ndarray:
    """Picture `at` of the stacks, float32 (H, W, 3), luma and colour each at their own stride; `shrink(level,
    *spectra)` says what is kept of the blocks and how much they weigh."""
    out, pad = [], max(strides)
    for stride, channels in _parts(strides):
        height, width = (n - pad + stride for n in stacks[0].shape[2:])
        parts = [stack[:, channels, :height, :width] for stack in stacks]
        level = _level(frame.sigma, parts[0], stride)
        here = lambda rows, *spectra, level=level: shrink(level[rows] if np.ndim(level) else level, *spectra)
        planes = dct_blocks.shrink_blocks(here, parts, centre=at, stride=stride)
        out.append(dct_blocks.crop_picture(planes, frame.guide.shape))
    return np.concatenate(out, 2)


def _keep_large(level, spectrum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drop what is small."""
    keep = np.abs(spectrum) > HARD_THRESHOLD * level
    keep[0, 0] = True
    spectrum *= keep
    return spectrum, 1 / np.count_nonzero(keep, axis=(0, 1)).astype(np.float32)


def _wiener(level, noisy: np.ndarray, guess: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scale each noisy coefficient by what the guesses say is signal: p² / (p² + 0.65 σ²)."""
    guess *= guess
    guess /= guess + (GUESS_MISSES * np.square(level) + 1e-6)
    guess[0, 0] = 1
    noisy *= guess
    return noisy, 1 / np.einsum("ktcyx,ktcyx->cyx", guess, guess)


def _first(at: int, window: list[_Frame], settings: DenoiseSettings) -> _Frame:
    """The frame with its first picture as its guess, which the flow looks at from then on."""
    frame = window[at]
    stacks = [_stack(window, at, "noisy", max(settings.strides), settings.flow)]
    guess = _shrunk(frame, at, stacks, settings.strides, _keep_large)
    guide = np.clip(guess[..., 0] / np.sqrt(3) + 0.5, 0, 255).astype(np.uint8)
    frame.moves.clear()
    return replace(frame, guide=guide, guess=guess, moves={})


def _second(at: int, window: list[_Frame], settings: DenoiseSettings) -> _Frame:
    frame, strides = window[at], settings.second or ()
    stacks = [_stack(window, at, values, max(strides), settings.second_flow) for values in ("noisy", "guess")]
    guess = _shrunk(frame, at, stacks, strides, _wiener)
    frame.moves.clear()  # while it waits for others, its flows would take more memory than its pictures
    return replace(frame, guess=guess, moves={})
