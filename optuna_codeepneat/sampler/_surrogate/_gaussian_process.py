"""Gaussian process regression, small enough to be fitted anew for every choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


_LENGTHS = {"gp": (0.15, 0.25, 0.4, 0.65, 1.0, 1.6), "ridge": (np.inf,)}
"""Length scales that are tried, where two networks are 1 apart on average; of the linear kernel
there is but one."""

_NOISES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Variances of the noise that are tried, as shares of the signal's."""

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
    def fit(cls, points: np.ndarray, values: np.ndarray, model: str) -> GaussianProcess:
        """The model of values at points.

        Args:
            points:
                ``(n, d)``, scaled by `scaled`.
            values:
                ``(n,)``.
            model:
                ``"gp"`` or ``"ridge"``.
        """
        mean, spread = float(values.mean()), float(values.std()) or 1.0
        standard = (values - mean) / spread
        length, noise = _tuned(points, standard, model)
        covariance = _kernel(points, points, length)
        covariance[np.diag_indices_from(covariance)] += noise
        inverse = np.linalg.inv(covariance)
        weights = inverse @ standard
        variance = float(standard @ weights) / len(values)
        return cls(points, length, mean, variance * spread**2, inverse, weights * spread)

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the noiseless values at points ``(m, d)``."""
        covariance = _kernel(points, self.points, self.length)
        own = 1.0 if np.isfinite(self.length) else (points * points).sum(axis=1) * 2.0
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
        return 2.0 * a @ b.T
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :] - 2.0 * a @ b.T
    return np.exp(-0.5 / length**2 * np.maximum(squares, 0.0))


def _tuned(points: np.ndarray, values: np.ndarray, model: str) -> tuple[float, float]:
    """The most likely length scale and noise, by evenly spaced points."""
    n = len(values)
    chosen = np.linspace(0, n - 1, min(n, _TUNING)).astype(int)
    points, values = points[chosen], values[chosen]
    best = (-np.inf, 1.0, 1.0)
    for length in _LENGTHS[model]:
        eigenvalues, vectors = np.linalg.eigh(_kernel(points, points, length))
        squares = (vectors.T @ values) ** 2
        for noise in _NOISES:
            spectrum = np.maximum(eigenvalues, 0.0) + noise
            variance = (squares / spectrum).mean()
            likelihood = -np.log(spectrum).sum() - len(chosen) * np.log(variance + 1e-12)
            # Rounded, so that two machines find the same.
            best = max(best, (round(float(likelihood), 6), length, noise))
    return best[1], best[2]
