"""run.json, metrics.json and sweep.json read through one strict door: every reader of a report comes in here.

A report may be a stranger's. Each field has a rule of its type and range, and what is used as a file's name is one: no
folder, no `..`, nothing absolute. What passes can be used as it is. Further fields are let through unread.
"""

import math
import re
from collections.abc import Callable
from pathlib import Path

from ..base.errors import VdlabError
from ..base.received import MOST_BYTES, read_received_json
from ..base.terminal import visible
from ..report.findings import MOST_FOUND
from ..report.ledger import BASES, VERDICTS
from ..report.records import BETTER, current_record, is_spread
from .rules import _flag, _matches, _near, _number, _one_of, _plain, _rule, _text, _whole, what_is_wrong

SHA256 = re.compile(r"[0-9a-f]{64}")
CHAPTER = re.compile(r"[\w-][\w.-]{0,250}")  # as `parameters.name_of` makes them
CLAIM, NUMBER = re.compile(r"[\w-]{1,100}"), re.compile(r"[^\W\d]\w{0,99}")
FRACTION = re.compile(r"\d{1,18}(/[1-9]\d{0,17})?")
DATE = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.+Z-]{1,30}")
GOAL = re.compile(r"((min|max):.*\S.*)?")  # as `sweep_page.parse_goal` reads it
MOST_KNOBS, MOST_CELLS = 50, 1_000_000  # of a sweep's table; a chapter has a dozen knobs, a grid 10,000 runs
MOST_NOTEBOOKS = 8  # of a report, of those with as much as one may have
PAGE, ARTIFACT = re.compile(r"[^/]+\.html"), re.compile(r"artifacts/.+")


def read_run(folder: Path) -> dict:
    """Return a report's run.json, checked. Raises `VdlabError`."""
    run = _read(folder, "run.json", RUN)
    if not set(run["chapters"]) == set(run["parameters"]) == set(run["notebooks"]):
        raise _damaged(folder, "run.json", "chapters, parameters and notebooks name different chapters")
    return run


def read_metrics(folder: Path) -> dict:
    """Return a report's metrics.json, checked, an earlier kit's records as today's. Raises `VdlabError`."""
    metrics = _read(folder, "metrics.json", METRICS, before=_crowds)
    for chapter in metrics["chapters"].values():
        chapter["records"] = [current_record(r) for r in chapter["records"]]
    return metrics


def read_sweep(folder: Path) -> dict:
    """Return a sweep's sweep.json, checked. Raises `VdlabError`."""
    sweep = _read(folder, "sweep.json", SWEEP)
    names = {name for point in sweep["points"].values() for name in point["values"]}
    if len(names) > MOST_KNOBS or len(names) * len(sweep["points"]) > MOST_CELLS:
        raise _damaged(folder, "sweep.json", "more values than a table can hold")
    return sweep


def read_finished(path: Path) -> dict:
    """Return what an interrupted run has kept of a finished chapter, checked. Raises `VdlabError`."""
    return _read(path.parent, path.name, FINISHED, most=1 << 31)  # the chapter's clips are in it


def read_records(path: Path) -> dict:
    """Return what a chapter has recorded while it ran, checked. Raises `VdlabError`."""
    told = _read(path.parent, path.name, RECORDS, before=lambda told: _crowds({"chapters": {"": told}}))
    return told | {"records": [current_record(r) for r in told["records"]]}


def is_report(folder: Path, *, read: Callable[[Path], dict] = read_run) -> bool:
    """Whether a folder holds a report that this kit wrote; with `read_sweep`, a sweep."""
    try:
        return bool(read(folder))
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


def _read(folder: Path, name: str, rule: dict, *, most: int = MOST_BYTES, before=lambda value: "") -> dict:
    try:
        value = read_received_json(Path(folder) / name, most=most)
        if wrong := before(value) or what_is_wrong(value, rule, ""):
            raise VdlabError(f"{wrong}.")
    except VdlabError as error:
        if str(error) == f"{name}: there is no such file.":
            raise VdlabError(f"{_called(folder)}: there is no report here (no {name}).") from None
        raise _damaged(folder, name, str(error).removeprefix(f"{name}: ").rstrip(".")) from None
    return value


def _crowds(metrics) -> str:
    """Return what a report has too many of, before each is looked into: a claim's rule takes a millisecond."""
    chapters = metrics.get("chapters") if isinstance(metrics, dict) else None
    told = [c for c in chapters.values() if isinstance(c, dict)] if isinstance(chapters, dict) else []
    for kind in ("record", "claim"):
        lists = (c.get(f"{kind}s") for c in told)
        if sum(len(one) for one in lists if isinstance(one, list)) > (most := MOST_NOTEBOOKS * MOST_FOUND[kind]):
            return f"more than {most:,} {kind}s"
    return ""


