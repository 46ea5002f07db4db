"""How soon a live picture follows its knob, in a real browser, beside ipywidgets' own `interact` on the same picture.

    python -m tests.bench.live [--out reports/bench] [--clip bikes] [--chapters 00,01]

Each chapter is stepped through in JupyterLab. Then each figure's first slider is moved by one step, seven times with a
pause of a third of a second between, and sent to its far end and back at once. Milliseconds from the key to the frame
in which the browser shows the new picture. `interact` draws chapter 01's curve anew at each step, as it always does.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from tests.browser import chromium
from tests.browser.jupyterlab import Notebook, served
from vdlab.report import parameters

STEPS, PAUSE = 7, 333  # moves; milliseconds between them
INTERACT = """import ipywidgets
from IPython.core.pylabtools import select_figure_formats
from IPython.display import display
select_figure_formats(get_ipython(), {"png"})
slider = ipywidgets.SelectionSlider(options=values, value=theta)
ipywidgets.interact(lambda v: display(draw(theta=v)), v=slider).widget.add_class("peer")"""

# Press `key` on the n-th slider that matches and wait until what it governs has changed and is on the screen.
REACTION = """([sliders, picture, n, key]) => new Promise(done => {
  const slider = document.querySelectorAll(sliders)[n], box = slider.closest('.vd-live, .peer');
  const seen = () => [...box.querySelectorAll(picture)].map(e => e.src || e.outerHTML).join();
  const before = seen(), begun = performance.now();
  const look = () => { const now = seen(); if (now && now !== before) done(performance.now() - begun);
                       else if (performance.now() - begun > 20000) done(null); else requestAnimationFrame(look); };
  requestAnimationFrame(look);
  slider.focus(); slider.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
})"""


def reactions(page, sliders: str, picture: str, n: int) -> dict:
    """The milliseconds of single steps and of jumps of the n-th slider."""
    handle = page.locator(sliders).nth(n)
    handle.scroll_into_view_if_needed()
    page.wait_for_timeout(2500)  # a reader looks first

    def press(key):
        return page.evaluate(REACTION, [sliders, picture, n, key])

    at, end = (float(handle.get_attribute(f"aria-value{w}")) for w in ("now", "max"))
    back = at + STEPS > end
    steps = []
    for _ in range(STEPS):
        here = float(handle.get_attribute("aria-valuenow"))
        back = here >= end or (back and here > 0)
        steps.append(press("ArrowLeft" if back else "ArrowRight"))
        page.wait_for_timeout(PAUSE)
    jumps = [
        press(key)
        for key in ("End", "Home")
        if float(handle.get_attribute("aria-valuenow")) != (end if key == "End" else 0)
    ]
    return {
        "first": steps[0],
        "steps": [s for s in steps[1:] if s is not None],
        "jumps": [j for j in jumps if j is not None],
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    parser.add_argument("--clip", default="bikes")
    parser.add_argument("--chapters", default="", help="numbers, comma-separated (default: all)")
    options = parser.parse_args(arguments)
    chosen = [c for c in parameters.chapter_names() if not options.chapters or c[:2] in options.chapters.split(",")]
    rows = []
    with (
        tempfile.TemporaryDirectory() as home,
        served(Path(home), [f"clip={options.clip}"]) as (address, folder),
        chromium.launched() as browser,
    ):
        for chapter in chosen:
            file = folder / f"{chapter}.ipynb"
            if chapter == "01_keyframes":
                book = json.loads(file.read_text("utf8"))
                at = 1 + next(i for i, c in enumerate(book["cells"]) if 'name="theta"' in "".join(c["source"]))
                book["cells"].insert(
                    at,
                    {
                        "id": "peer",
                        "cell_type": "code",
                        "metadata": {},
                        "source": INTERACT,
                        "outputs": [],
                        "execution_count": None,
                    },
                )
                file.write_text(json.dumps(book), "utf8")
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            book = Notebook(page, address, file)
            book.run()
            for n in range(page.locator(".vd-live").count()):
                sliders = ".vd-live [role=slider]"
                first = page.evaluate(
                    "n => { const all = [...document.querySelectorAll('.vd-live [role=slider]')]; return "
                    "all.indexOf(document.querySelectorAll('.vd-live')[n].querySelector('[role=slider]')); }",
                    n,
                )
                name = page.locator(".vd-live").nth(n).locator(".widget-label").first.text_content()
                rows.append(
                    {
                        "chapter": chapter,
                        "knob": name,
                        **reactions(page, sliders, ".widget-html-content:has(vd-knobs) :is(svg, img, table)", first),
                    }
                )
            if page.locator(".peer").count():
                rows.append(
                    {
                        "chapter": chapter,
                        "knob": "θ, interact",
                        **reactions(page, ".peer [role=slider]", ".jp-OutputArea-output img", 0),
                    }
                )
            page.close()
    middle = lambda values: statistics.median(values) if values else float("nan")
    table = ["| chapter | knob | first step | later steps (median, worst) | jump to an end |", "|---|---|---|---|---|"]
    table += [
        f"| {r['chapter']} | {r['knob']} | {r['first']:.0f} | {middle(r['steps']):.0f}, "
        f"{max(r['steps'], default=0):.0f} | {middle(r['jumps']):.0f} |"
        for r in rows
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "live.json").write_text(json.dumps(rows, indent=1))
    (options.out / "live.md").write_text("Milliseconds from key to picture.\n\n" + "\n".join(table) + "\n", "utf8")


if __name__ == "__main__":
    main()
