"""What stands still is begun again; what is slow, fails or is interrupted is not."""

import threading
import time

import pytest

from vdlab.base.errors import VdlabError
from vdlab.base.stalls import again_if_stalled


def standing(times: int):
    """Work that waits for ever the first `times` times it is called; the calls so far are in its list."""
    calls: list = []

    def work():
        calls.append(1)
        if len(calls) <= times:
            threading.Event().wait()
        return len(calls)

    return work, calls


def test_work_that_stands_still_is_done_again():
    work, _ = standing(2)
    assert again_if_stalled(work, "it", every=0.1, looks=3) == 3


def test_work_that_stands_still_each_time_is_a_sentence_that_names_it():
    work, calls = standing(9)
    with pytest.raises(VdlabError, match="SVT-AV1 stood still 3 times"):
        again_if_stalled(work, "SVT-AV1", every=0.1, looks=3)
    assert len(calls) == 3


def test_work_that_is_slow_is_waited_for():
    calls = []

    def work():
        calls.append(1)
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            sum(range(1000))
        return "done"

    assert again_if_stalled(work, "it", every=0.1, looks=3) == "done"
    assert len(calls) == 1


def test_what_goes_wrong_goes_wrong_as_it_did():
    with pytest.raises(ZeroDivisionError):
        again_if_stalled(lambda: 1 / 0, "it")
