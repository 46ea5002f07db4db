"""The loop in which every generator here is trained: steps, a progress bar, checkpoints, and a guard that undoes a
divergence.

Budgets are steps, never seconds, and a step's randomness follows from its number: a run that was killed goes on from
its last checkpoint to the very model that it would have become.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ..base.errors import ParameterError
from ..base.interrupts import held_back
from ..base.progress import progress_bar
from . import weights
from .backend import tf

CHECK_EVERY = 50  # steps between two looks at whether all is well, and two checkpoints
CURVE_EVERY = 5  # steps between two points of a curve
RETRIES = 3


def run_training(
    step: Callable,
    state: list,
    *,
    name: str,
    steps: int,
    curves: Sequence[str],
    key: str,
    rates: list,
    checkpoint=None,
    log=None,
    watch: Callable | None = None,
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Call `step(n)` for n = 0 … steps - 1; return {curve: float32 (points,)} and what went wrong on the way.

    `step` takes an int32 scalar, which all its randomness depends on, and returns the curves' values, all but the
    first, which is n itself. `state` is every variable that a step changes, `rates` the step sizes to halve when values
    or state cease to be finite; `key` tells this run from any other whose checkpoint may lie at `checkpoint`; `log` is
    a folder for TensorBoard; `watch(n)` is called every 50 steps. Raises `ParameterError` when it diverges again and
    again.
    """
    rows, notes, at = [], [], 0
    if checkpoint:
        at, rows = weights.read_checkpoint(checkpoint, state, key=key)
    good, trouble = [v.numpy() for v in state], 0
    book = tf.summary.create_file_writer(str(log)) if log else None
    with progress_bar(total=steps, initial=at, desc=f"training the {name}", unit=" steps") as bar:
        while at < steps:
            count = min(CHECK_EVERY - at % CHECK_EVERY, steps - at)
            chunk = [undisturbed(step, n + steps * trouble) for n in range(at, at + count)]
            new = [[n, *map(float, values)] for n, values in zip(range(at, at + count), chunk) if n % CURVE_EVERY == 0]
            if not (np.isfinite(new).all() and all(np.isfinite(v.numpy()).all() for v in state)):
                trouble += 1
                if trouble > RETRIES:
                    raise ParameterError(f"the {name} diverged at step {at} three times over; lower settings.rate.")
                for v, kept in zip(state, good):
                    v.assign(kept)
                for rate in rates:
                    rate.assign(rate / 2)
                notes.append(
                    f"Training diverged after step {at}: the last good state was restored and the rate halved."
                )
                continue
            rows, at = rows + new, at + count
            good = [v.numpy() for v in state]
            if checkpoint:
                weights.write_checkpoint(checkpoint, good, step=at, rows=rows, key=key)
            bar.update(count)
            if book:
                _log(book, curves, new)
            if watch:
                watch(at)
    return dict(zip(curves, np.array(rows, np.float32).reshape(-1, len(curves)).T)), tuple(notes)


def undisturbed(step: Callable, n: int):
    """Return `step(n)`, at whose end an interrupt counts that came in its middle."""
    with held_back():
        return step(tf.constant(n))


def _log(book, curves: Sequence[str], rows: list) -> None:
    """Write points of the curves as TensorBoard's scalars.

    TensorFlow's `summary.scalar` would ask for TensorBoard to be installed; this does not.
    """
    plugin = tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars")
    with book.as_default():
        for n, *values in rows:
            for name, value in zip(curves[1:], values):
                tf.summary.write(
                    name, tf.constant(value, tf.float32), n, metadata=tf.compat.v1.SummaryMetadata(plugin_data=plugin)
                )
    book.flush()
