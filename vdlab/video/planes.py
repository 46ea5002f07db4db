"""A picture as a codec sees it: planes of luma and chroma, 4:2:0, eight or ten bits."""

from collections.abc import Iterable, Sequence

import av
import numpy as np

from .images import to_rgb8
from .opencv import cv2
from .resampling import cubic_upscale, downsample
from .writing import BT709


def to_picture(image: np.ndarray) -> av.VideoFrame:
    """An RGB image as a codec sees it, 4:2:0; odd sides gain one repeated column or row."""
    image = to_rgb8(image)
    h, w = image.shape[:2]
    if h % 2 or w % 2:
        image = np.pad(image, ((0, h % 2), (0, w % 2), (0, 0)), mode="edge")
    return av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p", threads=1, **BT709)


def read_plane(picture: av.VideoFrame, which: int = 0) -> np.ndarray:
    """Plane 0 (luma), 1 or 2 of a picture as float32 (h, w) on the scale of eight bits, 0..255, whatever its own."""
    plane = picture.planes[which]
    deep = picture.format.components[0].bits > 8
    values = np.frombuffer(memoryview(plane), np.uint16 if deep else np.uint8).reshape(plane.height, -1)
    return values[:, : plane.width].astype(np.float32) / 2 ** (picture.format.components[0].bits - 8)


def to_uint8(plane: np.ndarray) -> np.ndarray:
    """A plane rounded to eight bits, uint8."""
    return (plane + 0.5).clip(0, 255).astype(np.uint8)


def read_luma(pictures: Iterable[av.VideoFrame]) -> np.ndarray:
    """The luma of pictures, rounded to eight bits, uint8 (N, H, W): what is measured."""
    return np.stack([to_uint8(read_plane(p)) for p in pictures])


def picture_from_planes(planes: Sequence[np.ndarray]) -> av.VideoFrame:
    """The picture, 4:2:0 of eight bits, of luma (h, w) and twice chroma (h / 2, w / 2), 0..255, rounded and cut off."""
    h, w = planes[0].shape
    flat = to_uint8(np.concatenate([p.ravel() for p in planes]))
    picture = av.VideoFrame.from_ndarray(flat.reshape(h * 3 // 2, w), format="yuv420p")
    picture.colorspace, picture.color_range = 1, 1  # BT.709, limited
    return picture


def halve_picture(picture: av.VideoFrame) -> av.VideoFrame:
    """The picture at half its size by the cubic kernel, continued at its edges until the sides of that are even."""

    def half(values: np.ndarray, least: int) -> np.ndarray:
        more = [-n % (2 * least) for n in values.shape]
        return downsample(cv2.copyMakeBorder(values, 0, more[0], 0, more[1], cv2.BORDER_REPLICATE), 2)

    return picture_from_planes([half(read_plane(picture, n), 1 if n else 2) for n in range(3)])


def double_picture(picture: av.VideoFrame, height: int, width: int) -> av.VideoFrame:
    """The way back of `halve_picture`: twice as large, and only the upper left `height` × `width` pixels, both even."""
    sizes = [(height, width), (height // 2, width // 2), (height // 2, width // 2)]
    return picture_from_planes([cubic_upscale(read_plane(picture, n), 2)[:h, :w] for n, (h, w) in enumerate(sizes)])
