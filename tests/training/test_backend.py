"""TensorFlow, as the kit starts it."""

import subprocess
import sys

CHECK = """
import sys
if "started" in sys.argv:
    import tensorflow as tf
    tf.ones(1) + 1
from vdlab.training.backend import tf
from tensorflow.python.eager import context
print(float((tf.ones(1) + 1)[0]), context.context().config.experimental.disable_thread_spinning)
"""


def seen(*how: str) -> str:
    """What a fresh process says of the TensorFlow that the kit gave it: what 1 + 1 is, whether idle threads sleep."""
    return subprocess.run([sys.executable, "-c", CHECK, *how], capture_output=True, text=True).stdout.strip()


def test_threads_without_work_sleep():
    """They would spin, and take their time from whatever else runs; the option has no door but TensorFlow's own."""
    assert seen() == "2.0 True"


def test_a_tensorflow_that_the_reader_has_started_goes_on_as_it_is():
    """Its context cannot be made anew."""
    assert seen("started") == "2.0 False"
