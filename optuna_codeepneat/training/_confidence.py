"""How sure a score is that was measured on so many examples."""

from __future__ import annotations

import warnings
from math import isfinite
from math import sqrt

import numpy as np
import torch

from optuna_codeepneat.training._measurement import Measurement
from optuna_codeepneat.training._metrics import Metric
from optuna_codeepneat.training._metrics import accuracy
from optuna_codeepneat.training._metrics import as_score


_Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution: intervals are of 95 %."""
_RESAMPLES = 500
"""Enough for the ends of the interval to be known to a tenth of its length."""


def measured(
    outputs: torch.Tensor, targets: torch.Tensor, metric: Metric = accuracy, *, seed: int = 0
) -> Measurement:
    """The score of outputs, and how sure it is.

    For the accuracy it is Wilson's interval (Wilson 1927), which also holds close to 0 and to 1;
    for other metrics that of the bootstrap's percentiles (Efron 1979) with 500 resamples of the
    examples. A metric that has no value for many resamples, such as one that needs examples of
    each class, gets none. It is about the examples alone: another training of the network would
    have another score.

    Args:
        outputs:
            ``(examples, outputs)``.
        targets:
            ``(examples, ...)``, where the outputs are.
        metric:
            ``metric(outputs, targets)`` over all of them.
        seed:
            Of the resamples.

    Raises:
        ValueError: If the metric returns something else than one number.

    Example:
        >>> import torch
        >>> from optuna_codeepneat.training import measured
        >>> outputs = torch.eye(2)[[0] * 90 + [1] * 10]
        >>> result = measured(outputs, torch.zeros(100, dtype=torch.long))
        >>> result.score, round(result.low, 3), round(result.high, 3)
        (0.9, 0.826, 0.945)
    """
    score, n = as_score(metric, metric(outputs, targets)), len(targets)
    if metric is accuracy:
        low, high = _wilson(score, n)
        return Measurement(score=score, low=low, high=high, n_examples=n)
    ends = _bootstrapped(outputs, targets, metric, seed)
    if ends is None:
        return Measurement(score=score, n_examples=n)
    return Measurement(score=score, low=ends[0], high=ends[1], n_examples=n)


def _wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's interval of a share (Wilson 1927)."""
    middle = share + _Z**2 / (2 * n)
    half = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    # The ends are 0 and 1 exactly where the share is, but for rounding.
    low = 0.0 if share == 0 else (middle - half) / scale
    return low, 1.0 if share == 1 else (middle + half) / scale


def _bootstrapped(
    outputs: torch.Tensor, targets: torch.Tensor, metric: Metric, seed: int
) -> tuple[float, float] | None:
    n, rng = len(targets), np.random.Generator(np.random.PCG64(seed))
    scores = []
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a class that a resample lacks
        for _ in range(_RESAMPLES):
            chosen = torch.from_numpy(rng.integers(n, size=n)).to(targets.device)
            try:
                score = float(metric(outputs[chosen], targets[chosen]))
            except Exception:  # the user's metric has a value for all examples: not for these
                continue
            if isfinite(score):
                scores.append(score)
    if len(scores) < 0.9 * _RESAMPLES:
        return None
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)
