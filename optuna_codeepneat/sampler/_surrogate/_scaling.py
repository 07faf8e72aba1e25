"""Features on one scale: how far apart networks are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


_NEW = 0.12
"""Deviation of a feature in which known networks do not differ, but others do: as if one of
seventy networks had it."""


@dataclass(frozen=True)
class Scaling:
    """Places networks so that two known ones are 1 apart on average, squared.

    A feature counts by the square root of its standard deviation: rare ones for less than others,
    but not for nothing. It depends on the known networks alone.

    Args:
        usual:
            Means of the features among known networks, ``(features,)``.
        is_used:
            In which of them known networks differ, ``(features,)``.
        factors:
            What these are multiplied by, ``(used,)``.
        new:
            How much a difference in the other features counts, squared.
    """

    usual: np.ndarray
    is_used: np.ndarray
    factors: np.ndarray
    new: float

    @classmethod
    def of(cls, known: np.ndarray, share: float = 1.0) -> Scaling:
        """That of known networks, ``(n, features)``; squared distances are `share` on average."""
        usual, deviation = known.mean(axis=0), known.std(axis=0)
        is_used = deviation > 1e-9
        deviation = deviation[is_used]
        total = 2.0 * float(deviation.sum()) or 1.0
        return cls(usual, is_used, np.sqrt(share / total / deviation), share / total / _NEW)

    def points(self, features: np.ndarray) -> np.ndarray:
        """Where networks are, ``(n, used)``."""
        return np.asarray((features - self.usual)[:, self.is_used] * self.factors)

    def novelty(self, features: np.ndarray, elsewhere: np.ndarray) -> np.ndarray:
        """How far networks are from all known ones in what those do not differ in, ``(n,)``.

        Args:
            features:
                ``(n, features)``.
            elsewhere:
                The sum of all features that no known network has, ``(n,)``.
        """
        constant = np.abs(features - self.usual)[:, ~self.is_used].sum(axis=1)
        return np.asarray(self.new * (constant + elsewhere))
