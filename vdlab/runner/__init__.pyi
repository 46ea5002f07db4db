from . import (
    chapter_content,
    content_differences,
    differences,
    execution,
    folders,
    grid,
    notebook_copies,
    pages,
    parallel_axes,
    report_facts,
    reports,
    run_request,
    run_rows,
    sweep,
    sweep_cluster,
    sweep_page,
    verification,
    worker,
)
from .reports import run_report
from .run_request import make_request
from .sweep import run_sweep
from .verification import verify_report

__all__ = [
    "chapter_content",
    "content_differences",
    "differences",
    "execution",
    "folders",
    "grid",
    "make_request",
    "notebook_copies",
    "pages",
    "parallel_axes",
    "report_facts",
    "reports",
    "run_report",
    "run_request",
    "run_rows",
    "run_sweep",
    "sweep",
    "sweep_cluster",
    "sweep_page",
    "verification",
    "verify_report",
    "worker",
]
