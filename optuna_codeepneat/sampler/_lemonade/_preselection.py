"""Many children a place, among which a model chooses (ours)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from itertools import islice

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler._algorithm import NOTHING_SEEN
from optuna_codeepneat.sampler._genetics import Evaluated
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._lemonade._breeding import Breeder
from optuna_codeepneat.sampler._surrogate import Chooser


_TRIES = 4
"""How many children are bred at most for each candidate that is wanted."""


@dataclass(frozen=True)
class Preselection:
    """Proposes of many children that a breeder may breed the one that a model chooses.

    Their parents are drawn as without a model, but from the population as it is now: its weights
    are kept until it has counted, and then as long as it is in the front.
    """

    breeder: Breeder
    chooser: Chooser

    def assemble(self, place: int, seen: Seen = NOTHING_SEEN) -> Proposal:
        """The network for a place of the generation."""
        own = self.breeder
        if own.is_initial(place) or not self.chooser.is_ready(seen):
            return own.assemble(place, seen)
        breeder = replace(own, state=self._up_to_date(seen))
        candidates = self._candidates(breeder, place)
        judge = self.chooser.judge(seen, breeder.ranges, candidates)
        picked = judge.pick(
            candidates,
            Evaluated(breeder.state, seen),
            place,
            allow_duplicates=own.settings.allow_duplicates,
        )
        return picked or breeder.assemble(place, seen)

    def _up_to_date(self, seen: Seen) -> State:
        """The state with those that do not count yet."""
        own, state = self.breeder, self.breeder.state
        population = own.settings.survivors([*state.archive, *seen.newer])
        known = {**state.global_genes, **seen.global_genes}
        return replace(state, archive=population, global_genes=known)

    def _candidates(self, breeder: Breeder, place: int) -> list[Proposal]:
        """Children within the caps."""
        n = self.chooser.settings.n_candidates
        rng = rng_for(breeder.seed, "candidates", breeder.state.generation, place)
        children = (breeder.child(rng) for _ in range(_TRIES * n))
        return list(islice(filter(breeder.is_within_caps, children), n))
