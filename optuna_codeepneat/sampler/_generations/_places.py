"""Which place of which generation a trial takes: by its number, or in an order that repeats.

Trial numbers are what every storage hands out one by one without a race, and a trial's attributes
have one writer; both rules are made of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Protocol

from optuna.trial import TrialState


if TYPE_CHECKING:
    from optuna_codeepneat.sampler._generations._ledger import Ledger
    from optuna_codeepneat.sampler._generations._records import Record

TAKEOVER_SECONDS = 10.0
"""How long a trial may take to publish a record or take a place before the next one goes on."""

MOST_FAILURES = 3
"""With `Synchronous`, how often a place is tried before it counts as failed."""

_PATIENCE = 2.0
"""With `Synchronous`, after how many times the longest training so far a trial is given up."""


@dataclass(frozen=True)
class Turn:
    """Where a trial stands in the evolution."""

    generation: int
    record: Record | None  # None as long as there is none
    place: int | None  # None as long as none is free
    evidence: Callable[[], Sequence[int]]  # what a record of the generation would count
    ahead: Sequence[int]  # those that publish a record or take a place first

    @property
    def waits_for_results(self) -> bool:
        """Whether all places are taken, and the next generation needs their results."""
        return self.record is not None and self.place is None and not self.ahead


class Places(Protocol):
    """A rule that says which place a trial takes."""

    def turn(self, number: int, ledger: Ledger, size: int, counted: Counted) -> Turn:
        """Where a running trial stands.

        Args:
            number:
                The trial's number.
            ledger:
                What is known of all trials.
            size:
                Places of a generation.
            counted:
                The trials that a record and its ancestors count.
        """


class Counted(Protocol):
    """The trials that a record and its ancestors count, none for None."""

    def __call__(self, record: Record | None) -> Sequence[int]: ...


class Asynchronous:
    """A generation is a window of trial numbers: nobody ever waits for another's network.

    The first live trial of a window publishes its record. All finished trials that have not
    counted yet are evidence, late ones included.
    """

    def turn(self, number: int, ledger: Ledger, size: int, counted: Counted) -> Turn:
        """Where a running trial stands."""
        generation, place = divmod(number, size)
        record = ledger.lead(generation)
        if record is not None:
            return Turn(generation, record, place, tuple, ())
        before = ledger.newest_before(generation)

        def evidence() -> list[int]:
            known = frozenset(counted(before))
            return [n for n in ledger.finished() if n not in known]

        # Those of an earlier window without a record as well: else its record, which comes later,
        # would be left out of the lineage.
        first = 0 if before is None else before.generation + 1
        ahead = ledger.starting(first * size, number)
        return Turn(generation, None, place, evidence, ahead)


class Synchronous:
    """Trials fill a generation place by place, and the next one waits for all of its results.

    Every place is evaluated, by another trial where one was lost, so that the populations do not
    depend on how many workers there are and which of them were killed. Results count in the order
    of their places. What other samplers evaluated counts if it was there before the first
    generation.
    """

    def turn(self, number: int, ledger: Ledger, size: int, counted: Counted) -> Turn:
        """Where a running trial stands."""
        ahead = ledger.starting(0, number)
        last = ledger.last_generation
        if last is None:
            return Turn(0, None, None, ledger.finished, ahead)
        record = ledger.lead(last)
        assert record is not None
        closed: dict[int, int] = {}
        free: list[int] = []
        for place in range(size):
            claims = ledger.claims_of(record, place)
            closing = _closing(claims, ledger)
            if closing is not None:
                closed[place] = closing
            elif not any(_is_alive(n, ledger) for n in claims):
                free.append(place)
        if len(closed) == size:
            in_order = [closed[place] for place in range(size)]
            return Turn(last + 1, None, None, lambda: in_order, ahead)
        if not free:
            return Turn(last, record, None, tuple, ())
        # Those ahead will take the first of the free places: one each.
        place_left = free[len(ahead)] if len(ahead) < len(free) else None
        return Turn(last, record, place_left, tuple, ahead)


def _closing(claims: Sequence[int], ledger: Ledger) -> int | None:
    """The trial that settles a place: the first with a result, or the first of many failures."""
    states = {n: ledger.trials[n].state for n in sorted(claims)}
    for number, state in states.items():
        if state in (TrialState.COMPLETE, TrialState.PRUNED):
            return number
    failed = [number for number, state in states.items() if state == TrialState.FAIL]
    return failed[0] if len(failed) >= MOST_FAILURES else None


def _is_alive(number: int, ledger: Ledger) -> bool:
    """Whether a trial may still bring a result.

    A worker that was killed leaves its trial running for ever. One that runs for much longer than
    any other did is given up; should it finish after all, nothing is lost but time.
    """
    if ledger.trials[number].state != TrialState.RUNNING:
        return False
    return ledger.seconds_seen(number) <= max(_PATIENCE * ledger.longest, TAKEOVER_SECONDS)
