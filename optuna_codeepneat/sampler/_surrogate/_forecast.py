"""How much hypervolume networks are expected to add."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np

from optuna_codeepneat._ranking import front
from optuna_codeepneat.sampler._surrogate._gain import gains
from optuna_codeepneat.sampler._surrogate._model import KnownCost
from optuna_codeepneat.sampler._surrogate._model import Model
from optuna_codeepneat.sampler._surrogate._model import Network
from optuna_codeepneat.sampler._surrogate._model import Objective
from optuna_codeepneat.sampler._surrogate._model import is_wide


_QUANTILES = np.array([NormalDist().inv_cdf(share) for share in (0.1, 0.3, 0.5, 0.7, 0.9)])
"""Where a prediction is looked at, in standard deviations: the gain is the mean over these."""

_MIDDLE = 2

_ORDERS = ((0, 1, 2, 3, 4), (0, 4, 3, 2, 1), (2, 3, 0, 4, 1))
"""In which order each objective's quantiles meet those of the others: what is better in one than
expected need not be so in all (a Latin hypercube, McKay et al. 1979)."""

_FIRST = 20

_LITTLE = 0.003
"""Below which gain the model has seen it all, or knows too little."""


@dataclass(frozen=True)
class Choice:
    """What a model says of candidates."""

    order: tuple[int, ...]  # their indices, that of which most is expected first
    expects_much: bool  # whether one of them is worth the while, as far as the model knows


@dataclass(frozen=True)
class Forecast:
    """What is expected of candidates while the pending networks are evaluated."""

    model: Model
    candidates: Sequence[Network]
    pending: Sequence[Network]

    @property
    def choice(self) -> Choice:
        """By how much hypervolume the candidates are expected to add to the front."""
        front_of_known, samples = self._objectives
        expected = np.mean([gains(front_of_known, sample) for sample in samples], axis=0)
        expects_much = bool(np.round(expected.max(), 9) > _LITTLE)
        if not (expected > 0.0).any():
            # In each objective another quantile is the first, but the same one is in the middle.
            middle = [samples[order.index(_MIDDLE), :, j] for j, order in self._orders]
            expected = -np.sum(middle, axis=0)
        share = self.model.feasibility(self.candidates)
        # What is likely to violate a constraint comes last, the least likely of it first.
        worth = np.where(share >= 0.5, expected * share, expected.min() - 2.0 + share)
        # Rounded, so that two machines choose the same.
        order = np.argsort(-np.round(worth, 9), kind="stable")
        return Choice(tuple(map(int, order)), expects_much)

    @property
    def _orders(self) -> list[tuple[int, tuple[int, ...]]]:
        n_objectives = self.model.losses.shape[1]
        return [(j, _ORDERS[j % len(_ORDERS)]) for j in range(n_objectives)]

    @cached_property
    def _objectives(self) -> tuple[np.ndarray, np.ndarray]:
        """What gains see, from 0 to 1 over what was observed, or is offered.

        Returns:
            The front, ``(n, objectives)``, and what candidates may have, ``(quantiles,
            candidates, objectives)``.
        """
        counts, n_objectives = self.model.counts, self.model.losses.shape[1]
        usual = counts if counts.any() else np.ones(len(counts), dtype=bool)
        front_parts, pending_parts, sample_parts = [], [], []
        for j, order in self._orders:
            cost, objective = self.model.costs[j], self.model.objectives[j]
            seen = self._known_beforehand(j, cost) if cost else self._modelled(objective)
            least = seen.observed[usual].min()
            # Of one objective: how much better than the first ones were, before it was known.
            first = seen.observed[usual][:_FIRST]
            most = np.median(first) if n_objectives == 1 else seen.observed[usual].max()
            if cost and n_objectives > 1:
                # Else nothing larger than the largest so far would be worth its training.
                most = max(most, seen.samples.max())
            width = float(most - least) or 1.0
            front_parts.append((seen.believed - least) / width)
            pending_parts.append((seen.pending - least) / width)
            sample_parts.append((seen.samples[list(order)] - least) / width)
        points = np.vstack(
            [np.stack(front_parts, axis=1)[counts], np.stack(pending_parts, axis=1)]
        )
        if len(points) and n_objectives > 1:
            points = points[front(-points, twins=False)]
        return points, np.stack(sample_parts, axis=2)

    def _known_beforehand(self, j: int, cost: KnownCost) -> _Seen:
        losses = self.model.losses[:, j]
        offered, pending = cost.of(self.candidates), cost.of(self.pending)
        # What candidates cost may be 0 where all that finished is above.
        is_positive = bool((np.concatenate([offered, pending]) > 0.0).all())
        see: Callable[[np.ndarray], np.ndarray] = (
            np.log if is_positive and is_wide(losses) else np.asarray
        )
        known, samples = see(losses), np.tile(see(offered), (len(_QUANTILES), 1))
        return _Seen(known, known, see(pending), samples)

    def _modelled(self, objective: Objective | None) -> _Seen:
        assert objective is not None
        return _Seen(
            objective.losses,
            objective.believed,
            objective.predicted(self.pending),
            objective.quantiles(self.candidates, _QUANTILES),
        )


@dataclass(frozen=True)
class _Seen:
    """Losses of one objective, or their logarithms."""

    observed: np.ndarray  # (known,)
    believed: np.ndarray  # (known,)
    pending: np.ndarray  # (pending,)
    samples: np.ndarray  # (quantiles, candidates)
