"""What a notebook shows and records.

    lab = vdlab.start("01_keyframes", globals())        # checks the parameters, opens the run's folder
    lab.figure(figures.picture(frame), "caption")
    lab.record("shots", len(shots)); lab.claim(...)

Level 2; no chapter of its own. `parameters` finds and checks a chapter's parameters, `parameters_cell` reads them,
`lab` is one run and `findings` what it found, `ledger` (with `ledger.yaml`) what the article claims, `claim_rules` how
numbers become a verdict, `claim_markup` shows one; `figures` `overlays` `player` `flowchart` make self-contained HTML,
`widgets` draws sliders live and a static grid headless. The runner relies on what `Lab` writes (records.json and the
files beside it) and on the HTML classes of `assets/`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
