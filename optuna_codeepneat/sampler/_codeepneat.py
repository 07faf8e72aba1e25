"""CoDeepNEAT as an `Algorithm`: two populations coevolve, networks are assembled from both."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.sampler import _evolution
from optuna_codeepneat.sampler._algorithm import Proposes
from optuna_codeepneat.sampler._assembly import Assembler
from optuna_codeepneat.sampler._donors import Lamarckian
from optuna_codeepneat.sampler._donors import with_recent
from optuna_codeepneat.sampler._population import Result
from optuna_codeepneat.sampler._population import State
from optuna_codeepneat.sampler._settings import Settings
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

NAME = "CoDeepNEATSampler"


@dataclass(frozen=True)
class CoDeepNEAT:
    """The algorithm of `CoDeepNEATSampler`."""

    space: SearchSpace | None
    settings: Settings

    sampler = NAME

    @property
    def size(self) -> int:
        """Networks of a generation."""
        return self.settings.assembled_population_size

    @property
    def allow_duplicates(self) -> bool:
        """Whether a network may be evaluated again."""
        return self.settings.allow_duplicates

    @property
    def reproducible(self) -> bool:
        """Whether the populations are to be the same for any number of workers."""
        return self.settings.reproducible

    @property
    def inheritance(self) -> str | None:
        """How networks inherit weights; None where they do not."""
        return self.settings.inheritance

    def to_json(self) -> dict[str, Any]:
        """The settings."""
        return self.settings.to_json()

    def genesis(
        self, seed: int, generation: int, global_genes: Mapping[str, BaseDistribution]
    ) -> State:
        """The first populations."""
        return _evolution.genesis(self.space, self.settings, seed, generation, global_genes)

    def advance(
        self,
        state: State,
        results: Sequence[Result],
        seed: int,
        generation: int,
        global_genes: Mapping[str, BaseDistribution],
    ) -> State:
        """The next populations."""
        state = _evolution.advance(
            state, results, self.space, self.settings, seed, generation, global_genes
        )
        return state if self.inheritance is None else with_recent(state, results)

    def proposer(self, state: State, seed: int) -> Proposes:
        """What assembles the networks of a generation."""
        assembler = Assembler(state, self.space, self.settings, seed)
        if self.inheritance is None or self.space is None:
            return assembler
        return Lamarckian(assembler, state, self.space, self.inheritance)
