"""How much of some work is finished: the work itself is asked, and ends before it begins.

What work depends on it alone knows, so whether parts that wait are its own is found where it would go on from them.
"""

from collections.abc import Callable
from contextvars import ContextVar

_ASKED: ContextVar[bool] = ContextVar("asked", default=False)


class _Answer(BaseException):
    """Ends work that is asked; no `Exception`, which it might catch."""


def share_finished(work: Callable[[], object]) -> float:
    """Return which share of some work, 0 … 1, an earlier run has finished. It is not done, and nothing is written."""
    before = _ASKED.set(True)
    try:
        work()
    except _Answer as answer:
        return answer.args[0]
    finally:
        _ASKED.reset(before)
    return 0.0


def answer(share: Callable[[], float] = lambda: 0.0) -> None:
    """Say which share is finished, if that is asked; called before anything is made or written."""
    if _ASKED.get():
        raise _Answer(share())
