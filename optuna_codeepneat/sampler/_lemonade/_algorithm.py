"""LEMONADE as an `Algorithm` (Elsken, Metzen and Hutter 2019): the front breeds by morphisms."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat.sampler._algorithm import as_read_again
from optuna_codeepneat.sampler._algorithm import described
from optuna_codeepneat.sampler._genetics._population import Population
from optuna_codeepneat.sampler._genetics._population import Result
from optuna_codeepneat.sampler._genetics._population import State
from optuna_codeepneat.sampler._genetics._population import best_of
from optuna_codeepneat.sampler._lemonade._breeding import Breeder
from optuna_codeepneat.sampler._lemonade._density import Density
from optuna_codeepneat.sampler._lemonade._morphisms import Morphism
from optuna_codeepneat.sampler._lemonade._settings import Cheap
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

NAME = "LemonadeSampler"


@dataclass(frozen=True, kw_only=True)
class Lemonade:
    """The algorithm of `LemonadeSampler`, which documents the settings."""

    space: SearchSpace
    cheap: tuple[Cheap, ...]
    children_per_generation: int
    n_proposals: int
    max_morphisms: int
    approximate_rate: float
    continuation_rate: float
    exact_morphisms: Mapping[str | Morphism, float]
    approximate_morphisms: Mapping[str | Morphism, float]
    initial: tuple[Architecture, ...]
    n_initial: int
    density: Density | None
    elite_size: int
    max_population: int
    gene_prob: float
    sigma: float
    inheritance: str | None
    allow_duplicates: bool
    reproducible: bool

    sampler = NAME

    @property
    def size(self) -> int:
        """Networks of a generation."""
        return self.children_per_generation

    def to_json(self) -> dict[str, Any]:
        """The settings."""
        names = [name for name in self.__dataclass_fields__ if name != "space"]
        settings = {name: getattr(self, name) for name in names}
        for name in ("exact_morphisms", "approximate_morphisms"):
            rates = settings[name].items()
            settings[name] = sorted([str(described(morphism)), rate] for morphism, rate in rates)
        settings["cheap"] = [described(cheap) for cheap in self.cheap]
        settings["initial"] = [content_hash(network.to_json()) for network in self.initial]
        return as_read_again({name: described(value) for name, value in settings.items()})

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
        results = sorted(results, key=lambda result: result.number)
        keys = frozenset(result.key for result in results if result.key is not None)
        scored = [r for r in results if r.score is not None and r.blueprint is not None]
        population = state.archive
        if scored:
            first = scored[0].score
            single = first is not None and len(first.values) == 1
            most = self.elite_size if single else self.max_population
            population = best_of([*population, *scored], most, "spread")
        return replace(
            state,
            generation=generation,
            archive=population,
            global_genes={**state.global_genes, **global_genes},
            evaluated=state.evaluated | keys,
        )

    def proposer(self, state: State, seed: int) -> Breeder:
        """What breeds the children of a generation."""
        return Breeder(self, state, seed)
