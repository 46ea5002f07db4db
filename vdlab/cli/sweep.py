"""`vdlab sweep`: one chapter over a grid of values and clips."""

from pathlib import Path

from ..base.errors import ParameterError
from ..base.terminal import say
from .chapter_options import RUN, command_line, given_knobs, rated_clip, several, short, slug
from .command import value, verb


def run_grid(options, argv) -> int:
    """Run the grid and write the page that compares its runs."""
    from .. import runner
    from ..runner import grid, manifest, run_rows, sweep_page
    from ..runner.progress_bar import counted_bar

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
    clips = [rated_clip(c, options.fps) for c in clips] if options.clips and options.fps is not None else clips
    wanted = grid.grid_points(options.chapter, options.grid, clips=clips, **given_knobs(options))
    name = slug(clips[0]) if len(clips) == 1 else f"{len(clips)}-clips"
    out = options.out or Path("reports") / f"{name}-{short(wanted[0].request.chapters[0])}-sweep"
    with counted_bar(len(wanted), "run") as (_, ended):
        twice = lambda end: end["failure"] and f"failed twice: {end['failure']}"
        done = runner.run_sweep(
            wanted,
            out=out,
            **{name: getattr(options, name) for name in ("scheduler", "workers", "limit")},
            memory=options.memory * 1e9,
            goal=options.best,
            command=command_line(argv),
            tell=lambda point, end: ended(point.name, twice(end), end.get("seconds", 0)),
        )
    failed = sum(bool(end.get("failure")) for end in done.values())
    if failed:
        say(f"vdlab: {failed} of {len(done)} runs failed; the same command tries them again.")
    rows = run_rows.read_rows(out, manifest.read_sweep(out))
    if said := sweep_page.verdict(rows, options.best):
        say(f"best: {said}")
    for name in sweep_page.idle(rows):
        say(f"{name} changes no recorded number; the runs' figures show what it does")
    print(out / "index.html")
    return 1 if failed else 0


add = verb(
    "sweep",
    run_grid,
    "run one chapter over a grid of values and clips, and compare the runs on one page",
    "examples:\n  vdlab sweep 01 montage -g theta=10,20,30\n"
    "  vdlab sweep 04 -g seed=0,1,2 -g novelty=0.1,0.2 --best 'min:distance of frames'\n"
    "  vdlab sweep 01 --clips 'holiday/*.mp4' --workers 4 --memory 2\n"
    "  vdlab sweep 04 -g seed=0,1,2,3 --scheduler tcp://10.0.0.5:8786\n\n"
    "Without --scheduler the runs share this machine. With it they go to your own Dask workers, which need the same "
    "vdlab and "
    "see the same folders (start them with --nthreads 1). Repeating the command runs only what is not finished.\n\n"
    "exit code: 0 all runs finished, 1 one failed twice, 2 bad input",
    value("chapter", "CHAPTER", "a chapter's number or name: 1, 01, keyframes"),
    *RUN,
    value(
        "-g",
        "NAME=A,B,…",
        "values that a knob takes in turn; may be given again: every combination is run",
        **several("grid"),
    ),
    value(
        "--clips",
        "PATTERN",
        "run on all of these instead of CLIP: 'folder/*.mp4', a file, a built-in clip's name; may be given again",
        **several("clips"),
    ),
    value(
        "--scheduler",
        "ADDRESS",
        "your own Dask scheduler, such as tcp://10.0.0.5:8786 (default: a cluster on this machine)",
        default="",
    ),
    value("--workers", "N", "runs at a time on this machine (default: as many as cores and memory allow)", int, 0),
    value("--memory", "GB", "memory that one run may take on this machine (default: its share)", float, 0),
    value(
        "--best",
        "min:NAME",
        "which number decides, and which way: min:NAME or max:NAME (default: the first headline number in which the "
        "runs differ)",
        default="",
    ),
)
