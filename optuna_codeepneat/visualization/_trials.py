"""What the trials of a study say, in the form in which figures need it."""

from __future__ import annotations

from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING
from typing import Any

import numpy as np
from optuna.study import StudyDirection
from optuna.trial import TrialState

from optuna_codeepneat._attributes import GENERATION
from optuna_codeepneat._attributes import count_in
from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat._objectives import objective_names
from optuna_codeepneat._ranking import front
from optuna_codeepneat._ranking import gains
from optuna_codeepneat._ranking import is_feasible
from optuna_codeepneat._text import printable
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.sampler import Ancestry
from optuna_codeepneat.sampler import ancestry_of
from optuna_codeepneat.search_space import network_key


if TYPE_CHECKING:
    import optuna
    from numpy.typing import NDArray
    from optuna.trial import FrozenTrial


@dataclass(frozen=True)
class Objective:
    """Something that networks are compared by."""

    name: str  # of an objective of the study, or of a user attribute
    maximize: bool
    position: int | None  # among those of the study, None for a user attribute

    @property
    def title(self) -> str:
        """The name as people read it."""
        return SIZES.get(self.name, printable(self.name))

    def of(self, trial: FrozenTrial) -> float | None:
        """The value of a completed trial, None where it has no finite one."""
        value = (
            trial.user_attrs.get(self.name)
            if self.position is None
            else trial.values[self.position]
        )
        return finite(value)

    def values(self, trials: Iterable[FrozenTrial]) -> list[float]:
        """The values of completed trials that all have a finite one."""
        found = [self.of(trial) for trial in trials]
        assert None not in found
        return [value for value in found if value is not None]

    def value(self, trial: FrozenTrial) -> float:
        """The value of a completed trial that has a finite one."""
        return self.values([trial])[0]


class StudyTrials:
    """The trials of a study, finished or not, read once.

    `trials` are in the order of their numbers, and not to be changed.
    """

    def __init__(self, study: optuna.Study) -> None:
        self.study = study
        self.study_name = study.study_name
        self.trials: Sequence[FrozenTrial] = list(
            map(_in_local_time, study.get_trials(deepcopy=False))
        )
        named = zip(objective_names(study), study.directions, strict=True)
        self.objectives = tuple(
            Objective(name, direction == StudyDirection.MAXIMIZE, i)
            for i, (name, direction) in enumerate(named)
        )

    @classmethod
    def of(cls, study: optuna.Study | StudyTrials) -> StudyTrials:
        """The chronicle of a study, or the one that was read before."""
        return study if isinstance(study, StudyTrials) else cls(study)

    @cached_property
    def completed(self) -> list[FrozenTrial]:
        """The trials with values, in the order in which they were finished."""
        return [trial for trial in self.ended if trial.state == TrialState.COMPLETE]

    @cached_property
    def ended(self) -> list[FrozenTrial]:
        """All trials that were completed, failed or pruned, in the order in which they ended."""
        done = [t for t in self.trials if t.state.is_finished()]
        return sorted(done, key=lambda t: (t.datetime_complete is None, t.datetime_complete))

    @cached_property
    def ancestries(self) -> dict[int, Ancestry]:
        """Where networks come from, by the numbers of their trials, as far as they say it.

        StoredStateError if a newer version of the package assigned one.
        """
        found = ((trial.number, ancestry_of(trial)) for trial in self.trials)
        return {number: ancestry for number, ancestry in found if ancestry is not None}

    def count(self, state: TrialState) -> int:
        """How many trials there are in a state."""
        return sum(trial.state == state for trial in self.trials)

    def objective(self, which: int | str) -> Objective:
        """An objective by its position or name; a user attribute counts as one to minimize.

        ValueError if there is none.
        """
        for objective in self.objectives:
            if which in (objective.name, objective.position) and not isinstance(which, bool):
                return objective
        if isinstance(which, str):
            attribute = Objective(which, False, None)
            if not self.completed or any(attribute.of(t) is not None for t in self.completed):
                return attribute
        known = [objective.name for objective in self.objectives]
        raise ValueError(
            f"`objectives` must be of {', '.join(map(repr, known))}, their positions, or numeric "
            f"user attributes of the trials, got {which!r}."
        )

    def chosen(self, which: Sequence[int | str] | None) -> tuple[Objective, ...]:
        """Objectives by their positions or names, all of the study for None; see `objective`."""
        if which is None:
            return self.objectives
        if isinstance(which, str) or not isinstance(which, Sequence):
            raise ValueError(f"`objectives` must be a list of names, got {which!r}.")
        return tuple(self.objective(name) for name in which)

    def valued(self, objectives: Sequence[Objective]) -> list[FrozenTrial]:
        """The completed trials with finite values of all of these; NoFigureError if none."""
        trials = [t for t in self.completed if all(o.of(t) is not None for o in objectives)]
        if trials:
            return trials
        name = repr(self.study_name)
        if not self.trials:
            raise NoFigureError(f"the study {name} has no trial yet.")
        if not self.completed:
            raise NoFigureError(f"the study {name} has no completed trial among {self.states()}.")
        raise NoFigureError(
            f"no trial of the study {name} has finite values of "
            f"{' and '.join(objective.name for objective in objectives)}."
        )

    def states(self) -> str:
        """How many trials there are in each state, in words."""
        counts = {s.name.lower(): self.count(s) for s in TrialState}
        named = ", ".join(f"{n:,} {name}" for name, n in counts.items() if n)
        return f"{len(self.trials):,} ({named})" if named else "0"


