"""What a terminal shows while chapters, or a sweep's runs, are done."""

import sys
from contextlib import contextmanager

from ..base.terminal import visible


@contextmanager
def counted_bar(total: int, unit: str):
    """Yield (bar, `ended(name, failure, seconds)`): tqdm's bar on a terminal alone, and what prints how one ended."""
    from tqdm import tqdm

    form = "{desc}{bar:24} {n}/{total} {unit}s, {elapsed}"
    with tqdm(total=total, unit=unit, disable=not sys.stderr.isatty(), bar_format=form) as bar:

        def ended(name: str, failure: str, seconds: float) -> None:
            tqdm.write(f"{'✘' if failure else '✔'} {name} {failure or 'done'} ({seconds:.0f} s)", file=sys.stderr)
            bar.update()

        yield bar, ended


@contextmanager
def report_progress(chapters):
    """Yield `tell(chapter, heading)`: a bar on a terminal, plain lines elsewhere. A heading of None ends a chapter."""
    with counted_bar(len(chapters), "chapter") as (bar, ended):

        def tell(chapter, heading, *, failure="", seconds=0.0):
            if heading is None:
                ended(chapter, f"failed: {failure}" if failure else "", seconds)
            elif sys.stderr.isatty():
                bar.set_description_str(f"{chapter[:2]} {visible(heading)[:46]:<46} ")
            elif heading == "starting":
                print(f"  {chapter} …", file=sys.stderr, flush=True)

        yield tell
