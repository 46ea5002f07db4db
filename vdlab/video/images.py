"""One picture at a time: any array or image file to uint8 RGB, and RGB to the bytes of a PNG or JPEG.

What is transparent is shown over white, as viewers and pages show it: a file may keep any colour under it.
"""

import base64
import os
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple, cast

import numpy as np
from PIL import Image, ImageOps

from ..base.checks import number, pixels
from ..base.errors import ParameterError, VideoError
from .opencv import MOST_PIXELS, cv2
from .png_chunks import SIGNATURE, picture_alone

MOST_IMAGE_BYTES = 1 << 31  # of an image's file
TOO_LARGE = f"more than {MOST_PIXELS:,} pixels, the most of a picture that is read here"
BAND = 1 << 22  # pixels of a picture that are mixed at a time: as numbers they take twelve times their bytes
FEW_COLOURS = 300  # of a picture that is drawn or grey rather than photographed in colour
LOSSLESS = 101  # OpenCV's quality of a WebP that keeps every pixel
BEYOND = 2.0  # a floating frame beyond it is on another scale, not one of [0, 1] with bright edges


def to_rgb8(image: np.ndarray) -> np.ndarray:
    """Return uint8 RGB (H, W, 3) from uint8, uint16, bool or float [0, 1] input: (H, W), or 1, 3 or 4 channels.

    Alpha is dropped, NaN becomes black; a little beyond 1 is white. Other whole numbers count as uint8. Raises
    `VideoError` for any other shape or kind, `ParameterError` for numbers that lie elsewhere.
    """
    pixels(image, called="a frame", how="video.read({})[0]")
    image = np.asarray(image)
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[2] not in (1, 3, 4) or 0 in image.shape:
        raise VideoError(f"a frame has shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), not {image.shape}.")
    if image.dtype == np.uint16:
        image = (image >> 8).astype(np.uint8)
    elif image.dtype == bool:
        image = image.astype(np.uint8) * 255
    elif image.dtype != np.uint8:
        image = _eight(image)
    return np.ascontiguousarray(np.repeat(image, 3, 2) if image.shape[2] == 1 else image[..., :3])


def _eight(image: np.ndarray) -> np.ndarray:
    """Numbers of another kind as uint8. Raises as `to_rgb8` does."""
    whole, most = image.dtype.kind in "iu", 255 if image.dtype.kind in "iu" else BEYOND
    if not whole and image.dtype.kind != "f":
        raise VideoError(f"a frame is uint8, uint16, bool, or float in [0, 1], not {image.dtype}.")
    if (image > most).any() or whole and image.min() < 0:
        scale, cure = ("0 … 255", "") if whole else ("[0, 1]", ": divide it by its white")
        raise ParameterError(
            f"a frame of {image.dtype} lies in {scale}, and this one reaches {image.min():g} … {image.max():g}{cure}."
        )
    if whole:
        return image.astype(np.uint8)
    return (np.nan_to_num(np.clip(image.astype(np.float32), 0, 1)) * 255 + 0.5).astype(np.uint8)


def read_image(path) -> np.ndarray:
    """Return an image file as uint8 RGB (H, W, 3), turned as its EXIF asks. Raises `VideoError` if it cannot be read.

    More than 8 bits are scaled by this image alone; a clip's images have one scale (`vdlab.video.image_sequence`).
    """
    image, _ = raw_image(path)
    return as_rgb8(image, value_range([image]))


def raw_image(path) -> tuple[np.ndarray, bool]:
    """Return an image file as (H, W) or RGB (H, W, 3) in its own depth, upright, over white; and if it had alpha."""
    name = os.path.basename(path)
    reason = "not an image that can be read"
    try:
        if os.path.getsize(path) > MOST_IMAGE_BYTES:
            raise VideoError(f"{name}: larger than {MOST_IMAGE_BYTES:,} bytes, which no image is.")
        data = np.fromfile(path, np.uint8)
        head = data[:4].tobytes()
        if head == SIGNATURE[:4]:
            data = np.frombuffer(picture_alone(data.tobytes()), np.uint8)
        plain = head[:2] in (b"\xff\xd8", b"BM")  # JPEG and BMP: 8 bits, no transparency
        image = cv2.imdecode(data, cv2.IMREAD_COLOR if plain else cv2.IMREAD_UNCHANGED) if data.size else None
        if image is not None and not plain and any(mark in data.tobytes() for mark in (b"eXIf", b"EXIF")):
            image = _turned(path, image, data)
    except (cv2.error, MemoryError, OSError) as error:
        # A header that asks for more than there is; a file gone since it was listed
        image, reason = None, too_large(error) or reason
    if image is None:
        raise VideoError(f"{name}: {reason}.")
    if head == SIGNATURE[:4] and image.ndim == 2 and (clear := _keyed(image, data.tobytes())).any():
        return np.where(clear, 65535 if image.dtype == np.uint16 else 255, image).astype(image.dtype), True
    return flattened(image, premultiplied=head[:2] in (b"II", b"MM"))


