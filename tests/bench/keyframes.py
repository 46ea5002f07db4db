"""Shot detection beside PySceneDetect's four detectors and ffmpeg's scene filter, all with their defaults: quality and
speed.

    python -m tests.bench.keyframes [--out reports/bench] [--seed 1] [--clips 24] [--rounds 5]

Quality: clips of the `report` split of `joined_clips` (no source of which was used to choose a setting). A prediction,
the ordinal of a new shot's first frame, hits a join [start, stop] if it lies within it, `tolerance` frames added; each
join can be hit once, every other prediction is a false alarm and counts against cuts and against gradual joins alike.
Nothing is asked about kinds. Speed: CPU seconds of this process for scanning 720p H.264, in interleaved rounds, as a
ratio to PyAV's own threaded decoding.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import tempfile
import time
from pathlib import Path

import av

from vdlab import keyframes
from vdlab.video import sample_clips

from . import joined_clips

SCENE = 0.3  # ffmpeg's manual: "a scene change … typically between 0.3 and 0.5"


def ours(path) -> list[int]:
    return [s.start for s in keyframes.find_shots(path)[1:]]


def pyscenedetect(name: str):
    def run(path) -> list[int]:
        import scenedetect

        scenes = scenedetect.detect(str(path), getattr(scenedetect, name)())
        return [scene[0].frame_num for scene in scenes[1:]]

    return run


def ffmpeg_scene(path) -> list[int]:
    """Ordinals that `select='gt(scene,0.3)'` passes, through PyAV's filter graph."""
    passed, ordinals = [], {}
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        graph = av.filter.Graph()
        chain = graph.add_buffer(template=stream), graph.add("select", f"gt(scene\\,{SCENE})"), graph.add("buffersink")
        for one, next_one in zip(chain, chain[1:]):
            one.link_to(next_one)
        graph.configure()
        for ordinal, frame in enumerate(container.decode(stream)):
            ordinals[frame.pts] = ordinal
            graph.push(frame)
            try:
                passed.append(ordinals[graph.pull().pts])
            except (av.BlockingIOError, av.EOFError):
                pass
    return [p for p in passed if p]


DETECTORS = (
    {"vdlab": ours}
    | {f"PySceneDetect {n}": pyscenedetect(f"{n}Detector") for n in ("Content", "Adaptive", "Histogram", "Hash")}
    | {"ffmpeg scene": ffmpeg_scene}
)


def decode(path) -> None:
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for _ in container.decode(video=0):
            pass


def hits(found: list[int], joins: list, tolerance: int) -> set[int]:
    """Return the indices of the joins that are hit, each by a prediction of its own."""
    hit: set[int] = set()
    for place in sorted(set(found)):
        near = [i for i, j in enumerate(joins) if i not in hit and j.start - tolerance <= place <= j.stop + tolerance]
        hit.update(near[:1])
    return hit


def score(results: list[tuple[list[int], list]], tolerance: int) -> dict:
    """Return F1 (%) on cuts, on gradual joins and on all, with the counts behind them; `results` holds (found, true
    joins).
    """
    counts = {k: dict(hit=0, true=0) for k in ("cut", "gradual", "all")}
    false = 0
    for found, joins in results:
        hit = hits(found, joins, tolerance)
        false += len(set(found)) - len(hit)
        for i, join in enumerate(joins):
            for group in ("cut" if join.kind == "cut" else "gradual", "all"):
                counts[group]["true"] += 1
                counts[group]["hit"] += i in hit
    return {
        group: dict(c, f1=round(200 * c["hit"] / max(1, c["hit"] + c["true"] + false), 1))
        for group, c in counts.items()
    } | {"false": false}


def quality(clips: list) -> dict:
    """Return {detector: {'tolerance 0' and 'tolerance 2': scores}} on (path, joins, difficulties)."""
    out = {}
    for name, detect in DETECTORS.items():
        results = [(detect(path), joins) for path, joins, _ in clips]
        out[name] = {f"tolerance {t}": score(results, t) for t in (0, 2)}
    return out


def speed(path, rounds: int) -> dict:
    """Return {what: (median CPU seconds, median ratio to decoding in the same round)}."""
    work = {"decode (PyAV, threaded)": decode} | DETECTORS
    seconds = {name: [] for name in work}
    for run in range(rounds + 1):
        for name, do in work.items():
            start = time.process_time()
            do(path)
            if run:  # the first round warms caches
                seconds[name].append(time.process_time() - start)
    base = seconds["decode (PyAV, threaded)"]
    return {
        name: (round(statistics.median(s), 3), round(statistics.median(a / b for a, b in zip(s, base)), 2))
        for name, s in seconds.items()
    }


def main(arguments: list[str] | None = None) -> None:
    """Measure everything and write keyframes.json and keyframes.md."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("out", "reports/bench"), ("seed", 1), ("clips", 24), ("rounds", 5), ("cache", "")):
        options.add_argument(f"--{name}", default=default, type=type(default))
    asked = options.parse_args(arguments)
    logging.getLogger("pyscenedetect").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        clips = joined_clips.render("report", asked.cache or folder, seed=asked.seed, count=asked.clips)
        found = quality(clips)
        long = joined_clips.DATA / "clips" / "scd_testvideo.mp4"
        timed = {p.name: speed(p, asked.rounds) for p in (sample_clips.sample_path("bigbuckbunny"), long) if p.exists()}
    joins = [j for _, js, _ in clips for j in js]
    counts = {k: sum(j.kind == k for j in joins) for k in ("cut", "dissolve", "fade")}
    write(Path(asked.out), dict(clips=len(clips), seed=asked.seed, joins=counts, quality=found, speed=timed))


def write(out: Path, report: dict) -> None:
    """Write keyframes.json and keyframes.md into `out`."""
    lines = [
        f"# Shot detection: {report['clips']} clips, " + ", ".join(f"{n} {k}s" for k, n in report["joins"].items()),
        "",
        "F1 (%), defaults only. A hit within 0 or 2 frames; false alarms count against both kinds.",
        "",
        "| detector | cuts, 0 | cuts, 2 | gradual, 0 | gradual, 2 | all, 2 | false alarms |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, by in report["quality"].items():
        exact, near = by["tolerance 0"], by["tolerance 2"]
        lines.append(
            f"| {name} | {exact['cut']['f1']} | {near['cut']['f1']} | {exact['gradual']['f1']} | "
            f"{near['gradual']['f1']} | "
            f"{near['all']['f1']} | {near['false']} |"
        )
    for clip, rows in report["speed"].items():
        lines += [
            "",
            f"CPU seconds to scan {clip} (1280×720 H.264), and their ratio to decoding it.",
            "",
            "| | CPU s | × decode |",
            "|---|---|---|",
        ]
        lines += [f"| {name} | {s} | {ratio} |" for name, (s, ratio) in rows.items()]
    out.mkdir(parents=True, exist_ok=True)
    (out / "keyframes.json").write_text(json.dumps(report, indent=1), "utf8")
    (out / "keyframes.md").write_text("\n".join(lines) + "\n", "utf8")


if __name__ == "__main__":
    main()
