from . import (
    archive,
    chapter_content,
    claims_page,
    code_markup,
    comparison,
    content_differences,
    differences,
    execution,
    failing_cell,
    folders,
    grid,
    growing_pages,
    index_sentences,
    kept_notebooks,
    lab_server,
    manifest,
    notebook_copies,
    out_folder,
    pages,
    parallel_axes,
    private_paths,
    progress_bar,
    reading_aids,
    report_facts,
    reports,
    rules,
    run_request,
    run_rows,
    search_entries,
    stand_in,
    sweep,
    sweep_cluster,
    sweep_page,
    verification,
    worker,
)
from .archive import zip_report as zip_report
from .comparison import compare_reports as compare_reports
from .execution import default_jobs as default_jobs
from .reports import run_report as run_report
from .run_request import make_request as make_request
from .sweep import run_sweep as run_sweep
from .verification import verify_report as verify_report
