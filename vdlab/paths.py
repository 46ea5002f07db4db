"""Where in the clip a noisy window may be: every path through it at once, forward and backward.

Frame t shows a place, a number of `FINE`-ths of a frame of the shot; the next frame shows one about a frame further on, at a tempo that changes
seldom. That is a hidden Markov chain whose states are place and tempo, and the chance of every place at frame t, given *all* frames of the
window, follows in closed form from what came before times what comes after (Baum, Petrie, Soules and Weiss 1970, doi:10.1214/aoms/1177697196).
Now and then a path jumps: pictures out of order are unlikely, not impossible.
"""

from __future__ import annotations

import numpy as np

from .backend import tf

FINE = 3                        # places a frame
TEMPI = 3                       # evenly from slow to fast
TURN = 0.05                     # chance that the tempo changes, a frame
JUMP = 1e-4                     # chance that a path goes on anywhere, a frame


def tempi(tempo: float) -> np.ndarray:
    """Return the tempi, frames of the clip a frame, from 1 / (1 + tempo) to 1 + tempo."""
    return (1 + tempo) ** np.linspace(-1, 1, TEMPI) if tempo else np.ones(1)


def kernel(tempo: float) -> tuple[int, np.ndarray]:
    """Return the shortest step, in places, and the chance float32 (steps, tempi, tempi) of a step and the next tempo, given the tempo so far."""
    rates = FINE * tempi(tempo)
    first, at = int(np.floor(rates.min())), np.arange(len(rates))
    lengths = first + np.arange(int(np.ceil(rates.max())) - first + 1)
    steps = np.maximum(1 - np.abs(lengths[:, None] - rates), 0)         # a rate between two whole steps takes now one, now the other
    near = np.abs(at[:, None] - at) == 1
    turns = np.eye(len(at)) * (1 - TURN) + TURN * near / np.maximum(near.sum(1, keepdims=True), 1) if len(at) > 1 else np.eye(1)
    return first, (steps[:, None] * turns).astype(np.float32)


def chances(fits, *, tempo: float):
    """Return p(n | all frames) (B, T, N) from the log-likelihoods `fits` (B, T, N) of every frame at every place; -inf where no place is."""
    first, ahead = kernel(tempo)
    more, rates = len(ahead) - 1, ahead.shape[1]
    seen = tf.transpose(tf.exp(fits - tf.reduce_max(fits, -1, keepdims=True)), (1, 0, 2))[..., None]            # (T, B, N, 1)
    even = tf.ones_like(seen[0]) * tf.ones((1, 1, rates))
    anywhere = JUMP / tf.cast(tf.shape(fits)[2] * rates, tf.float32)

    def share(x):
        return x / tf.reduce_sum(x, (1, 2), keepdims=True)

    def onward(x, now):
        x = tf.pad(x, ((0, 0), (first + more, 0), (0, 0)))[:, :tf.shape(x)[1] + more]
        return share(now * ((1 - JUMP) * tf.nn.conv1d(x, ahead[::-1], 1, "VALID") + anywhere))

    def backward(x, now):
        x = tf.pad(share(x * now), ((0, 0), (0, first + more), (0, 0)))[:, first:]
        return (1 - JUMP) * tf.nn.conv1d(x, ahead.transpose(0, 2, 1), 1, "VALID") + anywhere

    start = share(seen[0] * even)
    before = tf.concat([start[None], tf.scan(onward, seen[1:], start)], 0)
    after = tf.concat([tf.scan(backward, seen[1:], even, reverse=True), even[None]], 0)
    both = tf.transpose(tf.reduce_sum(before * after, -1), (1, 0, 2))
    return both / tf.reduce_sum(both, -1, keepdims=True)
