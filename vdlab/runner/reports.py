"""A report: every chapter run on one clip, each its own page, one index, and nothing half-written.

A chapter that fails costs only itself: the others run, and the index says at its top what failed and why. What varies
from run to run (durations, memory, dates) goes to run.json and timing.js, never into a page or metrics.json.
"""

import json
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from datetime import datetime, timezone
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import nbformat

from .. import video
from ..base.errors import VdlabError, VideoError
from ..base.files import replace_text
from ..base.open_files import allow_open_files
from ..base.terminal import visible
from ..report import parameters
from ..video import sample_clips
from . import chapter_content, kept_notebooks, manifest
from .execution import execute_notebook, kernel_environment, kill_kernels
from .folders import growing_folder
from .growing_pages import GrowingPages, clip_strip, cover_of
from .private_paths import in_all_text, name_of_value, names_only, private_folders, without_folders
from .progress_bar import report_progress
from .report_facts import _machine, package_versions, report_manifest
from .run_request import RunRequest
from .stand_in import hold_place

LONGEST = "04_generation", "10_diffusion"


def run_report(
    wanted: RunRequest,
    *,
    out: Path,
    jobs: int = 1,
    limit: float = 900,
    resume: bool = False,
    notebooks: bool = True,
    command: str = "",
) -> list[chapter_content.Chapter]:
    """Run `wanted` and write the report folder `out`; return the chapters, a failed one with its reason.

    `jobs` chapters at a time; `limit` is the longest a cell may take, in seconds; with `notebooks` the report keeps
    them as they ran. Raises `VdlabError` when the folder cannot be written, is being written by another run, or holds
    an unfinished run of something else.
    """
    allow_open_files()
    out = Path(os.path.realpath(out))
    path = sample_clips.find_clip(wanted.clip)
    info = video.probe(path)
    plan = {
        "clip": info.sha256,
        "parameters": wanted.parameters,
        "chapters": wanted.chapters,
        "notebooks": {n: video.sha256(wanted.notebook(n)) for n in wanted.chapters},
    }
    with growing_folder(out, plan, resume=resume, clip=path) as partial, hold_place(out, partial) as followed:
        started = datetime.now(timezone.utc)
        given = (v for p in wanted.parameters.values() for v in p.values() if isinstance(v, str) and os.path.exists(v))
        private = private_folders(wanted.clip, path, out, *wanted.own.values(), *given)
        shown = GrowingPages(partial, out.name, wanted, info, clip_strip(path))
        with (
            kernel_environment(folder=partial, own=bool(wanted.own)),
            report_progress(wanted.chapters) as tell,
            ThreadPoolExecutor(jobs) as pool,
        ):
            shown.write_so_far([], followed=followed)
            if followed and len(wanted.chapters) > 1:
                print(f"  {out.name}/index.html can be opened now and fills as chapters finish", file=sys.stderr)
            stopped = Event()

            def said(*what, **more):
                if not stopped.is_set():  # a chapter whose kernel is killed by an interrupt has not failed
                    tell(*what, **more)

            futures = {
                n: pool.submit(_chapter, n, wanted, partial, limit, said, private, notebooks)
                for n in _longest_early(wanted.chapters)
            }
            try:
                for _ in as_completed(futures.values()):
                    finished = {n: f for n, f in futures.items() if f.done()}
                    so_far = [finished[n].result()[0] for n in wanted.chapters if n in finished]
                    shown.write_so_far(so_far, followed=followed)
                done = [futures[n].result() for n in wanted.chapters]
            except KeyboardInterrupt:
                stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                kill_kernels()
                raise
        chapters = [c for c, _ in done]
        if video.sha256(path) != info.sha256:
            raise VideoError(
                f"{path.name}: the clip changed while the chapters read it, so that they may have seen two. "
                "Nothing was written; run it again when the file is whole."
            )
        shown.write_all(chapters)
        how = {"command": command, "name": out.name, "jobs": jobs, "limit": limit}
        _write_numbers(partial, wanted, info, chapters, [m for _, m in done], started, how)
        for leftover in ("work", "records", "covers"):
            shutil.rmtree(partial / leftover, ignore_errors=True)
    return chapters


def _longest_early(chapters: tuple[str, ...]) -> list[str]:
    """The order in which chapters start: the first, so that there is soon something to read, then those that take
    longest, so that none of them runs on alone at the end.
    """
    return sorted(chapters, key=lambda n: (n != chapters[0], LONGEST.index(n) if n in LONGEST else len(LONGEST)))


