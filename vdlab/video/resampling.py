"""Fewer pixels, by the cubic kernel that super-resolution is measured with: the truth is shrunk, then guessed back; and
more, by OpenCV's.

Keys 1981, "Cubic convolution interpolation for digital image processing" (a = −½), stretched by the scale so that
nothing folds back (antialiasing): what papers call bicubic degradation, after MATLAB's `imresize`.
"""

import numpy as np

from .opencv import cv2


def cubic_kernel(x: np.ndarray) -> np.ndarray:
    """Keys' kernel at `x` pixels from its middle."""
    x = np.abs(x)
    return np.where(x < 1, (1.5 * x - 2.5) * x * x + 1, np.where(x < 2, ((-0.5 * x + 2.5) * x - 4) * x + 2, 0))


def crop_to_multiple(image: np.ndarray, scale: int) -> np.ndarray:
    """The picture, or clip, without the last rows and columns that do not fill a pixel of the smaller one.

    `image`: (…, H, W, 3).
    """
    h, w = image.shape[-3:-1]
    return image[..., : max(1, h // scale) * scale, : max(1, w // scale) * scale, :]


def downsample(image: np.ndarray, scale: int) -> np.ndarray:
    """Return the picture 1/`scale` as large, of its own kind (uint8 is rounded); its sides are multiples of `scale`."""
    reach = 2 * scale
    # Input pixels around the middle of an output pixel
    taps = np.arange(1 - reach, reach) if scale % 2 else np.arange(-reach, reach) + 0.5
    kernel = cubic_kernel(taps / scale).astype(np.float32)
    kernel /= kernel.sum()
    start, anchor = (scale - 1) // 2, reach - 1
    out = cv2.sepFilter2D(
        image.astype(np.float32), cv2.CV_32F, kernel, kernel, anchor=(anchor, anchor), borderType=cv2.BORDER_REFLECT
    )
    out = out[start::scale, start::scale]
    return np.clip(out + 0.5, 0, 255).astype(np.uint8) if image.dtype == np.uint8 else out


def cubic_upscale(image: np.ndarray, scale: int) -> np.ndarray:
    """A picture (H, W[, 3]) enlarged by OpenCV's cubic kernel (a = −¾), float32."""
    h, w = image.shape[:2]
    return cv2.resize(image.astype(np.float32), (w * scale, h * scale), interpolation=cv2.INTER_CUBIC)
