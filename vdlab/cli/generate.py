"""`vdlab generate`: new video, made from one shot of a file."""

from .file_verb import add_file_verb, run_on_file
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
        return generation.generate_file(
            src,
            dst,
            seconds=options.seconds,
            shot=options.shot,
            width=options.width,
            preset=settings,
            seed=options.seed,
            crf=options.crf,
            newness=options.newness,
            size=_numbers("--size", options.size, "x", 2),
            keep=_numbers("--keep", options.keep, ",", 4),
            loop=options.loop,
            objects=options.objects,
        )

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


def add(commands) -> None:
    """Add this verb to the command line."""
    sub = add_file_verb(
        commands,
        "generate",
        write_generated,
        "make new video from one shot of a file",
        "  vdlab generate holiday.mp4 new.mp4 --seconds 4 --seed 7\n"
        "  vdlab generate holiday.mp4 tall.mp4 --size 720x1280 --loop\n"
        "  vdlab generate holiday.mp4 new.mp4 --shot 2 --preset quick",
    )
    sub.add_argument("--seconds", type=float, default=2.0, metavar="S", help="how long it is (default: 2)")
    sub.add_argument("--shot", type=int, metavar="N", help="which shot, from 1: vdlab shots IN (default: the longest)")
    sub.add_argument("--width", type=int, metavar="PIXELS", help="at most the clip's own (default: at most 640)")
    sub.add_argument(
        "--seed", type=int, default=0, metavar="N", help="every random choice follows from it (default: 0)"
    )
    sub.add_argument(
        "--preset",
        default="compose",
        metavar="NAME",
        help="compose lays the shot out anew; quick, full or tiny train the GAN on codes (default: compose)",
    )
    sub.add_argument("--crf", type=int, default=18, metavar="N", help="x264's quality, 0 the best to 51 (default: 18)")
    wish = sub.add_argument_group("what is recomposed (--preset compose)")
    wish.add_argument("--newness", type=float, metavar="0…1", help="0: everything keeps its place; 1: as new as can be")
    wish.add_argument("--size", metavar="WxH", help="pixels, of another shape too: 720x1280 (default: the clip's)")
    wish.add_argument("--keep", metavar="X,Y,W,H", help="a region of the clip, in pixels, that stays as it is")
    wish.add_argument("--loop", action="store_true", help="the end leads on to the beginning")
    wish.add_argument("--objects", type=int, metavar="N", help="how many move, at most, before a camera that stands")
