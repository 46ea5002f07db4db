from . import color, comparison, copies, description, drawing, motion, shape, table, texture
from .copies import Match, duplicates
from .description import KINDS, describe, describe_all, prepare
from .table import Features, Table

__all__ = [
    "Features",
    "KINDS",
    "Match",
    "Table",
    "color",
    "comparison",
    "copies",
    "describe",
    "describe_all",
    "description",
    "drawing",
    "duplicates",
    "motion",
    "prepare",
    "shape",
    "table",
    "texture",
]
