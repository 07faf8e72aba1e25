"""Gaussian process regression, small enough to be fitted anew for every choice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

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

_EQUALLY = 0.3
"""Share of the covariance in which all kinds of features are equally relevant.

What has hardly mattered yet may do so later: with 0, DTLZ2 loses .05 of its hypervolume."""

_STEPS = (1.4, 0.7)
"""By how much the logarithm of a relevance is changed in each of two rounds of the search."""

_SWEEPS = 2

_STEEPEST = 32
"""How many relevances are tried in a sweep, where there are more kinds: a trial costs as much as a
fit, and a space may have hundreds of parameters."""

_EVENLY = 0.3
"""How unlikely relevances are beforehand: by this times the sum of their squared logarithms, as
twice a logarithm of a likelihood."""


@dataclass(frozen=True)
class Kernel:
    """How alike two networks are, and how much of what is seen is noise.

    Args:
        length:
            The length scale, infinite for the linear kernel.
        noise:
            Variance of the noise, as a share of the signal's.
        relevance:
            How much each kind of features counts in a squared distance, 1 for those that are not
            named (automatic relevance determination; MacKay 1994, Rasmussen and Williams 2006,
            section 5.1). With none, all count as they are.
    """

    length: float
    noise: float
    relevance: Mapping[str, float] = field(default_factory=dict)

    def weights(self, kinds: Sequence[str]) -> np.ndarray | None:
        """What columns are to be multiplied by, ``(features,)``, if that is not 1 for all."""
        if not self.relevance:
            return None
        return np.sqrt([self.relevance.get(kind, 1.0) for kind in kinds])


@dataclass(frozen=True)
class GaussianProcess:
    """What a model knows after it was fitted.

    Length scale and noise have the highest likelihood among a few, the signal's variance the most
    likely one given both (Rasmussen and Williams 2006, sections 2.2 and 5.4).
    """

    points: np.ndarray
    length: float
    columns: np.ndarray | None  # what each is multiplied by
    mean: float
    variance: float
    inverse: np.ndarray  # of the covariance of the points
    weights: np.ndarray

    @classmethod
    def fit(
        cls, points: np.ndarray, values: np.ndarray, kernel: Kernel, kinds: Sequence[str] = ()
    ) -> GaussianProcess:
        """The model of values at points.

        Args:
            points:
                ``(n, d)``, where `Scaling` places networks.
            values:
                ``(n,)``.
            kernel:
                How alike they are.
            kinds:
                Of the columns of the points, ``(d,)``, if one is more relevant than another.
        """
        mean, spread = float(values.mean()), float(values.std()) or 1.0
        standard = (values - mean) / spread
        columns = kernel.weights(kinds)
        covariance = _covariance(points, points, kernel.length, columns)
        covariance[np.diag_indices_from(covariance)] += kernel.noise
        inverse = np.linalg.inv(covariance)
        weights = inverse @ standard
        variance = float(standard @ weights) / len(values)
        return cls(
            points, kernel.length, columns, mean, variance * spread**2, inverse, weights * spread
        )

    def predict(
        self, points: np.ndarray, novelty: np.ndarray | float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the noiseless values at points ``(m, d)``.

        Args:
            points:
                Scaled as those that the model was fitted to.
            novelty:
                What is to be added to the squared distances from all of those, ``(m,)``.
        """
        covariance = _covariance(points, self.points, self.length, self.columns)
        if np.isfinite(self.length):
            covariance *= np.exp(-0.5 / self.length**2 * np.asarray(novelty))[..., None]
        own = 1.0 if np.isfinite(self.length) else 1.0 + 2.0 * (points * points).sum(axis=1)
        left = own - ((covariance @ self.inverse) * covariance).sum(axis=1)
        deviation = np.sqrt(self.variance * np.maximum(left, 1e-12))
        return self.mean + covariance @ self.weights, deviation


