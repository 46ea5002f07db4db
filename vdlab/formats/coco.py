"""COCO: one image a frame, one annotation an object and frame, masks run-length encoded.

Source: cocodataset.org, "Data format", 4 (object detection). A video is no idea of COCO's: a frame is an image, and `attributes` hold
`track_id` and `keyframe`, as CVAT's export of tracks to COCO does. Images are called as `ffmpeg -i CLIP -start_number 0
CLIP_%06d.jpg` calls them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..errors import ParameterError
from ..tracks import Track, joined
from . import rle, written


def write(annotations, path: Path) -> Path:
    """Write `annotations` with every mask of every frame; `keyframe` is false where the box follows from others."""
    record = annotations.record
    labels = sorted({t.label for t in annotations.tracks}) or ["object"]
    stem = Path(annotations.media).stem
    images = [{"id": n + 1, "width": annotations.width, "height": annotations.height, "file_name": f"{stem}_{n:06d}.jpg",
               "frame": n} for n in range(annotations.frames)]
    marks = [mark for track in annotations.tracks for mark in _marks(track, 1 + labels.index(track.label))]
    out = {"info": {"description": f"objects in {annotations.media}", "version": "1.0", "vdlab": record}, "licenses": [], "images": images,
           "categories": [{"id": n, "name": label, "supercategory": ""} for n, label in enumerate(labels, 1)],
           "annotations": [{"id": n, **mark} for n, mark in enumerate(marks, 1)]}
    return written(path, json.dumps(out, ensure_ascii=False) + "\n")


def read(path: Path) -> tuple[dict, list[Track]]:
    """Return what a file of `write` says of the clip, and its tracks."""
    data = json.loads(path.read_text("utf8"))
    record, images = data["info"]["vdlab"], {i["id"]: i for i in data["images"]}
    labels = {c["id"]: c["name"] for c in data["categories"]}
    found: dict[int, dict] = {}
    for mark in data["annotations"]:
        image, (height, width) = images[mark["image_id"]], mark["segmentation"]["size"]
        if (height, width) != (image["height"], image["width"]):
            raise ParameterError(f"{path.name}: the mask of annotation {mark['id']} is {width}×{height} pixels, its image "
                                 f"{image['width']}×{image['height']}: these masks are of another clip, or were made at another size.")
        mask = rle.flat(rle.unpack(mark["segmentation"]["counts"]), height * width).reshape(width, height).T
        track = found.setdefault(mark["attributes"]["track_id"], {"label": labels[mark["category_id"]], "masks": {},
                                                                  "boxed": mark["attributes"].get("boxed", False)})
        track["masks"][image["frame"]] = mask
    return record, [joined(number, **track) for number, track in found.items()]


def _marks(track: Track, category: int):
    for n, (mask, box, key, seen) in enumerate(zip(track.masks, track.boxes.tolist(), track.keys().tolist(), track.seen)):
        if seen:
            left, top, right, bottom = box
            yield {"image_id": track.start + n + 1, "category_id": category, "iscrowd": 0, "area": int(mask.sum()),
                   "bbox": [left, top, right - left, bottom - top],
                   "segmentation": {"size": list(mask.shape), "counts": rle.pack(rle.counts(mask.T.ravel()))},
                   "attributes": {"track_id": track.number, "keyframe": key, "occluded": False, "boxed": track.boxed}}
