"""The index of a sweep: every run in one table, as lines across parallel axes, the best one named, each linked to its report.

Parallel coordinates (Inselberg 1985): an axis for every value that varies and every headline number; a run is a line across
them. Which way a number is better is not in the records: distances, errors and the like are better when less, everything
else when more, unless the reader says `min:NAME` or `max:NAME`. Beside the page: `table.csv` with every recorded number.
"""

from __future__ import annotations

import csv
import html
import io
import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from . import figures, pages, workplace
from .errors import ParameterError

LESS = "distance", "error", "loss", "missed", "false", "bytes", "bits", "seconds", "leak", "flicker", "÷ floor", "epsilon"
FEW, MOST = 4, 7                # measures that get an axis and a column; table.csv has all
WIDE, HIGH, TOP, BOTTOM = 1080, 380, 74, 40    # the drawing's size and margins, in its own units


@dataclass(frozen=True)
class Row:
    """One run: how it ended, its values, its numbers {measure: value}; `page` is empty where there is no report."""

    name: str
    clip: str
    values: dict
    numbers: dict
    units: dict
    headlines: tuple[str, ...]
    page: str
    state: str                  # done, failed or waiting
    failure: str


def rows(out: Path, state: dict) -> list[Row]:
    """Read every point's own report."""
    found = []
    for name, point in state["points"].items():
        folder, chapter = Path(out) / "runs" / name, state["chapter"]
        try:
            told = json.loads((folder / "metrics.json").read_text("utf8"))["chapters"][chapter]
        except (OSError, ValueError, KeyError):
            told = {"records": [], "failure": ""}
        failure = told["failure"] or ("" if told["records"] else point.get("failure", ""))
        there = (folder / "index.html").exists()
        numbers = {r["name"]: r["value"] for r in told["records"] if isinstance(r["value"], (int, float)) and not isinstance(r["value"], bool)}
        found.append(Row(name, point["clip"], point["values"], numbers, {r["name"]: r["unit"] for r in told["records"]},
                         tuple(r["name"] for r in told["records"] if r["headline"] and r["name"] in numbers),
                         f"runs/{quote(name)}/{quote(chapter)}.html" if there else "",
                         "failed" if failure else "done" if there else "waiting", failure))
    return found


def way(text: str) -> tuple[str, str]:
    """Return ('min' or 'max', measure) of 'min:NAME'; both are empty for an empty text. Raises `ParameterError`."""
    kind, colon, name = text.partition(":")
    if text and (kind not in ("min", "max") or not name.strip()):
        raise ParameterError(f"--best takes min:NAME or max:NAME, not {text!r}.")
    return (kind, name.strip()) if text else ("", "")


def best(found: list[Row], goal: str = "") -> tuple[Row | None, str, str]:
    """Return (the best run that finished, 'min' or 'max', the measure); the first headline number in which the runs differ decides, unless `goal` does."""
    kind, wanted = way(goal)
    done = [r for r in found if r.state == "done"]
    names = list(dict.fromkeys([n for r in done for n in r.headlines] + [n for r in done for n in r.numbers]))
    names = names if wanted else [n for n in names if len({r.numbers.get(n) for r in done}) > 1] or names
    name = next((n for n in names if wanted.lower() == n.lower()), None) or next((n for n in names if wanted.lower() in n.lower()), "")
    kind = kind or ("min" if any(w in f"{name} {next((r.units[name] for r in done if name in r.units), '')}".lower() for w in LESS) else "max")
    scored = [r for r in done if name in r.numbers]
    return ((min if kind == "min" else max)(scored, key=lambda r: r.numbers[name]) if scored else None), kind, name


def tied(found: list[Row], winner: Row | None, measure: str) -> list[Row]:
    """Return the runs whose number is the winner's too, in the table's order; empty where the winner stands alone."""
    same = [r for r in found if winner and r.state == "done" and r.numbers.get(measure) == winner.numbers[measure]]
    return same if len(same) > 1 else []


