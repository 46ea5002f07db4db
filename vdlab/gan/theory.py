"""The adversarial game where its answer is known in closed form: densities one can see, and two numbers that chase each
other.

*Theory*, Goodfellow et al. 2014 (arXiv:1406.2661): two densities, the discriminator that is best against them, the
value of the game. *Dynamics*, Mescheder, Geiger, Nowozin 2018 (arXiv:1801.04406): the Dirac-GAN, the smallest game that
does not settle. NumPy alone; networks that play for the same densities are in `match.py`, the game on a clip's codes in
`gan.py`.
"""

from dataclasses import dataclass

import numpy as np

# Theory ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mixture:
    """Gaussians of one width: `centres` (K, d), deviation `sigma`, `weights` (K,) that sum to 1 (None: equal)."""

    centres: np.ndarray
    sigma: float
    weights: np.ndarray | None = None

    @property
    def shares(self) -> np.ndarray:
        """The weights, float64 (K,)."""
        k = len(self.centres)
        return np.full(k, 1 / k) if self.weights is None else np.asarray(self.weights, float) / np.sum(self.weights)

    def density(self, x: np.ndarray) -> np.ndarray:
        """Return the density at points `x` (…, d), shape (…)."""
        x = np.asarray(x, float)
        d, out = x.shape[-1], np.zeros(x.shape[:-1])
        for centre, share in zip(self.centres, self.shares):
            if share:
                out += share * np.exp(-((x - centre) ** 2).sum(-1) / (2 * self.sigma**2))
        return out / (2 * np.pi * self.sigma**2) ** (d / 2)

    def sample(self, n: int, *, seed: int = 0) -> np.ndarray:
        """Return n points, float32 (n, d)."""
        rng = np.random.default_rng(seed)
        chosen = self.centres[rng.choice(len(self.centres), n, p=self.shares)]
        return (chosen + self.sigma * rng.standard_normal(chosen.shape)).astype(np.float32)


def gaussian_ring(modes: int = 8, *, sigma: float = 0.03) -> Mixture:
    """Gaussians evenly spaced on the unit circle, the test of mode collapse of Metz et al. 2017, arXiv:1611.02163."""
    angle = 2 * np.pi * np.arange(modes) / modes
    return Mixture(np.stack([np.cos(angle), np.sin(angle)], -1), sigma)


GREY = 64.0  # grey levels in one unit of the line: brightness then has about unit spread, as networks like it


def brightness_density(frame: np.ndarray, *, blur: float = 6.0) -> Mixture:
    """The brightness of one frame's pixels as a density on the line: luma (BT.601) of uint8 RGB (H, W, 3).

    `blur` is the width of each level's Gaussian, in grey levels; level g lies at x = (g − 127.5) / 64, see `level`.
    """
    luma = np.round(frame.reshape(-1, 3) @ [0.299, 0.587, 0.114]).astype(int)
    return Mixture((np.arange(256)[:, None] - 127.5) / GREY, blur / GREY, np.bincount(luma, minlength=256) / len(luma))


def grey_level(x):
    """Return the grey level (0 … 255) at a point of the line."""
    return np.asarray(x) * GREY + 127.5


def most_different_frames(frames: np.ndarray, *, looks: int = 24, apart: float = 0.2) -> tuple[int, int]:
    """Return the ordinals of the two frames (of `looks` evenly spaced ones) whose brightness has a JSD nearest `apart`.

    0.2 nats: neither alike nor told apart at a glance. A clip of one frame plays against itself.
    """
    ordinals = np.unique(np.linspace(0, len(frames) - 1, looks).round().astype(int))
    shares = [brightness_density(frames[i]).shares for i in ordinals]
    pairs = ((a, b) for b in range(len(shares)) for a in range(b + (b == 0)))
    _, a, b = min((abs(jensen_shannon(shares[a], shares[b]) - apart), a, b) for a, b in pairs)
    return int(ordinals[a]), int(ordinals[b])


def optimal_discriminator(p, q):
    """Proposition 1: D*(x) = p(x) / (p(x) + q(x)); ½ where neither has mass, because nothing is ever asked there."""
    p, q = np.asarray(p, float), np.asarray(q, float)
    return np.divide(p, p + q, out=np.full(np.broadcast(p, q).shape, 0.5), where=p + q > 0)


