"""AV1 says the shape of its pixels in every frame, and not a pixel changes for it."""

from fractions import Fraction

import av
import numpy as np
import pytest

from vdlab import video
from vdlab.video import av1_render_size, codecs, mux, planes, sample_clips


@pytest.fixture(scope="module")
def pictures():
    return [planes.to_picture(f) for f in video.read(sample_clips.sample_path("carphone"), stop=20)]


@pytest.mark.parametrize("aspect", ["32/27", "12/11", "16/15", "1/2", "4711/2999"])
@pytest.mark.parametrize("preset", [11, 8, 5])
def test_the_stream_itself_says_its_shape_and_shows_the_same_pictures(tmp_path, pictures, aspect, preset):
    data, times = codecs.encode(pictures, codecs.av1(preset), 50), [Fraction(n, 25) for n in range(len(pictures))]
    mux.write(tmp_path / "square.mp4", [data], times=times)
    mux.write(tmp_path / "wide.mp4", [data], times=times, aspect=Fraction(aspect))
    seen = {}
    for name in ("square.mp4", "wide.mp4"):
        with av.open(str(tmp_path / name)) as source:
            frames, track = [f.to_ndarray() for f in source.decode(video=0)], source.streams.video[0]
            seen[name] = track.codec_context.sample_aspect_ratio, track.sample_aspect_ratio, frames
    assert seen["wide.mp4"][:2] == (Fraction(aspect), Fraction(aspect))
    assert seen["square.mp4"][0] == 1
    assert np.array_equal(seen["wide.mp4"][2], seen["square.mp4"][2])


@pytest.mark.parametrize(
    "width, height, aspect",
    [(720, 576, "16/15"), (180, 120, "32/27"), (64, 64, "4711/2999"), (2, 2, "1/3"), (65535, 2, "65535/7")],
)
def test_a_render_size_has_the_shape_and_fits_its_sixteen_bits(width, height, aspect):
    wide, high = av1_render_size.rendered(width, height, Fraction(aspect))
    assert 1 <= wide <= 65536
    assert 1 <= high <= 65536
    if width < 60000:
        assert Fraction(wide, high) == Fraction(width, height) * Fraction(aspect)


def test_what_is_no_av1_of_its_kind_stays_as_it_is():
    shape = av1_render_size.Shape(Fraction(4, 3))
    odd = bytes(
        [0x32, 3, 1, 2, 3, 0x0A, 1, 255, 0x32, 2, 9, 9]
    )  # a frame before any sequence header, a header that ends early, a frame after it
    assert shape(odd) == odd


def test_browsers_show_every_writer_s_shape(tmp_path, pictures, browser):
    mux.write(
        tmp_path / "av1.mp4",
        [codecs.encode(pictures, codecs.av1(11), 50)],
        times=[Fraction(n, 25) for n in range(20)],
        aspect=Fraction(32, 27),
    )
    video.write(
        tmp_path / "h264.mp4",
        video.read(sample_clips.sample_path("carphone"), stop=20),
        fps=25,
        aspect=Fraction(32, 27),
    )
    (tmp_path / "page.html").write_text("".join(f'<video muted src="{n}.mp4"></video>' for n in ("av1", "h264")))
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_function("[...document.querySelectorAll('video')].every(v => v.readyState > 0 || v.error)")
    shown = page.evaluate("[...document.querySelectorAll('video')].map(v => [v.error, v.videoWidth, v.videoHeight])")
    page.close()
    assert shown == [[None, 209, 144]] * 2
