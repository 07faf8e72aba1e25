"""What a worker sees of a study, beside the state of a generation, when it proposes a network."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace

from optuna_codeepneat.sampler._algorithm import Algorithm
from optuna_codeepneat.sampler._algorithm import AlgorithmSettings
from optuna_codeepneat.sampler._generations._evidence import global_genes_of
from optuna_codeepneat.sampler._generations._ledger import Ledger
from optuna_codeepneat.sampler._generations._ledger import donor_of
from optuna_codeepneat.sampler._generations._records import Assignment
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._states import StateStore
from optuna_codeepneat.sampler._genetics import Position
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._genetics import TrialNumber
from optuna_codeepneat.sampler._surrogate import Surrogate


_WINDOWS = 4
"""Within how many generations results come back; what is older was never told."""

_LAST = 2 / 3
"""Share of the results that a model sees which are the last ones."""

_BLOCK = 32
"""So many results come before as many old ones are left out, or a quarter of the last ones."""


class View:
    """Makes what proposers see (`Seen`) of what the storage holds.

    What it costs does not grow with the study: of many results a model sees the archive, the last
    ones, and some of all others.
    """

    def __init__(self, ledger: Ledger, states: StateStore, algorithm: Algorithm) -> None:
        self._ledger = ledger
        self._states = states
        self._space = algorithm.space

    def of(self, record: Record, state: State, number: int) -> tuple[Seen, Sequence[TrialNumber]]:
        """What a trial sees of all the others, and the trial at each position of its results."""
        counted, settings = self._states.counted(record), self._settings_of(record)
        if settings.allow_duplicates and settings.surrogate is None:
            return Seen(), counted
        size = settings.generation_size
        oldest = max(0, (record.generation - _WINDOWS) * size)
        known = set(counted[-(_WINDOWS + 1) * size :])
        uncounted = [
            TrialNumber(trial.number)
            for trial in self._ledger.trials[oldest:]
            if trial.state.is_finished() and trial.number not in known
        ]
        open = {
            other: assignment
            for other, assignment in self._ledger.open.items()
            if other >= oldest and other != number and assignment is not None
        }
        order = (*counted, *uncounted)
        keys = [] if settings.allow_duplicates else map(self._states.key, uncounted)
        running = [] if settings.allow_duplicates else open.values()
        seen = Seen(
            {key for key in keys if key is not None},
            {assignment.key for assignment in running},
            self._results(order, state, settings.surrogate),
            [] if settings.surrogate is None else self._pending(open),
            global_genes_of((self._ledger.trials[n] for n in uncounted), self._space),
            len(counted),
        )
        return seen, order

    def _pending(self, open: Mapping[int, Assignment]) -> list[Proposal]:
        """The networks of open trials, as far as they are of the space."""
        pending = []
        for number, assignment in open.items():
            proposal = self._states.proposal(number, assignment)
            if proposal is not None:
                heritage = self._states.bequest(donor_of(assignment))
                pending.append(replace(proposal, heritage=heritage) if heritage else proposal)
        return pending

    def before(self, record: Record, state: State, plan: Sequence[Proposal]) -> Seen:
        """What the next place of a plan sees: what the state counts, and the places before."""
        counted = self._states.counted(record)
        return Seen(
            running={proposal.key.digest for proposal in plan},
            results=self._results(counted, state, self._settings_of(record).surrogate),
            pending=plan,
            n_counted=len(counted),
        )

    def _settings_of(self, record: Record) -> AlgorithmSettings:
        """The settings as they were when the record's lineage began."""
        return self._states.algorithm_of(record).settings

    def _results(
        self, order: Sequence[TrialNumber], state: State, surrogate: Surrogate | None
    ) -> list[Result]:
        """Those that a model sees."""
        if surrogate is None:
            return []
        archive = [int(result.position) for result in state.archive]
        chosen = seen_of_many(len(order), surrogate.max_results, archive)
        return [self._states.result(order[i], Position(i)) for i in chosen]


def seen_of_many(n: int, most: int, archive: Sequence[int]) -> list[int]:
    """The up to `most` of n positions that a model sees: the archive, the last, some others.

    From one trial to the next it is nearly the same ones, so that what was found of them stands.
    """
    if n <= most:
        return list(range(n))
    n_last = int(_LAST * most)
    block = max(1, min(_BLOCK, n_last // 4))
    last = -(-(n - n_last) // block) * block
    best = set(archive[: most - n_last])
    room = most - n_last - len(best)
    # Every second, fourth, eighth: of more trials, the same and further ones, or half of them.
    step = 1
    while room and len(range(0, last, step)) > room:
        step *= 2
    others = range(0, last, step) if room else ()
    return sorted({*best, *others, *range(last, n)})
