"""`SizeClassPruner`: a network is compared with those of its own size."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from math import inf

import numpy as np

from optuna_codeepneat._ranking import Score
from optuna_codeepneat._scalars import whole
from optuna_codeepneat._scalars import whole_or_none
from optuna_codeepneat.pruning._pruner import FrontPruner
from optuna_codeepneat.pruning._rungs import geometric


_CLASS = 2.0
"""A size class reaches from half to twice the size."""

_TO_DEVIATION = 1.4826
"""What the median absolute deviation of a normal distribution is multiplied by for its standard
deviation (Hampel 1974)."""


class SizeClassPruner(FrontPruner):
    """Stops a network if several of its own size were clearly better at a rung.

    Parameters and multiply-adds do not change during a training, so they need not be traded for
    the accuracy of the moment (ours). A network's size class are those from half to twice its
    size, in every cost. Another is clearly better if it is ahead in every other metric by more
    than `margin` standard deviations of its class, estimated from the median absolute deviation:
    no unit, no scale. So the best of every size go on, and a network without peers does too.

    Args:
        metrics:
            The objectives of the study by name, in its order, with ``"maximize"`` or
            ``"minimize"``.
        costs:
            Which of them are known before the training and do not change in it. Others are what
            training is for; there has to be one.
        max_resource:
            The steps of a whole training.
        min_resource:
            The step of the first rung; None for a quarter of them. Each rung is at twice the step
            of the one before.
        n_better:
            So many have to be clearly better.
        margin:
            In standard deviations of the class.

    Raises:
        ValueError: If an argument is out of its bounds, there is no rung before the last step, or
            every metric is a cost.

    Example:
        >>> from optuna_codeepneat.pruning import SizeClassPruner
        >>> pruner = SizeClassPruner(
        ...     {"accuracy": "maximize", "num_params": "minimize"},
        ...     costs=["num_params"],
        ...     max_resource=1000,
        ... )
        >>> pruner.rungs
        (250, 500)
    """

    def __init__(
        self,
        metrics: Mapping[str, str],
        *,
        costs: Sequence[str],
        max_resource: int,
        min_resource: int | None = None,
        n_better: int = 3,
        margin: float = 0.5,
    ) -> None:
        max_resource = whole("max_resource", max_resource, 1)
        first = whole_or_none("min_resource", min_resource, 1)
        if first is None:  # rounded up: else a third rung would stand just before the end
            first = -(-max_resource // 4)
        super().__init__(metrics, geometric(first, 2, max_resource), max_resource)
        for name in costs:
            if name not in metrics:
                raise ValueError(f"`costs` must be of {', '.join(metrics)}, got {name!r}.")
        self._is_cost = np.array([name in costs for name in metrics])
        if self._is_cost.all():
            raise ValueError("`costs` must leave a metric that training is for, got all of them.")
        self._n_better = whole("n_better", n_better, 1)
        if not 0.0 <= margin < inf:
            raise ValueError(f"`margin` must be from 0, got {margin}.")
        self._margin = margin

    def _goes_on(self, own: Score, others: Sequence[Score]) -> bool:
        peers = [other for other in others if self._is_peer(own, other)]
        values = np.array([self._learnt(score) for score in [*peers, own]])
        middle = np.median(values, axis=0)
        deviation = _TO_DEVIATION * np.median(np.abs(values - middle), axis=0)
        ahead = values[:-1] - values[-1] > self._margin * deviation
        feasible = np.array([peer.feasible for peer in peers], dtype=bool)
        # What violates a constraint is behind all that violates none.
        better = ahead.all(axis=1) & feasible if own.feasible else ahead.all(axis=1) | feasible
        return int(better.sum()) < self._n_better

    def _is_peer(self, own: Score, other: Score) -> bool:
        return all(
            abs(theirs) <= _CLASS * abs(mine) and abs(mine) <= _CLASS * abs(theirs)
            for mine, theirs, is_cost in zip(own.values, other.values, self._is_cost, strict=True)
            if is_cost
        )

    def _learnt(self, score: Score) -> list[float]:
        return [v for v, is_cost in zip(score.values, self._is_cost, strict=True) if not is_cost]
