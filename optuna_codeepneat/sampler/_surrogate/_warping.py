"""Losses as the model sees them: the better half as it is, the worse half by its ranks."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np


@dataclass(frozen=True)
class Warping:
    """A monotone map from losses to what the model predicts, and back.

    Networks that fail to learn have losses far away from all others, and all about the same. The
    worse half is therefore placed as a normal distribution would have it, given the better half;
    the better half keeps its distances (as in Vizier; Song et al. 2024).
    """

    losses: np.ndarray  # ascending
    warped: np.ndarray

    @classmethod
    def of(cls, losses: np.ndarray) -> Warping:
        """The map for these losses, ``(n,)``."""
        ordered = np.sort(losses)
        n = len(ordered)
        middle = float(np.median(ordered))
        quantiles = np.array([NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)])
        better = ordered < middle
        if not better.any():  # more than half are the best
            return cls.none(losses)
        scale = float(((middle - ordered[better]) * -quantiles[better]).sum())
        scale /= float((quantiles[better] ** 2).sum()) or 1.0
        _, first, counts = np.unique(ordered, return_index=True, return_counts=True)
        # Equal losses stay equal.
        mean = np.repeat(np.add.reduceat(quantiles, first) / counts, counts)
        warped = np.where(ordered <= middle, ordered, middle + scale * np.maximum(mean, 0.0))
        return cls(ordered, warped)

    @classmethod
    def none(cls, losses: np.ndarray) -> Warping:
        """The map that changes nothing."""
        ordered = np.unique(losses)
        return cls(ordered, ordered)

    def __call__(self, losses: np.ndarray) -> np.ndarray:
        """Losses as the model sees them."""
        return np.interp(losses, self.losses, self.warped)

    def back(self, warped: np.ndarray) -> np.ndarray:
        """Losses again; what is better than all known is that much better."""
        known, first = np.unique(self.warped, return_index=True)
        back = np.interp(warped, known, self.losses[first])
        return back + np.minimum(warped - known[0], 0.0)