def _in_local_time(trial: FrozenTrial) -> FrozenTrial:
    """A trial whose times are of this machine's zone and don't name it, as Optuna's own are.

    Trials that users add, and storages that keep the zone, have others, and these two kinds of
    time can't be compared.
    """
    times = (trial.datetime_start, trial.datetime_complete)
    if all(time is None or time.tzinfo is None for time in times):
        return trial
    local = copy(trial)
    local.datetime_start, local.datetime_complete = (
        None if time is None else time.astimezone().replace(tzinfo=None) for time in times
    )
    return local


def finite(value: Any) -> float | None:
    """A value as a number, None if it is no finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # an integer of hundreds of digits
        return None
    return number if isfinite(number) else None


def generation_of(trial: FrozenTrial) -> int | None:
    """The generation of a trial: by its sampler of this package, or Optuna's NSGA-II or III."""
    for attrs, name in (
        (trial.user_attrs, GENERATION),
        (trial.system_attrs, "NSGAIISampler:generation"),
        (trial.system_attrs, "NSGAIIISampler:generation"),
    ):
        generation = count_in(attrs, name)
        if generation is not None:
            return generation
    return None


def gains_of(
    trials: Sequence[FrozenTrial], objectives: Sequence[Objective]
) -> NDArray[np.float64]:
    """The values of trials, turned so that larger is better: shape (trials, objectives)."""
    values = [[objective.of(trial) for objective in objectives] for trial in trials]
    table = np.array(values, dtype=float).reshape(len(trials), len(objectives))
    return gains(table, [objective.maximize for objective in objectives])


def ranked(trials: Sequence[FrozenTrial], objectives: Sequence[Objective]) -> list[FrozenTrial]:
    """The feasible trials, the best by the first objective first."""
    feasible = [trial for trial in trials if is_feasible(trial)]
    values = (-gains_of(feasible, objectives)).tolist()
    order = sorted(range(len(feasible)), key=lambda i: (*values[i], feasible[i].number))
    return [feasible[i] for i in order]


def front_of(trials: Sequence[FrozenTrial], objectives: Sequence[Objective]) -> list[FrozenTrial]:
    """The feasible trials that none other dominates, the best by the first objective first."""
    feasible = ranked(trials, objectives)
    return [feasible[i] for i in front(gains_of(feasible, objectives))]


def chosen_of(chronicle: StudyTrials, most: int = 10) -> list[FrozenTrial]:
    """The networks to tell of: the front, or the best few for one objective; none is no error.

    Of twins, see `twins_of`, the first.
    """
    objectives = chronicle.objectives
    try:
        trials = chronicle.valued(objectives)
    except NoFigureError:
        return []
    several = len(objectives) > 1
    found = front_of(trials, objectives) if several else ranked(trials, objectives)
    twins = {number for numbers in twins_of(found).values() for number in numbers}
    distinct = [trial for trial in found if trial.number not in twins]
    return distinct if several else distinct[:most]


def twins_of(trials: Iterable[FrozenTrial]) -> dict[int, list[int]]:
    """Trials that have the network and the values of an earlier one: their numbers, by its."""
    groups: dict[Hashable, list[int]] = {}
    for trial in trials:
        key = network_key(trial.params)
        if key is not None:
            groups.setdefault((key, tuple(trial.values)), []).append(trial.number)
    return {min(group): sorted(group)[1:] for group in groups.values() if len(group) > 1}
