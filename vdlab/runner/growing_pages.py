"""The pages of a report: the index from the start, filling as chapters finish, and all of them when it is whole."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .. import video
from ..base.files import replace_text
from ..report import figures
from . import pages
from .chapter_content import Chapter
from .report_facts import format_versions, package_versions
from .run_request import RunRequest

SHOWN_FIRST = "04_generation", "10_diffusion"  # the chapters whose cover leads the index
SECONDS = 10  # between two looks of an open index for what is new


@dataclass(frozen=True)
class GrowingPages:
    """Where pages are written and what is on all of them: the run's name, what was wanted, the clip and its strip."""

    partial: Path
    name: str
    wanted: RunRequest
    info: object
    strip: list[str]

    def write_so_far(self, done: list[Chapter], *, followed: bool) -> None:
        """Write the page of every chapter that is `done` and an index that says what is missing.

        `followed`: the report's own name leads here while it is made, so that the index can look there for what is new.
        """
        missing = [n for n in self.wanted.chapters if n not in {c.name for c in done}]
        self._write(done, missing=missing, again=f"{SECONDS}; url=../{quote(self.name)}/index.html" if followed else "")

    def write_all(self, chapters: list[Chapter]) -> None:
        """Write every page as it stays."""
        self._write(chapters, missing=[], again="")

    def _write(self, chapters: list[Chapter], **state) -> None:
        around = pages.surroundings(chapters)
        on_all: dict = {"name": self.name, "clip": self.wanted.clip, "strip": self.strip, "around": around}
        for before, chapter, after in zip([None, *chapters], chapters, [*chapters[1:], None]):
            files = artifacts_of(self.partial, chapter.name)
            page = pages.chapter_page(chapter, before=before, after=after, files=files, **on_all)
            replace_text(self.partial / chapter.file, page)
        hero = next((cover for n in SHOWN_FIRST if (cover := cover_of(self.partial, n))), "")
        shown = {"info": self.info, "hero": hero, "versions": format_versions(package_versions()), **state}
        replace_text(self.partial / "sources.html", pages.sources_page(name=self.name, around=around))
        replace_text(self.partial / "index.html", pages.index_page(chapters, **shown, **on_all))
        replace_text(self.partial / "claims.html", pages.claims_html(self.name, around))


def cover_of(partial: Path, chapter: str) -> str:
    """Return the HTML of the figure that stands for a chapter, empty where it has none."""
    path = partial / "covers" / f"{chapter}.html"
    return path.read_text("utf8") if path.exists() else ""


def artifacts_of(partial: Path, chapter: str) -> list[tuple[str, str]]:
    """Return (address, size in words) of every file that a chapter keeps in the report."""
    folder = partial / "artifacts" / chapter
    found = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink() and not p.name.startswith("."))
    return [
        (quote(p.relative_to(partial).as_posix()), f"{figures.format_number(max(1, p.stat().st_size // 1000))} kB")
        for p in found
    ]


def clip_strip(path: os.PathLike[str]) -> list[str]:
    """Return eight pictures of a clip, small, as HTML."""
    return [figures.picture(frame, alt="") for frame in video.glimpse(path, 8, width=200)]
