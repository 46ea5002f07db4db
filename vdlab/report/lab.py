"""What a notebook holds while it runs: its checked parameters, its clip, its folder, and what it has found out.

Under the kit's runner the environment variable VDLAB_RUN names the run's folder and the page supplies style and script;
alone (JupyterLab, plain papermill) the notebook brings both itself and writes to a folder beside the reader's work.
"""

from __future__ import annotations

import atexit
import html
import json
import os
import random
import re
import sys
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from .. import video
from ..base.errors import ParameterError
from ..base.files import replace_text
from ..video import image_sequence, sample_clips
from . import chart_words, claim_markup, figures, ledger, parameters, records
from .findings import Findings
from .notebook_process import display_markup, notebook_that_is_run, own_notebook, peak_memory, running_shell
from .player import clip_player

ASSETS = Path(__file__).parent / "assets"
# As `figures.svg` makes it
_PLOT = re.compile(r'(?<!<div class="vd-scroll">)(<svg\b[^>]*class="vd-plot".*?</svg>)', re.S)
_TABLE = re.compile(r'<div class="vd-scroll"><table((?!<svg|<img|<video).)*$', re.S)  # a table, and nothing to look at
_PLAIN = (int, float, str, bool, list, dict, type(None))  # what a parameter is in JSON; anything else as its text
FEW = 128  # findings that are written one by one
_live: dict[str, Findings] = {}  # of the chapters that a reader has started in this process


def start(chapter: str = "", namespace: dict | None = None, **values) -> Lab:
    """Check the parameters as they stand in `namespace` (the caller's globals unless given), seed, open the folder.

    `chapter` is a chapter's name or, for a notebook or script of one's own, empty; what its parameters cell declares
    counts all the same. A reader's copy of a chapter that is run headless keeps its own name. `values` are further
    parameters, such as `clip` and `seed`, or those of the cell said otherwise. Values are converted to their declared
    types in place (`theta = 30` becomes 30.0). Raises `ParameterError` listing everything wrong, and `VideoError` for a
    clip that cannot be read.
    """
    namespace = sys._getframe(1).f_globals if namespace is None else namespace
    try:
        path = parameters.notebook_path(chapter) if chapter else own_notebook()
    except ParameterError as error:
        raise ParameterError(f"{error} A notebook of one's own begins with vdlab.start(), without a name.") from None
    copy = notebook_that_is_run()
    name = parameters.name_of(copy or path or Path("notebook" if running_shell() else sys.argv[0]))
    books = [p for p in (path, copy) if p and p.suffix == ".ipynb"]
    known = {k: p for book in books for k, p in parameters.declared_parameters(book).items()}
    given = {k: namespace.get(k, p.default) for k, p in known.items()} | {k: v for k, v in values.items() if k in known}
    checked = parameters.check_values(known, given, where=name)
    namespace.update(checked)
    checked = values | checked
    seed = checked.get("seed", 0)
    random.seed(seed)
    np.random.seed(seed)
    return Lab(name, checked, copy_of=parameters.name_of(path) if chapter and path else "")


