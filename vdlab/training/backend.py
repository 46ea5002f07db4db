"""TensorFlow, imported in one place: without its greeting, and able to give the same numbers twice.

Its libraries write to the process's error stream before any setting of Python can reach them, and a notebook would show
that, times and process numbers included. Chapters that train nothing never come here.
"""

import os
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
with _unheard():
    import keras
    import tensorflow as tf
tf.get_logger().setLevel("ERROR")  # "triggered retracing": a network of another size is no mistake


def deterministic(seed: int) -> None:
    """Make a program give the same numbers twice: seed all generators, no kernel whose order of adding varies, and
    layers named as in a fresh process, since TensorFlow sorts what it adds up by name ("dense_10" before "dense_9")."""
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(seed % 2**32)
    tf.config.experimental.enable_op_determinism()
