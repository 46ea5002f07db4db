"""The index of a sweep: every run in one table, as lines across parallel axes, the best one named, each linked to its
report.

Parallel coordinates (Inselberg 1985): an axis for every value that varies and every headline number; a run is a line
across them. Which way a number is better its record may say; of those that do not, distances, errors and the like are
better when less, everything else when more, unless the reader says `min:NAME` or `max:NAME`. Beside the page:
`table.csv` with every recorded number.
"""

import csv
import html
import io
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..base import files
from ..base.errors import ParameterError
from ..report import figures
from ..report.records import BETTER, text_of
from . import pages
from .parallel_axes import parallel_coordinates
from .run_rows import RunRow, read_rows

LOWER_IS_BETTER = "÷ floor", *"distance error loss missed false bytes bits seconds leak flicker epsilon".split()
FORMULA = (*"=+-@\t\r\uff1d\uff0b\uff0d\uff20",)  # with which a spreadsheet's formula begins, also as wide signs
MIN_AXES, MAX_AXES = 4, 7  # measures that get an axis and a column; table.csv has all


def parse_goal(text: str) -> tuple[str, str]:
    """Return ('min' or 'max', measure) of 'min:NAME'; both are empty for an empty text. Raises `ParameterError`."""
    kind, colon, name = text.partition(":")
    if text and (kind not in ("min", "max") or not name.strip()):
        raise ParameterError(f"--best takes min:NAME or max:NAME, not {text!r}.")
    return (kind, name.strip()) if text else ("", "")


def best_run(found: list[RunRow], goal: str = "") -> tuple[RunRow | None, str, str]:
    """Return (the best finished run, 'min' or 'max', the measure): `goal`'s, or the first headline that differs."""
    kind, wanted = parse_goal(goal)
    done = [r for r in found if r.state == "done"]
    names = list(dict.fromkeys([n for r in done for n in r.headlines] + [n for r in done for n in r.numbers]))
    names = names if wanted else [*itertools.islice(_varying(done, names), 1)] or names
    name = next((n for n in names if wanted.lower() == n.lower()), None) or next(
        (n for n in names if wanted.lower() in n.lower()), ""
    )
    kind = kind or _good_way(done, name)
    scored = [r for r in done if name in r.numbers]
    return ((min if kind == "min" else max)(scored, key=lambda r: r.numbers[name]) if scored else None), kind, name


def _good_way(found: list[RunRow], name: str) -> str:
    """Return 'min' or 'max': what the records say, else what the measure's words mean."""
    said = next((r.better[name] for r in found if name in r.better), "")
    if said:
        return "min" if said == "lower" else "max"
    unit = next((r.units[name] for r in found if name in r.units), "")
    return "min" if any(w in f"{name} {unit}".lower() for w in LOWER_IS_BETTER) else "max"


def tied(found: list[RunRow], winner: RunRow | None, measure: str) -> list[RunRow]:
    """Return the runs whose number is the winner's too, in the table's order; empty where the winner stands alone."""
    same = [r for r in found if winner and r.state == "done" and r.numbers.get(measure) == winner.numbers[measure]]
    return same if len(same) > 1 else []


def idle(found: list[RunRow]) -> list[str]:
    """Return the values on the grid that change no recorded number: runs that differ in nothing else all agree."""
    done = [r for r in found if r.state == "done"]
    names = [n for n, values in _varied(done) if n != "clip" and len(set(map(str, values))) > 1]
    return [n for n in names if _all_agree(done, [k for k in names if k != n])]


def _all_agree(done: list[RunRow], names: list[str]) -> bool:
    """Whether there are runs of one clip alike in the values `names`, and all such have the same numbers."""
    first: dict[tuple, dict] = {}
    alike = (((r.clip, *(str(r.values.get(k)) for k in names)), r.numbers) for r in done)
    return all(first.setdefault(key, numbers) == numbers for key, numbers in alike) and len(first) < len(done)


def verdict(found: list[RunRow], goal: str = "") -> str:
    """Say which run is best in one sentence, or that none is; empty before two runs have finished."""
    winner, kind, measure = best_run(found, goal)
    same, ended = tied(found, winner, measure), sum(r.state == "done" for r in found)
    if winner is None or ended < 2:
        return ""
    number = f"{figures.format_number(winner.numbers[measure])} {winner.units[measure]}".rstrip()
    value = f"{'least' if kind == 'min' else 'most'} {measure}, {number}"
    if len(same) == ended:
        return f"no run is best: all {ended} have the same {measure}"
    tie = f"a tie of {len(same)} runs: " if same else ""
    runs = "; ".join(r.said for r in same[:6] or [winner])
    return f"{value}: {tie}{runs}{' …' if len(same) > 6 else ''}"