def _keyed(image: np.ndarray, data: bytes) -> np.ndarray:
    """Which pixels of a grey PNG have the one tone that it calls transparent (tRNS): OpenCV looks for it in colours."""
    at = data.find(b"tRNS", 0, data.find(b"IDAT"))
    if at < 0:
        return np.zeros(image.shape, bool)
    tone, depth = int.from_bytes(data[at + 4 : at + 6], "big"), data[24]
    return image == (tone if depth >= 8 else tone * 255 // ((1 << depth) - 1))  # OpenCV makes fewer bits eight


def too_large(error: Exception) -> str:
    """Return why OpenCV or Pillow refused a picture if that is its size, else nothing."""
    bomb = isinstance(error, Image.DecompressionBombError) or "CV_IO_MAX_IMAGE" in str(error)
    return TOO_LARGE if bomb else ""


def flattened(image: np.ndarray, *, premultiplied: bool = False) -> tuple[np.ndarray, bool]:
    """Return OpenCV's grey, BGR or BGRA as grey or RGB over white; and whether any pixel was transparent."""
    if image.ndim == 2 or image.shape[2] == 1:
        return image.reshape(image.shape[:2]), False
    colour = cv2.cvtColor(image, cv2.COLOR_BGR2RGB if image.shape[2] == 3 else cv2.COLOR_BGRA2RGB)
    white = np.iinfo(image.dtype).max if image.dtype.kind == "u" else 1
    if image.shape[2] == 3 or image[..., 3].min() == white:
        return colour, False
    return over_white(colour, image[..., 3], white, premultiplied=premultiplied), True


def over_white(colour: np.ndarray, alpha: np.ndarray, white, *, premultiplied: bool = False) -> np.ndarray:
    """Return colour (H, W, 3) where alpha (H, W) is `white`, white where it is 0, mixed between.

    `premultiplied`: the colour is times alpha already, as libtiff hands it out.
    """
    out, rows = np.empty_like(colour), max(1, BAND // max(1, colour.shape[1]))
    for at in range(0, len(colour), rows):
        part = slice(at, at + rows)
        share = np.float32(alpha[part])[..., None] / np.float32(white)
        mixed = colour[part] * (np.float32(1) if premultiplied else share) + (1 - share) * np.float32(white)
        out[part] = np.clip(mixed + (0.5 if colour.dtype.kind == "u" else 0), 0, white).astype(colour.dtype)
    return out


class Range(NamedTuple):
    """Which values are black and white, and how a page says so ("" where nobody needs to be told)."""

    black: float
    white: float
    said: str


def value_range(images: Iterable[np.ndarray]) -> Range:
    """Return the range by which images of more than 8 bits are shown: the bits in use, or from smallest to largest."""
    low, high, kind = np.inf, -np.inf, None
    for image in images:
        if image.dtype not in (np.uint8, bool):
            finite = image if image.dtype.kind in "ui" else image[np.isfinite(image)]
            if finite.size:
                low, high = min(low, finite.min()), max(high, finite.max())
            kind = image.dtype if kind is None else np.promote_types(kind, image.dtype)
    if kind is None or not low <= high:
        return Range(0, 255 if kind is None else 1, "")
    if kind.kind == "f" and 0 <= low and high <= 1:
        return Range(0, 1, "")
    if kind.kind == "f" or low < 0:
        return Range(low, high if high > low else low + 1, f"{low:.6g} shown as black, {high:.6g} as white")
    bits = max(8, int(high).bit_length())
    return Range(
        0, (1 << bits) - 1, f"{bits} of {8 * kind.itemsize} bits used: 0 shown as black, {(1 << bits) - 1} as white"
    )


def as_rgb8(image: np.ndarray, shown: Range) -> np.ndarray:
    """Return uint8 RGB (H, W, 3) of grey or RGB in any depth; NaN is black."""
    if image.dtype == bool:
        image = image.astype(np.uint8) * 255
    elif image.dtype == np.uint16:
        image = cv2.LUT(image, _scaled(np.arange(1 << 16), shown))
    elif image.dtype != np.uint8:
        image = _scaled(image.astype(np.float64), shown)
    return np.ascontiguousarray(image) if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)


def _scaled(values: np.ndarray, shown: Range) -> np.ndarray:
    scaled = (values - shown.black) * (255 / (shown.white - shown.black)) + 0.5
    return np.nan_to_num(np.clip(scaled, 0, 255)).astype(np.uint8)


def _turned(path, image: np.ndarray, data: np.ndarray) -> np.ndarray:
    """The image once more, turned as its EXIF asks: OpenCV turns only what it reads without transparency."""
    if image.ndim < 3 or image.shape[2] < 4:
        return cast(np.ndarray, cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH))
    with Image.open(path) as file:
        return cv2.cvtColor(np.asarray(ImageOps.exif_transpose(file).convert("RGBA")), cv2.COLOR_RGBA2BGRA)


