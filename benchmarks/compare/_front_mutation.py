"""`FrontMutationSampler`: the simplest rival that there is."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution
from optuna.samplers import BaseSampler
from optuna.samplers import RandomSampler
from optuna.trial import FrozenTrial
from optuna.trial import TrialState


if TYPE_CHECKING:
    from optuna_codeepneat import SearchSpace

_N_RANDOM = 10
_SIGMA = 0.1
_ATTEMPTS = 100


class FrontMutationSampler(BaseSampler):
    """Mutates one parameter of a random member of the front, and never repeats a point.

    The first ten points are random. A category becomes another one; a number moves by a tenth of
    its range (standard deviation) or, half of the time, is drawn anew. For one process.

    Args:
        directions:
            Of the study.
        space:
            Its search space, if it has one: networks over its caps are not proposed then.
        seed:
            The seed.
    """

    def __init__(
        self, directions: Sequence[str], space: SearchSpace | None = None, *, seed: int
    ) -> None:
        self.space = space
        self._signs = np.array([-1.0 if d == "maximize" else 1.0 for d in directions])
        self._rng = np.random.default_rng(seed)
        self._random = RandomSampler(seed=seed)
        self._done: list[tuple[dict[str, Any], np.ndarray]] = []
        self._known: dict[str, BaseDistribution] = {}
        if space is not None:
            self._known |= {**space.architecture_parameters, **space.hyperparameters}
        self._tried: set[tuple[tuple[str, Any], ...]] = set()

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return dict(self._known) if len(self._done) >= _N_RANDOM else {}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        if not search_space:
            return {}
        self._study, front = study, self._front()
        for _ in range(_ATTEMPTS):
            params = self._complete(self._mutated(front[self._rng.integers(len(front))]))
            key = tuple(sorted(params.items()))
            if params and key not in self._tried:
                self._tried.add(key)
                return params
        return {}  # all that is near has been tried

    def sample_independent(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        return self._random.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        self._tried.add(tuple(sorted(trial.params.items())))
        if state == TrialState.COMPLETE and values is not None:
            self._known |= trial.distributions
            self._done.append((trial.params, self._signs * np.array(values)))

    def _front(self) -> list[dict[str, Any]]:
        import moocore

        keep = moocore.is_nondominated(np.array([values for _, values in self._done]))
        return [params for (params, _), on in zip(self._done, keep, strict=True) if on]

    def _mutated(self, params: Mapping[str, Any]) -> dict[str, Any]:
        names = [name for name in params if not self._known[name].single()]
        name = names[self._rng.integers(len(names))]
        return {**params, name: self._changed(params[name], self._known[name])}

    def _changed(self, value: Any, distribution: BaseDistribution) -> Any:
        if isinstance(distribution, CategoricalDistribution):
            others = [choice for choice in distribution.choices if choice != value]
            return others[self._rng.integers(len(others))]
        assert isinstance(distribution, IntDistribution | FloatDistribution)
        if self._rng.random() < 0.5:
            return self._drawn(distribution)
        scale = np.log if distribution.log else np.asarray
        low, high = float(scale(distribution.low)), float(scale(distribution.high))
        moved = float(scale(value)) + _SIGMA * (high - low) * self._rng.standard_normal()
        moved = float(np.exp(moved)) if distribution.log else moved
        return _in_range(moved, distribution)

    def _drawn(self, distribution: BaseDistribution) -> Any:
        nobody = optuna.trial.create_trial(state=TrialState.RUNNING)
        return self._random.sample_independent(self._study, nobody, "", distribution)

    def _complete(self, params: dict[str, Any]) -> dict[str, Any]:
        """The parameters in use, with random ones where new ones are; none if over the caps."""
        if self.space is None:
            return params
        used: dict[str, Any] = {
            name: value
            for name, value in params.items()
            if name not in self.space.architecture_parameters
        }

        def choose(name: str, distribution: BaseDistribution) -> Any:
            used[name] = params[name] if name in params else self._drawn(distribution)
            return used[name]

        return {} if self.space.excess(self.space.walk(choose)) else used


def _in_range(value: float, distribution: IntDistribution | FloatDistribution) -> float:
    """The nearest value of a range of numbers."""
    value = min(max(value, distribution.low), distribution.high)
    if distribution.step:
        value = distribution.low + distribution.step * round(
            (value - distribution.low) / distribution.step
        )
        value = min(value, distribution.high)
    return round(value) if isinstance(distribution, IntDistribution) else float(value)
