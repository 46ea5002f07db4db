"""New video of a file, as a file: one shot of it recomposed, or walked anew by a network that learned it.

A clip may be of any length: one shot of it is read, at most SPAN frames of that, made smaller where it is wide. What is
recomposed is written frame by frame; what the GAN makes is held in memory.
"""

from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

from .. import keyframes, video
from ..base import checks
from ..base.errors import ParameterError
from ..keyframes.shots import Shot
from ..training import weights
from ..video import mux, probing, unfinished
from ..video.conversion_losses import Written
from ..video.file_to_file import clip_and_place
from . import composition, gan_settings
from .composition import ComposeModel, CompositionSettings, build_composition
from .gan_model import GanModel
from .gan_settings import GanSettings
from .gan_training import train_gan

SPAN = 200  # frames of a shot that are learned from, at most
RECOMPOSED, LEARNED = 1280, 640  # pixels of width, at most where nothing else is asked for: recomposed, by the GAN
SECONDS = 2.0
TRAINING = "training"  # the part of unfinished work in which a network's state waits
RENDERED = 0.4  # of the work of a recomposition comes after its layout is found, about
PRESETS = {**gan_settings.PRESETS, "compose": composition.PRESETS["compose"]}  # of both ways to new video


def generate_file(
    src,
    dst,
    *,
    seconds: float = SECONDS,
    shot: int | None = None,
    width: int | None = None,
    preset: str | GanSettings | CompositionSettings = "compose",
    seed: int = 0,
    crf: int = 18,
    newness: float | None = None,
    size: Sequence[int] | None = None,
    keep: Sequence[int] | None = None,
    loop: bool = False,
    objects: int | None = None,
) -> Written:
    """Write `seconds` of new video, made from one shot of `src`, to the mp4 `dst`; the same seed gives the same video.

    `shot`: its number, from 1; the longest when None. `width`: pixels, at most the clip's own; when None, the clip's
    own up to 1280, and 640 for the GAN. `preset`: 'compose' lays the shot out anew (`composition`), 'quick' and 'full'
    train the GAN on codes (`gan_training`). New video has no sound.

    Of what is recomposed: `newness`, 0 (everything keeps its place) to 1; `size`, width and height in pixels, of any
    shape; `keep`, a region that stays as it is: left, top, width, height in the clip's pixels; `loop`, whether the
    end leads on to the beginning; `objects`, how many move at most. Raises `VideoError` and `ParameterError` as
    `video.file_to_file` does, and the latter for another preset, a shot that there is not, or a wish that cannot be.
    """
    src, dst = clip_and_place(src, dst)
    settings = checks.preset(PRESETS, preset)
    checks.number("seconds", seconds, 0, above=True)
    checks.seed(seed)
    wishes = {"newness": newness, "size": size, "keep": keep, "loop": loop or None, "objects": objects}
    wishes = {name: value for name, value in wishes.items() if value is not None}
    if wishes and not isinstance(settings, CompositionSettings):
        raise ParameterError(f"{', '.join(wishes)}: only what is recomposed (preset 'compose') takes such wishes.")
    info = probing.probe(src)
    count, knobs = max(1, round(seconds * info.fps)), {"shot": shot, "width": width, "seed": seed, "crf": crf, **wishes}
    made_of = {"clip": info.sha256, "fps": str(info.fps), "count": count, "settings": asdict(settings), **knobs}
    share = lambda kept: _share(kept, settings, count)
    with unfinished.kept(dst, share=share, **made_of) as kept:
        shots = keyframes.find_shots(src)
        chosen = _chosen(shots, shot)
        widest = RECOMPOSED if isinstance(settings, CompositionSettings) else LEARNED
        width = min(info.width, widest if width is None else checks.number("width", width, 16, whole=True))
        frames = video.read(src, width=width, start=chosen.start, stop=min(chosen.stop, chosen.start + SPAN))
        begin, fps = unfinished.finished(kept, count), info.fps
        if isinstance(settings, CompositionSettings):
            if keep is not None:  # of the clip's pixels, and the frames may be smaller
                wishes["keep"] = [round(at * frames.shape[2] / info.width) for at in keep]
            model = make_model(frames, settings=settings, cuts=[])
            made = model.stream(count, seed=seed, shot=0, first=begin, **wishes)
        else:
            model = make_model(frames, settings=settings, seed=seed, cuts=[], checkpoint=kept / TRAINING / "state.npz")
            made = model.sample(1, count, seed=seed, shot=0)[0, begin:]
        parts = unfinished.write_parts(kept, dst.name, made, begin=begin, fps=fps, crf=crf)
        mux.write(dst, parts, times=[n / fps for n in range(count)], end=count / fps, fps=fps)
    number, last = shots.index(chosen) + 1, chosen.start + len(frames) - 1
    found = f"made from shot {number} of {len(shots)}, frames {chosen.start} to {last}, seed {seed}"
    wide, high = frames.shape[2:0:-1] if size is None else size
    shown = wide + wide % 2, high + high % 2
    return Written(dst, count, Fraction(count) / info.fps, (), (found, *model.notes), shown)


def make_model(
    frames,
    *,
    settings: str | GanSettings | CompositionSettings = "quick",
    seed: int = 0,
    cuts: Sequence[int] | None = None,
    **training,
) -> GanModel | ComposeModel:
    """Return the model that the settings ask for: `build_composition`'s, or `train_gan`'s by its `training`."""
    settings = checks.preset(PRESETS, settings)
    if isinstance(settings, CompositionSettings):
        return build_composition(frames, settings=settings, cuts=cuts)
    return train_gan(frames, settings=settings, seed=seed, cuts=cuts, **training)


def _share(kept: Path, settings: GanSettings | CompositionSettings, count: int) -> float:
    """Which share of the work an interrupted run has finished; a layout is looked for anew."""
    if isinstance(settings, CompositionSettings):
        return RENDERED * unfinished.finished(kept, count) / count
    return weights.checkpoint_step(kept / TRAINING / "state.npz") / settings.steps


def _chosen(shots: list[Shot], number: int | None) -> Shot:
    if number is None:
        return max(shots, key=lambda s: s.stop - s.start)
    if not 1 <= number <= len(shots):
        raise ParameterError(f"shot: there is no shot {number}; the clip has {len(shots)}, from 1.")
    return shots[number - 1]
