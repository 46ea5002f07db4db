"""Work done ahead of who asks for it, on threads, in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from . import checks

WORKERS = 2  # OpenCV and NumPy let go of Python's lock; more threads than cores would only fight


def map_in_order(work: Callable, items: Iterable, *, workers: int = WORKERS) -> Iterator:
    """Yield `work(item)` of every item, in order; at most twice `workers` are begun before they are asked for.

    Raises `ParameterError` for a number of workers that is none.
    """
    checks.number("workers", workers, whole=True)
    with ThreadPoolExecutor(max(1, workers)) as pool:
        coming: deque = deque()
        for item in items:
            coming.append(pool.submit(work, item))
            if len(coming) > 2 * workers:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
