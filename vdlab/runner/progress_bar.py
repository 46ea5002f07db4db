"""What a terminal shows while chapters run."""

import sys
from contextlib import contextmanager


@contextmanager
def report_progress(chapters):
    """Yield `tell(chapter, heading)`: a bar on a terminal, plain lines elsewhere. A heading of None ends a chapter."""
    from tqdm import tqdm

    live = sys.stderr.isatty()
    with tqdm(
        total=len(chapters),
        disable=not live,
        unit="chapter",
        bar_format="{desc} {bar:24} {n}/{total} chapters, {elapsed}",
    ) as bar:

        def tell(chapter, heading, *, failure="", seconds=0.0):
            if heading is None:
                state = f"failed: {failure}" if failure else "done"
                tqdm.write(f"{'✘' if failure else '✔'} {chapter} {state} ({seconds:.0f} s)", file=sys.stderr)
                bar.update()
            elif live:
                bar.set_description_str(f"{chapter[:2]} {heading[:46]:<46}")
            elif heading == "starting":
                print(f"  {chapter} …", file=sys.stderr, flush=True)

        yield tell
