"""A report proved: its own files against the table that its run kept, then the run itself a second time.

The clip is found by its SHA-256, wherever it lies now; parameters, limit and number of jobs come from run.json. What
differs is listed, each with its place and its size (`vdlab.runner.differences`), versions first. A tolerance judges
numbers, plots, pictures and clips of another machine; a file that is not what its own run wrote is never within it.
"""

import html
import os
import shlex
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from .. import video
from ..base.errors import VdlabError
from ..base.files import sha256_of
from ..base.received import plain_file, read_received
from ..base.terminal import visible
from ..report import claim_rules, parameters
from ..video import sample_clips
from . import differences, manifest, pages, report_facts, reports
from .differences import Difference
from .execution import default_jobs
from .private_paths import in_all_text, name_of_value
from .run_request import RunRequest


def verify_report(
    folder: Path,
    *,
    clip: str = "",
    jobs: int = 0,
    tolerance: float = 0.0,
    again: bool = True,
    notebooks: Sequence[str] = (),
    say: Callable[[str], None] = print,
) -> list[Difference]:
    """Check the report in `folder`, run it a second time if `again`, `say` what was found; return what is wrong.

    `clip` is a place to look for the clip first; `notebooks` are the paths of those that are not the kit's own, which
    are run only where the caller names them: a report from a stranger runs nothing of the stranger's. `jobs` chapters
    run at a time (0: as the first run did, as far as this machine's memory reaches). Raises `VdlabError` for what is no
    report, for a clip that is nowhere to be found, and for parameters that the notebooks no longer take.
    """
    folder, run = Path(os.path.realpath(folder)), manifest.read_run(Path(folder))
    found: list[Difference] = []

    def tell(some) -> None:
        for difference in some:
            say(visible(f"{difference}{' [within the tolerance]' if difference.size <= tolerance > 0 else ''}"))
            found.append(difference)

    own = {parameters.name_of(path): str(path) for path in map(parameters.notebook_path, notebooks)}
    tell(changed_versions(run, own))
    tell(broken := tampered_files(folder, run))
    if not broken:
        say(f"the report's {len(run['files'])} files are those that its run wrote.")
    foreign = [n for n in run["chapters"] if n not in own and n not in parameters.chapter_names()]
    if again and foreign:
        raise VdlabError(
            f"the report has notebooks that are not the kit's: {', '.join(foreign)}. To run them again, say where they "
            "are with --notebook PATH; --files-only checks the report without running anything."
        )
    if again:
        source, others = locate_clip(run, folder, clip)
        tell(others)
        if source is not None:
            with tempfile.TemporaryDirectory(prefix="vdlab-verify-") as place:
                new = _second_run(run, own, source, Path(place), jobs)
                _forgive_versions(run, new)
                paths = {*run["files"], *report_facts.promised(folder), *report_facts.promised(new)}
                tell(differences.report_differences(folder, new, sorted(paths)))
            if not found:
                say("identical: the second run gave every page, number and artifact again, byte for byte.")
    return [d for d in found if not tolerance or d.size > tolerance]


def changed_versions(run: dict, own: dict[str, str]) -> list[Difference]:
    """Return every version and notebook that is not what the run had; none is a difference by itself (size 0)."""
    here = report_facts.package_versions()
    found = [
        Difference(f"version of {p}", f"{old} → {here.get(p, 'absent')}", 0.0)
        for p, old in run["versions"].items()
        if here.get(p, "absent") != old
    ]
    for name, digest in run["notebooks"].items():
        path = Path(own[name]) if name in own else parameters.NOTEBOOKS / f"{name}.ipynb"
        if not path.exists() or video.sha256(path) != digest:
            found.append(
                Difference(f"notebook {name}", "has changed since" if path.exists() else "is no longer there", 0.0)
            )
    return found


def tampered_files(folder: Path, run: dict) -> list[Difference]:
    """Return what is not as its run left it: files by their SHA-256, run.json by what the others repeat."""
    said, found = run["files"], []
    for path in sorted({*said, *report_facts.promised(folder)}):
        if path not in said:
            found.append(Difference(path, "was not written by the run"))
        elif not os.path.lexists(folder / path):
            found.append(Difference(path, "is missing"))
        elif not plain_file(folder, path):
            found.append(Difference(path, "is no plain file, and was not read"))
        elif (folder / path).stat().st_size > report_facts.MOST_BYTES:
            found.append(Difference(path, f"is larger than {report_facts.MOST_BYTES:,} bytes, and was not read"))
        elif sha256_of([folder / path]) != said[path]:
            found.append(Difference(path, "its bytes are not those that the run wrote"))
    try:
        metrics = manifest.read_metrics(folder)
        repeated = {"clip": metrics["clip"], **{n: c["parameters"] for n, c in metrics["chapters"].items()}}
        own = {"clip": run["clip"], **run["parameters"]}
        for name in dict.fromkeys([*own, *repeated]):
            a, b = own.get(name, {}), repeated.get(name, {})
            found += [
                Difference("run.json", f"{name}, {k}: {a.get(k)!r}, but metrics.json has {b.get(k)!r}")
                for k in dict.fromkeys([*a, *b])
                if a.get(k) != b.get(k)
            ]
        for name, claim in ((n, claim) for n, chapter in metrics["chapters"].items() for claim in chapter["claims"]):
            if (due := claim_rules.due_verdict(claim)) != claim["verdict"]:
                off = f"is said to be {claim['verdict']!r}, but its rule and numbers give {due!r}"
                found.append(Difference(f"metrics.json, {name}, claim {claim['text']!r}", off))
        index = read_received(folder / "index.html", most=differences.MOST_READ)
        if report_facts.format_versions(run["versions"]) not in html.unescape(index):
            found.append(Difference("run.json", "names other versions than index.html"))
    except VdlabError as error:
        found.append(Difference("metrics.json or index.html", f"cannot be read ({str(error).rstrip('.')})"))
    return found


