"""Gaussian process regression, small enough to be fitted anew for every choice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from optuna_codeepneat._recent import Recent


_LENGTHS = {"gp": (0.15, 0.25, 0.4, 0.65, 1.0, 1.6), "ridge": (np.inf,)}
"""Length scales that are tried, where two networks are 1 apart on average; of the linear kernel
there is but one."""

_NOISES = (0.0003, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Variances of the noise that are tried, as shares of the signal's."""

_FIRST = 10
_REMEMBERED = 64

_TUNING = 100
"""To how many points both are fitted."""


@dataclass(frozen=True)
class GaussianProcess:
    """What a model knows after it was fitted.

    Length scale and noise have the highest likelihood among a few, the signal's variance the most
    likely one given both (Rasmussen and Williams 2006, sections 2.2 and 5.4).
    """

    points: np.ndarray
    length: float
    mean: float
    variance: float
    inverse: np.ndarray  # of the covariance of the points
    weights: np.ndarray

    @classmethod
    def fit(
        cls, points: np.ndarray, values: np.ndarray, length: float, noise: float
    ) -> GaussianProcess:
        """The model of values at points.

        Args:
            points:
                ``(n, d)``, scaled by `scaled`.
            values:
                ``(n,)``.
            length:
                The length scale, infinite for the linear kernel.
            noise:
                Variance of the noise, as a share of the signal's.
        """
        mean, spread = float(values.mean()), float(values.std()) or 1.0
        standard = (values - mean) / spread
        covariance = _kernel(points, points, length)
        covariance[np.diag_indices_from(covariance)] += noise
        inverse = np.linalg.inv(covariance)
        weights = inverse @ standard
        variance = float(standard @ weights) / len(values)
        return cls(points, length, mean, variance * spread**2, inverse, weights * spread)

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the noiseless values at points ``(m, d)``."""
        covariance = _kernel(points, self.points, self.length)
        own = 1.0 if np.isfinite(self.length) else 1.0 + 2.0 * (points * points).sum(axis=1)
        left = own - ((covariance @ self.inverse) * covariance).sum(axis=1)
        deviation = np.sqrt(self.variance * np.maximum(left, 1e-12))
        return self.mean + covariance @ self.weights, deviation


def scaled(known: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
    """Features of all networks on one scale: two networks are 1 apart on average, squared.

    A feature counts by the square root of its standard deviation: rare ones for less than others,
    but not for nothing.
    """
    everything = np.vstack([known, *others])
    mean, deviation = everything.mean(axis=0), everything.std(axis=0)
    used = deviation > 1e-9
    root = np.sqrt(deviation[used])
    total = float(np.sqrt(2.0 * deviation[used].sum())) or 1.0
    return [(part[:, used] - mean[used]) / (root * total) for part in (known, *others)]


def _kernel(a: np.ndarray, b: np.ndarray, length: float) -> np.ndarray:
    if not np.isfinite(length):
        return np.asarray(1.0 + 2.0 * a @ b.T)
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :] - 2.0 * a @ b.T
    return np.asarray(np.exp(-0.5 / length**2 * np.maximum(squares, 0.0)))


class Tuner:
    """Finds the most likely length scale and noise of a model, and remembers them.

    They are sought again whenever there is a fifth more to see; it is all the same who looked
    first.

    Args:
        model:
            ``"gp"`` or ``"ridge"``.
    """

    def __init__(self, model: str) -> None:
        self._lengths = _LENGTHS[model]
        self._found: Recent[bytes, tuple[float, float]] = Recent(_REMEMBERED)

    def n_tuned(self, n: int) -> int:
        """How many of `n` points are looked at."""
        looked_at = _FIRST
        while (more := looked_at + 1 + looked_at // 5) <= n:
            looked_at = more
        return min(looked_at, n)

    def __call__(self, points: np.ndarray, values: np.ndarray) -> tuple[float, float]:
        """The length scale and the noise, for points scaled by themselves."""
        content = hashlib.sha256(points.tobytes() + values.tobytes()).digest()
        if content not in self._found:
            self._found[content] = self._sought(points, values)
        return self._found[content]

    def _sought(self, points: np.ndarray, values: np.ndarray) -> tuple[float, float]:
        chosen = np.linspace(0, len(values) - 1, min(len(values), _TUNING)).astype(int)
        points, values = points[chosen], values[chosen]
        values = (values - values.mean()) / (float(values.std()) or 1.0)
        best = (-np.inf, 1.0, 1.0)
        for length in self._lengths:
            eigenvalues, vectors = np.linalg.eigh(_kernel(points, points, length))
            squares = (vectors.T @ values) ** 2
            for noise in _NOISES:
                spectrum = np.maximum(eigenvalues, 0.0) + noise
                variance = (squares / spectrum).mean()
                likelihood = -np.log(spectrum).sum() - len(chosen) * np.log(variance + 1e-12)
                # Rounded, so that two machines find the same.
                best = max(best, (round(float(likelihood), 6), length, noise))
        return best[1], best[2]
