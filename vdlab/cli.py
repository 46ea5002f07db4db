"""The command line: report, run, sweep, list, verify, lab. Bad input is one sentence on standard error and exit code 2."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import shlex
import sys
from pathlib import Path

import shtab

from . import __version__
from .base.errors import ParameterError, VdlabError, refused_by_system
from .base.interrupts import interruptible
from .base.terminal import visible, visible_output

DESCRIPTION = "One video clip in; measured chapters on generative video out, as offline HTML."
EXAMPLES = """examples:
  vdlab report                            every chapter on the built-in clip 'bikes'
  vdlab report holiday.mp4 --jobs 2       on your own clip, two chapters at a time
  vdlab report frames/ --chapters 1-2     on a folder of images, chapters 01 and 02 only
  vdlab report frames/ --fps 10           … taken at 10 a second (25 if nobody says); frames@10 says the same
  vdlab run 01 holiday.mp4 -p theta=30    one chapter, one knob turned
  vdlab sweep 01 -g theta=10,20,30        a grid of runs, and one page that compares them
  vdlab list                              chapters, their knobs, past reports
  vdlab verify reports/bikes              run a report again and say what differs
  vdlab lab                               step through your own copies of the notebooks in JupyterLab
"""


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return 0 when all went well, 1 when a chapter failed, 2 for bad input, 130 when
    interrupted, 128 + N when ended by signal N.
    """
    argv = sys.argv[1:] if argv is None else argv
    parser = _parser()
    options, rest = parser.parse_known_args(argv)
    if options.do is _lab:  # everything else is for JupyterLab
        options.rest = [w for w in rest if w != "--"]
    elif rest:
        parser.error(_unknown(parser, rest[0]))
    try:
        with interruptible(), visible_output():
            if getattr(options, "fps", None) is not None and not getattr(options, "clips", None):
                options.clip = _rated(options.clip, options.fps)
            return options.do(options, argv)
    except VdlabError as error:
        for line in str(error).split("\n"):
            print(f"vdlab: {visible(line)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stop:
        again = {_report: " with --resume", _one: " with --resume", _sweep: ""}.get(options.do)
        on = "" if again is None else f"; the same command{again} goes on from what is finished"
        print(f"vdlab: interrupted{on}.", file=sys.stderr)
        return getattr(stop, "code", 130)
    except BrokenPipeError:  # the reader of our output went away: `vdlab list | head`
        sys.stdout = None
        return 0
    except (OSError, MemoryError) as error:
        print(f"vdlab: {refused_by_system(error)}", file=sys.stderr)
        return 2


def _report(options, argv) -> int:
    from .runner.run_request import make_request

    out = options.out or Path("reports") / _slug(options.clip)
    wanted = make_request(
        options.clip, chapters=options.chapters, assignments=options.set, preset=options.preset or "", file=options.file
    )
    if options.anonymize:
        wanted = make_request(
            _anonymized(options.clip, out),
            chapters=options.chapters,
            assignments=options.set,
            preset=options.preset or "",
            file=options.file,
        )
    return _run(wanted, options, argv, out=out)


def _anonymized(clip: str, out: Path) -> str:
    """Write the clip without faces and metadata beside the report, audited, and return its path."""
    from . import privacy
    from .video import sample_clips

    target = out.with_name(f"{out.name}-anonymized.mp4")
    done = privacy.anonymize(sample_clips.find_clip(clip), target, when_none="write", audits=3)
    faces = f"{len(done.tracks)} faces covered" if done.tracks else "no face found; its metadata was removed"
    print(f"{target.name}: {faces}, none seen in {done.frames} frames", file=sys.stderr)
    for line in done.lost:
        print(f"{target.name}: without {line}", file=sys.stderr)
    return str(target)


def _one(options, argv) -> int:
    from .runner.run_request import make_request

    wanted = make_request(
        options.clip, chapters=options.chapter, assignments=options.set, preset=options.preset or "", file=options.file
    )
    return _run(
        wanted,
        options,
        argv,
        out=options.out or Path("reports") / f"{_slug(options.clip)}-{_short(wanted.chapters[0])}",
    )


def _run(wanted, options, argv, *, out: Path) -> int:
    from . import runner

    if options.jobs < 1 or options.limit <= 0:
        raise ParameterError("--jobs is at least 1, and --limit more than 0 seconds.")
    chapters = runner.run_report(
        wanted, out=out, jobs=options.jobs, limit=options.limit, resume=options.resume, command=_command(argv)
    )
    failed = [c for c in chapters if c.failure]
    for chapter in failed:
        print(f"vdlab: {chapter.name} failed at {chapter.heading!r}: {visible(chapter.failure)}", file=sys.stderr)
    print(out / "index.html")
    return 1 if failed else 0


def _sweep(options, argv) -> int:
    from tqdm import tqdm

    from . import runner
    from .runner import grid, manifest, run_rows, sweep_page

    if options.workers < 0 or not options.memory >= 0 or not options.limit > 0:
        raise ParameterError("--workers and --memory are not negative, and --limit is more than 0 seconds.")
    if options.scheduler and (options.workers or options.memory):
        raise ParameterError(
            "--workers and --memory are for the local cluster; the workers at --scheduler have their own."
        )
    if options.clips and options.clip != "bikes":
        raise ParameterError(f"give either CLIP ({options.clip}) or --clips, which may name it too.")
    sweep_page.parse_goal(options.best)
    clips = grid.expand_clips(options.clips or [options.clip])
    clips = [_rated(c, options.fps) for c in clips] if options.clips and options.fps is not None else clips
    wanted = grid.grid_points(
        options.chapter,
        options.grid,
        clips=clips,
        assignments=options.set,
        preset=options.preset or "",
        file=options.file,
    )
    chapter = wanted[0].request.chapters[0]
    out = (
        options.out
        or Path("reports") / f"{_slug(clips[0]) if len(clips) == 1 else f'{len(clips)}-clips'}-{_short(chapter)}-sweep"
    )
    with tqdm(
        total=len(wanted),
        unit="run",
        disable=not sys.stderr.isatty(),
        bar_format="{bar:24} {n}/{total} runs, {elapsed}",
    ) as bar:

        def tell(point, end):
            state = f"failed twice: {end['failure']}" if end["failure"] else "done"
            tqdm.write(
                f"{'✘' if end['failure'] else '✔'} {point.name} {state} ({end.get('seconds', 0):.0f} s)",
                file=sys.stderr,
            )
            bar.update()

        ended = runner.run_sweep(
            wanted,
            out=out,
            scheduler=options.scheduler,
            workers=options.workers,
            memory=options.memory * 1e9,
            limit=options.limit,
            goal=options.best,
            command=_command(argv),
            tell=tell,
        )
    failed = sum(bool(end.get("failure")) for end in ended.values())
    if failed:
        print(f"vdlab: {failed} of {len(ended)} runs failed; the same command tries them again.", file=sys.stderr)
    rows = run_rows.read_rows(out, manifest.read_sweep(out))
    if said := sweep_page.verdict(rows, options.best):
        print(f"best: {said}", file=sys.stderr)
    for name in sweep_page.idle(rows):
        print(f"{name} changes no recorded number; the runs' figures show what it does", file=sys.stderr)
    print(out / "index.html")
    return 1 if failed else 0


def _command(argv) -> str:
    from .runner.private_paths import command_of_names

    return "vdlab " + " ".join(map(shlex.quote, command_of_names(argv)))


def _list(options, argv) -> int:
    from .report import parameters
    from .runner import report_facts, sweep
    from .video import sample_clips

    names = [parameters.notebook_path(c).stem for c in options.chapters] or parameters.chapter_names()
    known, wrong = {}, {}
    for name in names:
        try:
            known[name] = parameters.declared_parameters(parameters.notebook_path(name))
        except ParameterError as error:  # a chapter that somebody has changed: the others are listed all the same
            wrong[name] = str(error)
    past, sweeps = (
        ([], [])
        if options.chapters
        else (report_facts.past_reports(options.reports), sweep.past_sweeps(options.reports))
    )
    if options.json:
        knobs = {
            n: {
                p.name: {"type": p.type.__name__, "default": p.default, "allowed": p.allowed, "help": p.help}
                for p in k.values()
            }
            for n, k in known.items()
        }
        print(
            json.dumps(
                {
                    "chapters": knobs,
                    "unreadable": wrong,
                    "clips": list(sample_clips.NAMES),
                    "reports": {
                        name: {
                            "clip": run["clip"]["name"],
                            "started": run["started"],
                            "chapters": list(run["chapters"]),
                        }
                        for name, run, _ in past
                    },
                    "sweeps": {
                        name: {"chapter": s["chapter"], "done": s["done"], "of": len(s["points"]), "best": s["verdict"]}
                        for name, s in sweeps
                    },
                },
                indent=1,
                ensure_ascii=False,
            )
        )
        return 0
    for name in names:
        print(f"\n{name}")
        if name in wrong:
            print(f"  ✘ {wrong[name]}")
        for p in known.get(name, {}).values():
            print(f"  {p.name:<12} {p.default!r:<14} {p.help}  [{p.allowed}]")
    if options.chapters:
        return 0
    print(f"\nbuilt-in clips: {', '.join(sample_clips.NAMES)}")
    print(f"\nreports in {options.reports}/" + ("" if past or sweeps else ": none yet; `vdlab report` makes one"))
    for name, run, metrics in past:
        print(
            f"  {name}  {run['clip']['name']}, {len(run['chapters'])} chapters, {run['seconds']:.0f} s, {run['started'][:16]}"
        )
        for r in (r for chapter in metrics["chapters"].values() for r in chapter["records"] if r["headline"]):
            print(f"      {r['name']}: {parameters.plain(r['value'])} {r['unit']}".rstrip())
    for name, state in sweeps:
        print(
            f"  {name}  sweep of {state['chapter']}, {state['done']} of {len(state['points'])} runs, {state['started'][:16]}"
        )
        if state["verdict"]:
            print(f"      {state['verdict']}")
    return 0


def _verify(options, argv) -> int:
    from .runner.verification import verify_report

    if options.jobs < 0 or not options.tolerance >= 0:
        raise ParameterError("--jobs and --tolerance are not negative.")
    against = verify_report(
        options.folder,
        clip=options.clip,
        jobs=options.jobs,
        tolerance=options.tolerance,
        again=not options.files_only,
        notebooks=options.notebooks,
    )
    if against:
        print(f"vdlab: {len(against)} differences, the first: {visible(str(against[0]))}", file=sys.stderr)
    return 1 if against else 0


def _lab(options, argv) -> int:
    """Become JupyterLab, so that whoever ends this process ends the server and its kernels with it."""
    from .runner.notebook_copies import copy_chapters

    folder = options.folder.expanduser()
    found = copy_chapters(folder, update=options.update)
    for names, said in (
        (found.new, "put there"),
        (found.updated, "brought up to date"),
        (found.outdated, "older than this kit's: --update renews those that you have not changed"),
        (found.beside, "laid beside a chapter that you have changed"),
    ):
        if names:
            print(f"{folder}: {', '.join(names)}: {said}", file=sys.stderr)
    words = [
        sys.executable,
        "-m",
        "jupyterlab",
        str(folder),
        # No news: nothing here asks a network
        f"--LabApp.app_settings_dir={Path(__file__).parent / 'runner' / 'templates' / 'jupyterlab'}",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")
    words += options.rest
    if os.name != "nt":
        sys.stderr.flush()
        os.execv(words[0], words)
    import subprocess

    return subprocess.call(words)


def _unknown(parser, word: str) -> str:
    """What to say of an option that no command knows, with the nearest that one does."""
    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction)).choices.values()
    near = difflib.get_close_matches(word.split("=")[0], {o for c in commands for o in c._option_string_actions}, 1)
    return f"there is no option or argument {word}" + (f"; did you mean {near[0]}?" if near else "")


