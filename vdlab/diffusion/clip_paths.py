"""Where in the clip a noisy window may be: every path through it at once, forward and backward.

Each moment of a path shows a frame of the shot, the next moment as a rule the next frame. Now and then a path hurries,
to the frame after the next, or lingers, to the same frame; then the moment on the way shows what lies half-way, so that
no frame is left out or doubled. That is a hidden Markov chain, and the chance of every place at moment t, given *all*
of the window, follows in closed form from what came before times what comes after (Baum, Petrie, Soules and Weiss 1970,
doi:10.1214/aoms/1177697196). A change of pace is brief: a sum of two frames shows both, and has half of their grain.
Very seldom a path jumps: pictures out of order are unlikely, not impossible.
"""

from __future__ import annotations

import numpy as np

from ..training.backend import tf

FINE = 2  # places a frame: the frame itself, and half-way to the next
EVEN, HURRIED, LINGERED = range(3)  # what a path is doing; only an even one stands on a frame
JUMP = 1e-20  # chance that a path goes on anywhere, a frame


def step_kernel(tempo: float) -> tuple[int, np.ndarray]:
    """Return the shortest step, in places, and the chance float32 (steps, 3, 3) of a step and what the path then does,
    given what it does now.

    `tempo` is the chance, a frame, that it begins to hurry or to linger.
    """
    ahead = np.zeros((3, 3, 3), np.float32)
    ahead[1, EVEN, EVEN], ahead[2, EVEN, HURRIED], ahead[0, EVEN, LINGERED] = 1 - tempo, tempo / 2, tempo / 2
    ahead[2, HURRIED, EVEN] = ahead[0, LINGERED, EVEN] = 1
    return 1, ahead


def draw_walks(n: int, length: int, *, tempo: float, rng) -> np.ndarray:
    """Return `n` paths (n, length), in frames, that begin on frame 0."""
    steps, now = np.full((length, n), FINE), np.zeros(n, int)  # `now`: a place more or less than even
    steps[0] = 0
    for step in steps[1:]:
        begun = rng.choice([-1, 0, 1], n, p=[tempo / 2, 1 - tempo, tempo / 2])
        step += np.where(now, now, begun)
        now = np.where(now, 0, begun)
    return steps.cumsum(0).T / FINE


def frame_probabilities(fits, *, tempo: float):
    """Return p(n | all frames) (B, T, N) from the log-likelihoods `fits` (B, T, N) of every frame at every place; -inf
    where no place is. The first is a frame.
    """
    first, ahead = step_kernel(tempo)
    more, does = len(ahead) - 1, ahead.shape[1]
    on_frame = tf.range(tf.shape(fits)[2])[:, None] % FINE == 0
    allowed = tf.cast((tf.range(does) == EVEN) == on_frame, tf.float32)  # (N, 3)
    seen = (
        tf.transpose(tf.exp(fits - tf.reduce_max(fits, -1, keepdims=True)), (1, 0, 2))[..., None] * allowed
    )  # (T, B, N, 3)
    even = tf.ones_like(seen[0])
    anywhere = JUMP / tf.cast(tf.shape(fits)[2] * does, tf.float32)

    def share(x):
        return x / tf.reduce_sum(x, (1, 2), keepdims=True)

    def onward(x, now):
        x = tf.pad(x, ((0, 0), (first + more, 0), (0, 0)))[:, : tf.shape(x)[1] + more]
        return share(now * ((1 - JUMP) * tf.nn.conv1d(x, ahead[::-1], 1, "VALID") + anywhere))

    def backward(x, now):
        x = tf.pad(share(x * now), ((0, 0), (0, first + more), (0, 0)))[:, first:]
        return (1 - JUMP) * tf.nn.conv1d(x, ahead.transpose(0, 2, 1), 1, "VALID") + anywhere

    start = share(seen[0] * tf.constant([1, tempo / 2, tempo / 2]))  # as often as a path that has long been under way
    before = tf.concat([start[None], tf.scan(onward, seen[1:], start)], 0)
    after = tf.concat([tf.scan(backward, seen[1:], even, reverse=True), even[None]], 0)
    both = tf.transpose(tf.reduce_sum(before * after, -1), (1, 0, 2))
    return both / tf.reduce_sum(both, -1, keepdims=True)