def resize_to_width(image: np.ndarray, width: int | None, *, aspect: Fraction = Fraction(1)) -> np.ndarray:
    """Scale to `width` square pixels, the height following the shape as displayed; area filter down, cubic up.

    None: unchanged. `aspect`: how many times as wide as high the image's own pixels are.

    Raises `ParameterError` for a width that is none, or gives more than 2²⁷ pixels.
    """
    h, w = image.shape[:2]
    if width is None or width == w and aspect == 1:
        return image
    size = width, height_at_width(h, w, width, aspect=aspect)
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if width < w else cv2.INTER_CUBIC)


def height_at_width(h: int, w: int, width: int, *, aspect: Fraction = Fraction(1)) -> int:
    """Return how high a picture of (h, w) pixels, each `aspect` times as wide as high, is at `width` square ones.

    Raises as `resize_to_width` does.
    """
    high = max(1, round(h * number("width", width, 1, MOST_PIXELS, whole=True) / (w * aspect)))
    if width * high > MOST_PIXELS:
        raise ParameterError(f"width: {width} makes a picture of {width}×{high} pixels; {MOST_PIXELS:,} are the most.")
    return high


def encode_image(image: np.ndarray, kind: str = "jpg", *, quality: int = 75) -> bytes:
    """Return the bytes of a PNG, JPEG or WebP (above quality 100 lossless) of an RGB image.

    The same pixels give the same bytes.
    """
    options = {
        "jpg": [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1],
        "webp": [cv2.IMWRITE_WEBP_QUALITY, quality],
        "png": [cv2.IMWRITE_PNG_COMPRESSION, 9],
    }[kind]
    ok, data = cv2.imencode("." + kind, cv2.cvtColor(to_rgb8(image), cv2.COLOR_RGB2BGR), options)
    if not ok:
        raise VideoError(f"cannot encode a {kind} of shape {image.shape}.")
    return data.tobytes()


def data_uri(image: np.ndarray, kind: str = "webp", *, quality: int = 70) -> str:
    """Return an RGB image as a page carries it, 'data:image/…'.

    WebP takes a fifth fewer bytes than JPEG at a quality; of a drawing or a mask, of few colours, lossless WebP takes
    fewer still, and is then what a page gets.
    """
    data = encode_image(image, kind, quality=quality)
    if kind == "webp" and _colours(image) <= FEW_COLOURS:
        data = min(data, encode_image(image, kind, quality=LOSSLESS), key=len)
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _colours(image: np.ndarray) -> int:
    """How many colours an image has, those of every third row and column counted."""
    some = to_rgb8(image)[::3, ::3].astype(np.uint32)
    return len(np.unique(some[..., 0] << 16 | some[..., 1] << 8 | some[..., 2]))