class Lab:
    """One chapter's run. `clip` is the path of the reader's clip, `info` its `ClipInfo`, `seed` the chapter's seed.

    `copy_of` is the chapter whose claims it judges.
    """

    def __init__(self, chapter: str, values: dict, *, copy_of: str = ""):
        self.copy_of = copy_of or chapter
        self.chapter, self.parameters, self.seed = chapter, values, values.get("seed", 0)
        self.headless = "VDLAB_RUN" in os.environ
        self.folder = Path(os.environ.get("VDLAB_RUN") or Path.cwd() / "vdlab-live")
        self.clip = sample_clips.find_clip(os.fspath(values["clip"])) if values.get("clip") else None
        self.findings = Findings(live=False) if self.headless else _findings(chapter)
        self._unsaved, shell = False, running_shell()
        _ = shell.events.register("post_run_cell", self._write) if shell else atexit.register(self._write)
        if self.clip is not None:
            _ = self.info  # an unreadable clip is an error now, not in the middle
        if not self.headless:
            style, script = ((ASSETS / n).read_text("utf8") for n in ("figures.css", "player.js"))
            display_markup(f"<style>{style}</style><script>{script}</script>")
        if self.clip is not None and self.info.notes:
            display_markup(f"<p><small>The clip: {html.escape('; '.join(self.info.notes))}.</small></p>")
        self._save()

    @property
    def records(self) -> list[dict]:
        """The numbers recorded so far."""
        return self.findings.values("record")

    @property
    def claims(self) -> list[dict]:
        """The claims judged so far."""
        return self.findings.values("claim")

    @property
    def pictures(self) -> dict[str, str]:
        """{name: title} of the figures shown so far."""
        return {f["name"]: f["title"] for f in self.findings.values("figure")}

    @cached_property
    def info(self) -> video.ClipInfo:
        """What the clip is (size, frame rate, frames, …)."""
        return video.probe(self.clip)

    def artifact(self, name: str) -> Path:
        """Return the path under which this chapter keeps a file, its folder made."""
        path = self.folder / "artifacts" / self.chapter / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def scratch(self, name: str) -> Path:
        """Return a path for what only this run needs (a checkpoint): kept if the run is killed, gone when done."""
        path = self.folder / "work" / f"{self.chapter}-{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def figure(
        self, content, title: str, caption: str = "", *, name: str = "", alt: str = "", cover: bool = False
    ) -> None:
        """Show a matplotlib figure, an image (H, W, 3) or HTML with a title that states its finding.

        A table is numbered among the tables. `name` lets a claim point here (`see=name`); `alt` describes the picture
        to who cannot see it (else a chart's own axes and names do); the figure marked `cover` stands for the chapter on
        the report's index. Live, a figure of the same name is replaced and keeps its number; headless, a second one
        raises `ParameterError`.
        """
        if isinstance(content, np.ndarray):
            content = figures.picture(content, alt=alt or title)
        elif not isinstance(content, str):
            drawn = alt or chart_words.describe_chart(content) or title
            content = figures.svg(content, alt=drawn)
        if not content.startswith("<vd-turn"):  # which scrolls as a whole
            content = _PLOT.sub(r'<div class="vd-scroll">\1</div>', content)
        series = "Table" if _TABLE.match(content) else "Figure"
        shown = {"name": name, "title": title}
        number = self.findings.put("figure", name or self.findings.unnamed(), shown, series=series)
        anchor = shown["name"] = name or f"{series.lower()}-{number}"
        self._save()
        if cover:
            path = self.folder / "covers" / f"{self.chapter}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'<p class="vd-title">{html.escape(title)}</p>{content}', "utf8")
        note = f"<p>{html.escape(caption)}</p>" if caption else ""
        display_markup(
            f'<figure class="vd-figure" id="{html.escape(anchor)}"><p class="vd-title"><span>{series} {number}</span> '
            f"{html.escape(title)}</p>"
            f"{content}<figcaption>{note}</figcaption></figure>",
            plain=f"{series} {number}: {title}",
        )

    def play(
        self, clips: dict, title: str, caption: str = "", *, name: str = "", cover: bool = False, fps=None, **options
    ) -> None:
        """Show clips {label: uint8 (N, H, W, 3)} in one player, captioned; `fps` is the clip's own, else 25."""
        palette = {"source": figures.SOURCE, "ours": figures.OURS, "baseline": figures.BASELINE}
        colors = options.pop(
            "colors", {label: c for label in clips for key, c in palette.items() if label.lower().startswith(key)}
        )
        fps = fps or (self.info.fps if self.clip is not None else image_sequence.FOLDER_FPS)
        shown = clip_player(clips, fps=fps, colors=colors, **{"label": title} | options)
        self.figure(shown, title, caption, name=name, cover=cover)

    def record(
        self,
        name: str,
        value,
        unit: str = "",
        *,
        ideal=None,
        trivial=None,
        chance=None,
        peer=None,
        peer_name: str = "",
        better: Literal["higher", "lower", ""] = "",
        spread=None,
        headline: bool = False,
        floor=None,
    ) -> None:
        """Keep a number under `name`, with its unit and what it is read against: the best possible (`ideal`), doing
        nothing (`trivial`, formerly `floor`), guessing (`chance`), what the reader would use instead (`peer`).

        `better` says which way is good, `spread` how sure the number is: ± a number or (low, high); `headline` shows it
        on the index. Live, a record of the same name is replaced; headless, a second one raises `ParameterError`, as
        does a `better` or a `spread` that is none.
        """
        against = dict(ideal=ideal, trivial=trivial, chance=chance, peer=peer, floor=floor)
        more = dict(peer_name=peer_name, better=better, spread=spread, headline=headline)
        self.findings.put("record", name, records.make_record(name, value, unit, against, **more))
        self._save()

    def claim(
        self, name: str, evidence: str, *, see: str = "", untested: str = "", own: dict | None = None, **numbers
    ) -> None:
        """Judge one claim of the article: `name` is its entry in the ledger, `numbers` are those its rule asks for.

        The rule gives the verdict; numbers that are NaN leave the claim not tested, and so does `untested`, which says
        why this clip cannot test it. `evidence` is a sentence or two; `see` the name of the figure above that shows it.
        A notebook of the reader's may bring a claim of its `own`: dict(english="It moves", holds="moved > 0"). Live,
        the same claim is replaced. Raises `ParameterError` as `ledger.judge_claim` does and, headless, for a figure
        that is not there or a claim that was made before.
        """
        found = ledger.judge_claim(name, evidence, numbers, chapter=self.copy_of, untested=untested, own=own)
        found["see"] = str(see)
        if see and self.headless and see not in self.pictures:
            raise ParameterError(f"claim {name!r}: there is no figure {see!r} above.")
        self.findings.put("claim", str(name), found)
        self._save()
        display_markup(
            claim_markup.claim_html(found, all_claims="claims.html" if self.headless else ""),
            plain=f"{found['where']} {found['text']}: {found['verdict']}. {found['evidence']}".strip(),
        )

    def results(self) -> None:
        """Show every number recorded so far as one table, each with its unit and what it is read against."""
        plain = ((f"{r['name']}: {r['value']} {r['unit']}").strip() for r in self.records)
        display_markup(records.results_table(self.records), plain="\n".join(plain))

    def _save(self) -> None:
        """Write what was found; of hundreds not after each, but when the cell ends, or the script."""
        self._unsaved = True
        if len(self.findings) <= FEW or not len(self.findings) % FEW:
            self._write()

    def _write(self, *_) -> None:
        if not self._unsaved:
            return
        self._unsaved = False
        path = self.folder / "records" / f"{self.chapter}.json"
        knobs = {k: v if isinstance(v, _PLAIN) else str(v) for k, v in self.parameters.items()}
        found = dict(records=self.records, claims=self.claims, figures=self.pictures)
        known = dict(chapter=self.chapter, parameters=knobs, **found)
        replace_text(path, json.dumps(known, indent=1, ensure_ascii=False))
        path.with_suffix(".memory").write_text(str(peak_memory() // 1024))


def _findings(chapter: str) -> Findings:
    """What the reader's notebook has shown before: started again, its earlier figures still stand on the page."""
    if chapter not in _live:
        _live[chapter] = Findings(live=True)
        _live[chapter].watch(running_shell())
    _live[chapter].start_again()
    return _live[chapter]
