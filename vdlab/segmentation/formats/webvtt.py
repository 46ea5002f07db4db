"""WebVTT chapters: a cue a scene, which a player lists and jumps to.

Source: W3C WebVTT, 1.3 (chapters) and 4.1 (a comment block may hold anything but an arrow). Shots as chapters: see
`cutlists`.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

from ...base.errors import ParameterError
from ...base.files import write_whole
from ...base.received import named_file
from ...keyframes.cut_records import format_timecode
from ..tracks import Track


def write(annotations, path: Path) -> Path:
    """Write the scenes of `annotations` as chapters; objects are not kept. Raises `ParameterError` where no times are
    known.
    """
    at = times(annotations)
    cues = [(at[s.start], at[s.stop], f"Scene {n} · {_shots(s.shots)}") for n, s in enumerate(annotations.scenes, 1)]
    return write_whole(path, track(annotations, cues))


def read(path: Path) -> tuple[dict, list[Track]]:
    """Return what the file says of the clip, and no tracks."""
    text = named_file(path).read_text("utf8")
    if not text.startswith("WEBVTT"):
        raise ValueError("no WEBVTT line")
    return (
        json.loads(
            next(line for line in text.splitlines() if line.startswith("NOTE vdlab ")).removeprefix("NOTE vdlab ")
        ),
        [],
    )


def track(annotations, cues) -> str:
    """Return the text of a WebVTT file with `cues`: (from, to, text), times in seconds."""
    note = json.dumps(annotations.record, ensure_ascii=False).replace(">", "\\u003e")
    blocks = [f"NOTE vdlab {note}\n"] + [
        f"{n}\n{format_timecode(a)} --> {format_timecode(b)}\n{said}\n" for n, (a, b, said) in enumerate(cues, 1)
    ]
    return "WEBVTT\n\n" + "\n".join(blocks)


def times(annotations) -> tuple[Fraction, ...]:
    """Return when cues begin and end, for each frame and the clip's end: the first picture is what a player shows at 0,
    also where the sound begins before it. Raises `ParameterError` where times are not known."""
    if not annotations.times:
        raise ParameterError(
            f"the times of {annotations.media} are not known, only its frames: annotate(clip) knows them."
        )
    return Fraction(0), *annotations.times[1:]


def _shots(numbers) -> str:
    first, last = numbers[0] + 1, numbers[-1] + 1
    return f"shot {first}" if first == last else f"shots {first}–{last}"