def game_value(D, p, q) -> float:
    """V(D, G) = Σ p log D + Σ q log(1 − D), nats; `p`, `q`: cells' probabilities, each summing to 1; D in [0, 1]."""
    return _mean_log(p, D) + _mean_log(q, 1 - np.asarray(D, float))


def jensen_shannon(p, q) -> float:
    """JSD(p‖q) = ½ KL(p‖m) + ½ KL(q‖m) with m = (p + q)/2, in nats: 0 where p = q, log 2 where they never overlap."""
    p, q = np.asarray(p, float), np.asarray(q, float)
    m = (p + q) / 2
    return (_mean_log(p, p) - _mean_log(p, m) + _mean_log(q, q) - _mean_log(q, m)) / 2


def _mean_log(p, x) -> float:
    """Σ p log x, with 0 log 0 = 0; an x rounded to 0 counts as the smallest double: the sum stays finite."""
    p, x = np.broadcast_arrays(np.asarray(p, float), np.asarray(x, float))
    return float(np.sum(p[p > 0] * np.log(np.maximum(x[p > 0], np.finfo(float).tiny))))


def mode_coverage(samples: np.ndarray, real: Mixture, *, share: float = 0.25) -> tuple[np.ndarray, np.ndarray]:
    """Count what `samples` (…, points, d) hit: (modes covered, fraction of points within 3σ of a centre), each (…).

    A mode is covered when at least `share` of its fair part of the points lies within 3σ of its centre. True samples
    score every mode and, in the plane, 1 − e^(−4.5) = 0.989.
    """
    k = len(real.centres)
    nearest, near = np.empty(samples.shape[:-1], int), np.full(samples.shape[:-1], np.inf)
    for i, centre in enumerate(real.centres):
        far = np.linalg.norm(samples - centre, axis=-1)
        nearest[far < near], near = i, np.minimum(near, far)
    hit = near < 3 * real.sigma
    counts = np.stack([(hit & (nearest == i)).sum(-1) for i in range(k)], -1)
    return (counts >= share * samples.shape[-2] / k).sum(-1), hit.mean(-1)


def sample_reach(samples: np.ndarray, points: np.ndarray, *, radius: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of `points` (N, d) near a sample of (S, n, d), and of samples near a point, each (S,).

    The first falls when the generator leaves something out, the second when it invents; neither says anything alone.
    """
    near = np.linalg.norm(samples[:, :, None] - points, axis=-1) < radius
    return near.any(1).mean(-1), near.any(2).mean(-1)


# Dynamics -------------------------------------------------------------------------------------------------------------


def dirac_slope(theta, psi, *, gamma: float = 0.0):
    """How the Dirac-GAN moves: (−∂L/∂θ, −∂L_D/∂ψ) at generator θ and discriminator ψ.

    The data are the single point 0, the generator's output is θ, the critic is C(x) = ψx, and R1 = R2 = ψ². With the
    article's saturating pair: L_G = log(1 − σ(ψθ)), L_D = log 2 + log(1 + e^{ψθ}) + γ/2 ψ².
    """
    D = 1 / (1 + np.exp(-np.clip(psi * theta, -60, 60)))
    return psi * D, -theta * D - gamma * psi


def dirac_path(
    *,
    gamma: float = 0.0,
    alternating: bool = True,
    rate: float = 0.1,
    steps: int = 500,
    start: tuple[float, float] = (1.0, 0.0),
) -> np.ndarray:
    """Play the Dirac-GAN by gradient descent; return (steps + 1, 2): θ and ψ after each step.

    `alternating`: the discriminator answers the generator's new θ, as in practice; else both move at once.
    """
    path = np.empty((steps + 1, 2))
    path[0] = theta, psi = start
    for t in range(steps):
        moved = theta + rate * dirac_slope(theta, psi)[0]
        psi = psi + rate * dirac_slope(moved if alternating else theta, psi, gamma=gamma)[1]
        path[t + 1] = theta, psi = moved, psi
    return path


def dirac_eigenvalues(gamma: float) -> np.ndarray:
    """Eigenvalues of the flow at the equilibrium: −γ/2 ± √(γ²/4 − ¼). Real part 0 circles for ever, below 0 settles."""
    root = np.sqrt(complex(gamma**2 / 4 - 0.25))
    return np.array([-gamma / 2 + root, -gamma / 2 - root])
