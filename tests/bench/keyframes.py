"""Shot detection beside PySceneDetect's four detectors and ffmpeg's scene filter, all with their defaults: quality and
speed.

    python -m tests.bench.keyframes [--out reports/bench] [--count 4] [--rounds 5] [--cache FOLDER]

Quality: `count` clips of each kind of `joined_clips` and each seed, of both halves: `choose`, on which our trees were
taught, with a seed that they were not taught with, and `check`, no source of which chose anything. A prediction, the
ordinal of a new shot's first frame, hits a join [start, stop] if it lies within it, two frames or 0.08 s added; each
join can be hit once, every other prediction is a false alarm and counts against cuts and against gradual joins alike.
Nothing is asked about kinds. Wipes are reported apart. Speed: CPU seconds of this process for scanning 720p H.264, in
interleaved rounds, as a ratio to PyAV's own threaded decoding.
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
from vdlab.evaluation import join_scores
from vdlab.video import sample_clips

from . import joined_clips
from .footage import DATA

SEEDS = {"choose": (5,), "check": (22,)}
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


def score(results: list[tuple[list[int], list, int]]) -> dict:
    """Return F1 (%) on cuts and on gradual joins, with the counts behind them; `results` holds (found, true joins,
    frames/s).
    """
    counts = {k: dict(hit=0, true=0) for k in ("cut", "gradual")}
    false = 0
    for found, joins, fps in results:
        hit = join_scores.hit_joins(found, joins, join_scores.near(fps))
        false += len(set(found)) - len(hit)
        for i, join in enumerate(joins):
            group = counts["cut" if join.kind == "cut" else "gradual"]
            group["true"] += 1
            group["hit"] += i in hit
    return {
        group: dict(c, f1=round(200 * c["hit"] / max(1, c["hit"] + c["true"] + false), 1))
        for group, c in counts.items()
    } | {"false": false}


def quality(clips: list) -> dict:
    """Return {detector: {kind, seed or "all": score}} on (seed, kind, path, joins, frames/s); what is extra is only
    in the score of its own kind."""
    out = {}
    for name, detect in DETECTORS.items():
        by: dict[str, list] = {"all": []}
        for seed, kind, path, joins, fps in clips:
            result = detect(path), joins, fps
            for group in [kind] + ["all", f"seed {seed}"] * (kind not in joined_clips.EXTRA):
                by.setdefault(group, []).append(result)
        out[name] = {group: score(results) for group, results in by.items()}
        print(name, out[name]["all"], flush=True)
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
    for name, default in (("out", "reports/bench"), ("count", 4), ("rounds", 5), ("cache", "")):
        options.add_argument(f"--{name}", default=default, type=type(default))
    asked = options.parse_args(arguments)
    logging.getLogger("pyscenedetect").setLevel(logging.ERROR)
    report = dict(date=time.strftime("%Y-%m-%d"), count=asked.count, seeds=SEEDS, halves={}, speed={})
    with tempfile.TemporaryDirectory() as folder:
        for half, seeds in SEEDS.items():
            clips = [
                (seed, *one)
                for seed in seeds
                for one in joined_clips.render(half, asked.cache or folder, seed=seed, count=asked.count)
            ]
            counted = [joins for _, kind, _, joins, _ in clips if kind not in joined_clips.EXTRA]
            kinds = {k: sum(j.kind == k for joins in counted for j in joins) for k in ("cut", "dissolve", "fade")}
            report["halves"][half] = dict(clips=len(counted), joins=kinds, quality=quality(clips))
    long = DATA / "clips" / "scd_testvideo.mp4"
    report["speed"] = {
        p.name: speed(p, asked.rounds) for p in (sample_clips.sample_path("bigbuckbunny"), long) if p.exists()
    }
    write(Path(asked.out), report)


def write(out: Path, report: dict) -> None:
    """Write keyframes.json and keyframes.md into `out`."""
    lines = [
        f"# Shot detection, {report['date']}: {report['count']} clips of each kind and seed",
        "",
        "F1 (%), defaults only. A hit within 2 frames or 0.08 s; false alarms count against cuts and gradual joins "
        "alike. A cell: cuts, gradual joins; false alarms.",
    ]
    for half, found in report["halves"].items():
        names, seeds = [*found["quality"]], ", ".join(map(str, report["seeds"][half]))
        joins = ", ".join(f"{n} {k}s" for k, n in found["joins"].items())
        lines += [
            "",
            f"## {half}, seeds {seeds}: {found['clips']} clips, {joins}",
            "",
            "| | " + " | ".join(names) + " |",
            "|---" * (len(names) + 1) + "|",
        ]
        for kind in found["quality"][names[0]]:
            lines.append(f"| {kind} | " + " | ".join(_cell(found["quality"][n][kind]) for n in names) + " |")
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


def _cell(score: dict) -> str:
    known = [f"{score[group]['f1']:.1f}" if score[group]["true"] else "–" for group in ("cut", "gradual")]
    return f"{', '.join(known)}; {score['false']}"


if __name__ == "__main__":
    main()
