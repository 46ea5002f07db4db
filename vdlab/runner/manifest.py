"""run.json, metrics.json and sweep.json read through one strict door: every reader of a report comes in here.

A report may be a stranger's. Each field has a rule of its type and range, and what is used as a file's name is one: no
folder, no `..`, nothing absolute. What passes can be used as it is. Further fields are let through unread.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from ..base.errors import VdlabError
from ..base.received import MOST_BYTES, read_received_json
from ..base.terminal import visible
from ..report import ledger
from .field_rules import find_fault, is_flag, is_near, is_plain, is_rule, is_text, matching, number, one_of, whole

SHA256 = re.compile(r"[0-9a-f]{64}")
CHAPTER = re.compile(r"[\w-][\w.-]{0,250}")  # as `parameters.name_of` makes them
CLAIM, NUMBER = re.compile(r"[\w-]{1,100}"), re.compile(r"[^\W\d]\w{0,99}")
FRACTION = re.compile(r"\d{1,18}(/[1-9]\d{0,17})?")
DATE = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.+Z-]{1,30}")
GOAL = re.compile(r"((min|max):.*\S.*)?")  # as `sweep_page.parse_goal` reads it
PAGE, ARTIFACT = re.compile(r"[^/]+\.html"), re.compile(r"artifacts/.+")


def read_run(folder: Path) -> dict:
    """Return a report's run.json, checked. Raises `VdlabError`."""
    run = _read(folder, "run.json", RUN)
    if not set(run["chapters"]) == set(run["parameters"]) == set(run["notebooks"]):
        raise _damaged(folder, "run.json", "chapters, parameters and notebooks name different chapters")
    return run


def read_metrics(folder: Path) -> dict:
    """Return a report's metrics.json, checked. Raises `VdlabError`."""
    return _read(folder, "metrics.json", METRICS)


def read_sweep(folder: Path) -> dict:
    """Return a sweep's sweep.json, checked. Raises `VdlabError`."""
    return _read(folder, "sweep.json", SWEEP)


def read_finished(path: Path) -> dict:
    """Return what an interrupted run has kept of a finished chapter, checked. Raises `VdlabError`."""
    return _read(path.parent, path.name, FINISHED, most=1 << 31)  # the chapter's clips are in it


def read_records(path: Path) -> dict:
    """Return what a chapter has recorded while it ran, checked. Raises `VdlabError`."""
    return _read(path.parent, path.name, RECORDS)


def is_report(folder: Path) -> bool:
    """Whether a folder holds a report that this kit wrote."""
    try:
        return bool(read_run(folder))
    except VdlabError:
        return False


def own_files(folder: Path) -> dict[str, str]:
    """Return {path: SHA-256} of what a report's own run wrote; the hash is empty where the run could not know it."""
    return {**read_run(folder)["files"], "run.json": "", "timing.js": ""}


def is_plain_name(text) -> bool:
    """Whether a text can be the name of a file in a folder, and of nothing anywhere else."""
    return (
        isinstance(text, str)
        and 0 < len(text.encode("utf8", "replace")) <= 255
        and text not in (".", "..")
        and not re.search(r"[/\\\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]", text)
    )


def _read(folder: Path, name: str, rule: dict, *, most: int = MOST_BYTES) -> dict:
    try:
        value = read_received_json(Path(folder) / name, most=most)
        if wrong := find_fault(value, rule, ""):
            raise VdlabError(f"{wrong}.")
    except VdlabError as error:
        if str(error) == f"{name}: there is no such file.":
            raise VdlabError(f"{_called(folder)}: there is no report here (no {name}).") from None
        raise _damaged(folder, name, str(error).removeprefix(f"{name}: ").rstrip(".")) from None
    return value


def _damaged(folder: Path, name: str, why: str) -> VdlabError:
    return VdlabError(f"{_called(folder)}/{name} is damaged, or of another vdlab ({why}).")