def _covariance(
    a: np.ndarray, b: np.ndarray, length: float, columns: np.ndarray | None = None
) -> np.ndarray:
    """Of points with points, ``(len(a), len(b))``; of equal ones 1 but for the linear kernel."""
    if not np.isfinite(length):
        return np.asarray(1.0 + 2.0 * a @ b.T)
    equally = np.exp(-0.5 / length**2 * _squares(a, b))
    if columns is None:
        return np.asarray(equally)
    by_relevance = np.exp(-0.5 / length**2 * _squares(a * columns, b * columns))
    return np.asarray(_EQUALLY * equally + (1.0 - _EQUALLY) * by_relevance)


def _squares(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared distances of points from points."""
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :] - 2.0 * a @ b.T
    return np.asarray(np.maximum(squares, 0.0))


class Tuner:
    """Finds the most likely kernel of a model, and remembers it.

    It is sought again whenever there is a fifth more to see; it is all the same who looked first.

    Args:
        model:
            ``"gp"`` or ``"ridge"``.
    """

    def __init__(self, model: str) -> None:
        self._lengths = _LENGTHS[model]
        self._found: Recent[bytes, Kernel] = Recent(_REMEMBERED)

    def n_tuned(self, n: int) -> int:
        """How many of `n` points are looked at."""
        looked_at = _FIRST
        while (more := looked_at + 1 + looked_at // 5) <= n:
            looked_at = more
        return min(looked_at, n)

    def __call__(
        self, points: np.ndarray, values: np.ndarray, kinds: Sequence[str] = ()
    ) -> Kernel:
        """The kernel for points scaled by themselves.

        Args:
            points:
                ``(n, d)``.
            values:
                ``(n,)``.
            kinds:
                Of the columns of the points, ``(d,)``, where some may be more relevant than
                others; with none, all are equally so.
        """
        content = hashlib.sha256(points.tobytes() + values.tobytes() + "|".join(kinds).encode())
        if content.digest() not in self._found:
            self._found[content.digest()] = self._sought(points, values, kinds)
        return self._found[content.digest()]

    def _sought(self, points: np.ndarray, values: np.ndarray, kinds: Sequence[str]) -> Kernel:
        chosen = np.linspace(0, len(values) - 1, min(len(values), _TUNING)).astype(int)
        points, values = points[chosen], values[chosen]
        values = (values - values.mean()) / (float(values.std()) or 1.0)
        best = (-np.inf, 1.0, 1.0)
        for length in self._lengths:
            eigenvalues, vectors = np.linalg.eigh(_covariance(points, points, length))
            squares = (vectors.T @ values) ** 2
            for noise in _NOISES:
                spectrum = np.maximum(eigenvalues, 0.0) + noise
                variance = (squares / spectrum).mean()
                likelihood = -np.log(spectrum).sum() - len(chosen) * np.log(variance + 1e-12)
                # Rounded, so that two machines find the same.
                best = max(best, (round(float(likelihood), 6), length, noise))
        kernel = Kernel(*best[1:])
        if len(set(kinds)) < 2 or not np.isfinite(kernel.length):
            return kernel
        return _Relevance(points, values, kinds, kernel).sought()


class _Relevance:
    """Climbs from a kernel to a more likely one, in which kinds of features differ.

    Each coordinate in turn is a step up or down: all relevances together, each of them, the noise.
    """

    def __init__(
        self, points: np.ndarray, values: np.ndarray, kinds: Sequence[str], kernel: Kernel
    ) -> None:
        self._values, self._length = values, kernel.length
        self._names = sorted(set(kinds))
        of_kind = np.array([self._names.index(kind) for kind in kinds])
        own = [points[:, of_kind == i] for i in range(len(self._names))]
        self._parts = np.stack([0.5 / kernel.length**2 * _squares(part, part) for part in own])
        self._logs, self._noise = np.zeros(len(self._names)), _NOISES.index(kernel.noise)
        self._exponents = self._parts.sum(axis=0)
        self._equally = np.exp(-self._exponents)
        self._likelihood = self._worth(self._logs, self._exponents, self._noise)

    def sought(self) -> Kernel:
        """The kernel in the end."""
        for step in _STEPS:
            for _ in range(_SWEEPS):
                before = self._likelihood
                self._all_together(step)
                for i in self._promising:
                    self._one(i, step)
                self._other_noise()
                if self._likelihood == before:
                    break
        relevance = dict(zip(self._names, np.exp(self._logs).tolist(), strict=True))
        return Kernel(self._length, _NOISES[self._noise], relevance)

    @property
    def _promising(self) -> list[int]:
        """The relevances that the likelihood depends on most, in their order."""
        if len(self._names) <= _STEEPEST:
            return list(range(len(self._names)))
        steepness = np.abs(np.round(self._slopes, 6))
        return sorted(map(int, np.argsort(-steepness, kind="stable")[:_STEEPEST]))

    @property
    def _slopes(self) -> np.ndarray:
        """How `_worth` changes with each relevance (Rasmussen and Williams 2006, equation 5.9)."""
        inverse = np.linalg.inv(self._covariance(self._exponents, self._noise))
        weights = inverse @ self._values
        variance = float(self._values @ weights) / len(self._values) + 1e-12
        of_covariance = np.outer(weights, weights) / variance - inverse
        of_exponents = -(1.0 - _EQUALLY) * np.exp(-self._exponents) * of_covariance
        slopes = np.exp(self._logs) * np.tensordot(self._parts, of_exponents, axes=2)
        mean = self._logs.mean()
        return np.asarray(slopes - 2.0 * _EVENLY * (self._logs - mean) - 0.04 * mean)

    def _all_together(self, step: float) -> None:
        for change in (step, -step):
            if self._goes_to(self._logs + change, self._exponents * np.exp(change), self._noise):
                return

    def _one(self, i: int, step: float) -> None:
        for change in (step, -step):
            logs = self._logs.copy()
            logs[i] += change
            more = np.exp(logs[i]) - np.exp(self._logs[i])
            if self._goes_to(logs, self._exponents + more * self._parts[i], self._noise):
                return

    def _other_noise(self) -> None:
        for noise in (self._noise - 1, self._noise + 1):
            if 0 <= noise < len(_NOISES) and self._goes_to(self._logs, self._exponents, noise):
                return

    def _goes_to(self, logs: np.ndarray, exponents: np.ndarray, noise: int) -> bool:
        """Goes there if it is more likely; returns whether it did."""
        likelihood = self._worth(logs, exponents, noise)
        if likelihood <= self._likelihood:
            return False
        self._logs, self._exponents, self._noise = logs, exponents, noise
        self._likelihood = likelihood
        return True

    def _worth(self, logs: np.ndarray, exponents: np.ndarray, noise: int) -> float:
        """Twice the logarithm of the likelihood, and of how likely relevances are beforehand."""
        covariance = self._covariance(exponents, noise)
        try:
            root = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            return -np.inf
        variance = float(self._values @ np.linalg.solve(covariance, self._values))
        variance = max(variance / len(self._values), 0.0) + 1e-12
        likelihood = -2.0 * np.log(np.diag(root)).sum() - len(self._values) * np.log(variance)
        # Of the mean alone little is known: it is the length scale once more.
        unlikely = _EVENLY * ((logs - logs.mean()) ** 2).sum()
        unlikely += 0.02 * len(logs) * logs.mean() ** 2
        # Rounded, so that two machines find the same.
        return round(float(likelihood - unlikely), 6)

    def _covariance(self, exponents: np.ndarray, noise: int) -> np.ndarray:
        covariance = _EQUALLY * self._equally + (1.0 - _EQUALLY) * np.exp(-exponents)
        covariance[np.diag_indices_from(covariance)] += _NOISES[noise]
        return np.asarray(covariance)