def write_index(out: Path, state: dict) -> None:
    """Write the sweep's index.html, table.csv and timing.js, each whole or not at all."""
    found = read_rows(out, state)
    winner, kind, measure = best_run(found, state["goal"])
    measures = _measures(found, measure)
    same = tied(found, winner, measure)
    alone = winner if not same else None
    axes = [*_varied(found), *((m, [r.numbers.get(m) for r in found]) for m in measures)]
    page = pages.render_page(
        "sweep.html.j2",
        title=f"{out.name} · vdlab",
        name=out.name,
        chapter=state["chapter"],
        rows=found,
        winner=alone,
        verdict=verdict(found, state["goal"]) if same else "",
        idle=idle(found),
        goal=("least " if kind == "min" else "most ") + measure,
        unit=winner.units[measure] if winner else "",
        value=figures.format_number(winner.numbers[measure]) if winner else "",
        table=_table(found, same or [winner], measures),
        drawing=parallel_coordinates(found, axes, alone) if sum(r.state == "done" for r in found) > 1 and axes else "",
        counts={s: sum(r.state == s for r in found) for s in ("done", "failed", "waiting")},
    )
    files.replace_text(out / "index.html", page)
    files.replace_text(out / "table.csv", _csv(found))
    spent = [
        f"{n}: {p['seconds']:.0f} s, peak {p['peak_mb']} MB, {p['worker']}{', second try' if p['tries'] > 1 else ''}"
        for n, p in state["points"].items()
        if p.get("seconds") and p.keys() >= {"peak_mb", "worker", "tries"}
    ]
    files.replace_text(
        out / "timing.js", f"window.vdlabTiming = {json.dumps(chr(10).join([state['started'], *spent]))};\n"
    )


def _varied(found: list[RunRow]) -> list[tuple[str, list]]:
    """What the runs differ in: the clip, if there are several, and every value on the grid."""
    names = list(dict.fromkeys(n for r in found for n in r.values))
    axes = [("clip", [r.clip for r in found])] if len({r.clip for r in found}) > 1 else []
    return axes + [(n, [r.values.get(n) for r in found]) for n in names]


def _measures(found: list[RunRow], first: str) -> list[str]:
    """The numbers worth an axis: the deciding one, the headlines and, if these are few, others that vary."""
    names = [first, *(n for r in found for n in r.headlines)]
    few = list(dict.fromkeys(n for n in names if n))[:MAX_AXES]
    others = (n for n in dict.fromkeys(n for r in found for n in r.numbers) if n not in few)
    return few + [*itertools.islice(_varying([r for r in found if r.numbers], others), max(0, MIN_AXES - len(few)))]


def _varying(found: list[RunRow], measures: Iterable[str]) -> Iterator[str]:
    """Yield the measures in which runs differ."""
    return (m for m in measures if len({r.numbers.get(m) for r in found}) > 1)


def _table(found: list[RunRow], winners: Sequence[RunRow | None], measures: list[str]) -> str:
    varied = _varied(found)
    arrows = {m: BETTER[next((r.better[m] for r in found if m in r.better), "")] for m in measures}
    head = "".join(f"<th>{html.escape(n)}</th>" for n, _ in varied) + "".join(
        f'<th class="num">{html.escape(f"{m} {arrows[m]}".strip())}</th>' for m in measures
    )
    body, won_by = "", set(map(id, winners))
    for i, row in enumerate(found):
        link = f'<a href="{html.escape(row.page)}">{row.state}</a>' if row.page else row.state
        cells = "".join(f"<td>{html.escape(text_of(values[i]))}</td>" for _, values in varied)
        cells += "".join(f'<td class="num">{figures.format_number(row.numbers.get(m))}</td>' for m in measures)
        sign = {"done": "✔", "failed": "✘", "waiting": "…"}[row.state]
        why = f'<td class="why">{html.escape(row.failure)}</td>' if row.failure else "<td></td>"
        best, won = (" class=best", " · tie" if len(winners) > 1 else " · best") if id(row) in won_by else ("", "")
        body += f"<tr{best}><td>{sign} {link}{won}</td>{cells}{why}</tr>"
    heads = f"<thead><tr><th>run</th>{head}<td></td></tr></thead>"
    return f'<div class="vd-scroll"><table class="vd-table">{heads}<tbody>{body}</tbody></table></div>'


def _csv(found: list[RunRow]) -> str:
    names, measures = (list(dict.fromkeys(n for r in found for n in getattr(r, of))) for of in ("values", "numbers"))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(_as_text, ["run", "state", "clip", *names, *measures]))
    for r in found:
        numbers = (*(r.values.get(n) for n in names), *(r.numbers.get(m) for m in measures))
        writer.writerow(map(_as_text, [r.name, r.state, r.clip, *numbers]))
    return text.getvalue()


def _as_text(value):
    """A cell that no spreadsheet takes for a formula: "=1+1" in a clip's name would be computed, or call a program."""
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA else value
