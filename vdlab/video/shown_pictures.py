"""A decoded picture as a player shows it: made RGB, turned, mirrored, tone-mapped, transparency over white."""

from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import Interpolation

from ..base.errors import VideoError
from . import tone_mapping
from .images import height_at_width, over_white, resize_to_width
from .opencv import cv2

TRANSFERS = {16: "pq", 18: "hlg"}  # SMPTE ST 2084, ARIB STD-B67, as ISO/IEC 23091-2 numbers them
BT2020 = 9  # primaries, and the matrix, in the same standard

# swscale reads the YUV formats of OWN_WAY exactly; white in any other comes out as 253 without EXACT. For RGB of 16
# bits that has to be bicubic: bilinear, swscale (FFmpeg 8.1) fills it with noise where chroma has fewer rows.
OWN_WAY = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"}
FULL_CHROMA = 0x2000  # swscale's SWS_FULL_CHR_H_INT, which PyAV names from 18 on
EXACT = Interpolation.BILINEAR.value | FULL_CHROMA
EXACT_16 = Interpolation.BICUBIC.value | FULL_CHROMA
# To make HDR's light SDR's costs more than all the rest: it is done on a picture this many times as wide as wanted,
# which differs from all of it made SDR first by half a grey level (RMS).
SPARE = 2
TURNED = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


class Shown(NamedTuple):
    """How a picture is shown: turned (degrees counter-clockwise), mirrored, pixels `aspect` times as wide as high."""

    turn: int = 0
    mirrored: bool = False
    aspect: Fraction = Fraction(1)


def has_alpha(frame: av.VideoFrame) -> bool:
    """Whether a picture's format holds transparency."""
    return any(c.is_alpha for c in frame.format.components)


def is_clear(frame: av.VideoFrame) -> bool:
    """Whether any pixel is less than opaque."""
    return has_alpha(frame) and bool(frame.to_ndarray(format="rgba", threads=1)[..., 3].min() < 255)


def scaled(frame: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    """Return a picture at another size, its pixels and colours as they were coded; the same one if it has that size."""
    if (frame.width, frame.height) == (width, height):
        return frame
    return frame.reformat(width, height, interpolation=Interpolation.BICUBIC)


def opaque(frame: av.VideoFrame, how: Shown) -> av.VideoFrame:
    """Return the picture, which from here on knows how it is shown; a transparent one is RGB over white."""
    how = Shown(*how)  # PyAV forgets what two pictures share when one of them goes
    if not has_alpha(frame):
        frame.opaque = how
        return frame
    image = frame.to_ndarray(format="rgba", threads=1, **_reading(frame))
    colour, alpha = np.ascontiguousarray(image[..., :3]), image[..., 3]
    white = colour if alpha.min() == 255 else over_white(colour, alpha, 255)
    flat = av.VideoFrame.from_ndarray(white.astype(np.uint8, copy=False), format="rgb24")
    flat.pts, flat.time_base, flat.opaque = frame.pts, frame.time_base, how
    flat.key_frame = frame.key_frame  # type: ignore[misc]  # can be set, whatever the stub says
    return flat


def picture(frame: av.VideoFrame, width: int | None = None) -> np.ndarray:
    """Return a picture of `decoded` as upright RGB: its stored pixels, or `width` square ones in the shape it has."""
    _, _, aspect = frame.opaque if isinstance(frame.opaque, Shown) else Shown()
    turned = orientation(frame)[0] % 180
    h, w = (frame.width, frame.height) if turned else (frame.height, frame.width)
    aspect = 1 / aspect if turned else aspect
    if width is None or not _is_wide(frame):
        return resize_to_width(frame_to_rgb(frame), width, aspect=aspect)
    size = width, height_at_width(h, w, width, aspect=aspect)  # which refuses a width that is none
    if w <= SPARE * width:
        return resize_to_width(frame_to_rgb(frame), width, aspect=aspect)
    return cv2.resize(frame_to_rgb(frame, SPARE * width / w), size, interpolation=cv2.INTER_AREA)


def frame_to_rgb(frame: av.VideoFrame, scale: float = 1) -> np.ndarray:
    """RGB with the stream's own matrix and range, upright; HDR and BT.2020 primaries made BT.709 SDR.

    Untagged HD is BT.709, as players assume. `scale`: made so much smaller before anything else.
    """
    transfer, primaries = TRANSFERS.get(int(frame.color_trc), ""), int(frame.color_primaries)
    wide = _is_wide(frame)
    try:
        how = {"format": "rgb48le", "interpolation": EXACT_16} if wide else {"format": "rgb24"}
        size = {n: max(1, round(scale * getattr(frame, n))) for n in ("width", "height")} if scale < 1 else {}
        image = frame.to_ndarray(threads=1, **_reading(frame) | how | size)
    except (av.FFmpegError, MemoryError, ValueError) as error:
        raise VideoError(
            f"a picture of {frame.width}×{frame.height} in {frame.format.name} cannot be made RGB here ({_why(error)})."
        ) from error
    image = tone_mapping.to_sdr(image, transfer, primaries) if wide else image
    turn, mirrored = orientation(frame)
    upright = cv2.rotate(image, TURNED[turn]) if turn else image
    return np.ascontiguousarray(cv2.flip(upright, 1) if mirrored else upright)


def _is_wide(frame: av.VideoFrame) -> bool:
    """Whether a picture is HDR, or has BT.2020's primaries."""
    return int(frame.color_trc) in TRANSFERS or int(frame.color_primaries) == BT2020


def _reading(frame: av.VideoFrame) -> dict:
    """How swscale is to read a picture's numbers as colours."""
    how: dict[str, str | int] = {}
    if int(frame.colorspace) == 2:  # AVCOL_SPC_UNSPECIFIED
        how["src_colorspace"] = "BT2020" if _is_wide(frame) else "ITU709" if frame.height >= 720 else "ITU601"
    if frame.format.name.startswith("yuvj"):
        how["src_color_range"] = "JPEG"
    if frame.format.name not in OWN_WAY:
        how["interpolation"] = EXACT
    return how


def orientation(frame: av.VideoFrame) -> tuple[int, bool]:
    """Return by how many degrees, in quarters, a player turns a picture counter-clockwise, and if it mirrors it then.

    Read from the display matrix, which maps stored to shown coordinates (ISO/IEC 14496-12, 8.3.2): x' = ax + cy,
    y' = bx + dy, with y downwards.
    """
    if isinstance(frame.opaque, Shown):
        return frame.opaque[:2]
    data = frame.side_data.get(Type.DISPLAYMATRIX)  # type: ignore[call-overload]  # the stub knows numbers alone
    if data is None:
        return 0, False
    matrix = np.frombuffer(bytes(data), np.int32)
    a, b, c, d = (float(matrix[i]) for i in (0, 1, 3, 4))
    mirrored = a * d - b * c < 0
    if mirrored:  # taken back first, so that a turn is left
        a, c = -a, -c
    return int(round(np.degrees(np.arctan2(-b, a)) / 90)) % 4 * 90, mirrored


def pixel_aspect(stream) -> Fraction:
    """Return how many times as wide as high a stored pixel is shown; the container's word goes before the codec's."""
    return Fraction(stream.sample_aspect_ratio or 1)


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).strip().rstrip(".").lower()
