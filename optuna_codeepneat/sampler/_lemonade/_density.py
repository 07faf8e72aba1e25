"""How crowded a place among the cheap objectives is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_codeepneat._scalars import in_python_scalars


@dataclass(frozen=True, kw_only=True)
class Density:
    """A Gaussian kernel density over the cheap objectives, on a logarithmic scale.

    LEMONADE (Elsken, Metzen and Hutter 2019, section 4.2) draws parents and children with a
    probability inversely proportional to it, so that the sizes of which there are few get their
    turn. The logarithm and both constants are ours: sizes span decades, a front may have one or
    two members, and far from all of them an inverse density would have no bound.

    An objective that may be 0 or negative is seen through the inverse hyperbolic sine instead of
    the logarithm, which it resembles far from 0.

    Args:
        min_bandwidth:
            The least standard deviation of a kernel, in natural logarithms: 0.5 is a factor of
            1.6. Above it Scott's rule says how wide kernels are.
        background:
            Added everywhere, as a share of the highest density at the points themselves: the
            most crowded place is less likely than an empty one by about this factor.
    """

    min_bandwidth: float = 0.5
    background: float = 0.02

    def __post_init__(self) -> None:
        in_python_scalars(self)
        for name in ("min_bandwidth", "background"):
            value = getattr(self, name)
            if not 0.0 < value < float("inf"):
                raise ValueError(f"`{name}` must be above 0, got {value}.")

    def weights(self, points: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Probabilities, inversely proportional to the density.

        Args:
            points:
                Cheap objectives of the population, ``(n, objectives)`` with n >= 1.
            at:
                Those of what is drawn from, ``(m, objectives)``.

        Returns:
            ``(m,)``, in sum 1.
        """
        logs, logs_at = _logs(points, at)
        n, d = logs.shape
        bandwidth = np.maximum(logs.std(axis=0) * n ** (-1.0 / (d + 4)), self.min_bandwidth)
        scaled, scaled_at = logs / bandwidth, logs_at / bandwidth
        # Without the constant factor of a Gaussian, which is the same everywhere.
        density = _kernels(scaled_at, scaled)
        highest = _kernels(scaled, scaled).max()
        inverse = 1.0 / (density + self.background * highest)
        return np.asarray(inverse / inverse.sum())


def _logs(points: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both on a logarithmic scale, objective by objective, as far as they are positive."""
    is_positive = np.minimum(points.min(axis=0), at.min(axis=0)) > 0.0

    def scaled(values: np.ndarray) -> np.ndarray:
        logs = np.log(np.where(is_positive, values, 1.0))
        return np.asarray(np.where(is_positive, logs, np.arcsinh(values)))

    return scaled(points), scaled(at)


def _kernels(at: np.ndarray, points: np.ndarray) -> np.ndarray:
    squares = ((at[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(np.exp(-0.5 * squares).mean(axis=1))
