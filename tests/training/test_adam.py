"""The one Adam, in both of its forms, against Keras's and against the paper's own lines."""

import numpy as np
import pytest

from vdlab.training import adam, weights
from vdlab.training.backend import keras, tf

BETAS, RATE = (0.5, 0.99), 0.05


def bowl(v):
    """The slope of Σ (v - 1)⁴."""
    return 4 * (v - 1) ** 3


@pytest.fixture(scope="module")
def path():
    """Forty steps from (-1, 0.5, 3) by the lines of the paper's algorithm 1."""
    v, m, s, out = np.array([-1, 0.5, 3.0]), 0, 0, []
    for t in range(1, 41):
        g = bowl(v)
        m, s = BETAS[0] * m + (1 - BETAS[0]) * g, BETAS[1] * s + (1 - BETAS[1]) * g**2
        v = v - RATE * (m / (1 - BETAS[0] ** t)) / (np.sqrt(s / (1 - BETAS[1] ** t)) + 1e-8)
        out.append(v)
    return np.array(out)


@pytest.mark.parametrize("kind", [tf.Variable, keras.Variable])
def test_variables_go_the_way_of_the_paper(path, kind):
    v = kind(np.float32([-1, 0.5, 3]))
    optimiser = adam.Adam([v], betas=BETAS)
    step = tf.function(lambda: optimiser.apply([bowl(tf.convert_to_tensor(v))], RATE))
    found = []
    for _ in path:
        step()
        found.append(tf.convert_to_tensor(v).numpy())
    assert np.array(found) == pytest.approx(path, abs=1e-4)


def test_tensors_go_the_way_of_the_paper(path):
    v, age = tf.constant([-1, 0.5, 3]), tf.constant(0.0)
    memory, found = (tf.zeros_like(v), tf.zeros_like(v)), []
    for _ in path:
        v, memory, age = adam.adam_step(v, bowl(v), memory, age, RATE, betas=BETAS)
        found.append(v.numpy())
    assert np.array(found) == pytest.approx(path, abs=1e-4)


def test_a_run_goes_on_with_the_state_that_was_kept():
    v = tf.Variable([2.0])
    optimiser = adam.Adam([v])
    state = [v, *optimiser.variables]
    optimiser.apply([bowl(v)], RATE)
    kept = [s.numpy() for s in state]
    optimiser.apply([bowl(v)], RATE)
    there = v.numpy()
    for variable, value in zip(state, kept):
        variable.assign(value)
    optimiser.apply([bowl(v)], RATE)
    assert np.array_equal(v.numpy(), there)


def test_a_checkpoint_of_other_variables_is_none(tmp_path):
    weights.write_checkpoint(tmp_path / "state.npz", [np.zeros(3), np.ones(2)], step=50, rows=[], key="run")
    for shapes in ([3], [3, 5], [3, 2, 1]):
        assert weights.read_checkpoint(
            tmp_path / "state.npz", [tf.Variable(tf.zeros(n)) for n in shapes], key="run"
        ) == (0, [])
    right = [tf.Variable(tf.zeros(3)), tf.Variable(tf.zeros(2))]
    assert weights.read_checkpoint(tmp_path / "state.npz", right, key="run")[0] == 50
    assert right[1].numpy().tolist() == [1, 1]
