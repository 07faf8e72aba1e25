"""Losses as the model sees them: the better half as it is, the worse half by its ranks."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np


_ZOOM = 0.5
"""From which share of the way from the best to the median on logarithms count."""

_MOST = 50.0


@dataclass(frozen=True)
class Warping:
    """A monotone map from losses to what the model predicts, and back.

    Networks that fail to learn have losses far away from all others, and all about the same. The
    worse half is therefore placed as a normal distribution would have it, given the better half;
    the better half keeps its distances (as in Vizier; Song et al. 2024).
    """

    losses: np.ndarray  # ascending
    warped: np.ndarray
    origin: float = 0.0
    zoom: float = 0.0  # the distance from the origin from which on logarithms count; 0 for never

    @classmethod
    def of(cls, losses: np.ndarray, *, zooms: bool = False) -> Warping:
        """The map for these losses, ``(n,)``.

        If it zooms in on the best, as it should for a single objective, distances from the best
        are seen by their logarithms.
        """
        ordered = np.sort(losses)
        n = len(ordered)
        middle = float(np.median(ordered))
        better = ordered < middle
        if not better.any():  # more than half are the best
            return cls.none(losses)
        quantiles = np.array([NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)])
        scale = float(((middle - ordered[better]) * -quantiles[better]).sum())
        scale /= float((quantiles[better] ** 2).sum())
        _, first, counts = np.unique(ordered, return_index=True, return_counts=True)
        # Equal losses stay equal.
        mean = np.repeat(np.add.reduceat(quantiles, first) / counts, counts)
        warped = np.where(ordered <= middle, ordered, middle + scale * np.maximum(mean, 0.0))
        if not zooms:
            return cls(ordered, warped)
        zoom = _ZOOM * (middle - float(ordered[0]))
        return cls(ordered, warped, float(ordered[0]), zoom)

    @classmethod
    def none(cls, losses: np.ndarray) -> Warping:
        """The map that changes nothing."""
        ordered = np.unique(losses)
        return cls(ordered, ordered)

    def __call__(self, losses: np.ndarray) -> np.ndarray:
        """Losses as the model sees them."""
        warped = np.asarray(np.interp(losses, self.losses, self.warped))
        if not self.zoom:
            return warped
        return np.asarray(np.log1p((warped - self.origin) / self.zoom))

    def back(self, warped: np.ndarray) -> np.ndarray:
        """Losses again; what is better than all known is that much better."""
        if self.zoom:
            # Below the origin it goes on as it is there.
            grown = np.where(warped > 0.0, np.expm1(np.minimum(warped, _MOST)), warped)
            warped = self.origin + self.zoom * grown
        known, first = np.unique(self.warped, return_index=True)
        back = np.interp(warped, known, self.losses[first])
        return np.asarray(back + np.minimum(warped - known[0], 0.0))
