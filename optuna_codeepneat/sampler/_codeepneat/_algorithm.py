"""CoDeepNEAT as an `Algorithm`: two populations coevolve, networks are assembled from both."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.sampler._algorithm import Proposer
from optuna_codeepneat.sampler._codeepneat._assembly import Assembler
from optuna_codeepneat.sampler._codeepneat._breeding import Breeding
from optuna_codeepneat.sampler._codeepneat._credit import credited_blueprints
from optuna_codeepneat.sampler._codeepneat._credit import credited_modules
from optuna_codeepneat.sampler._codeepneat._lamarckian import Lamarckian
from optuna_codeepneat.sampler._codeepneat._preselection import Preselection
from optuna_codeepneat.sampler._codeepneat._settings import CoDeepNEATSettings
from optuna_codeepneat.sampler._genetics import Population
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._genetics import best_of
from optuna_codeepneat.sampler._genetics import blueprint_space
from optuna_codeepneat.sampler._genetics import module_space
from optuna_codeepneat.sampler._surrogate import Chooser
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


@dataclass(frozen=True)
class CoDeepNEAT:
    """The algorithm of `CoDeepNEATSampler` (LEAF, algorithm 1)."""

    space: SearchSpace | None
    settings: CoDeepNEATSettings

    sampler = "CoDeepNEATSampler"

    def as_begun(self, settings: Mapping[str, Any]) -> CoDeepNEAT:
        """The algorithm of a study that was begun with these stored settings."""
        return replace(self, settings=self.settings.as_begun(settings))

    def genesis(
        self, seed: int, generation: int, global_genes: Mapping[str, BaseDistribution]
    ) -> State:
        """The first populations."""
        own = self.settings
        species = [str(i) for i in range(own.n_blueprint_species)]
        n = max(own.blueprint_population_size, own.founders)
        blueprints = self._blueprints(global_genes, seed).first(species, n)
        modules = Population((), {}, {}, 0.0)
        if self.space is not None:
            slots = self.space.slots
            n = max(own.module_population_size, own.founders * len(slots))
            modules = self._modules(self.space, seed).first(slots, n)
        return State(generation, blueprints, modules, (), dict(global_genes), frozenset())

    def advance(
        self,
        state: State,
        results: Sequence[Result],
        seed: int,
        generation: int,
        global_genes: Mapping[str, BaseDistribution],
    ) -> State:
        """The next populations (LEAF, algorithm 1, steps 8 to 10)."""
        results = sorted(results, key=lambda result: result.position)
        state = state.counting(results, generation, global_genes)
        scored = [r for r in results if r.score is not None and r.blueprint is not None]
        if not scored:
            return state  # nothing is known that was not known before: go on with what there is
        own, before = self.settings, {result.position for result in state.archive}
        archive = best_of([*state.archive, *scored], own.archive_size, own.selection.front_order)
        entered = [result for result in archive if result.position not in before]
        blueprints = self._blueprints(state.global_genes, seed).next(
            state.blueprints,
            credited_blueprints(state.blueprints, scored, own.credit),
            {id for result in entered if (id := result.blueprint_id) is not None},
            generation,
        )
        modules = state.modules
        if self.space is not None:
            modules = self._modules(self.space, seed).next(
                modules,
                credited_modules(modules, scored, own.credit),
                {id for result in entered for id in result.module_ids.values()},
                generation,
            )
        state = replace(state, blueprints=blueprints, modules=modules, archive=archive)
        if own.inheritance is None:
            return state
        return replace(state, recent=tuple(result for result in scored if result.is_scored))

    def proposer(self, state: State, seed: int) -> Proposer:
        """What assembles the networks of a generation."""
        assembler = Assembler(state, self.space, self.settings, seed)
        proposer: Proposer = assembler
        if self._chooser is not None:
            proposer = Preselection(assembler, self._chooser)
        if self.space is None or self.settings.inheritance is None:
            return proposer
        return Lamarckian(proposer, assembler)

    @cached_property
    def _chooser(self) -> Chooser | None:
        own = self.settings
        return None if own.surrogate is None else Chooser(self.space, own.surrogate, own.cheap)

    def _blueprints(self, global_genes: Mapping[str, BaseDistribution], seed: int) -> Breeding:
        own = self.settings
        return Breeding(
            what="blueprint",
            space=blueprint_space(self.space, global_genes),
            mutation=own.blueprint_mutation,
            size=own.blueprint_population_size,
            settings=own,
            seed=seed,
        )

    def _modules(self, space: SearchSpace, seed: int) -> Breeding:
        own = self.settings
        return Breeding(
            what="module",
            space=module_space(space),
            mutation=own.module_mutation,
            size=own.module_population_size,
            settings=own,
            seed=seed,
        )
