"""Training on several devices: the same code, the same batches, and so the same model up to rounding."""

import subprocess
import sys

import numpy as np
import pytest

from vdlab import ParameterError
from vdlab.training import backend, devices

TRAIN = """
import sys, numpy as np
from dataclasses import replace
from vdlab.training.backend import tf
(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from vdlab import generation, video; from vdlab.generation import gan_settings; from vdlab.video import sample_clips
shot = video.read(sample_clips.sample_path("bigbuckbunny"), width=64, stop=24)
settings = replace(gan_settings.PRESETS["tiny"], steps=60, batch=5)
one = generation.train_gan(shot, settings=replace(settings, batch=6), seed=3, cuts=[])
two = generation.train_gan(shot, settings=settings, seed=3, cuts=[], devices=["CPU:0", "CPU:1"], checkpoint=sys.argv[2])
made = {}
for n, m in (("one", one), ("two", two)):
    made |= {f"{k}-{n}": m.curves[k] for k in ("critic", "generator", "pairing")}
    made[f"weights-{n}"] = np.concatenate([w.ravel() for w in m.generator.get_weights()])
np.savez(sys.argv[1], batch=two.settings.batch, steps=one.curves["step"], **made)
again = generation.train_gan(
    shot, settings=settings, seed=3, cuts=[], devices=["CPU:0", "CPU:1"], checkpoint=sys.argv[2]
)
assert np.array_equal(again.curves["critic"], two.curves["critic"])
assert two.sample(1, 8, seed=0).shape == (1, 8, *shot.shape[1:])
"""


def test_where_there_is_no_gpu_graphs_run_as_they_were_traced():
    gpus = backend.tf.config.list_physical_devices("GPU")
    assert backend.tf.config.optimizer.get_experimental_options().get("disable_meta_optimizer", False) == (not gpus)


def test_two_devices_train_the_model_that_one_trains(tmp_path):
    subprocess.run([sys.executable, "-c", TRAIN, tmp_path / "made.npz", tmp_path / "state.npz"], check=True)
    with np.load(tmp_path / "made.npz") as made:
        assert made["batch"] == 6, "five samples were made six, three for each"
        assert len(made["steps"]) == 12, "five samples were made six, three for each"
        for curve in ("critic", "generator", "pairing"):
            assert np.abs(made[f"{curve}-one"] - made[f"{curve}-two"]).max() < 1e-3
        assert np.corrcoef(made["weights-one"], made["weights-two"])[0, 1] > 0.9999


def test_a_device_that_is_not_there_is_named():
    with pytest.raises(ParameterError, match="no device GPU:7; there are CPU:0"):
        devices.distribution_strategy(["GPU:7"])
    assert devices.even_batch(24, 5) == 25
    assert devices.even_batch(24, 1) == 24
    assert backend.tf.distribute.get_strategy() is devices.distribution_strategy(["CPU:0"])
