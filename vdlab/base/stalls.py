"""Work that may stand still for ever inside a library: it is left behind and begun again.

SVT-AV1 may wait for a picture that never comes, no thread of it working: it was seen once, of version 4.1, and 5,343
more encodings did not do it; others report it of version 3.1. Nothing can end a call like that, only another can be
made beside it.
"""

import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from .errors import VdlabError

T = TypeVar("T")
TRIES = 3
IDLE = 0.02  # share of one core below which a process does nothing but look


def again_if_stalled(work: Callable[[], T], said: str, *, every: float = 1.0, looks: int = 60) -> T:
    """Return what `work()` returns, or raise what it raises; call it anew, three times at most, where it stands still.

    It does where the process has used no processor at each of `looks` in a row, `every` so many seconds apart: a slow
    machine still works, and one that slept is looked at again. `said` names who stands still in the `VdlabError` of the
    third time. The work is done on another thread, which is left behind when it stands still or is interrupted.
    """
    for _ in range(TRIES):
        came: queue.SimpleQueue = queue.SimpleQueue()
        threading.Thread(target=_tell, args=(work, came), daemon=True).start()
        idle = 0
        while idle < looks:
            before = time.process_time()
            try:
                result, error = came.get(timeout=every)
            except queue.Empty:
                idle = idle + 1 if time.process_time() - before < IDLE * every else 0
                continue
            if error is not None:
                raise error
            return result
    raise VdlabError(f"{said} stood still {TRIES} times, without using the processor; the same command may work again.")


def _tell(work: Callable, came: queue.SimpleQueue) -> None:
    try:
        came.put((work(), None))
    except BaseException as error:  # it belongs to who asked
        came.put((None, error))
