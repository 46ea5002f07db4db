"""A clip at two, three or four times its size: each frame guessed by a network, then held against its neighbours.

A camera that moves samples the scene anew in every frame. Optical flow (DIS, Kroeger et al. 2016) on the enlarged
frames says where; the neighbours' guesses are averaged where they fit, and then the large frame is corrected until,
moved and shrunk, it gives each small frame that was seen (back-projection, Irani and Peleg 1991). No frame ever sees
the other side of a cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice

import numpy as np

from ..base import checks
from ..base.errors import ParameterError
from ..base.parallel import WORKERS, map_in_order
from ..denoising import noise_level
from ..denoising.temporal_filter import denoise
from ..video import optical_flow
from ..video.images import to_rgb8
from ..video.neighbours import sliding_windows
from ..video.opencv import cv2
from ..video.optical_flow import compute_flow, warp
from ..video.resampling import cubic_upscale, downsample
from . import superres
from .superres import LUMA, SCALES, TURNS, ConvStack, SuperResolver

FIT_LEVELS = 10.0  # grey levels; RMS difference around a pixel at which a neighbour's weight falls to 1/e
AROUND = 1.5  # pixels; how far around
FARTHEST, MOST = 32, 100  # frames either way that may help, and rounds: they cost memory and time
NEVER = 255  # grey levels of noise from which it is taken out, if it is left
LOUD = 3.0  # grey levels of noise; clean footage with much texture measures up to 2.7
DOUBT = 0.5  # weight of "no correction" beside the neighbours' corrections


@dataclass(frozen=True)
class UpscaleSettings:
    """How much work goes into a frame."""

    network: str | ConvStack = "best"  # a shipped one by name, or one's own
    turns: int = 4  # ways in which the network looks at a frame: 1, 4 or 8
    radius: int = 3  # frames before and after that help; 0: each frame by itself
    rounds: int = 3  # of correction against the small frames
    flow: int = optical_flow.MEDIUM  # how hard the flow is looked for
    loud: float = LOUD  # grey levels of noise, or of a codec's error, from which it is taken out first; 255: never


# 'calm' insists less on what a single small frame says.
# 'detail' is the network that a critic taught: farther from the truth on average, nearer to how sharp true pictures
# are.
PRESETS = {
    "best": UpscaleSettings(),
    "detail": UpscaleSettings(network="detail"),
    "calm": UpscaleSettings(rounds=0, loud=NEVER),
    "live": UpscaleSettings(network="live", turns=1, radius=0, rounds=0, loud=NEVER),
}


@dataclass(eq=False)
class _Frame:
    ordinal: int
    small: np.ndarray  # RGB, float32 (h, w, 3)
    guide: np.ndarray  # its luma, uint8 (h, w)
    large: np.ndarray  # RGB, float32 (H, W, 3), not cut off
    look: np.ndarray  # its luma, uint8 (H, W): what the flow looks at
    moves: dict = field(default_factory=dict)  # the flow to each neighbour, by its ordinal


def upscale(
    frames: Iterable[np.ndarray],
    *,
    scale: int = 2,
    preset: str | UpscaleSettings = "best",
    noise=None,
    workers: int = WORKERS,
) -> Iterator[np.ndarray]:
    """Yield each frame enlarged, uint8 (scale · H, scale · W, 3), in the order given; a few are held at a time.

    `frames`: uint8 or float [0, 1], grey, RGB or RGBA, all of one size. `scale`: 2, 3 or 4. `preset`: 'best', 'detail'
    for sharpness before truth, 'calm', 'live', or one's own. `noise`: what is taken out first, as `denoise` has its
    `sigma`; what `noise_to_remove` says of the first frames when None. Raises `ParameterError`.
    """
    settings = checks.preset(PRESETS, preset)
    if scale not in SCALES:
        raise ParameterError(f"scale: {scale!r} is not 2, 3 or 4.")
    scale = int(scale)
    _sound(settings)
    network = superres.load(settings.network, scale) if isinstance(settings.network, str) else settings.network
    checks.settings(network, ConvStack, where="network")
    if network.scale != scale:
        raise ParameterError(f"scale: {scale}, and the network enlarges {network.scale} times.")
    frames = checks.frames(frames, file="enhancement.enhance_file")
    quiet = _quiet(frames, settings, noise, workers)
    return _run(quiet, SuperResolver(network), settings, workers)


def noise_to_remove(first: Sequence[np.ndarray], settings: UpscaleSettings, *, coding: float = 0.0):
    """The curve of noise (256,) to be taken out before a clip is enlarged, read from its first frames; 0 if they are
    quiet.

    `coding`: grey levels of error that a codec has left (`video.coding_error`), which is noise, too.
    """
    if settings.loud >= NEVER or not first:
        return 0.0
    loudest = max(noise_level.noise_sigma(first), coding)  # where it is flattest: texture is no noise
    return np.maximum(noise_level.noise_curve(first), coding) if loudest >= settings.loud else 0.0


def _quiet(frames, settings: UpscaleSettings, noise, workers: int) -> Iterator[np.ndarray]:
    """The frames without noise: the network and the correction would enlarge it."""
    frames = iter(frames)
    if noise is None:
        first = [*islice(frames, 2 * noise_level.FRAMES)] if settings.loud < NEVER else []
        noise, frames = noise_to_remove(first, settings), chain(first, frames)
    quiet = partial(denoise, sigma=noise, clipped=(False, False), workers=workers)  # what a codec left is not cut off
    yield from quiet(frames) if np.max(noise) > 0 else frames


def _sound(settings: UpscaleSettings) -> None:
    """Raise `ParameterError` unless the numbers of a preset mean something."""
    checks.typed(settings, where="preset")
    checks.number("preset: radius", settings.radius, 0, FARTHEST)
    checks.number("preset: rounds", settings.rounds, 0, MOST)
    checks.number("preset: loud", settings.loud, 0, 255)
    checks.number("preset: flow", settings.flow, optical_flow.ULTRAFAST, optical_flow.MEDIUM)
    if settings.turns not in TURNS:
        raise ParameterError(f"preset: turns is one of {', '.join(map(str, TURNS))}, not {settings.turns}.")


def _run(frames, runner: SuperResolver, settings: UpscaleSettings, workers: int) -> Iterator[np.ndarray]:
    stream = map_in_order(lambda f: _guessed(f[0], f[1], runner, settings), enumerate(frames), workers=workers)
    merged = lambda w: _eight(_merged(w[0], w[1], runner.network.scale, settings))
    yield from map_in_order(merged, sliding_windows(stream, 2 * settings.radius + 1), workers=workers)


def _guessed(ordinal: int, frame: np.ndarray, runner: SuperResolver, settings: UpscaleSettings) -> _Frame:
    small = to_rgb8(frame).astype(np.float32)
    large = runner(small, turns=settings.turns)
    look = _grey(large) if settings.radius else large[:0, :0, 0]
    return _Frame(ordinal, small, _grey(small), large, look)


def _grey(picture: np.ndarray) -> np.ndarray:
    return _eight(cv2.transform(picture, LUMA[None]))


def _eight(picture: np.ndarray) -> np.ndarray:
    """Rounded and cut off at 0 and 255, uint8."""
    return cv2.addWeighted(picture, 1, picture, 0, 0, dtype=cv2.CV_8U)


def _merged(at: int, window: list[_Frame], scale: int, settings: UpscaleSettings) -> np.ndarray:
    """Frame `at` of the window with its neighbours' help, float32 (H, W, 3)."""
    frame, large = window[at], window[at].large
    others = [(o, _moves(frame, o, settings), _moves(o, frame, settings)) for o in window if o is not frame]
    trusts = [cv2.merge([_trust(frame, other, there, scale)] * 3) for other, there, _ in others]
    everyone = sum(trusts)
    if others:
        near = (trust * warp(other.large, there, cubic=True) for (other, there, _), trust in zip(others, trusts))
        large = (large + sum(near)) / (1 + everyone)
    for _ in range(settings.rounds):
        large = _corrected(large, frame.small, scale)
        wrong = 0
        for (other, there, back), trust in zip(others, trusts):
            missing = other.small - downsample(warp(large, back, cubic=True), scale)
            wrong += trust * warp(cubic_upscale(missing, scale), there, cubic=True)
        large = large + wrong / (DOUBT + everyone)
    return _corrected(large, frame.small, scale) if settings.rounds else large


def _corrected(large: np.ndarray, small: np.ndarray, scale: int) -> np.ndarray:
    """Add what is missing for the picture to give the small one when it is shrunk."""
    return large + cubic_upscale(small - downsample(large, scale), scale)


def _moves(frame: _Frame, other: _Frame, settings: UpscaleSettings) -> np.ndarray:
    if other.ordinal not in frame.moves:
        frame.moves[other.ordinal] = compute_flow(frame.look, other.look, preset=settings.flow)
    return frame.moves[other.ordinal]


def _trust(frame: _Frame, other: _Frame, moves: np.ndarray, scale: int) -> np.ndarray:
    """How well the neighbour, brought here, fits at each pixel of the large frame: 1 as if equal, 0 not at all."""
    height, width = frame.guide.shape
    few = cv2.resize(moves, (width, height), interpolation=cv2.INTER_AREA) / scale
    apart = warp(other.guide.astype(np.float32), few, cubic=True) - frame.guide
    near = np.exp(-cv2.GaussianBlur(apart * apart, (0, 0), AROUND) / FIT_LEVELS**2)
    return cv2.resize(near, (width * scale, height * scale), interpolation=cv2.INTER_LINEAR)
