"""`GarbageCollector`: removes weights that no network will inherit any more."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from collections.abc import Sequence
from typing import TYPE_CHECKING

from optuna.artifacts.exceptions import ArtifactNotFound
from optuna.logging import get_logger

from optuna_codeepneat import _optuna
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import assignment_of
from optuna_codeepneat.sampler import donor_of
from optuna_codeepneat.sampler import saved_weights
from optuna_codeepneat.storages import home_of


if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from optuna_codeepneat._optuna import ArtifactStore
    from optuna_codeepneat.sampler import Assignment

_logger = get_logger(f"optuna.{__name__}")

_WINDOW = 300
"""How far back in the numbers of trials a process looks that has just come."""

_MOST_REMOVALS = 16
"""The most artifacts that are removed at a time, since a trial waits for it."""


def weights_name(study: Study, number: int, kind: str = "weights") -> str:
    """An id for the weights of a trial that no study has had, and that can be a file's name.

    Of another kind than ``"weights"`` they are no garbage, whoever is to inherit from the trial.
    """
    return f"{kind}-{_words(study)}-{number}-{home_of(study)}-{secrets.token_hex(8)}.safetensors"


def training_name(study: Study, number: int, training: int) -> str:
    """An id for the state of a final training under way, by which it is found again."""
    return f"training-{_words(study)}-{number}-{training}-{home_of(study)}.state"


def _words(study: Study) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", study.study_name).strip("-")[:40]


class GarbageCollector:
    """Removes the weights of a study that nobody needs; any number of processes may do so.

    Only what the study itself has written: by their names it knows them from those that it has in
    common with a copy of it, or with what it is a copy of, and from whatever else a damaged or
    forged database may name.

    It remembers what it has seen, so that a look costs as much after ten thousand trials as
    after a hundred: it looks at the last trials, and at those that were needed until now.
    `donors_of` gives the numbers of the trials whose weights may still be asked for, None if that
    is not known.
    """

    def __init__(
        self,
        store: ArtifactStore,
        study: Study,
        donors_of: Callable[[Study], frozenset[int] | None],
    ) -> None:
        self.identity = _optuna.identity(study)
        self._store = _optuna.without_backoff(store)
        self._study = study
        self._donors_of = donors_of
        self._own = re.compile(rf"weights-.*-{home_of(study)}-[0-9a-f]{{16}}\.safetensors")
        self._needed: frozenset[int] = frozenset()
        self._unneeded: set[int] = set()
        self._gone: set[int] = set()
        # Trials that run or wait, with what they are to evaluate where that is known.
        self._open: dict[int, Assignment | None] = {}
        self._n_read = 0

    def collect_garbage(self, *, everything: bool = False) -> int:
        """Removes what was not needed at the last look either, a few artifacts at a time.

        A result that another process brings in between two looks is therefore never taken for
        one that nobody needs. With `everything` all goes that is not needed now, however old and
        however much it is. Returns how many artifacts were removed.
        """
        # The trials first: what finishes after this line is not among them.
        trials = _optuna.all_trials(self._study)
        needed = self._donors_of(self._study)
        if needed is None:
            return 0
        needed |= self._donors(trials)
        first = 0 if everything else max(0, len(trials) - _WINDOW)
        known = {*self._needed, *self._unneeded, *range(first, len(trials))}
        unneeded = {
            number
            for number in known - needed
            if number < len(trials)
            and trials[number].state.is_finished()
            and (everything or number not in self._gone)
        }
        to_remove = sorted(unneeded if everything else unneeded & self._unneeded)
        n_removed = self._remove(to_remove, trials, needed, None if everything else _MOST_REMOVALS)
        self._needed, self._unneeded = needed, unneeded - self._gone
        self._gone = {number for number in self._gone if number >= first}
        return n_removed

    def _donors(self, trials: Sequence[FrozenTrial]) -> frozenset[int]:
        """The trials whose weights a running network is to inherit.

        NOTE: `donors_of` names them too. What is removed is gone for good, so whoever removes
        looks for himself; it unpacks one assignment for each trial that begins.
        """
        for number in (*self._open, *range(self._n_read, len(trials))):
            if trials[number].state.is_finished():
                self._open.pop(number, None)
            else:
                self._open[number] = self._open.get(number) or assignment_of(trials[number])
        self._n_read = len(trials)
        donors = (donor_of(assigned) for assigned in self._open.values() if assigned is not None)
        return frozenset(donor for donor in donors if donor is not None)

    def _remove(
        self,
        to_remove: Sequence[int],
        trials: Sequence[FrozenTrial],
        needed: frozenset[int],
        most: int | None,
    ) -> int:
        """Removes the weights of these trials, the oldest first, at most so many."""
        n_removed = 0
        # A trial that Optuna retried may say the same as the one before it.
        kept: frozenset[str] | None = None
        for number in to_remove:
            artifact = _artifact(trials[number])
            if artifact is None or self._own.fullmatch(artifact) is None:
                self._gone.add(number)
                continue
            if kept is None:
                alive = (*needed, *self._open)
                names = (_artifact(trials[n]) for n in alive if n < len(trials))
                kept = frozenset(name for name in names if name is not None)
            if artifact not in kept:
                if n_removed == most:
                    break
                n_removed += removed(self._store, artifact)
            self._gone.add(number)
        return n_removed


def removed(store: ArtifactStore, artifact: str) -> bool:
    """Removes an artifact; whether it did, which does not matter to the study."""
    try:
        store.remove(artifact)
    except ArtifactNotFound:  # another worker was faster
        return False
    except Exception as error:
        _logger.info(f"The weights {artifact} could not be removed: {error}")
        return False
    return True


def _artifact(trial: FrozenTrial) -> str | None:
    """The id of a trial's weights, None if it has none or they cannot be read."""
    try:
        saved = saved_weights(trial)
    except StoredStateError:
        return None
    return None if saved is None else saved.artifact