def idle(found: list[Row]) -> list[str]:
    """Return the values on the grid that change no recorded number: runs that differ in nothing else all agree."""
    done = [r for r in found if r.state == "done"]
    names = [n for n, values in _varied(done) if n != "clip" and len(set(map(str, values))) > 1]
    return [n for n in names if all(a.numbers == b.numbers for a, b in itertools.combinations(done, 2)
                                    if a.clip == b.clip and all(a.values[k] == b.values[k] for k in names if k != n))]


def verdict(found: list[Row], goal: str = "") -> str:
    """Say which run is best in one sentence, or that none is; empty before two runs have finished."""
    winner, kind, measure = best(found, goal)
    same, ended = tied(found, winner, measure), sum(r.state == "done" for r in found)
    if winner is None or ended < 2:
        return ""
    value = f"{'least' if kind == 'min' else 'most'} {measure}, {figures.number(winner.numbers[measure])} {winner.units[measure]}".rstrip()
    if len(same) == ended:
        return f"no run is best: all {ended} have the same {measure}"
    return f"{value}: {f'a tie of {len(same)} runs: ' if same else ''}{'; '.join(_said(r) for r in same[:6] or [winner])}{' …' if len(same) > 6 else ''}"


def write(out: Path, state: dict) -> None:
    """Write the sweep's index.html, table.csv and timing.js, each whole or not at all."""
    found = rows(out, state)
    winner, kind, measure = best(found, state["goal"])
    measures = _measures(found, measure)
    same = tied(found, winner, measure)
    alone = winner if not same else None
    axes = [*_varied(found), *((m, [r.numbers.get(m) for r in found]) for m in measures)]
    page = pages.render("sweep.html.j2", title=f"{out.name} · vdlab", name=out.name, chapter=state["chapter"], rows=found, winner=alone,
                        verdict=verdict(found, state["goal"]) if same else "", idle=idle(found),
                        goal=("least " if kind == "min" else "most ") + measure, unit=winner.units[measure] if winner else "",
                        value=figures.number(winner.numbers[measure]) if winner else "", table=_table(found, same or [winner], measures),
                        drawing=parallel(found, axes, alone) if sum(r.state == "done" for r in found) > 1 and axes else "",
                        counts={s: sum(r.state == s for r in found) for s in ("done", "failed", "waiting")}, script_source="'self' file:")
    workplace.replace(out / "index.html", page)
    workplace.replace(out / "table.csv", _csv(found))
    spent = [f"{n}: {p['seconds']:.0f} s, peak {p['peak_mb']} MB, {p['worker']}{', second try' if p['tries'] > 1 else ''}"
             for n, p in state["points"].items() if p.get("seconds")]
    workplace.replace(out / "timing.js", f"window.vdlabTiming = {json.dumps(chr(10).join([state['started'], *spent]))};\n")


def parallel(found: list[Row], axes: list[tuple[str, list]], winner: Row | None) -> str:
    """Return the runs as inline SVG: an axis for each of `axes` (name, a value of each run), a line for each run that finished."""
    step = WIDE / len(axes)
    places, marks = [], []
    for i, (name, values) in enumerate(axes):
        x, (heights, ticks) = step * (i + 0.5), _scale(values)
        places.append([None if h is None else (x, TOP + (1 - h) * (HIGH - TOP - BOTTOM)) for h in heights])
        lines = _wrap(name, int(step / 7.2))
        marks.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HIGH - BOTTOM}"/>')
        marks += [f'<text class="name" x="{x:.1f}" y="{TOP - 14 - 15 * (len(lines) - 1 - n):.1f}">{html.escape(line)}</text>' for n, line in enumerate(lines)]
        marks += [f'<text class="tick" x="{x + 6:.1f}" y="{TOP + (1 - h) * (HIGH - TOP - BOTTOM) + 4:.1f}">{html.escape(t)}</text>' for h, t in ticks]
    drawn = []
    for n, row in sorted(enumerate(found), key=lambda nr: nr[1] is winner):     # the best on top
        points = [p[n] for p in places if p[n] is not None]
        if row.state == "done" and len(points) > 1:
            path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            drawn.append(f'<a href="{row.page}"{" class=best" if row is winner else ""}><title>{html.escape(_said(row))}</title><path d="{path}"/></a>')
    return (f'<svg class="parallel" viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{len(drawn)} runs as lines across {len(axes)} axes: '
            f'{html.escape(", ".join(name for name, _ in axes))}">{"".join(drawn)}{"".join(marks)}</svg>')


