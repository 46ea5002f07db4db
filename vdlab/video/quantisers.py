"""What H.264 took from a file's pictures, read from the quantisers in its bitstream rather than guessed from pixels.

A coefficient is kept in steps of 2^((QP − 4) / 6) grey levels (ITU-T H.264, table of LevelScale), so that its error is
that of rounding, step / √12. FFmpeg hands out the QP of each macroblock; of HEVC and AV1 it tells nothing.
"""

import itertools
import struct
from pathlib import Path
from typing import Any, cast

import av
import numpy as np

from ..base.errors import VideoError
from .container import open_video

H264, HEAD = 1, "@IxxxxNNii"  # AVVideoEncParams: blocks, where they begin, size of one, kind, QP (FFmpeg)
BLOCK = np.dtype([("place", "i4", 4), ("more", "i4")])  # AVVideoBlockParams: x, y, width, height; QP beyond the frame's


def coding_error(path, *, frames: int = 8) -> float:
    """The standard deviation, in grey levels, of the error that coding has left in a file's first frames; 0 where that
    is not told: another codec than H.264, a folder of images, no file.
    """
    try:
        with open_video(Path(path)) as (container, stream):
            stream.codec_context.options = {**stream.codec_context.options, "export_side_data": "venc_params"}
            found = [_variance(frame) for frame in itertools.islice(container.decode(stream), frames)]
    except (VideoError, OSError):  # whoever reads the clip says what is wrong with it
        return 0.0
    return float(np.sqrt(np.mean(found))) if found else 0.0


def _variance(frame: av.VideoFrame) -> float:
    """Of the rounding, mean over the macroblocks of a frame; 0 where they are not told."""
    if (data := frame.side_data.get("VIDEO_ENC_PARAMS")) is not None:
        raw = bytes(cast(Any, data))
        count, begin, size, kind, base = struct.unpack_from(HEAD, raw)
        if kind == H264 and size == BLOCK.itemsize and count:
            more = np.frombuffer(raw, BLOCK, count, begin)["more"]
            finer = 4.0 ** (frame.format.components[0].bits - 8)  # of ten bits, a level is a quarter of one of eight
            return float(np.mean(4.0 ** ((base + more - 4) / 6)) / 12 / finer)
    return 0.0
