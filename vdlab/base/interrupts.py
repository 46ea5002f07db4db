"""Every way in which a run is told to stop is an interrupt: Ctrl-C, `kill`, a terminal that closes.

A shell without job control starts `command &` with SIGINT ignored, and Python keeps that: Ctrl-C and `kill -INT` would
then do nothing. SIGTERM and SIGHUP end a Python process at once, and its kernels and temporary folders stay.
"""

import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress

ENDINGS = [n for n in ("SIGTERM", "SIGHUP") if hasattr(signal, n)]


class Terminated(KeyboardInterrupt):
    """An interrupt by another signal than Ctrl-C's; `code` is the exit code by which a shell knows it."""

    def __init__(self, number: int):
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


def is_command() -> bool:
    """Whether this process is the command `vdlab`, and no program that imports the kit."""
    words = sys.orig_argv[1:3]
    return words == ["-m", "vdlab"] or os.path.splitext(os.path.basename("".join(words[:1])))[0] == "vdlab"


def endings() -> list[int]:
    """Return the signals that stop a command: SIGINT, and SIGTERM and SIGHUP where `nohup` or the like ignores none."""
    others = [getattr(signal, name) for name in ENDINGS]
    return [signal.SIGINT, *(n for n in others if signal.getsignal(n) != signal.SIG_IGN)]


def end_with_a_sentence() -> None:
    """Let every signal to stop end the process with the sentence and exit code of the command, for while it loads.

    An exception would come up in the middle of a library that is half imported, and some make another of it.
    `interruptible` takes these handlers' place.
    """
    for number in endings():
        if number == signal.SIGINT or signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _end)


@contextmanager
def ending_with_a_sentence():
    """Let signals to stop do that inside, whoever handles them; what was set before comes back after."""
    before = {number: signal.signal(number, _end) for number in endings()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interruptible():
    """Let SIGINT raise `KeyboardInterrupt`, SIGTERM and SIGHUP `Terminated`; what was set before comes back after.

    SIGHUP stays ignored where it is: `nohup` asks for that. In another thread than the main one nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {}
    if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, signal.SIG_DFL, _end):
        before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ENDINGS:
        number = getattr(signal, name)
        if signal.getsignal(number) in (signal.SIG_DFL, _end):
            before[number] = signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def held_back():
    """Let a Ctrl-C wait until the block is done: one in the middle of a library leaves it half done.

    TensorFlow that was stopped while it traced a step has given no gradients in the next one. Short blocks only.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        signal.raise_signal(signal.SIGINT)


def _end(number: int, frame) -> None:
    with suppress(OSError):
        os.write(2, b"vdlab: interrupted.\n")
    os._exit(128 + number)  # nothing is begun yet, so nothing is to be tidied


def _stop(number: int, frame) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one must not break into the tidying that the first has begun
    raise Terminated(number)
