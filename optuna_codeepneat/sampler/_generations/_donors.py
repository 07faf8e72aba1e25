"""Whose weights networks may still inherit."""

from __future__ import annotations

from optuna.trial import TrialState

from optuna_codeepneat.sampler._generations._ledger import Ledger
from optuna_codeepneat.sampler._generations._ledger import donor_of
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._states import StateStore


class Donors:
    """The trials whose weights a network may ask for, now or later."""

    def __init__(self, ledger: Ledger, states: StateStore, generation_size: int) -> None:
        self._ledger = ledger
        self._states = states
        self._size = generation_size
        # A record, how many trials there were, and those that it does not count.
        self._rest: tuple[int, int, set[int]] | None = None

    def numbers(self) -> frozenset[int]:
        """Their numbers: whoever a state names, whoever has not counted yet, donors in use."""
        last = self._ledger.last_generation
        newest = None if last is None else self._ledger.lead(last)
        records = [] if newest is None else [newest]
        alive = set(self._uncounted(newest))
        for number, assignment in self._ledger.open.items():
            if assignment is not None:
                donor = donor_of(assignment)
                alive |= set() if donor is None else {donor}
            elif self._ledger.trials[number].state == TrialState.RUNNING:
                # It is about to be assigned a network of its own window, perhaps an old one.
                window = number // self._size
                own = self._ledger.lead(window) or self._ledger.newest_before(window)
                if own is not None and own not in records:
                    records.append(own)
        for record in records:
            counted, state = self._states.counted(record), self._states.state(record)
            alive |= {counted[result.position] for result in (*state.archive, *state.recent)}
        return frozenset(alive)

    def _uncounted(self, record: Record | None) -> set[int]:
        """Numbers of the trials that a record and its ancestors do not count."""
        number = -1 if record is None else record.number
        n = len(self._ledger.trials)
        if self._rest is None or self._rest[0] != number:
            rest = set(range(n)) - set(self._states.counted(record))
        else:  # a record counts what finished before it, so what came since is not among it
            rest = self._rest[2] | set(range(self._rest[1], n))
        self._rest = (number, n, rest)
        return rest