def _short(chapter: str) -> str:
    return chapter[:2] if chapter[:2].isdigit() and chapter[2:3] == "_" else chapter


def _rated(clip: str, fps: str) -> str:
    """Return a clip's name with the rate of --fps, as `sample_clips.find_clip` reads it.

    Raises `VideoError` for a video.
    """
    from .video import sample_clips
    from .video.container import rated

    return sample_clips.spelled(rated(sample_clips.find_clip(clip), fps))


def _slug(clip: str) -> str:
    """Return a folder name for a clip's report: its name without extension, with nothing a shell or a browser trips
    over.
    """
    path = Path(clip).expanduser().resolve()
    stem = path.name if path.is_dir() or "@" in path.name and not path.exists() else path.stem
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in stem)[:80].strip("-.") or "clip"


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="vdlab", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=raw)
    parser.add_argument("--version", action="version", version=f"vdlab {__version__}")
    shtab.add_argument_to(
        parser,
        "--print-completion",
        help='print what a shell needs to complete commands: eval "$(vdlab --print-completion bash)"',
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name, do, summary, epilog):
        sub = commands.add_parser(
            name, help=summary, description=summary[0].upper() + summary[1:] + ".", epilog=epilog, formatter_class=raw
        )
        sub.set_defaults(do=do)
        return sub

    def running(sub, *, each="chapter"):
        sub.add_argument(
            "clip",
            nargs="?",
            default="bikes",
            metavar="CLIP",
            help="a video file, a folder of images, or a built-in clip's name (default: bikes)",
        )
        sub.add_argument(
            "--fps",
            default=None,
            metavar="RATE",
            help="frames a second of a folder of images or a TIFF's pages: 10, 30000/1001 (default: 25)",
        )
        sub.add_argument("--out", type=Path, metavar="DIR", help="the report's folder (default: reports/NAME)")
        sub.add_argument(
            "--preset", choices=("quick", "full"), help="quick for two CPU cores, full for a GPU or a patient reader"
        )
        sub.add_argument(
            "-p",
            dest="set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="turn a knob in every chapter that has it, or CHAPTER.NAME=VALUE in one; may be given again",
        )
        sub.add_argument(
            "-f",
            dest="file",
            default="",
            metavar="FILE",
            help="a YAML or JSON file of parameters: `theta: 30`, or `04: {seed: 7}`; -p counts for more",
        )
        sub.add_argument(
            "--limit", type=float, default=900, metavar="SECONDS", help="the longest one cell may take (default: 900)"
        )
        if each == "chapter":
            sub.add_argument(
                "--jobs", type=int, default=1, metavar="N", help="chapters at a time; they share the cores (default: 1)"
            )
            sub.add_argument(
                "--resume", action="store_true", help="go on from the last finished chapter of an interrupted run"
            )

    sub = command(
        "report",
        _report,
        "run the chapters on a clip and write an offline report",
        "examples:\n  vdlab report holiday.mp4 --chapters 1-4 -p 04.seed=7\n  vdlab report --resume\n\nexit code: 0 all chapters ran, 1 one failed, 2 bad input",
    )
    running(sub)
    sub.add_argument(
        "--chapters", default="", metavar="LIST", help="such as 1-4,07,mine.ipynb (default: all of the kit's)"
    )
    sub.add_argument(
        "--anonymize",
        action="store_true",
        help="first hide faces and strip metadata (kept beside the report as NAME-anonymized.mp4); every chapter sees only that",
    )
    sub = command(
        "run",
        _one,
        "run one chapter and write its page",
        "examples:\n  vdlab run 01 montage -p theta=30\n  vdlab run mine.ipynb holiday.mp4 -f params.yaml",
    )
    sub.add_argument(
        "chapter",
        metavar="CHAPTER",
        help="a chapter's number or name (1, 01, keyframes), or a notebook of your own (mine.ipynb)",
    )
    running(sub)
    sub = command(
        "sweep",
        _sweep,
        "run one chapter over a grid of values and clips, and compare the runs on one page",
        "examples:\n  vdlab sweep 01 montage -g theta=10,20,30\n  vdlab sweep 04 -g seed=0,1,2 -g novelty=0.1,0.2 --best 'min:distance of frames'\n"
        "  vdlab sweep 01 --clips 'holiday/*.mp4' --workers 4 --memory 2\n  vdlab sweep 04 -g seed=0,1,2,3 --scheduler tcp://10.0.0.5:8786\n\n"
        "Without --scheduler the runs share this machine. With it they go to your own Dask workers, which need the same vdlab and\n"
        "see the same folders (start them with --nthreads 1). Repeating the command runs only what is not finished.\n\n"
        "exit code: 0 all runs finished, 1 one failed twice, 2 bad input",
    )
    sub.add_argument("chapter", metavar="CHAPTER", help="a chapter's number or name: 1, 01, keyframes")
    running(sub, each="run")
    sub.add_argument(
        "-g",
        dest="grid",
        action="append",
        default=[],
        metavar="NAME=A,B,…",
        help="values that a knob takes in turn; may be given again: every combination is run",
    )
    sub.add_argument(
        "--clips",
        action="append",
        default=[],
        metavar="PATTERN",
        help="run on all of these instead of CLIP: 'folder/*.mp4', a file, a built-in clip's name; may be given again",
    )
    sub.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="your own Dask scheduler, such as tcp://10.0.0.5:8786 (default: a cluster on this machine)",
    )
    sub.add_argument(
        "--workers",
        type=int,
        default=0,
        metavar="N",
        help="runs at a time on this machine (default: as many as cores and memory allow)",
    )
    sub.add_argument(
        "--memory",
        type=float,
        default=0,
        metavar="GB",
        help="memory that one run may take on this machine (default: its share)",
    )
    sub.add_argument(
        "--best",
        default="",
        metavar="min:NAME",
        help="which number decides, and which way: min:NAME or max:NAME (default: the first headline number in which the runs differ)",
    )
    sub = command(
        "list",
        _list,
        "list chapters with their parameters, and past reports with their numbers",
        "examples:\n  vdlab list 04\n  vdlab list --json",
    )
    sub.add_argument("chapters", nargs="*", metavar="CHAPTER", help="only these chapters: a number or a name")
    sub.add_argument("--json", action="store_true", help="the same for programs")
    sub.add_argument(
        "--reports", type=Path, default=Path("reports"), metavar="DIR", help="where reports are (default: reports)"
    )
    sub = command(
        "verify",
        _verify,
        "prove a report: check its files, run it again, say what differs",
        "examples:\n  vdlab verify reports/bikes\n  vdlab verify reports/holiday --clip /media/holiday.mp4 --tolerance 0.001\n\n"
        "exit code: 0 identical or within the tolerance, 1 differs, 2 bad input",
    )
    sub.add_argument("folder", type=Path, metavar="REPORT", help="the report's folder")
    sub.add_argument(
        "--tolerance",
        type=float,
        default=0.0,
        metavar="X",
        help="largest relative difference of a number, plot, picture or clip that is accepted (default: 0, byte for byte)",
    )
    sub.add_argument(
        "--clip",
        default="",
        metavar="CLIP",
        help="where the clip is now, if not built in, here or beside the report; its SHA-256 decides",
    )
    sub.add_argument(
        "--jobs", type=int, default=0, metavar="N", help="chapters at a time (default: as the report's own run)"
    )
    sub.add_argument(
        "--notebook",
        dest="notebooks",
        action="append",
        default=[],
        metavar="PATH",
        help="where a notebook of the report is that is not the kit's; only those named here are run; may be given again",
    )
    sub.add_argument("--files-only", action="store_true", help="check the report's own files and run nothing")
    sub = command(
        "lab",
        _lab,
        "put the chapters into a folder of your own and open JupyterLab there",
        "examples:\n  vdlab lab                                the folder vdlab-lab, made if need be\n  vdlab lab . --no-browser --port 8899     here; further options are JupyterLab's",
    )
    sub.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("vdlab-lab"),
        metavar="DIR",
        help="the folder (default: vdlab-lab); your clips and reports in it are at hand",
    )
    sub.add_argument(
        "--update",
        action="store_true",
        help="renew chapters that are older than this kit's and that you have not changed",
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
