"""CoDeepNEAT as an `Algorithm`: two populations coevolve, networks are assembled from both."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any

from optuna.distributions import BaseDistribution

from optuna_codeepneat.sampler._algorithm import Proposes
from optuna_codeepneat.sampler._codeepneat._assembly import Assembler
from optuna_codeepneat.sampler._codeepneat._breeding import _blueprint_candidates
from optuna_codeepneat.sampler._codeepneat._breeding import _evolve
from optuna_codeepneat.sampler._codeepneat._breeding import _found
from optuna_codeepneat.sampler._codeepneat._breeding import _module_candidates
from optuna_codeepneat.sampler._codeepneat._breeding import blueprint_species
from optuna_codeepneat.sampler._codeepneat._lamarckian import Lamarckian
from optuna_codeepneat.sampler._codeepneat._lamarckian import with_recent
from optuna_codeepneat.sampler._codeepneat._settings import Settings
from optuna_codeepneat.sampler._genetics import _genome
from optuna_codeepneat.sampler._genetics._population import Population
from optuna_codeepneat.sampler._genetics._population import Result
from optuna_codeepneat.sampler._genetics._population import State
from optuna_codeepneat.sampler._genetics._population import best_of
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
        return genesis(self.space, self.settings, seed, generation, global_genes)

    def advance(
        self,
        state: State,
        results: Sequence[Result],
        seed: int,
        generation: int,
        global_genes: Mapping[str, BaseDistribution],
    ) -> State:
        """The next populations."""
        state = advance(state, results, self.space, self.settings, seed, generation, global_genes)
        return state if self.inheritance is None else with_recent(state, results)

    def proposer(self, state: State, seed: int) -> Proposes:
        """What assembles the networks of a generation."""
        assembler = Assembler(state, self.space, self.settings, seed)
        if self.inheritance is None or self.space is None:
            return assembler
        return Lamarckian(assembler, state, self.space, self.inheritance)


def genesis(
    space: SearchSpace | None,
    settings: Settings,
    seed: int,
    generation: int,
    global_genes: Mapping[str, BaseDistribution],
) -> State:
    """The first populations: of minimal chromosomes, or of any size (`initial_nodes`)."""
    blueprint_space = _genome.blueprint_space(space, global_genes)
    blueprints = _found(
        "blueprint",
        blueprint_species(settings),
        max(settings.blueprint_population_size, settings.founders),
        blueprint_space,
        settings,
        seed,
    )
    if space is None:
        modules = Population((), {}, {}, 0.0)
    else:
        modules = _found(
            "module",
            space.slots,
            max(settings.module_population_size, settings.founders * len(space.slots)),
            _genome.module_space(space),
            settings,
            seed,
        )
    return State(generation, blueprints, modules, (), dict(global_genes), frozenset())


def advance(
    state: State,
    results: Sequence[Result],
    space: SearchSpace | None,
    settings: Settings,
    seed: int,
    generation: int,
    global_genes: Mapping[str, BaseDistribution],
) -> State:
    """The state of the next generation (LEAF, algorithm 1, steps 8 to 10).

    Args:
        state:
            The state of the generation before.
        results:
            The finished trials that count as evidence now; their order does not matter.
        space:
            The search space, None in hyperparameter-only mode.
        settings:
            The settings of the study.
        seed:
            The seed of the study.
        generation:
            The number of the generation to breed.
        global_genes:
            Ranges of the parameters beside the architecture, as the results show them.
    """
    results = sorted(results, key=lambda result: result.number)
    keys = frozenset(result.key for result in results if result.key is not None)
    known = {**state.global_genes, **global_genes}
    state = replace(
        state, generation=generation, global_genes=known, evaluated=state.evaluated | keys
    )
    scored = [r for r in results if r.score is not None and r.blueprint is not None]
    if not scored:
        return state  # nothing is known that was not known before: go on with what there is
    archive = best_of(
        [*state.archive, *scored], settings.archive_size, settings.selection.front_order
    )
    before = {result.number for result in state.archive}
    entered = [result for result in archive if result.number not in before]
    blueprints = _evolve(
        "blueprint",
        state.blueprints,
        _blueprint_candidates(state.blueprints, scored, settings),
        {i for r in entered if (i := r.blueprint_id) is not None},
        _genome.blueprint_space(space, known),
        settings.blueprint_mutation,
        settings,
        seed,
        generation,
    )
    modules = state.modules
    if space is not None:
        modules = _evolve(
            "module",
            modules,
            _module_candidates(modules, scored, settings),
            {i for r in entered for i in r.module_ids.values()},
            _genome.module_space(space),
            settings.module_mutation,
            settings,
            seed,
            generation,
        )
    return replace(state, blueprints=blueprints, modules=modules, archive=archive)
