"""A Ctrl-C that comes in the middle of a training step counts at the step's end."""

import signal
import threading

import pytest

from vdlab.base import interrupts


@pytest.fixture(autouse=True)
def pythons_own():
    """Python's own handler, also where the suite runs in a background that ignores SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_block_is_done_before_the_interrupt_counts():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with interrupts.held_back():
            signal.raise_signal(signal.SIGINT)
            done.append(True)
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_in_the_block_is_the_one_that_is_seen():
    with pytest.raises(ValueError, match="of its own"):
        with interrupts.held_back():
            signal.raise_signal(signal.SIGINT)
            raise ValueError("of its own")


def test_where_interrupts_are_ignored_they_stay_so():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interrupts.held_back():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_another_thread_than_the_main_one_is_left_alone():
    failed = []

    def work():
        try:
            with interrupts.held_back():
                pass
        except ValueError as error:  # signals may be set in the main thread alone
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not failed
