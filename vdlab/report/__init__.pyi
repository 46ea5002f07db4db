from . import (
    chart_words,
    claim_markup,
    claim_rules,
    compact_svg,
    figures,
    findings,
    flowchart,
    lab,
    ledger,
    notebook_process,
    overlays,
    parameters,
    parameters_cell,
    player,
    records,
    static_knobs,
    widgets,
)
from .lab import Lab as Lab
from .lab import start as start
