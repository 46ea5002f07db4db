from . import compact_svg, figures, findings, flowchart, lab, overlays, parameters, player, widgets
from .lab import Lab, start

__all__ = [
    "Lab",
    "compact_svg",
    "figures",
    "findings",
    "flowchart",
    "lab",
    "overlays",
    "parameters",
    "player",
    "start",
    "widgets",
]
