"""YOLO: a folder with one text file a frame, one line an object: its class and its box in shares of the picture.

Source: docs.ultralytics.com, "Object detection datasets": class, centre x, centre y, width, height; data.yaml names the
folders and the classes. Every box is measured on its own frame. A line has no place for who is who: which track it is
of stands in data.yaml, in JSON, which YAML contains. Pictures are written too where the annotations know their clip:
the images of a folder as they are, under their names; the frames of a video under the clip's name and their number, so
that clips can be put together.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

from ... import video
from ...base import files
from ...base.errors import ParameterError
from ...base.received import named_file
from ...keyframes.split_script import shortened
from ...video import images
from ...video.image_sequence import IMAGE_TYPES
from ..tracks import Track, mask_from_box, track_from_masks

MARK = "# Objects by frame, from vdlab: images/ and labels/ have one file a frame."
OWN = re.compile(rf"data\.yaml|labels/[^/]+\.txt|images/[^/]+({'|'.join(map(re.escape, IMAGE_TYPES))})", re.I)


def write(annotations, path: Path) -> Path:
    """Write the folder `path`, in place of an earlier one of this kind.

    Raises `ParameterError` where another file or folder is.
    """
    if path.exists() and not _ours(path):
        raise ParameterError(f"{path.name}: a file, or a folder with what vdlab did not write. Give a new folder.")
    with files.whole(path) as partial:
        for folder in ("images", "labels"):
            (partial / folder).mkdir(parents=True)
        labels = sorted({t.label for t in annotations.tracks}) or ["object"]
        stems = _stems(annotations.record)
        numbers = _frames(annotations, partial / "labels", labels, stems)
        if annotations.source is not None:
            _pictures(annotations, partial / "images", stems)
        lines = [
            MARK,
            "train: images",
            "val: images",
            f"names: {json.dumps(labels, ensure_ascii=False)}",
            f"tracks: {json.dumps(numbers)}",
            f"vdlab: {json.dumps(annotations.record, ensure_ascii=False)}",
        ]
        files.write_whole(partial / "data.yaml", "\n".join(lines) + "\n")
    return path


def read(path: Path) -> tuple[dict, list[Track]]:
    """Return what the folder says of the clip, and its tracks, whose masks are boxes."""
    lines = named_file(path / "data.yaml").read_text("utf8").splitlines()
    data = {
        key: json.loads(value)
        for key, _, value in (line.partition(": ") for line in lines)
        if key in ("names", "tracks", "vdlab")
    }
    record = data["vdlab"]
    found: dict[int, dict] = {}
    size, frames = (record["height"], record["width"]), {stem: n for n, stem in enumerate(_stems(record))}
    for file in sorted((path / "labels").glob("*.txt")):
        frame = frames[file.stem] if file.stem in frames else int(file.stem.rpartition("_")[2])
        rows, numbers = named_file(file).read_text("utf8").splitlines(), data["tracks"].get(str(frame), [])
        if len(rows) != len(numbers):
            raise ParameterError(
                f"{path.name}/labels/{file.name}: {len(rows)} objects, and data.yaml knows the tracks of "
                f"{len(numbers)}."
            )
        for row, number in zip(rows, numbers):
            kind, x, y, width, height = map(float, row.split())
            box = [
                (x - width / 2) * size[1],
                (y - height / 2) * size[0],
                (x + width / 2) * size[1],
                (y + height / 2) * size[0],
            ]
            track = found.setdefault(number, {"parts": {}, "label": data["names"][int(kind)], "boxed": True})
            track["parts"][frame] = mask_from_box(box, size, f"{path.name}/labels/{file.name}")
    return record, [track_from_masks(number, size=size, **track) for number, track in found.items()]


def _frames(annotations, folder: Path, labels: list[str], stems: list[str]) -> dict[str, list[int]]:
    """Write a file a frame, empty where there is no object; return the numbers of the tracks in each, in the order of
    its lines.
    """
    rows: dict[int, list[str]] = {n: [] for n in range(annotations.frames)}
    numbers: dict[str, list[int]] = {}
    for track in annotations.tracks:
        for frame, (box, seen) in enumerate(zip(track.boxes.tolist(), track.seen), track.start):
            if seen:
                left, top, right, bottom = box
                place = (
                    (left + right) / 2 / annotations.width,
                    (top + bottom) / 2 / annotations.height,
                    (right - left) / annotations.width,
                    (bottom - top) / annotations.height,
                )
                rows[frame].append(" ".join([str(labels.index(track.label)), *(f"{p:.6f}" for p in place)]))
                numbers.setdefault(str(frame), []).append(track.number)
    for frame, lines in rows.items():
        (folder / f"{stems[frame]}.txt").write_text("".join(f"{line}\n" for line in lines), "utf8", newline="\n")
    return numbers


def _pictures(annotations, folder: Path, stems: list[str]) -> None:
    """Write the images: those of a folder as they are, a video's frames as JPEG."""
    if annotations.names and isinstance(annotations.source, (str, os.PathLike)):
        source = Path(annotations.source)
        for stem, name in zip(stems, annotations.names):
            shutil.copyfile(
                (source if source.is_dir() else source.parent) / name, folder / f"{stem}{Path(name).suffix}"
            )
        return
    for frame in video.stream(annotations.source):
        (folder / f"{stems[frame.ordinal]}.jpg").write_bytes(images.encode_image(frame.image, quality=90))


def _stems(record: dict) -> list[str]:
    """What the frames' files are called: as the images of a folder, or the clip's name and the frame's number."""
    names = [Path(name) for name in record.get("names", ())]
    stems = [name.stem for name in names]
    if len(set(stems)) < len(stems):  # a.png and a.jpg would share a.txt
        stems = [f"{name.stem}_{name.suffix[1:]}" for name in names]
    stem = shortened(Path(record["media"]).stem)
    return stems or [f"{stem}_{n:06d}" for n in range(record["frames"])]


def _ours(path: Path) -> bool:
    """Whether a folder holds what `write` makes and nothing else: a training's results, notes and pictures stay."""
    data = path / "data.yaml"
    there = [f.relative_to(path).as_posix() for f in path.rglob("*") if path.is_dir() and not f.is_dir()]
    written = data.is_file() and data.read_text("utf8", errors="replace").startswith(MARK)
    return path.is_dir() and (written and all(map(OWN.fullmatch, there)) or not any(path.iterdir()))
