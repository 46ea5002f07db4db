"""Times that always rise, whatever a file says."""

from fractions import Fraction

import pytest

from vdlab.video.clock import Mark, rising


def clock(ticks, *, keys=(), duration=40, **terms):
    """The times of pictures 40 ticks apart, no pause longer than 10,000."""
    marks = [Mark(tick, duration, n in keys, n) for n, tick in enumerate(ticks)]
    found = [*rising(marks, **{"step": 40, "longest": 10_000} | terms)]
    assert [m.item for _, m in found] == [*range(len(ticks))]
    times = [t for t, _ in found]
    assert all(b > a for a, b in zip(times, times[1:]))
    return times


@pytest.mark.parametrize(
    "ticks, keys, want",
    [
        ([0, 40, 80, 120], (), [0, 40, 80, 120]),
        ([7, 47, 90, 5000], (), [0, 40, 83, 4993]),
        ([0, 40, 80, 120, 160, 200, 0, 40, 80, 120, 160, 200], (0, 6), [40 * n for n in range(12)]),
        ([0, 40, 80, 120, 160, 200, 0, 40, 80, 120, 160, 200], (0,), [40 * n for n in range(12)]),
        ([0, 40, 80, 60, 100, 140], (0, 3), [0, 40, 80, 120, 160, 200]),
        ([0, 40, 90_000, 90_040], (), [0, 40, 80, 120]),
        ([0, 40, 10_000, 10_040], (), [0, 40, 10_000, 10_040]),
        ([0, 40, 40, 80, 120], (), [0, 40, 60, 80, 120]),
        ([0, 0, 40, 40, 80, 80], (), [0, 20, 40, 60, 80, 120]),
        ([0, 40, 120, 80, 160], (), [0, 40, 120, 140, 160]),
        ([None] * 7, (), [40 * n for n in range(7)]),
        ([None, None, 280, 320], (), [0, 40, 80, 120]),
        ([*[None] * 9, 17, 57], (), [40 * n for n in range(11)]),
        ([0, 40, None, None, 160], (), [0, 40, 80, 120, 160]),
        ([0, 40, None, 90_000, 90_040], (), [0, 40, 80, 120, 160]),
        ([0, 40, 40], (), [0, 40, 80]),
        ([-80, -40, 0], (), [0, 40, 80]),
    ],
    ids=[
        "ordinary",
        "a rate that varies",
        "a reset",
        "a reset without a key picture",
        "two recordings that overlap",
        "a jump",
        "a pause",
        "a double",
        "every time twice",
        "a step back",
        "no times",
        "no times at first",
        "no times for long at first",
        "times missing",
        "a jump after a missing time",
        "a double at the end",
        "before zero",
    ],
)
def test_times_rise_and_the_length_stays_what_a_player_shows(ticks, keys, want):
    assert clock(ticks, keys=keys) == want


def test_a_sound_that_starts_earlier_sets_where_counting_begins():
    assert clock([500, 540], start=480) == [20, 60]
    assert clock([500, 540], start=600) == [0, 40]
    assert clock([500, 540], start=0) == [500, 540]


def test_a_picture_s_own_length_carries_the_clock_over_a_reset():
    marks = [Mark(0, 100, True), Mark(100, 100, False), Mark(0, 100, True)]
    assert [t for t, _ in rising(marks, step=40, longest=10_000)] == [0, 100, 200]
    marks = [Mark(0, 0, True), Mark(100, 0, False), Mark(0, 0, True)]
    assert [t for t, _ in rising(marks, step=Fraction(100, 3), longest=10_000)] == [0, 100, Fraction(400, 3)]


def test_no_more_than_a_few_pictures_are_held_back():
    given = []

    def marks():
        for n in range(1000):
            given.append(n)
            yield Mark(0 if n > 3 else 40 * n, 40, False, n)

    for count, (_, mark) in enumerate(rising(marks(), step=40, longest=10_000)):
        assert mark.item == count
        assert given[-1] - count <= 5
