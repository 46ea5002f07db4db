"""What a notebook holds while it runs: its checked parameters, its clip, its folder, and what it has found out.

Under the kit's runner the environment variable VDLAB_RUN names the run's folder and the page supplies style and script;
alone (JupyterLab, plain papermill) the notebook brings both itself and writes to a folder beside the reader's work.
"""

from __future__ import annotations

import html
import json
import math
import os
import random
import resource
from functools import cached_property
from pathlib import Path

import numpy as np

from . import figures, parameters, samples, video
from .errors import ParameterError
from .player import player

VERDICTS = {"holds": "✔", "holds if": "◐", "wrong": "✘"}
PAGES = Path(__file__).parent / "pages"


def start(chapter: str, namespace: dict) -> Lab:
    """Check the chapter's parameters as they stand in `namespace` (the notebook's `globals()`), seed, open the folder.

    Values are converted to their declared types in place (`theta = 30` becomes 30.0). Raises `ParameterError` listing
    everything wrong, and `VideoError` for a clip that cannot be read.
    """
    known = parameters.declared(parameters.notebook(chapter))
    values = parameters.check(known, {k: namespace.get(k, p.default) for k, p in known.items()}, where=chapter)
    namespace.update(values)
    seed = values.get("seed", 0)
    random.seed(seed)
    np.random.seed(seed)
    return Lab(chapter, values)


class Lab:
    """One chapter's run. `clip` is the path of the reader's clip, `info` its `ClipInfo`, `seed` the chapter's seed."""

    def __init__(self, chapter: str, values: dict):
        self.chapter, self.parameters, self.seed = chapter, values, values.get("seed", 0)
        self.headless = "VDLAB_RUN" in os.environ
        self.folder = Path(os.environ.get("VDLAB_RUN") or Path.cwd() / "vdlab-live")
        self.clip = samples.find(values["clip"]) if "clip" in values else None
        self.records, self.claims, self.pictures = [], [], {}
        if self.clip is not None:
            self.info                               # an unreadable clip is an error now, not in the middle
        if not self.headless:
            style, script = ((PAGES / n).read_text("utf8") for n in ("figures.css", "player.js"))
            _display(f"<style>{style}</style><script>{script}</script>")
        if self.clip is not None and self.info.notes:
            _display(f"<p><small>The clip: {html.escape('; '.join(self.info.notes))}.</small></p>")
        self._save()

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
        """Return a path for what only this run needs, such as a training's checkpoint: kept when the run is killed, gone when it is done."""
        path = self.folder / "work" / f"{self.chapter}-{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def figure(self, content, title: str, caption: str = "", *, name: str = "", alt: str = "",
               cover: bool = False) -> None:
        """Show a matplotlib figure, an image (H, W, 3) or HTML with a title that states its finding.

        `name` lets a claim point here (`see=name`); `alt` describes the picture to who cannot see it (else the title does);
        the figure marked `cover` stands for the chapter on the report's index.
        """
        if isinstance(content, np.ndarray):
            content = figures.picture(content, alt=alt or title)
        elif not isinstance(content, str):
            content = f'<div class="vd-scroll">{figures.svg(content, alt=alt or title)}</div>'
        anchor = name or f"figure-{len(self.pictures) + 1}"
        if anchor in self.pictures:
            raise ParameterError(f"two figures are called {anchor!r}.")
        self.pictures[anchor] = title
        self._save()
        if cover:
            path = self.folder / "covers" / f"{self.chapter}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf8")
        note = f"<p>{html.escape(caption)}</p>" if caption else ""
        _display(f'<figure class="vd-figure" id="{anchor}"><h4><span>Figure {len(self.pictures)}</span> {html.escape(title)}</h4>'
                 f"{content}<figcaption>{note}</figcaption></figure>")

    def play(self, clips: dict, title: str, caption: str = "", *, name: str = "", cover: bool = False, fps=None,
             **options) -> None:
        """Show clips {label: uint8 (N, H, W, 3)} in one player, captioned; `fps` defaults to the clip's own."""
        palette = {"source": figures.SOURCE, "ours": figures.OURS, "baseline": figures.BASELINE}
        colors = options.pop("colors", {label: c for label in clips for key, c in palette.items() if label.lower().startswith(key)})
        self.figure(player(clips, fps=fps or self.info.fps, colors=colors, **options), title, caption, name=name, cover=cover)

    def record(self, name: str, value, unit: str = "", *, floor=None, peer=None, peer_name: str = "", headline: bool = False) -> None:
        """Keep a number under `name`, with its unit, its floor and the peer's value; `headline` shows it on the index."""
        plain = [v.item() if isinstance(v, np.generic) else v for v in (value, floor, peer)]
        plain = [None if isinstance(v, float) and not math.isfinite(v) else v for v in plain]       # JSON knows no NaN
        self.records.append(dict(name=name, value=plain[0], unit=unit, floor=plain[1], peer=plain[2], peer_name=peer_name,
                                 headline=headline))
        self._save()

    def claim(self, where: str, text: str, verdict: str, evidence: str, *, see: str = "") -> None:
        """Judge one claim of the article: `where` is its section, `verdict` one of 'holds', 'holds if', 'wrong'.

        `evidence` is one sentence; `see` the name of the figure above that shows it. Raises `ParameterError` for another
        verdict or a figure that is not there.
        """
        if verdict not in VERDICTS or see and see not in self.pictures:
            raise ParameterError(f"claim {text!r}: verdict {verdict!r} is not one of {', '.join(VERDICTS)}, "
                                 f"or there is no figure {see!r}.")
        self.claims.append(dict(where=where, text=text, verdict=verdict, evidence=evidence, see=see))
        self._save()
        link = f' <a href="#{see}">figure</a>' if see else ""
        _display(f'<div class="vd-claim vd-{verdict.replace(" ", "-")}"><b>{VERDICTS[verdict]} {verdict}</b><span>{html.escape(text)} '
                 f"<small>{html.escape(where)}</small><br><em>{html.escape(evidence)}{link}</em></span></div>")

    def results(self) -> None:
        """Show every number recorded so far as one table, each with its unit, its floor and its peer."""
        rows = [(r["name"], r["value"], r["unit"], figures.number(r["floor"]) if not isinstance(r["floor"], str) else r["floor"],
                 f"{figures.number(r['peer'])} {r['peer_name']}".strip() if r["peer"] is not None else "–") for r in self.records]
        _display(figures.table(rows, ("measure", "value", "unit", "floor", "peer")))

    def _save(self) -> None:
        path = self.folder / "records" / f"{self.chapter}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        known = dict(chapter=self.chapter, parameters=self.parameters, records=self.records, claims=self.claims,
                     figures=self.pictures)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(known, indent=1, ensure_ascii=False), "utf8")
        partial.replace(path)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss       # kilobytes on Linux
        path.with_suffix(".memory").write_text(str(peak))


def _display(markup: str) -> None:
    from IPython.display import HTML, display

    display(HTML(markup))
