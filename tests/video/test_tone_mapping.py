"""HDR and wide colour made BT.709 SDR: reference white near white, highlights told apart, hues kept."""

from fractions import Fraction

import av
import numpy as np
import pytest

from vdlab import ParameterError, video
from vdlab.video import shown_pictures, tone_mapping
from vdlab.video.images import resize_to_width


def signal(nits, transfer):
    """The uint16 code of grey of that many cd/m² on a display of 1000."""
    if transfer == "pq":
        return int(tone_mapping.pq_coded(nits / 1e4) * 65535 + 0.5)
    scene = (nits / 1000) ** (1 / 1.2)  # BT.2100: display light is scene light to the power 1.2
    codes = np.linspace(0, 1, 65536)
    return int(np.interp(scene, tone_mapping.hlg_light(codes), codes) * 65535 + 0.5)


def shown(colour, transfer, primaries=9):
    return tone_mapping.to_sdr(np.full((4, 6, 3), colour, np.uint16), transfer, primaries)[1, 1].astype(int)


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_reference_white_is_near_white_and_the_dark_as_it_was(transfer):
    steps = (0, 1, 20, 100, 203, 300, 500, 1000)
    codes = {nits: shown([signal(nits, transfer)] * 3, transfer).mean() for nits in steps}
    assert 220 <= codes[203] <= 245
    # Below the knee: what a display of gamma 2.4 and a white of 203 asks for.
    for nits in (1, 20):
        assert abs(codes[nits] - 255 * (nits / 203) ** (1 / 2.4)) <= 1.5
    rising = [codes[n] for n in steps]
    assert all(b > a for a, b in zip(rising, rising[1:]))
    assert codes[0] == 0
    assert codes[1000] == 255


def test_the_curves_of_bt2100_are_right_at_known_points():
    # 203 cd/m²: 58 % of PQ, 75 % of HLG (BT.2408, table 1).
    assert abs(tone_mapping.pq_coded(0.0203) - 0.5807) < 1e-3
    assert abs(1000 * tone_mapping.hlg_light(np.float64(0.75)) ** 1.2 - 203) < 1
    light = np.linspace(0, 1, 50)
    assert np.abs(tone_mapping.pq_light(tone_mapping.pq_coded(light)) - light).max() < 1e-9


def test_a_colour_keeps_its_hue_and_grey_stays_grey():
    red_709 = np.linalg.inv(tone_mapping.TO_709[9]) @ [0.5, 0.05, 0.05]  # in BT.2020, relative to 203 cd/m²
    codes = tone_mapping.pq_coded(np.maximum(red_709, 0) * 203 / 1e4) * 65535
    red = shown(codes.astype(int), "pq") / 255
    light = red**2.4
    assert np.abs(light / light[0] - np.array([1, 0.1, 0.1])).max() < 0.02
    grey = shown([signal(150, "pq")] * 3, "pq")
    assert np.ptp(grey) <= 1


def test_bt2020_primaries_without_hdr_are_converted_and_bt709_s_left():
    green = np.array([20000, 50000, 15000])
    want = 255 * np.clip(tone_mapping.TO_709[9] @ (green / 65535) ** 2.4, 0, 1) ** (1 / 2.4)
    assert np.abs(shown(green, "") - want).max() <= 1.5
    assert np.abs(shown(green, "", 1) - green / 257).max() <= 1


def clip(path, planes, *, trc, primaries, matrix, codec="libx265", form="yuv420p10le"):
    """Three flat frames with the given codes and tags."""
    with av.open(str(path), "w") as out:
        options = {"x265-params": "log-level=none", "crf": "4"} if codec == "libx265" else {"crf": "4"}
        stream = out.add_stream(codec, rate=10, options=options)
        stream.width, stream.height, stream.pix_fmt, stream.time_base = 96, 64, form, Fraction(1, 10)
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = primaries, trc, matrix, 1
        for n in range(3):
            frame = av.VideoFrame(96, 64, form)
            for plane, value in zip(frame.planes, planes):
                plane.update(np.full(plane.buffer_size // 2, value, np.uint16).tobytes())
            frame.pts = n
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


@pytest.mark.parametrize("codec", ["libx265", "libx264"])
@pytest.mark.parametrize("trc, name", [(16, "pq"), (18, "hlg")])
def test_an_hdr_clip_is_tone_mapped_and_says_so(tmp_path, codec, trc, name):
    white = round(64 + 876 * signal(203, name) / 65535)
    made = clip(tmp_path / "h.mp4", (white, 512, 512), trc=trc, primaries=9, matrix=9, codec=codec)
    info = video.probe(made)
    assert info.transfer == name
    assert f"HDR ({name.upper()}), tone-mapped to SDR" in info.notes
    assert abs(video.read(made).mean() - 230) < 4
    assert abs(video.glimpse(made, 1)[0].mean() - 230) < 4


@pytest.mark.parametrize("form, top", [("yuv420p10le", 1023), ("yuv422p10le", 1023)])
def test_ten_bit_white_is_white(tmp_path, form, top):
    made = clip(tmp_path / "w.mp4", (940, 512, 512), trc=1, primaries=1, matrix=1, codec="libx264", form=form)
    assert video.read(made).min() == 255
    assert video.probe(made).notes == []


def test_wide_sdr_is_read_with_its_own_primaries(tmp_path):
    made = clip(tmp_path / "wide.mp4", (500, 400, 560), trc=14, primaries=9, matrix=9, codec="libx264")
    read = video.read(made)[1].reshape(-1, 3).mean(0)
    y, blue, red = (500 - 64) / 876, (400 - 512) / 896, (560 - 512) / 896
    wide = np.array([y + 1.4746 * red, 0, y + 1.8814 * blue])
    wide[1] = (y - 0.2627 * wide[0] - 0.0593 * wide[2]) / 0.678
    want = 255 * np.clip(tone_mapping.TO_709[9] @ np.clip(wide, 0, 1) ** 2.4, 0, 1) ** (1 / 2.4)
    assert np.abs(read - want).max() < 3
    assert video.probe(made).transfer == ""


@pytest.mark.parametrize("turn", [0, 90, 270])
@pytest.mark.parametrize("width", [51, 96, 300])
def test_an_hdr_picture_read_small_is_the_whole_one_made_smaller(width, turn):
    """Its light is made SDR's on fewer pixels, for the whole of a phone's takes a fifth of a second."""
    coded = video.read("bikes", stop=1)[0].astype(np.uint16) * 257
    frame = av.VideoFrame.from_ndarray(coded, format="rgb48le").reformat(format="yuv420p10le", dst_colorspace="BT2020")
    frame.color_trc, frame.color_primaries, frame.colorspace = 18, 9, 9
    frame.opaque = shown_pictures.Shown(turn, turn == 270, Fraction(4, 3))
    whole, small = shown_pictures.picture(frame), shown_pictures.picture(frame, width)
    want = resize_to_width(whole, width, aspect=Fraction(3, 4) if turn else Fraction(4, 3))
    assert small.shape == want.shape
    assert np.sqrt(np.mean((small.astype(float) - want) ** 2)) < 1.2


@pytest.mark.parametrize("width", ["a", 0, 2.5])
def test_a_width_that_is_none_is_refused_of_hdr_as_of_any_picture(tmp_path, width):
    made = clip(tmp_path / "h.mp4", (600, 512, 512), trc=18, primaries=9, matrix=9)
    for source in (made, "bikes"):
        with pytest.raises(ParameterError, match="width"):
            video.read(source, width=width, stop=1)
