"""TensorFlow, imported in one place: without its greeting, and able to give the same numbers twice.

Its libraries write to the process's error stream before any setting of Python can reach them, and a notebook would show
that, times and process numbers included. Chapters that train nothing never come here.
"""

import os
import sys
from contextlib import contextmanager


@contextmanager
def _unheard():
    """Send what C++ writes to file descriptor 2 nowhere; an exception still comes through."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # for what comes later; a reader's own setting stands
_started_elsewhere = "tensorflow" in sys.modules  # by a reader, and goes on as it is
with _unheard():
    import tensorflow as tf

    if not _started_elsewhere:
        # Threads without work sleep: they would spin, and take a fifth of a training's time from whatever else runs
        _sleepy = tf.compat.v1.ConfigProto()
        _sleepy.experimental.disable_thread_spinning = True
        tf.compat.v1.disable_eager_execution()  # it was enabled without a configuration, and takes one only at first
        tf.compat.v1.enable_eager_execution(_sleepy)  # before Keras is loaded, which begins to compute
    import keras
tf.get_logger().setLevel("ERROR")  # "triggered retracing": a network of another size is no mistake
if not tf.config.list_physical_devices("GPU"):
    # Graphs run as they were traced: rewriting one takes up to three seconds, which no step of these networks wins back
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def deterministic(seed: int) -> None:
    """Make a program give the same numbers twice: seed all generators, no kernel whose order of adding varies, and
    layers named as in a fresh process, since TensorFlow sorts what it adds up by name ("dense_10" before "dense_9")."""
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(seed % 2**32)
    tf.config.experimental.enable_op_determinism()
