from . import chapter_options, command, lab, listing, program, report, run, sweep, verify
from .program import main

__all__ = ["chapter_options", "command", "lab", "listing", "main", "program", "report", "run", "sweep", "verify"]
