"""Replays a study from the beginning, and compares what comes out with what is stored."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._algorithm import Algorithm
from optuna_codeepneat.sampler._generations._ledger import Ledger
from optuna_codeepneat.sampler._generations._ledger import assignment_of
from optuna_codeepneat.sampler._generations._ledger import is_own
from optuna_codeepneat.sampler._generations._records import ASSIGNMENT
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._states import StateStore
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


@dataclass(frozen=True)
class Verification:
    """What came out of replaying a study.

    Args:
        n_generations:
            Generations that have a record.
        n_records:
            Their records; more than generations where a worker took over from another that was
            not dead.
        n_assigned:
            Trials that the evolution assigned a network or hyperparameters.
        n_counted:
            Finished trials that count in the last generation's lineage.
        problems:
            What is wrong, a sentence each; empty if all is well.
    """

    n_generations: int
    n_records: int
    n_assigned: int
    n_counted: int
    problems: tuple[str, ...]


def verify(
    ledger: Ledger,
    lineage: StateStore,
    algorithm: Algorithm,
    on_progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Replays every record of a study, read anew, and checks every assignment."""
    records = sorted(ledger.records.values(), key=lambda record: record.number)
    assigned = [trial for trial in ledger.trials if _is_assigned(trial, ledger)]
    total = len(records) + len(assigned)
    problems = [*ledger.passed_over.values()]
    bred: dict[int, State] = {}
    for i, record in enumerate(records):
        problems += _wrong_with_record(record, bred, ledger, lineage, algorithm)
        if on_progress is not None:
            on_progress(i + 1, total)
    for i, trial in enumerate(assigned):
        problems += _wrong_with_assignment(trial, ledger, algorithm.space)
        if on_progress is not None:
            on_progress(len(records) + i + 1, total)
    last = ledger.last_generation
    counted = () if last is None or problems else lineage.counted(ledger.lead(last))
    return Verification(
        len({record.generation for record in records}),
        len(records),
        len(assigned),
        len(counted),
        tuple(problems),
    )


def _is_assigned(trial: FrozenTrial, ledger: Ledger) -> bool:
    """Whether a trial says what it was assigned in a lineage that is checked here."""
    if ASSIGNMENT not in trial.system_attrs:
        return False
    assignment = assignment_of(trial)
    if assignment is None:
        return True
    return is_own(trial, assignment) and not ledger.is_elsewhere(assignment.record)


def _wrong_with_record(
    record: Record,
    bred: dict[int, State],
    ledger: Ledger,
    lineage: StateStore,
    algorithm: Algorithm,
) -> Iterator[str]:
    name = f"the record of generation {record.generation} on trial {record.number}"
    own = record.number // algorithm.settings.generation_size
    if not algorithm.settings.reproducible and record.generation != own:
        yield f"{name} stands in the window of generation {own}."
    parent = lineage.parent_of(record)
    counted = lineage.counted(record)
    if len(counted) != len(set(counted)):
        yield f"{name} counts a trial that counted before."
    finished = frozenset(ledger.finished())
    unfinished = [n for n in record.evidence if n not in finished]
    if unfinished:
        yield f"{name} counts the trials {unfinished}, which have not finished."
        return
    try:
        state = lineage.breed(record, None if parent is None else bred.get(parent.number))
        if state.digest != record.digest:
            yield f"{name} comes out differently when it is bred again."
        if content_hash(record.state) != record.digest:
            yield f"{name} carries another state than it says."
    except StoredStateError as error:
        yield f"{name} cannot be replayed: {error}"
        return
    bred[record.number] = state
    if parent is not None and len(bred) > 8:
        del bred[min(bred)]


def _wrong_with_assignment(
    trial: FrozenTrial, ledger: Ledger, space: SearchSpace | None
) -> Iterator[str]:
    name = f"the assignment of trial {trial.number}"
    assignment = assignment_of(trial)
    if assignment is None:
        yield f"{name} is damaged."
        return
    record = ledger.records.get(assignment.record)
    if record is None:
        yield f"{name} names trial {assignment.record}, which has no record."
    elif record.generation != assignment.generation:
        yield f"{name} is of generation {assignment.generation}, its record of another."
    try:
        if Proposal.of(assignment.network, space).signature != assignment.signature:
            yield f"{name} holds another network than it says."
    except (StoredStateError, ValueError, TypeError, LookupError) as error:
        yield f"{name} holds no network: {error}"
