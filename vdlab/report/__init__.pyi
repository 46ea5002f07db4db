from . import (
    compact_svg,
    figures,
    findings,
    flowchart,
    lab,
    notebook_process,
    overlays,
    parameters,
    parameters_cell,
    player,
    records,
    widgets,
)
from .lab import Lab, start

__all__ = [
    "Lab",
    "compact_svg",
    "figures",
    "findings",
    "flowchart",
    "lab",
    "notebook_process",
    "overlays",
    "parameters",
    "parameters_cell",
    "player",
    "records",
    "start",
    "widgets",
]