def _chapter(
    name: str, wanted: RunRequest, partial: Path, limit: float, tell, private: list[str], keep: bool
) -> tuple[chapter_content.Chapter, dict]:
    """Run one chapter, or take it from an earlier, interrupted run; return its page's content and its measurements."""
    path, values = wanted.notebook(name), wanted.parameters[name]
    kept, hide = partial / "work" / f"{name}.json", lambda text: without_folders(text, private)
    if kept.exists():
        state = manifest.read_finished(kept)
    else:
        tell(name, "starting")
        end = execute_notebook(path, values, limit=limit, on_cell=lambda heading: tell(name, heading))
        memory = partial / "records" / f"{name}.memory"
        timed = [c for c in end.notebook.cells if "timing" in c.metadata.get("tags", [])]
        printed = (o for c in timed for o in c.outputs if o.output_type == "stream" and o.name == "stdout")
        shown = lambda c: (o.data.get("text/html", "") for o in c.outputs if o.output_type == "display_data")
        measured = {c.id: hide("".join(shown(c))) for c in timed}
        state = dict(
            notebook=nbformat.writes(in_all_text(end.notebook, hide)),
            failure=visible(names_only(end.failure, private)),
            heading=end.heading,
            place=visible(names_only(end.place, private)),
            seconds=end.seconds,
            peak_mb=int(memory.read_text()) / 1024 if memory.exists() else None,
            timing=names_only("".join(o.get("text", "") for o in printed), private),
            measured={k: v for k, v in measured.items() if v},
        )
        if not end.failure:
            replace_text(kept, json.dumps(state))
        tell(name, None, failure=state["failure"], seconds=end.seconds)
    told = {}
    try:
        if os.path.lexists(records := partial / "records" / f"{name}.json"):
            told = in_all_text(manifest.read_records(records), hide)
    except VdlabError as error:  # a notebook that writes there itself
        state["failure"] = state["failure"] or str(error)
    notebook = nbformat.reads(state["notebook"], 4)
    if keep:
        kept_notebooks.keep_notebook(partial, name, notebook, _shown(values))
    ended = {k: state.get(k, "") for k in ("failure", "heading", "place")}
    known: dict[str, Any] = dict(declared=parameters.declared_parameters(path), parameters=_shown(values), records=told)
    chapter = chapter_content.describe_chapter(name, notebook, **known, **ended, cover=hide(cover_of(partial, name)))
    return chapter, {k: state[k] for k in ("seconds", "peak_mb", "timing", "measured")}


def _write_numbers(partial, wanted, info, chapters, measured, started, how) -> None:
    clip = {k: str(v) if isinstance(v, Fraction) else v for k, v in asdict(info).items()}
    values = {n: _shown(p) for n, p in wanted.parameters.items()}
    metrics = {
        "clip": clip,
        "chapters": {
            c.name: {"failure": c.failure, "parameters": values[c.name]}
            | {kind: c.records.get(kind, []) for kind in ("records", "claims")}
            for c in chapters
        },
    }
    times = {c.name: m for c, m in zip(chapters, measured)}
    ended = datetime.now(timezone.utc)
    replace_text(partial / "metrics.json", json.dumps(metrics, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    source = wanted.clip if wanted.clip in sample_clips.NAMES else Path(wanted.clip).name
    run = {
        **how,
        "source": source,
        "clip": clip,
        "chapters": list(wanted.chapters),
        "parameters": values,
        "versions": package_versions(),
        "notebooks": {n: video.sha256(wanted.notebook(n)) for n in wanted.chapters},
        "files": report_manifest(partial),
        "machine": _machine(),
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((ended - started).total_seconds(), 1),
        "times": {
            n: {"seconds": round(m["seconds"], 1), "peak_mb": m["peak_mb"] and round(m["peak_mb"]), "said": m["timing"]}
            for n, m in times.items()
        },
    }
    replace_text(partial / "run.json", json.dumps(run, indent=1, ensure_ascii=False) + "\n")
    lines = [
        f"{n:<16} {m['seconds']:7.1f} s   peak {m['peak_mb'] or 0:6.0f} MB\n"
        + "".join(f"    {t}\n" for t in m["timing"].splitlines())
        for n, m in times.items()
    ]
    head = f"{run['seconds']:.1f} s in all, {run['machine']}, {how['jobs']} chapter(s) at a time, {run['started']}\n"
    text = head + "".join(lines)
    # Figures of measured times: the pages have only places for them
    shown = {n: m["measured"] for n, m in times.items() if m["measured"]}
    script = f"window.vdlabTiming = {json.dumps(text)};\nwindow.vdlabMeasured = {json.dumps(shown)};\n"
    replace_text(partial / "timing.js", script)


def _shown(values: dict) -> dict:
    """The parameters as a report states them."""
    return {k: Path(v).name if k == "clip" else in_all_text(v, name_of_value) for k, v in values.items()}
