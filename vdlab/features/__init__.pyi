from . import color, comparison, copies, description, drawing, motion, shape, table, texture
from .copies import Match as Match
from .copies import duplicates as duplicates
from .description import KINDS as KINDS
from .description import describe as describe
from .description import describe_all as describe_all
from .description import prepare as prepare
from .table import Features as Features
from .table import Table as Table