def _damaged(folder: Path, name: str, why: str) -> VdlabError:
    return VdlabError(f"{_called(folder)}/{name} is damaged, or of another vdlab ({why}).")


def _called(folder: Path) -> str:
    return visible(Path(folder).name or str(folder))


def _listed_path(value) -> bool:
    """Whether a text is the place of a file that a run may have written: a page, metrics.json, an artifact."""
    if not _text(value) or not all(is_plain_name(part) for part in value.split("/")) or value.count("/") > 32:
        return False
    return value == "metrics.json" or bool(PAGE.fullmatch(value) or ARTIFACT.fullmatch(value))


_size, _chapter, _seconds = _whole(1, 1 << 31), _matches(CHAPTER), _number(0, 1e12)
_fraction = lambda value: _matches(FRACTION)(value) and value.partition("/")[0].strip("0") != ""
CLIP = {
    "name": is_plain_name,
    "sha256": _matches(SHA256),
    "fps": _fraction,
    "width": _size,
    "height": _size,
    "frames": _size,
    "duration": _matches(FRACTION),
    "pix_fmt": _text,
    "codec": _text,
    "rotation": _whole(-360, 360),
    "sample_aspect?": _fraction,
    "missing?": _whole(0, 1 << 62),
    **dict.fromkeys(("transfer?", "interlaced?", "scale?"), _text),
    **dict.fromkeys(("alpha?", "mirrored?"), _flag),
    "rate?": _one_of("", "stated", "assumed"),
}
_values = (_text, _plain)
RUN = {
    "name": is_plain_name,
    "source": is_plain_name,
    "command": _text,
    "jobs": _whole(1, 4096),
    "limit": _number(1e-9, math.inf),
    "clip": CLIP,
    "chapters": lambda v: isinstance(v, list) and 0 < len(v) < 1000 and all(map(_chapter, v)) and len({*v}) == len(v),
    "parameters": (_chapter, _values),
    "versions": (_text, _text),
    "notebooks": (_chapter, _matches(SHA256)),
    "files": (_listed_path, _matches(SHA256)),
    "machine": _text,
    "started": _matches(DATE),
    "seconds": _seconds,
    "times": (_chapter, {"seconds": _seconds, "peak_mb": lambda v: v is None or _seconds(v), "said": _text}),
}
_record = {
    **dict.fromkeys(("name", "unit", "peer_name"), _text),
    **dict.fromkeys(("value", "peer", "ideal?", "trivial?", "chance?", "floor?"), _plain),  # floor: an earlier kit's
    "better?": _one_of(*BETTER),
    "spread?": lambda v: _plain(v) and is_spread(v),
    "headline": _flag,
}
_claim = {
    **dict.fromkeys(("where", "text", "evidence", "see"), _text),
    "verdict": _one_of(*VERDICTS),
    # what claims have since their verdicts follow from rules; a report of before has none of it
    **dict.fromkeys(("chinese?", "condition?", "source?", "untested?"), _text),
    "id?": _matches(CLAIM),
    "basis?": _one_of(*BASES),
    "holds?": _rule,
    "holds_if?": _rule,
    "numbers?": (_matches(NUMBER), lambda v: v is None or _number(-math.inf, math.inf)(v) and _near(v)),
}
_words = lambda value: isinstance(value, str)
FINISHED = {
    **dict.fromkeys(("notebook", "failure", "heading", "timing"), _words),
    "place?": _words,
    "seconds": _seconds,
    "peak_mb": lambda v: v is None or _seconds(v),
    "measured": (_words, _words),
}
RECORDS = {"records": [_record], "claims": [_claim], "figures": (_words, _words)}
METRICS = {
    "clip": CLIP,
    "chapters": (_chapter, {"failure": _text, "parameters": _values, "records": [_record], "claims": [_claim]}),
}
_point = {
    **dict.fromkeys(("clip", "failure?", "worker?"), _text),
    **dict.fromkeys(("seconds?", "peak_mb?"), _seconds),
    **{"values": _values, "tries?": _whole(1, 100)},
}
SWEEP = {
    **{"chapter": _chapter, "command": _text, "goal": _matches(GOAL), "started": _matches(DATE)},
    "points": (is_plain_name, _point),
}
