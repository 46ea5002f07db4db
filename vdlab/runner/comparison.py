"""Two reports side by side on one page: their clips in step, the numbers and verdicts in which they differ.

Both are read through `manifest`, as a stranger's report would be. Clips are decoded and written anew, so that no byte
of theirs stands in the page; names and sentences are shown as text.
"""

import os
from contextlib import suppress
from pathlib import Path

from .. import video
from ..base.errors import VdlabError
from ..base.files import names_in, replace_text
from ..base.received import plain_file, read_received
from ..base.terminal import visible
from ..report import figures, records
from ..report.player import clip_player
from . import manifest, pages, verification
from .out_folder import nameable

MADE = '<meta name="generator" content="vdlab compare">'
WIDEST, LONGEST = 480, 150  # pixels and frames of a clip that is shown


def compare_reports(a: Path, b: Path, out: Path) -> Path:
    """Write `out/index.html`, which sets two reports side by side, and return its path.

    Raises `VdlabError` for what is no report, for one report given twice, and for an `out` that holds anything but an
    earlier comparison.
    """
    a, b, out = (Path(os.path.realpath(p)) for p in (a, b, out))
    if a == b:
        raise VdlabError(f"{visible(a.name)}: the same report twice; give two.")
    _refuse_foreign(out)
    sides = [(p, manifest.read_run(p), manifest.read_metrics(p)) for p in (a, b)]
    names = [p.name for p in (a, b)] if a.name != b.name else [f"{p.parent.name}/{p.name}" for p in (a, b)]
    metrics = [m for _, _, m in sides]
    numbers = changed_numbers(*metrics)
    page = pages.render_page(
        "compare.html.j2",
        title=f"{names[0]} and {names[1]} · vdlab",
        made=MADE,
        names=names,
        clips=[m["clip"] for m in metrics],
        players=_players(sides, names),
        numbers=_numbers_table(numbers, names),
        shown=len(numbers),
        same=len([*_pairs(metrics[0], metrics[1], "records", lambda r: r["name"])]) - len(numbers),
        verdicts=changed_verdicts(*metrics),
        parameters=_parameters_table(sides[0][1]["parameters"], sides[1][1]["parameters"], names),
        failures=[(n, c, told["failure"]) for n, m in zip(names, metrics) for c, told in m["chapters"].items()],
    )
    out.mkdir(parents=True, exist_ok=True)
    replace_text(out / "index.html", page)
    return out / "index.html"


def changed_numbers(a: dict, b: dict) -> list[tuple[str, dict | None, dict | None]]:
    """Return (chapter, record of a, record of b) of every number that differs or that one of them lacks."""
    return [
        (chapter, one, two)
        for chapter, _, one, two in _pairs(a, b, "records", lambda r: r["name"])
        if one is None or two is None or one["value"] != two["value"]
    ]


def changed_verdicts(a: dict, b: dict) -> list[dict]:
    """Return {chapter, text, where, sides} of every claim on which the two judge otherwise or that one lacks."""
    return [
        dict(
            chapter=chapter,
            text=(one or two)["text"],
            where=(one or two)["where"],
            sides=[c and {"verdict": c["verdict"], "evidence": c["evidence"]} for c in (one, two)],
        )
        for chapter, _, one, two in _pairs(a, b, "claims", lambda c: c.get("id") or (c["where"], c["text"]))
        if one is None or two is None or one["verdict"] != two["verdict"]
    ]


def _pairs(a: dict, b: dict, kind: str, key):
    """Yield (chapter, key, item of a, item of b); None where a chapter that both have lacks it, or one lacks all."""
    chapters = list(dict.fromkeys([*a["chapters"], *b["chapters"]]))
    for chapter in chapters:
        one, two = ({key(i): i for i in m["chapters"].get(chapter, {}).get(kind, [])} for m in (a, b))
        for name in dict.fromkeys([*one, *two]):
            yield chapter, name, one.get(name), two.get(name)


def _numbers_table(numbers, names: list[str]) -> str:
    """The numbers that differ: the better one of two is bold where a record says which way is better."""
    rows = []
    for chapter, one, two in numbers:
        known, values = one or two, [side and side["value"] for side in (one, two)]
        both = all(map(figures.is_number, values))
        change = figures.format_number(values[1] - values[0]) if both else ""
        measure = f"{known['name']} {records.BETTER[known['better']]}".strip()
        rows.append((chapter[:2], measure, *(_side(s) for s in (one, two)), change, known["unit"], _winner(one, two)))
    return figures.table(
        [row[:-1] for row in rows],
        ("chapter", "measure", *names, "change", "unit"),
        right=[2, 3, 4],
        bold={(i, 2 + row[-1]) for i, row in enumerate(rows) if row[-1] is not None},
    )


def _side(record: dict | None) -> str:
    return "–" if record is None else f"{records.text_of(record['value'])} {records.spread_text(record)}".strip()


def _winner(one: dict | None, two: dict | None) -> int | None:
    """0 or 1, whose number is better; None where nobody can tell."""
    if one is None or two is None or not one["better"] or one["better"] != two["better"]:
        return None
    values = [r["value"] for r in (one, two)]
    if not all(map(figures.is_number, values)) or values[0] == values[1]:
        return None
    return int((values[1] > values[0]) == (one["better"] == "higher"))


def _parameters_table(a: dict, b: dict, names: list[str]) -> str:
    rows = [
        (chapter[:2], knob, *("–" if knob not in p.get(chapter, {}) else str(p[chapter][knob]) for p in (a, b)))
        for chapter in dict.fromkeys([*a, *b])
        for knob in dict.fromkeys([*a.get(chapter, {}), *b.get(chapter, {})])
        if a.get(chapter, {}).get(knob) != b.get(chapter, {}).get(knob) and knob != "clip"  # which is said above
    ]
    return figures.table(rows, ("chapter", "parameter", *names)) if rows else ""


def _players(sides, names: list[str]) -> list[dict]:
    """The two clips themselves, if they are two and still to be found, then every clip that both reports have made."""
    found = []
    sources = []
    for folder, run, _ in sides:
        with suppress(VdlabError):
            sources.append(verification.locate_clip(run, folder)[0])
    if len(sources) == 2 and all(sources) and sources[0] != sources[1]:
        found.append(("The clips", sources))
    (a, one, _), (b, two, _) = sides
    for path in one["files"]:
        if path.endswith(".mp4") and path in two["files"] and plain_file(a, path) and plain_file(b, path):
            _, chapter, *name = path.split("/")
            made = "/".join(name).removesuffix(".mp4") or chapter
            found.append((f"{chapter.replace('_', ' ').capitalize()}: {made}", [a / path, b / path]))
    players, colours = [], dict(zip(names, (figures.SOURCE, figures.OURS)))
    for title, paths in found:
        with suppress(VdlabError):  # a clip that nothing can decode is not shown
            infos = [video.probe(p) for p in paths]
            widths = (min(WIDEST, info.width) for info in infos)
            clips = {n: video.read(p, width=w, stop=LONGEST) for n, p, w in zip(names, paths, widths)}
            player = clip_player(clips, fps=infos[0].fps, label=title, colors=colours)
            players.append({"title": title, "player": player})
    return players


def _refuse_foreign(out: Path) -> None:
    """Raise `VdlabError` where a folder holds anything but a comparison of before."""
    with nameable(out, "a folder"):
        there = names_in(out) if out.exists() else []
        ours = not there or there == ["index.html"] and MADE in read_received(out / "index.html", most=1 << 28)
    if not ours:
        raise VdlabError(f"{out.name}: exists and is not a comparison of this kit; give another --out.")
