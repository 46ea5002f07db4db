"""Times become whole ticks: exactly where a container can, and never in silence wrong."""

from fractions import Fraction as F

import pytest

from vdlab.base.errors import VideoError
from vdlab.video.ticks import to_ticks


@pytest.mark.parametrize(
    "times, end, base, stamps",
    [
        ([0, F(1, 25), F(1, 10)], None, F(1, 50), (0, 2, 5, 8)),
        ([0, F(1001, 30000)], F(2002, 30000), F(1, 30000), (0, 1001, 2002)),
        ([F(1, 3)], None, F(1, 75), (25, 28)),
        ([0, F(1, 25)], F(1, 10), F(1, 50), (0, 2, 5)),
        ([0, F(1, 25)], F(1, 10) + F(1, 1 << 40), F(1, 25), (0, 1, 3)),
    ],
)
def test_every_time_is_whole_in_the_longest_tick_and_the_last_frame_has_an_end(times, end, base, stamps):
    found = to_ticks("x.mp4", times, end=end)
    assert found.base == base
    assert found.stamps[:-1] == stamps[:-1]
    assert found.stamps[-1] == stamps[-1]


def test_times_that_no_tick_fits_are_kept_to_the_microsecond():
    times = [n * F(0.1) for n in range(5)]  # floats are binary fractions
    found = to_ticks("x.mp4", times)
    assert found.base == F(1, 1_000_000)
    assert [s * found.base for s in found.stamps[:5]] == [F(n, 10) for n in range(5)]


@pytest.mark.parametrize(
    "times, end", [([0, 0], None), ([1, 0], None), ([-1, 0], None), ([0, 1], 1), ([0, F(1, 1 << 50)], None)]
)
def test_times_that_do_not_rise_are_refused(times, end):
    with pytest.raises(VideoError, match="x.mp4: .* have to rise"):
        to_ticks("x.mp4", times, end=end)


def test_no_times_are_no_film():
    with pytest.raises(VideoError, match="no frame"):
        to_ticks("x.mp4", [])