def locate_clip(run: dict, folder: Path, given: str = "") -> tuple[str | None, list[Difference]]:
    """Find the run's clip by its SHA-256; return (name or path, []), or (None, what has its name but other bytes).

    Looked at, in this order: the built-in clip if that is what was asked for, `given`, then every place of its file
    name: the current folder, the path below it that the first run's command has, the report's folder and those above
    it; the other built-in clips last. Raises `VdlabError` when nothing of that name is anywhere.
    """
    wanted, name = run["clip"]["sha256"], run["clip"]["name"]
    words = [w for word in _words(run["command"]) for w in (word, word.rpartition("@")[0])]  # of "run7@10" too
    typed = [w for w in words if w and Path(w).name == name and not Path(w).is_absolute() and ".." not in Path(w).parts]
    built_in = [sample_clips.sample_path(run["source"])] if run["source"] in sample_clips.NAMES else []
    said, others = [sample_clips.find_clip(given)] if given else [], []
    for place in dict.fromkeys(
        [*built_in, *said, *map(Path, (*typed, name)), *(f / name for f in (folder, *folder.parents))]
    ):
        # Hashing a sparse file of terabytes does not end
        if folder in Path(os.path.realpath(place)).parents and _is_too_large(place):
            continue
        if place.exists() and (digest := _digest(place)) == wanted:
            return (run["source"] if place in built_in else str(place.resolve())), []
        if place.exists():
            off = f"SHA-256 {wanted[:12]}… → {digest[:12]}…: not the clip that the report was made from"
            others.append(Difference(f"clip {place.name}", off))
    inside = next((n for n in sample_clips.FROM_PACKAGE if _digest(sample_clips.sample_path(n)) == wanted), None)
    if inside:
        return str(sample_clips.sample_path(inside)), []
    if not others:
        raise VdlabError(
            f"the report's clip {name} (SHA-256 {wanted[:12]}…) is not in this folder, nor beside the report, nor "
            "built in; say where it is: --clip PATH."
        )
    return None, others[:1]


def _second_run(run: dict, own: dict[str, str], source: str, place: Path, jobs: int) -> Path:
    """Run the plan of `run` on the clip `source` into a folder under `place`; return that folder."""
    if source not in sample_clips.NAMES:  # the clip under the name it had, since pages show it
        (place / "clip").mkdir()
        link = place / "clip" / run["clip"]["name"]
        link.symlink_to(source)
        source = str(link) + (f"@{run['clip']['fps']}".replace("/", ":") if run["clip"].get("rate") == "stated" else "")
    values = {}
    for name in run["chapters"]:
        known = parameters.declared_parameters(own.get(name) or parameters.notebook_path(name))
        given = in_all_text(run["parameters"][name], _no_place) | ({"clip": source} if "clip" in known else {})
        values[name] = {k: p.default for k, p in known.items()} | parameters.check_values(known, given, where=name)
    out = place / "again" / run["name"]
    jobs = jobs or min(run["jobs"], default_jobs(len(run["chapters"])))
    kept = any(f"artifacts/{n}/{n}.ipynb" in run["files"] for n in run["chapters"])
    wanted, limit = RunRequest(source, tuple(run["chapters"]), values, own), run["limit"]
    reports.run_report(wanted, out=out, jobs=jobs, limit=limit, notebooks=kept, command="vdlab verify")
    return out


def _no_place(value: str) -> str:
    """Return a parameter's text. Raises `VdlabError` for a place on this machine, which a report states by its name."""
    if name_of_value(value) != value or value.startswith("~") or value.strip() in ("/", "\\", ".", ".."):
        raise VdlabError(
            f"run.json: the parameter {visible(value[:80])!r} is a place on this machine, and a report states only "
            "names. Nothing was run; --files-only checks the report's own files."
        )
    return value


def _forgive_versions(run: dict, new: Path) -> None:
    """Put the first run's versions into the second index: they were named already."""
    index = new / "index.html"
    now, then = (
        html.escape(report_facts.format_versions(versions), quote=False)
        for versions in (report_facts.package_versions(), run["versions"])
    )
    index.write_text(pages.sealed(index.read_text("utf8").replace(now, then)), "utf8")


def _is_too_large(place: Path) -> bool:
    files = [*place.iterdir()] if place.is_dir() else [place]
    return any(f.exists() and f.stat().st_size > report_facts.MOST_BYTES for f in files)


def _digest(path: Path) -> str:
    try:
        return video.sha256(path)
    except (VdlabError, OSError):  # a folder without images, an empty file
        return "unreadable"


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []
