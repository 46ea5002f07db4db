"""A shot made small, to lay it out: its pictures, what moves in them, where its objects are, how its camera goes.

A cut should avoid what moves or stands out, and never cross an object: `segmentation` says where objects are, as far
as motion tells. Believed are objects that are neither specks nor the whole picture.
"""

from dataclasses import dataclass

import numpy as np

from ..segmentation import motion_saliency, objects
from ..segmentation.downsizing import downsize_frames
from ..video import optical_flow
from ..video.opencv import cv2
from . import patch_field

SEEN_WIDTH = 128  # pixels at which objects and camera are looked for
SUPERPIXELS, LOOKS = 120, 40  # a frame; frames that are looked at, spread over the shot
SPECK, WHOLE = 0.004, 0.5  # of the picture: what is smaller or larger in the mean is no object to keep whole
SHARE = 0.25  # of a thumbnail's pixel that belongs to an object, from which all of it does
STIR, STIR_PRICE = 2.0, 0.5  # pixels at which something moves half; price of what moves otherwise than the camera
MOTION_PRICE, OBJECT_PRICE = 1.0, 2.0  # of a change by the whole range of values, not the camera's; of a sure object
STANDS = 0.004  # of the width: a camera that goes no further in the whole shot stands


@dataclass(frozen=True)
class Thumbnail:
    """`pixels` float32 (N, H, W, 3) in [0, 1]; `price` float32 (N, H, W) of a cut; `objects` bool (N, H, W); `path`
    (N,): how far the picture has moved to the right since the first frame, in pixels of the thumbnail."""

    pixels: np.ndarray
    price: np.ndarray
    objects: np.ndarray
    path: np.ndarray

    @property
    def standing(self) -> bool:
        """Whether the camera stands."""
        return float(np.ptp(self.path)) <= max(STANDS * self.pixels.shape[2], 0.5)


def small_shot(shot: np.ndarray, shape: tuple[int, int, int]) -> Thumbnail:
    """Return the thumbnail of `shape` (T, H, W) of a shot uint8 (N, H, W, 3), no larger than it is."""
    pixels = patch_field.resize_clip(shot, shape).astype(np.float32) / 255
    looked = shot[:: max(len(shot) // LOOKS, 1)]
    seen = downsize_frames(looked, SEEN_WIDTH)
    change = np.abs(np.diff(pixels, axis=0)).mean(-1) if shape[0] > 1 else np.zeros((1, *shape[1:]), np.float32)
    share = _object_share(seen, shape)
    believed = share > SHARE
    if not SPECK < believed.mean() < WHOLE:
        believed = np.zeros_like(believed)
    around = np.stack([cv2.dilate(p, np.ones((3, 3), np.uint8)) for p in share])
    path, stirs = _motion(seen, shape)
    moves = np.concatenate([change[:1], change])[: shape[0]]
    moves = MOTION_PRICE * np.maximum(moves - np.median(moves, (1, 2), keepdims=True), 0) + STIR_PRICE * stirs
    return Thumbnail(pixels, np.float32(moves + OBJECT_PRICE * around), believed, path)


def _object_share(seen: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """How much of each pixel belongs to objects at any look of a moment, float32 of `shape`: what is fast is in many
    places in one moment of the thumbnail."""
    if len(seen) < 3 or min(seen.shape[1:3]) < 24:
        return np.zeros(shape, np.float32)
    found, _ = objects.outlines(seen, settings=objects.ObjectSettings(superpixels=SUPERPIXELS, network=False))
    small = np.stack([cv2.resize(np.float32(p), shape[2:0:-1], interpolation=cv2.INTER_AREA) for p in found])
    edges = np.linspace(0, len(small), shape[0] + 1)
    spans = zip(edges.astype(int), np.ceil(edges[1:]).astype(int))
    return np.stack([small[first:last].max(0) for first, last in spans])


def _motion(seen: np.ndarray, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The camera's way to the side (N,), in pixels of the thumbnail: what most of the picture does; and what moves
    otherwise than the camera does, from 0 to 1, float32 of `shape`."""
    if len(seen) < 2 or min(seen.shape[1:3]) < 24:
        return np.zeros(shape[0]), np.zeros(shape, np.float32)
    flows = [optical_flow.compute_flow(a, b) for a, b in zip(seen, seen[1:])]
    way = np.concatenate([[0.0], np.cumsum([float(np.median(f[..., 0])) for f in flows])])
    way *= shape[2] / seen.shape[2]
    own = [np.linalg.norm(f - motion_saliency.camera_flow(f), axis=2) for f in flows]
    small = np.stack([cv2.resize(v / (v + STIR), shape[2:0:-1], interpolation=cv2.INTER_AREA) for v in own])
    path = np.interp(np.linspace(0, 1, shape[0]), np.linspace(0, 1, len(way)), way)
    return path, small[_nearest(len(small), shape[0])]


def _nearest(count: int, wanted: int) -> np.ndarray:
    return np.minimum(((np.arange(wanted) + 0.5) * count / wanted).astype(int), count - 1)
