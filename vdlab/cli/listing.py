"""`vdlab list`: chapters with their knobs, built-in clips, past reports and sweeps."""

import json
from pathlib import Path

from ..base.errors import ParameterError
from .command import flag, value, verb


def list_all(options, argv) -> int:
    """Print what there is, for people or as JSON."""
    from ..report import parameters
    from ..runner import report_facts, sweep
    from ..video import sample_clips

    names = [parameters.notebook_path(c).stem for c in options.chapters] or parameters.chapter_names()
    known, wrong = {}, {}
    for name in names:
        try:
            known[name] = parameters.declared_parameters(parameters.notebook_path(name))
        except ParameterError as error:  # a chapter that somebody has changed: the others are listed all the same
            wrong[name] = str(error)
    past = [] if options.chapters else report_facts.past_reports(options.reports)
    sweeps = [] if options.chapters else sweep.past_sweeps(options.reports)
    if options.json:
        knob = lambda p: {"type": p.type.__name__, "default": p.default, "allowed": p.allowed, "help": p.help}
        told = {
            "chapters": {n: {p.name: knob(p) for p in k.values()} for n, k in known.items()},
            "unreadable": wrong,
            "clips": list(sample_clips.NAMES),
            "reports": {
                name: {"clip": run["clip"]["name"], "started": run["started"], "chapters": list(run["chapters"])}
                for name, run, _ in past
            },
            "sweeps": {
                name: {"chapter": s["chapter"], "done": s["done"], "of": len(s["points"]), "best": s["verdict"]}
                for name, s in sweeps
            },
        }
        print(json.dumps(told, indent=1, ensure_ascii=False))
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
            f"  {name}  {run['clip']['name']}, {len(run['chapters'])} "
            f"chapter{'s' * (len(run['chapters']) != 1)}, {run['seconds']:.0f} s, "
            f"{run['started'][:16]}"
        )
        for r in (r for chapter in metrics["chapters"].values() for r in chapter["records"] if r["headline"]):
            print(f"      {r['name']}: {parameters.plain(r['value'])} {r['unit']}".rstrip())
    for name, state in sweeps:
        print(
            f"  {name}  sweep of {state['chapter']}, {state['done']} of {len(state['points'])} runs, "
            f"{state['started'][:16]}"
        )
        if state["verdict"]:
            print(f"      {state['verdict']}")
    return 0


add = verb(
    "list",
    list_all,
    "list chapters with their parameters, and past reports with their numbers",
    "examples:\n  vdlab list 04\n  vdlab list --json",
    value("chapters", "CHAPTER", "only these chapters: a number or a name", nargs="*"),
    flag("--json", "the same for programs"),
    value("--reports", "DIR", "where reports are (default: reports)", Path, Path("reports")),
)
