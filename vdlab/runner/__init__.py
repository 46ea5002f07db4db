"""Notebooks run headless: a report, a grid of runs, a proof (commands report, run, sweep, verify).

    wanted = runner.make_request("clip.mp4", chapters="1-4")
    runner.run_report(wanted, "reports/mine")

Level 8. `run_request` checks what is to be run, `execution` runs one chapter through papermill, `chapter_content` and
`pages` make its page from `templates/`, `reports` puts a report together in a folder of `folders`, which `out_folder`
allows, `growing_pages` and `stand_in` show it while it is made;
`manifest` is the one door by which reports are read, and `private_paths` keeps the reader's folders out of them.
`grid`, `worker`, `sweep` and `sweep_page` run many; `notebook_copies` gives the reader chapters of their own;
`verification`, `differences` and `content_differences` prove that a report can be made again; `comparison` sets two
side by side, `archive` makes one file to send, `kept_notebooks` keeps notebooks as they ran. Reports of earlier
versions rely on run.json and metrics.json.
"""

import sys

import lazy_loader

# jsonschema, which checks notebooks, loads this for addresses that no notebook has, and it compiles 38 grammars when it
# is imported: two seconds of every command (python-jsonschema/jsonschema #1428). Without it, those stay unchecked.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None is how Python marks what is not there

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
