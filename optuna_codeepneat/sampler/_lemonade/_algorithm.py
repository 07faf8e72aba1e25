"""LEMONADE as an `Algorithm` (Elsken, Metzen and Hutter 2019): the front breeds by morphisms."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.sampler._algorithm import Proposer
from optuna_codeepneat.sampler._genetics import Population
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._lemonade._breeding import Breeder
from optuna_codeepneat.sampler._lemonade._preselection import Preselection
from optuna_codeepneat.sampler._lemonade._settings import LemonadeSettings
from optuna_codeepneat.sampler._surrogate import Chooser
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


@dataclass(frozen=True)
class Lemonade:
    """The algorithm of `LemonadeSampler`."""

    space: SearchSpace
    settings: LemonadeSettings

    sampler = "LemonadeSampler"

    def as_begun(self, settings: Mapping[str, Any]) -> Lemonade:
        """The algorithm of a study that was begun with these stored settings."""
        return replace(self, settings=self.settings.as_begun(settings))

    def genesis(
        self, seed: int, generation: int, global_genes: Mapping[str, BaseDistribution]
    ) -> State:
        """No network at all; the first ones are drawn by their number."""
        nobody = Population((), {}, {}, 0.0)
        return State(generation, nobody, nobody, (), dict(global_genes), frozenset())

    def advance(
        self,
        state: State,
        results: Sequence[Result],
        seed: int,
        generation: int,
        global_genes: Mapping[str, BaseDistribution],
    ) -> State:
        """The non-dominated of old and new (with one objective, the best)."""
        results = sorted(results, key=lambda result: result.position)
        state = state.counting(results, generation, global_genes)
        scored = [r for r in results if r.score is not None and r.blueprint is not None]
        if not scored:
            return state
        return replace(state, archive=self.settings.survivors([*state.archive, *scored]))

    def proposer(self, state: State, seed: int) -> Proposer:
        """What breeds the children of a generation."""
        breeder = Breeder(state, self.space, self.settings, seed)
        return breeder if self._chooser is None else Preselection(breeder, self._chooser)

    @cached_property
    def _chooser(self) -> Chooser | None:
        own = self.settings
        return None if own.surrogate is None else Chooser(self.space, own.surrogate, own.cheap)
