"""A sweep's runs as rows: how each ended, its values and its numbers."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from ..base.errors import VdlabError
from ..base.received import plain_file
from ..report import figures, records
from . import manifest


@dataclass(frozen=True)
class RunRow:
    """One run: how it ended, its values, its numbers {measure: value}; `page` is empty where there is no report."""

    name: str
    clip: str
    values: dict
    numbers: dict
    units: dict
    headlines: tuple[str, ...]
    page: str
    state: str  # done, failed or waiting
    failure: str
    better: dict = field(default_factory=dict)  # {measure: 'higher' or 'lower'}, of the measures that say so

    @property
    def said(self) -> str:
        """The run in words: its clip and its values."""
        return ", ".join([self.clip, *(f"{k} = {records.text_of(v)}" for k, v in self.values.items())])


def read_rows(out: Path, state: dict) -> list[RunRow]:
    """Read every point's own report."""
    found = []
    for name, point in state["points"].items():
        chapter = state["chapter"]
        try:
            if not plain_file(out, f"runs/{name}/metrics.json"):  # a link may lead to what is no run of this sweep
                raise KeyError
            told = manifest.read_metrics(Path(out) / "runs" / name)["chapters"][chapter]
        except (VdlabError, KeyError):
            told = {"records": [], "failure": ""}
        said = point.get("failure", "")  # with the cell that failed, where the run could say it
        failure = said or told["failure"] if told["failure"] or not told["records"] else ""
        there = plain_file(out, f"runs/{name}/index.html")
        numbers = {r["name"]: r["value"] for r in told["records"] if figures.is_number(r["value"])}
        units = {r["name"]: r["unit"] for r in told["records"]}
        better = {r["name"]: r["better"] for r in told["records"] if r["better"]}
        headlines = tuple(r["name"] for r in told["records"] if r["headline"] and r["name"] in numbers)
        page = f"runs/{quote(name)}/{quote(chapter)}.html" if there else ""
        ended = "failed" if failure else "done" if there else "waiting"
        known = point["clip"], point["values"], numbers, units, headlines
        found.append(RunRow(name, *known, page, ended, failure, better))
    return found
