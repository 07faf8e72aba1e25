"""A study's storage as Optuna Dashboard sees it: with figures, a note and violated constraints."""

from __future__ import annotations

from collections.abc import Container
from collections.abc import Mapping
from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING
from typing import Any

import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial
from optuna.trial import TrialState

from optuna_codeepneat import _optuna
from optuna_codeepneat._optuna import identity
from optuna_codeepneat._optuna import scratch_study
from optuna_codeepneat._optuna import trial_id
from optuna_codeepneat._ranking import is_feasible
from optuna_codeepneat._ranking import ranking
from optuna_codeepneat._ranking import score_of
from optuna_codeepneat.storages import RetryingStorage
from optuna_codeepneat.visualization._dashboard._diagrams import diagram_of
from optuna_codeepneat.visualization._dashboard._note import MARK
from optuna_codeepneat.visualization._dashboard._note import pictured
from optuna_codeepneat.visualization._dashboard._publish import FIGURE
from optuna_codeepneat.visualization._dashboard._publish import write
from optuna_codeepneat.visualization._trials import StudyTrials


if TYPE_CHECKING:
    from optuna_codeepneat._optuna import FrozenStudy

# What the dashboard keeps in studies and trials; checked against Optuna Dashboard 0.21.
_FIGURE = f"dashboard:plot_data:{FIGURE}"
_NOTE = "dashboard:note_str:"
_NOTE_VERSION = "dashboard:note_ver"
_CONSTRAINTS = "constraints"


class DashboardView(RetryingStorage):
    """A storage for Optuna Dashboard, which adds to what is read and stores nothing of it.

    Studies have the figures and the note that `refresh` made of them. The best trials have their
    diagram in full size; a note that a person wrote goes first. All trials have their constraints
    in the form of Optuna 4 too: version 0.21 of the dashboard looks for nothing else.
    `has_artifacts` says whether the dashboard knows where artifacts are.
    """

    def __init__(self, storage: BaseStorage, *, has_artifacts: bool = False) -> None:
        super().__init__(storage, patience=0.0)
        self._has_artifacts = has_artifacts
        self._pictures: dict[int, Mapping[int, str]] = {}
        self._added: dict[int, Mapping[str, Any]] = {}

    def refresh(self, study: optuna.Study) -> None:
        """Draws the figures of a study anew, and writes its note."""
        chronicle = StudyTrials(study)
        study_id = identity(study)[1]
        scratch = scratch_study()
        write(study, scratch)
        storage, scratch_id = identity(scratch)
        attrs = storage.get_study_system_attrs(scratch_id)
        added = {key: value for key, value in attrs.items() if key.startswith((_FIGURE, _NOTE))}
        pictures = {}
        for trial in pictured(chronicle):
            diagram = diagram_of(trial.system_attrs)
            if diagram is not None and self._has_artifacts:
                place = f"/artifacts/{study_id}/{trial_id(trial)}/{diagram}"
                pictures[trial_id(trial)] = f"![network]({place})\n"
        self._added[study_id], self._pictures[study_id] = added, pictures

    def get_all_studies(self) -> list[FrozenStudy]:
        """Reads all studies."""
        studies = [copy(study) for study in super().get_all_studies()]
        for study in studies:
            study.system_attrs = self._with_added(_optuna.study_id(study), study.system_attrs)
        return studies

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        """Reads a study's attributes."""
        return self._with_added(study_id, super().get_study_system_attrs(study_id))

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """Reads a trial."""
        return _with_constraints(super().get_trial(trial_id))

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """Reads all trials."""
        trials = super().get_all_trials(study_id, deepcopy, states)
        return [_with_constraints(trial) for trial in trials]

    def get_best_trial(self, study_id: int) -> FrozenTrial:
        """Reads the best of the trials that violate no constraint, of all if each does."""
        trials = self.get_all_trials(study_id, False, (TrialState.COMPLETE,))
        feasible = [trial for trial in trials if is_feasible(trial)]
        if not feasible:
            return super().get_best_trial(study_id)
        directions = super().get_study_directions(study_id)
        return feasible[ranking([score_of(trial, directions) for trial in feasible])[0]]

    def _with_added(self, study_id: int, attrs: dict[str, Any]) -> dict[str, Any]:
        added = self._added.get(study_id)
        if added is None:
            return attrs
        note = [str(value) for key, value in attrs.items() if key.startswith(_NOTE)]
        is_ours = MARK in "".join(note) or not any(note)
        replaced = (_FIGURE, _NOTE) if is_ours else (_FIGURE,)
        kept = {key: value for key, value in attrs.items() if not key.startswith(replaced)}
        kept |= {key: value for key, value in added.items() if key.startswith(replaced)}
        # Whoever edits the note sends the version after the one that they saw.
        kept.setdefault(_NOTE_VERSION, 0)
        for trial, body in self._pictures.get(study_id, {}).items():
            if f"dashboard:{trial}:note_ver" not in kept:
                kept |= {f"dashboard:{trial}:note_ver": 0, f"dashboard:{trial}:note_str:0": body}
        return kept


def leave_out_infeasible() -> None:
    """Makes Optuna Dashboard call no trial of this process the best that violates a constraint.

    With several objectives it looks at values alone, and there is no public way to tell it.
    """
    from optuna_dashboard import _app

    whole = getattr(_app, "get_pareto_front_trials", None)
    if whole is None or whole.__module__ == __name__:  # another version, or done before
        return

    def of_feasible(
        trials: Sequence[FrozenTrial], directions: Sequence[optuna.study.StudyDirection]
    ) -> list[FrozenTrial]:
        feasible = [trial for trial in trials if is_feasible(trial)]
        front: list[FrozenTrial] = whole(trials=feasible or trials, directions=directions)
        return front

    _app.get_pareto_front_trials = of_feasible


def _with_constraints(trial: FrozenTrial) -> FrozenTrial:
    constraints = trial.constraints
    if not constraints or _CONSTRAINTS in trial.system_attrs:
        return trial
    trial = copy(trial)
    trial.system_attrs = {**trial.system_attrs, _CONSTRAINTS: list(constraints.values())}
    return trial
