"""One picture at a time: any array or image file to uint8 RGB, and RGB to the bytes of a PNG or JPEG.

Also the one place where OpenCV is imported, so that a machine without its system library is told what to install.
"""

from __future__ import annotations

import base64
import os

import numpy as np

from .errors import VdlabError, VideoError

os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
try:
    import cv2
except ImportError as error:
    if ".so" not in str(error):
        raise
    missing = str(error).split(":")[0]
    package = {"libGL.so.1": "libgl1", "libgthread-2.0.so.0": "libglib2.0-0"}.get(missing, "libgl1")
    raise VdlabError(f"OpenCV needs the system library {missing}. Install it: apt install {package} "
                     f"(Debian, Ubuntu) or dnf install mesa-libGL (Fedora).") from None


def to_rgb8(image: np.ndarray) -> np.ndarray:
    """Return uint8 RGB (H, W, 3) from uint8, uint16, bool or float [0, 1] input: (H, W), or 1, 3 or 4 channels.

    Alpha is dropped, NaN becomes black. Raises `VideoError` for any other shape.
    """
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
        image = (np.nan_to_num(np.clip(image.astype(np.float32), 0, 1)) * 255 + 0.5).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(image, 3, 2) if image.shape[2] == 1 else image[..., :3])


def read_image(path) -> np.ndarray:
    """Return an image file as uint8 RGB (H, W, 3), turned as its EXIF asks. Raises `VideoError` if it cannot be read."""
    try:
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR) if os.path.getsize(path) else None
    except (cv2.error, MemoryError, OSError):       # a header that asks for more than there is; a file gone since it was listed
        image = None
    if image is None:
        raise VideoError(f"{os.path.basename(path)}: not an image that can be read.")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def fit(image: np.ndarray, width: int | None) -> np.ndarray:
    """Scale to `width` pixels keeping the aspect; area filter down, cubic up. None, or the same width: unchanged."""
    h, w = image.shape[:2]
    if width is None or width == w:
        return image
    size = width, max(1, round(h * width / w))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if width < w else cv2.INTER_CUBIC)


def encode(image: np.ndarray, kind: str = "jpg", *, quality: int = 75) -> bytes:
    """Return the bytes of a PNG, JPEG or WebP (lossy) of an RGB image; the same pixels give the same bytes."""
    options = {"jpg": [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1], "webp": [cv2.IMWRITE_WEBP_QUALITY, quality], "png": [cv2.IMWRITE_PNG_COMPRESSION, 9]}[kind]
    ok, data = cv2.imencode("." + kind, cv2.cvtColor(to_rgb8(image), cv2.COLOR_RGB2BGR), options)
    if not ok:
        raise VideoError(f"cannot encode a {kind} of shape {image.shape}.")
    return data.tobytes()


def uri(image: np.ndarray, kind: str = "webp", *, quality: int = 75) -> str:
    """Return an RGB image as a page carries it, 'data:image/…'. WebP takes a fifth fewer bytes than JPEG at a quality."""
    return f"data:image/{kind};base64,{base64.b64encode(encode(image, kind, quality=quality)).decode()}"
