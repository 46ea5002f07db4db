"""`vdlab generate`: new video, made from one shot of a file."""

from .command import flag, group, value
from .file_verb import CRF, run_on_file, verb_of_files
from .trial import seconds_for, timed


def write_generated(options, argv) -> int:
    """Write OUT, new video made from IN."""
    import tempfile
    from dataclasses import replace
    from pathlib import Path

    from .. import generation
    from ..base import checks
    from ..generation.composition import CompositionSettings
    from ..generation.generated_files import PRESETS

    settings = checks.preset(PRESETS, options.preset)
    rounds = "tries" if isinstance(settings, CompositionSettings) else "steps"

    def make(src, dst, progress, settings=settings):
        asked = ("seconds", "shot", "width", "seed", "crf", "newness", "loop", "objects")
        knobs = {name: getattr(options, name) for name in asked}
        knobs["size"] = _numbers("--size", options.size, "x", 2)
        knobs["keep"] = _numbers("--keep", options.keep, ",", 4)
        return generation.generate_file(src, dst, preset=settings, **knobs)

    def estimate(src, info):
        total = getattr(settings, rounds)

        def run(few: int) -> float:
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / options.out.name
                return timed(lambda: make(src, out, False, replace(settings, **{rounds: few})))

        seconds, tried = seconds_for(run, total, first=1)
        return seconds, f"{tried} of {total} {'layouts' if rounds == 'tries' else 'steps'}"

    return run_on_file(options, make, estimate=estimate)


def _numbers(option: str, text: str | None, sign: str, count: int) -> list[int] | None:
    """An option's whole numbers between signs. Raises `ParameterError` for anything else."""
    from ..base.errors import ParameterError

    if text is None:
        return None
    words = text.lower().split(sign)
    if len(words) != count or not all(word.strip().isdecimal() for word in words):
        raise ParameterError(f"{option}: {text!r} is not {count} whole numbers with {sign!r} between them.")
    return [int(word) for word in words]


add = verb_of_files(
    "generate",
    write_generated,
    "make new video from one shot of a file",
    "  vdlab generate holiday.mp4 new.mp4 --seconds 4 --seed 7\n"
    "  vdlab generate holiday.mp4 tall.mp4 --size 720x1280 --loop\n"
    "  vdlab generate holiday.mp4 new.mp4 --shot 2 --preset quick",
    value("--seconds", "S", "how long it is (default: 2)", float, 2.0),
    value("--shot", "N", "which shot, from 1: vdlab shots IN (default: the longest)", int),
    value("--width", "PIXELS", "at most the clip's own (default: at most 640)", int),
    value("--seed", "N", "every random choice follows from it (default: 0)", int, 0),
    value(
        "--preset",
        "NAME",
        "compose lays the shot out anew; quick, full or tiny train the GAN on codes (default: compose)",
        default="compose",
    ),
    CRF,
    group(
        "what is recomposed (--preset compose)",
        value("--newness", "0…1", "0: everything keeps its place; 1: as new as can be", float),
        value("--size", "WxH", "pixels, of another shape too: 720x1280 (default: the clip's)"),
        value("--keep", "X,Y,W,H", "a region of the clip, in pixels, that stays as it is"),
        flag("--loop", "the end leads on to the beginning"),
        value("--objects", "N", "how many move, at most, before a camera that stands", int),
    ),
)