def _scale(values: list) -> tuple[list, list]:
    """Return each value's height in [0, 1] (None where there is none), and the ticks [(height, text)]."""
    known = [v for v in values if v is not None]
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in known) and known:
        low, high = min(known), max(known)
        heights = [None if v is None else 0.5 if high == low else (v - low) / (high - low) for v in values]
        between = sorted(set(known)) if len(set(known)) <= 6 else [low, high]
        kept = [v for i, v in enumerate(between) if i in (0, len(between) - 1) or high > low and min(v - low, high - v) > 0.08 * (high - low)]
        return heights, [(0.5 if high == low else (v - low) / (high - low), figures.number(v)) for v in kept]
    order = list(dict.fromkeys(known))
    at = {v: i / (len(order) - 1) if len(order) > 1 else 0.5 for i, v in enumerate(order)}
    return [None if v is None else at[v] for v in values], [(at[v], str(v)[:22]) for v in order]


def _varied(found: list[Row]) -> list[tuple[str, list]]:
    """What the runs differ in: the clip, if there are several, and every value on the grid."""
    names = list(dict.fromkeys(n for r in found for n in r.values))
    axes = [("clip", [r.clip for r in found])] if len({r.clip for r in found}) > 1 else []
    return axes + [(n, [r.values.get(n) for r in found]) for n in names]


def _measures(found: list[Row], first: str) -> list[str]:
    """The numbers worth an axis: the one that decides, the headlines, and, where these are few, others in which runs differ."""
    names = [first, *(n for r in found for n in r.headlines)]
    varying = [n for r in found for n in r.numbers if len({q.numbers.get(n) for q in found if q.numbers}) > 1]
    few = list(dict.fromkeys(n for n in names if n))[:MOST]
    return few + [n for n in dict.fromkeys(varying) if n not in few][:max(0, FEW - len(few))]


def _table(found: list[Row], winners: list[Row | None], measures: list[str]) -> str:
    varied = _varied(found)
    head = "".join(f"<th>{html.escape(n)}</th>" for n, _ in varied) + "".join(f'<th class="num">{html.escape(m)}</th>' for m in measures)
    body = ""
    for i, row in enumerate(found):
        link = f'<a href="{row.page}">{row.state}</a>' if row.page else row.state
        cells = "".join(f"<td>{html.escape(_text(values[i]))}</td>" for _, values in varied)
        cells += "".join(f'<td class="num">{figures.number(row.numbers.get(m))}</td>' for m in measures)
        sign = {"done": "✔", "failed": "✘", "waiting": "…"}[row.state]
        why = f'<td class="why">{html.escape(row.failure)}</td>' if row.failure else "<td></td>"
        body += f'<tr{" class=best" if row in winners else ""}><td>{sign} {link}{(" · tie" if len(winners) > 1 else " · best") if row in winners else ""}</td>{cells}{why}</tr>'
    return f'<div class="vd-scroll"><table class="vd-table"><thead><tr><th>run</th>{head}<th></th></tr></thead><tbody>{body}</tbody></table></div>'


def _csv(found: list[Row]) -> str:
    names, measures = (list(dict.fromkeys(n for r in found for n in getattr(r, of))) for of in ("values", "numbers"))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["run", "state", "clip", *names, *measures])
    writer.writerows([r.name, r.state, r.clip, *(r.values.get(n) for n in names), *(r.numbers.get(m) for m in measures)] for r in found)
    return text.getvalue()


def _said(row: Row) -> str:
    return ", ".join([row.clip, *(f"{k} = {_text(v)}" for k, v in row.values.items())])


def _text(value) -> str:
    return figures.number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else "–" if value is None else str(value)


def _wrap(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, max(8, width))[:4]
