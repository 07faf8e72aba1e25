"""Many candidates a place, among which a model chooses (ours)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler._algorithm import NOTHING_SEEN
from optuna_codeepneat.sampler._codeepneat._assembly import Assembler
from optuna_codeepneat.sampler._codeepneat._lamarckian import Donors
from optuna_codeepneat.sampler._genetics import Evaluated
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._genetics import best_of
from optuna_codeepneat.sampler._surrogate import Chooser
from optuna_codeepneat.sampler._surrogate import Judge


_TRIES = 4
"""How many networks are bred at most for each candidate that is wanted."""


_CONTINUED = 0.3
"""Share of the candidates whose training only goes on, where weights are inherited."""

_BRED_ON = 5
"""How many candidates are bred on in a round."""


@dataclass(frozen=True)
class Preselection:
    """Proposes of many networks that an assembler may breed the one that a model chooses."""

    assembler: Assembler
    chooser: Chooser

    def assemble(self, place: int, seen: Seen = NOTHING_SEEN) -> Proposal:
        """The network for a place of the generation."""
        own = self.assembler
        if not self.chooser.is_ready(seen):
            return own.assemble(place, seen)
        ranges = {**own.ranges, **seen.global_genes}
        believes = (
            self.chooser.settings.believed_parents
            and own.space is not None
            and own.settings.inheritance is None
        )
        judge = self.chooser.judge(seen, ranges) if believes else None
        results = seen.results if judge is None else judge.believed
        breeder = replace(own, state=self._up_to_date(seen, results))
        candidates = self._candidates(breeder, place)
        if own.space is not None and own.settings.inheritance is not None:
            donors = Donors.of(own, seen)
            candidates = [donors.heir(candidate) for candidate in candidates]
        judge = judge or self.chooser.judge(seen, ranges, candidates)
        known = Evaluated(breeder.state, seen)
        # A network costs as much to assemble as a model to ask, and is found no better so.
        if own.space is None and place % 2 == 0:
            candidates = self._bred_on(breeder, candidates, judge, known, place)
        picked = judge.pick(
            candidates, known, place, allow_duplicates=own.settings.allow_duplicates
        )
        return picked or breeder.assemble(place, seen)

    def _up_to_date(self, seen: Seen, results: Sequence[Result]) -> State:
        """The state with the front of all that is known, which the archive is not yet."""
        own = self.assembler
        scored = [r for r in results if r.score is not None and r.completed is not None]
        n_objectives = len(scored[0].score.values) if scored[0].score is not None else 1
        most = own.settings.archive_size if n_objectives == 1 else len(scored)
        archive = best_of(scored, most, "primary")
        known = {**own.state.global_genes, **seen.global_genes}
        return replace(own.state, archive=archive, global_genes=known)

    def _candidates(self, breeder: Assembler, place: int) -> list[Proposal]:
        """Networks within the caps."""
        settings, space = self.chooser.settings, breeder.space
        rng = rng_for(breeder.seed, "candidates", breeder.state.generation, place)
        candidates: list[Proposal] = []
        crossed_rate = 0.0 if space is None else settings.crossed_rate
        inherits = space is not None and breeder.settings.inheritance is not None
        for attempt in range(_TRIES * settings.n_candidates):
            kind = rng.random()
            if inherits and rng.random() < _CONTINUED:
                network, origin = breeder.continued(rng)
            elif kind < settings.edit_rate:
                network, origin = breeder.edited(rng, crossed_rate)
            elif kind < settings.edit_rate + settings.fresh_rate:
                network, origin = breeder.fresh(rng)
            else:
                network, origin = breeder.propose(place + attempt, 0, rng)
            proposal = Proposal.of(breeder.completed(network, rng), space, origin)
            if space is not None and proposal.architecture is not None:
                if space.excess(proposal.architecture) is not None:
                    continue
            candidates.append(proposal)
            if len(candidates) == settings.n_candidates:
                break
        return candidates

    def _bred_on(
        self,
        breeder: Assembler,
        candidates: list[Proposal],
        judge: Judge,
        known: Evaluated,
        place: int,
    ) -> list[Proposal]:
        """The best candidates and their children, who are the next candidates, round by round."""
        rng = rng_for(breeder.seed, "rounds", breeder.state.generation, place)
        for _ in range(self.chooser.settings.n_rounds):
            best = judge.best(candidates, known, _BRED_ON)
            if not best:
                break
            candidates = list(best)
            for _ in range(self.chooser.settings.n_candidates):
                parent = best[int(rng.integers(len(best)))]
                network = breeder.completed(breeder.after_edits(parent.network, rng), rng)
                candidates.append(Proposal.of(network, breeder.space, parent.origin))
        return candidates
