"""COCO: one image a frame, one annotation an object and frame, masks run-length encoded.

Source: cocodataset.org, "Data format", 4 (object detection). A video is no idea of COCO's: a frame is an image, and
`attributes` hold `track_id` and `keyframe`, as CVAT's export of tracks to COCO does. The images of a folder have their
own names, to be looked for in that folder. Those of a video are called as CVAT calls them, which finds them so in a
task of that video: elsewhere, `ffmpeg -i CLIP -fps_mode passthrough -start_number 0 frame_%06d.PNG` makes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ...base.errors import ParameterError
from ...base.files import write_whole
from ...base.received import named_file
from .. import run_lengths
from ..run_lengths import Part
from ..tracks import Track, track_from_masks
from . import rle
from .naming import file_name


def write(annotations, path: Path) -> Path:
    """Write `annotations` with every mask of every frame; `keyframe` is false where the box follows from others."""
    return write_whole(path, _pieces(annotations))


def _pieces(annotations) -> Iterator[str]:
    labels = sorted({t.label for t in annotations.tracks}) or ["object"]
    info = {"description": f"objects in {annotations.media}", "version": "1.0", "vdlab": annotations.record}
    images = (
        {
            "id": n + 1,
            "width": annotations.width,
            "height": annotations.height,
            "file_name": file_name(annotations, n),
            "frame": n,
        }
        for n in range(annotations.frames)
    )
    marks = (mark for track in annotations.tracks for mark in _marks(track, 1 + labels.index(track.label)))
    kinds = [{"id": n, "name": label, "supercategory": ""} for n, label in enumerate(labels, 1)]
    yield f'{{"info": {_json(info)}, "licenses": [], "images": ['
    yield from _listed(images)
    yield f'], "categories": {_json(kinds)}, "annotations": ['
    yield from _listed({"id": n, **mark} for n, mark in enumerate(marks, 1))
    yield "]}\n"


def _listed(items: Iterable[dict]) -> Iterator[str]:
    for n, item in enumerate(items):
        yield f"{', ' if n else ''}{_json(item)}"


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False)


def read(path: Path) -> tuple[dict, list[Track]]:
    """Return what a file of `write` says of the clip, and its tracks."""
    data = json.loads(named_file(path).read_text("utf8"))
    record, images = data["info"]["vdlab"], {i["id"]: i for i in data["images"]}
    labels = {c["id"]: c["name"] for c in data["categories"]}
    found: dict[int, dict] = {}
    for mark in data["annotations"]:
        image, (height, width) = images[mark["image_id"]], mark["segmentation"]["size"]
        if (height, width) != (image["height"], image["width"]):
            raise ParameterError(
                f"{path.name}: the mask of annotation {mark['id']} is {width}×{height} pixels, its image "
                f"{image['width']}×{image['height']}: these masks are of another clip, or were made at another size."
            )
        mask = (
            run_lengths.mask_from_runs(rle.from_coco_text(mark["segmentation"]["counts"]), height * width)
            .reshape(width, height)
            .T
        )
        track = found.setdefault(
            mark["attributes"]["track_id"],
            {"label": labels[mark["category_id"]], "parts": {}, "boxed": mark["attributes"].get("boxed", False)},
        )
        track["parts"][image["frame"]] = Part.of(mask)
    size = record["height"], record["width"]
    return record, [track_from_masks(number, size=size, **track) for number, track in found.items()]


def _marks(track: Track, category: int) -> Iterator[dict]:
    keys, size = track.keys().tolist(), track.masks.size
    for n in np.flatnonzero(track.seen).tolist():
        (left, top, right, bottom), drawn = track.masks.crop(n)
        yield {
            "image_id": track.start + n + 1,
            "category_id": category,
            "iscrowd": 0,
            "area": int(drawn.sum()),
            "bbox": [left, top, right - left, bottom - top],
            "segmentation": {"size": list(size), "counts": rle.to_coco_text(_columns(drawn, left, top, size))},
            "attributes": {"track_id": track.number, "keyframe": keys[n], "occluded": False, "boxed": track.boxed},
        }


def _columns(drawn: np.ndarray, left: int, top: int, size: tuple[int, int]) -> list[int]:
    """The run lengths of a whole mask of `size`, down its columns, of which `drawn` is what lies at `left`, `top`."""
    height, width = size
    strip = np.zeros((height, drawn.shape[1]), bool)
    strip[top : top + len(drawn)] = drawn
    first, *others = run_lengths.run_lengths_of(strip.T.ravel())
    rest = (width - left - drawn.shape[1]) * height
    runs = [first + left * height, *others]
    return [*runs[:-1], runs[-1] + rest] if len(runs) % 2 else [*runs, rest] if rest else runs
