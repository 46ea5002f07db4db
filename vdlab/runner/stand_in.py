"""While a report is made, a page stands under its name that leads to what there is so far."""

import html
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from ..base.files import names_in, replace_text

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={link}">
<title>{name} is being made</title></head>
<body><p>This report is being made: <a href="{link}">what there is so far</a>.
If that is not found, the run was ended before it was done; <code>--resume</code> goes on with it.</p></body></html>
"""


@contextmanager
def hold_place(out: Path, partial: Path):
    """Hold the place of the report `out`, which grows in `partial`, and yield whether it is held.

    It is not where an older report stands there, which stays until the new one is whole. The page goes as the context
    ends; one that was left by a run that was killed is taken over.
    """
    held = not out.exists() or holds_nothing(out)
    made = held and not out.exists()
    if held:
        out.mkdir(exist_ok=True)
        replace_text(out / "index.html", _page(out))
    try:
        yield held
    finally:
        if held and holds_nothing(out):
            (out / "index.html").unlink(missing_ok=True)
            if made:
                with suppress(OSError):  # somebody has put a file there meanwhile
                    out.rmdir()


def holds_nothing(folder: Path) -> bool:
    """Whether a folder is empty, or holds nothing but the page that stands in for a report that was being made."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    there = names_in(folder)
    page = folder / "index.html"
    return not there or (there == [page.name] and not page.is_symlink() and page.is_file() and _is_ours(page))


def _is_ours(page: Path) -> bool:
    text = _page(page.parent)
    return page.stat().st_size == len(text.encode()) and page.read_bytes() == text.encode()


def _page(out: Path) -> str:
    link = f"../{quote(f'.{out.name}.partial')}/index.html"
    return PAGE.format(link=html.escape(link), name=html.escape(out.name))
