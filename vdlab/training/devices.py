"""Training on several devices of one machine at once: every device does its share of each batch, gradients are
averaged.

`tf.distribute.MirroredStrategy` keeps a copy of all weights on each device; on one device the same code runs without a
copy. What Keras 3 (with TensorFlow) does not support: `MultiWorkerMirroredStrategy`, that is more than one machine
(open, keras-team/keras #20585); `ParameterServerStrategy` (dropped, keras-team/keras #18624); and `keras.distribution`,
which is for its JAX backend. XLA does not compile a step that spans devices, so steps on several are not compiled.
Several machines serve a sweep.
"""

from collections.abc import Callable, Sequence

from ..base.errors import ParameterError
from .backend import tf


def distribution_strategy(devices: Sequence[str] = ()):
    """Return the way to train on `devices` ('GPU:0', …), by default on every GPU there is, or on the one processor.

    Raises `ParameterError` for a device that is not there.
    """
    there = {d.name.removeprefix("/device:"): d.name for d in tf.config.list_logical_devices()}
    if missing := [d for d in devices if d not in there]:
        raise ParameterError(f"there is no device {', '.join(missing)}; there are {', '.join(there)}.")
    devices = list(devices) or [d for d in there if d.startswith("GPU")]
    return tf.distribute.MirroredStrategy(devices) if len(devices) > 1 else tf.distribute.get_strategy()


def even_batch(batch: int, replicas: int) -> int:
    """The smallest batch of at least `batch` samples that every replica has an equal share of."""
    return -(-batch // replicas) * replicas


def replica_share(samples):
    """The part of a batch (B, …) that falls to the replica asking; all of it where there is only one."""
    context = tf.distribute.get_replica_context()
    replicas = context.num_replicas_in_sync
    if replicas == 1:
        return samples
    return tf.reshape(samples, [replicas, -1, *samples.shape[1:]])[context.replica_id_in_sync_group]


def replica_loss(loss):
    """A replica's loss as its part of the whole batch's: Keras adds the replicas' gradients up."""
    return loss / tf.distribute.get_replica_context().num_replicas_in_sync


def run_on_replicas(way, step: Callable, n) -> list:
    """Run `step(n)` on every replica of the strategy `way`, and return the mean of what they return."""
    return [way.reduce(tf.distribute.ReduceOp.MEAN, value, axis=None) for value in way.run(step, args=(n,))]