def _called(folder: Path) -> str:
    return visible(Path(folder).name or str(folder))


def _listed_path(value) -> bool:
    """Whether a text is the place of a file that a run may have written: a page, metrics.json, an artifact."""
    if not is_text(value) or not all(is_plain_name(part) for part in value.split("/")) or value.count("/") > 32:
        return False
    return value == "metrics.json" or bool(PAGE.fullmatch(value) or ARTIFACT.fullmatch(value))


_size, _chapter, _seconds = whole(1, 1 << 31), matching(CHAPTER), number(0, 1e12)
_fraction = lambda value: matching(FRACTION)(value) and value.partition("/")[0].strip("0") != ""
CLIP = {
    "name": is_plain_name,
    "sha256": matching(SHA256),
    "fps": _fraction,
    "width": _size,
    "height": _size,
    "frames": _size,
    "duration": matching(FRACTION),
    "pix_fmt": is_text,
    "codec": is_text,
    "rotation": whole(-360, 360),
    "sample_aspect?": _fraction,
    **dict.fromkeys(("transfer?", "interlaced?", "scale?"), is_text),
    **dict.fromkeys(("alpha?", "mirrored?"), is_flag),
    "rate?": one_of("", "stated", "assumed"),
}
_values = (is_text, is_plain)
RUN = {
    "name": is_plain_name,
    "source": is_plain_name,
    "command": is_text,
    "jobs": whole(1, 4096),
    "limit": number(1e-9, math.inf),
    "clip": CLIP,
    "chapters": lambda v: isinstance(v, list) and 0 < len(v) < 1000 and all(map(_chapter, v)) and len({*v}) == len(v),
    "parameters": (_chapter, _values),
    "versions": (is_text, is_text),
    "notebooks": (_chapter, matching(SHA256)),
    "files": (_listed_path, matching(SHA256)),
    "machine": is_text,
    "started": matching(DATE),
    "seconds": _seconds,
    "times": (_chapter, {"seconds": _seconds, "peak_mb": lambda v: v is None or _seconds(v), "said": is_text}),
}
_record = {
    "name": is_text,
    "value": is_plain,
    "unit": is_text,
    "floor": is_plain,
    "peer": is_plain,
    "peer_name": is_text,
}
_claim = {
    **dict.fromkeys(("where", "text", "evidence", "see"), is_text),
    "verdict": one_of(*ledger.VERDICTS),
    # what claims have since their verdicts follow from rules; a report of before has none of it
    **dict.fromkeys(("chinese?", "condition?", "source?", "untested?"), is_text),
    "id?": matching(CLAIM),
    "basis?": one_of(*ledger.BASES),
    "holds?": is_rule,
    "holds_if?": is_rule,
    "numbers?": (matching(NUMBER), lambda v: v is None or number(-math.inf, math.inf)(v) and is_near(v)),
}
_words = lambda value: isinstance(value, str)
FINISHED = {
    **dict.fromkeys(("notebook", "failure", "heading", "timing"), _words),
    "seconds": _seconds,
    "peak_mb": lambda v: v is None or _seconds(v),
    "measured": (_words, _words),
}
RECORDS = {"records": [_record | {"headline": is_flag}], "claims": [_claim], "figures": (_words, _words)}
METRICS = {
    "clip": CLIP,
    "chapters": (
        _chapter,
        {"failure": is_text, "parameters": _values, "records": [_record | {"headline": is_flag}], "claims": [_claim]},
    ),
}
SWEEP = {
    "chapter": _chapter,
    "command": is_text,
    "goal": matching(GOAL),
    "started": matching(DATE),
    "points": (
        is_plain_name,
        {
            "clip": is_text,
            "values": _values,
            "failure?": is_text,
            "worker?": is_text,
            "seconds?": _seconds,
            "peak_mb?": _seconds,
            "tries?": whole(1, 100),
        },
    ),
}
