"""How much a codec has taken from a file's pictures is what its quantisers say."""

import av
import numpy as np
import pytest

from vdlab import video
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    return video.read(sample_clips.sample_path("carphone"), stop=4)


def coded(frames, path, encoder, *, pixels="yuv420p", **options):
    with av.open(str(path), "w") as out:
        stream = out.add_stream(encoder, 25, options=options)
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], pixels
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame).reformat(format=pixels)))
        out.mux(stream.encode())
    return path


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv444p", "yuv420p10le"])
@pytest.mark.parametrize("qp", [20, 28, 36])
def test_the_error_of_coding_is_that_of_the_files_quantiser_in_grey_levels_of_eight_bits(frames, tmp_path, qp, pixels):
    finer = 12 if pixels.endswith("10le") else 0  # x264 counts the quantisers of ten bits from 12 below those of eight
    told = {"qp": str(qp + finer), "bf": "0", "x264-params": "ipratio=1"}
    file = coded(frames, tmp_path / "one.mp4", "libx264", pixels=pixels, **told)
    assert video.coding_error(file) == pytest.approx(2 ** ((qp - 4) / 6) / np.sqrt(12), rel=0.01)


def test_of_other_codecs_no_error_of_coding_is_told(frames, tmp_path):
    cv2.imwrite(str(tmp_path / "one.png"), frames[0])
    assert video.coding_error(coded(frames, tmp_path / "one.mp4", "libx264")) > 0
    assert video.coding_error(coded(frames, tmp_path / "two.mp4", "mpeg4")) == 0
    assert video.coding_error(tmp_path / "one.png") == 0
    assert video.coding_error(tmp_path) == 0
