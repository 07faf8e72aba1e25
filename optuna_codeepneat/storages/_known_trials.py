"""What a process knows of the trials of a SQL database, and how it comes to know more."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Container
from collections.abc import Sequence
from copy import deepcopy as deep_copy
from functools import partial
from itertools import islice
from typing import Any

from optuna.storages import _CachedStorage
from optuna.trial import FrozenTrial
from optuna.trial import TrialState

from optuna_codeepneat.storages._batches import BatchedDatabase
from optuna_codeepneat.storages._reading import PARTS
from optuna_codeepneat.storages._reading import Head
from optuna_codeepneat.storages._unread_trial import UnreadTrial
from optuna_codeepneat.storages._unread_trial import add_part
from optuna_codeepneat.storages._unread_trial import lacks


_PAGE = 500
"""Of so many trials a part is read when somebody asks one of them for it."""


class KnownTrials(_CachedStorage):
    """Optuna's cache of a database, which reads less of it.

    Optuna's own reads all that runs in full whenever it is asked for trials, and all that has
    finished once. Here it is the states of those that run, once each the number, the values and
    the times of those that have finished, and whatever else a trial consists of when somebody
    asks for it, for many trials at once. So the cost of a look at a study is that of what others
    finished since the last one. Whoever gets copies of trials gets whole ones. Checked against
    Optuna 5.0.

    Args:
        database:
            The database.
        patiently:
            Does a call until the database is there, as `Patience.call`.
    """

    _backend: BatchedDatabase

    def __init__(
        self, database: BatchedDatabase, patiently: Callable[[Callable[[], Any]], Any]
    ) -> None:
        super().__init__(database)
        self._patiently = patiently
        self._known: dict[int, _KnownStudy] = {}

    def __getstate__(self) -> dict[Any, Any]:
        return {**super().__getstate__(), "_known": {}}

    def delete_study(self, study_id: int) -> None:
        """Deletes a study."""
        with self._lock:
            self._known.pop(study_id, None)
            for key, (of_study, number) in list(self._trial_id_to_study_id_and_number.items()):
                if of_study == study_id:
                    del self._trial_id_to_study_id_and_number[key]
                    self._study_id_and_number_to_trial_id.pop((of_study, number), None)
        super().delete_study(study_id)

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """Reads a trial; one that has finished is known for ever."""
        with self._lock:
            study_id, number = self._trial_id_to_study_id_and_number.get(trial_id, (None, None))
            known = self._known.get(study_id) if study_id is not None else None
            trial = known.trials.get(number) if known and number is not None else None
            if trial is not None and trial.state.is_finished():
                return trial
        head = self._backend.read_head(trial_id)
        (trial,) = self._on_pages([head])
        if not head.state.is_finished():  # its own process wants all of it
            self._read_parts([trial], *PARTS)
        return trial

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """Reads all trials, in the order of their numbers."""
        with self._lock:
            known = self._known.setdefault(study_id, _KnownStudy())
            self._refresh(study_id, known)
            trials = list(known.trials.values())
        if states is not None:
            trials = [trial for trial in trials if trial.state in states]
        if deepcopy:
            return deep_copy(trials)
        return trials

    def _refresh(self, study_id: int, known: _KnownStudy) -> None:
        changed = self._backend.read_changes(study_id, known.open.values(), known.last)
        known.open_again(self._on_pages)
        known.add(changed, self._on_pages(changed))
        for head in changed:
            place = (study_id, head.number)
            self._trial_id_to_study_id_and_number[head.key] = place
            self._study_id_and_number_to_trial_id[place] = head.key

    def _on_pages(self, heads: Sequence[Head]) -> list[FrozenTrial]:
        """Trials of which nothing else was read yet."""
        trials: list[FrozenTrial] = []
        for some in (heads[i : i + _PAGE] for i in range(0, len(heads), _PAGE)):
            page: list[FrozenTrial] = []
            page += (UnreadTrial(head, partial(self._read_parts, page)) for head in some)
            trials += page
        return trials

    def _read_parts(self, page: Sequence[FrozenTrial], *parts: str) -> None:
        """Reads parts of all trials of a page that do not have them."""
        unread = {trial._trial_id: trial for trial in page if lacks(trial, parts)}
        read = partial(self._backend.read_parts, parts, list(unread))
        for part, found in zip(parts, self._patiently(read), strict=True):
            for key, trial in unread.items():
                if key not in found:
                    raise KeyError(f"trial {trial.number} was deleted.")
                add_part(trial, part, found[key])


class _KnownStudy:
    """What is known of the trials of a study."""

    def __init__(self) -> None:
        self.trials: dict[int, FrozenTrial] = {}  # by their numbers, in order
        self.open: dict[int, Head] = {}  # by their keys, those that wait or run
        self.last = -1  # the last key

    def add(self, heads: Sequence[Head], trials: Sequence[FrozenTrial]) -> None:
        """Takes note of trials that are new or have changed."""
        last = next(reversed(self.trials), -1)
        for head, trial in zip(heads, trials, strict=True):
            self.trials[head.number] = trial
            self.last = max(self.last, head.key)
            if head.state.is_finished():
                self.open.pop(head.key, None)
            else:
                self.open[head.key] = head
        if any(number < last for number in islice(reversed(self.trials), len(heads))):
            self.trials = dict(sorted(self.trials.items()))

    def open_again(self, on_pages: Callable[[Sequence[Head]], list[FrozenTrial]]) -> None:
        """Has the open trials read anew of which somebody has asked a part."""
        asked = [head for head in self.open.values() if not _is_unread(self.trials[head.number])]
        for head, trial in zip(asked, on_pages(asked), strict=True):
            self.trials[head.number] = trial


def _is_unread(trial: FrozenTrial) -> bool:
    return isinstance(trial, UnreadTrial) and trial.is_unread
