"""What finding networks takes: networks, generations, hours, money, training steps."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import isfinite
from typing import TYPE_CHECKING

from optuna.trial import TrialState

from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._trials import generation_of


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.visualization._trials import StudyTrials

_TITLES = {
    "networks": ("networks", "networks finished", "networks"),
    "generations": ("generations", "generation", "generations"),
    "hours": ("time", "hours of search", "hours"),
    "worker_hours": ("worker time", "hours of all workers together", "worker hours"),
    "cost": ("cost", "cost of all workers together", ""),
    "steps": ("training steps", "training steps of all networks together", "steps"),
}


_MINUTES_BELOW = 2.0
"""Hours; less is read in minutes."""


@dataclass(frozen=True)
class Expense:
    """Something that a search takes."""

    over: str
    price_per_hour: float | None = None  # of a worker, for "cost"

    @classmethod
    def named(cls, over: str, price_per_hour: float | None = None) -> Expense:
        """The expense of a name; ValueError if there is none, or a price is missing or wrong."""
        if over not in _TITLES:
            raise ValueError(f"`over` must be of {', '.join(map(repr, _TITLES))}, got {over!r}.")
        if over != "cost":
            if price_per_hour is not None:
                raise ValueError(f"`price_per_hour` goes with `over='cost'`, got {over!r}.")
            return cls(over)
        price = price_per_hour
        if price is None or isinstance(price, bool) or not isinstance(price, int | float):
            raise ValueError(f"`price_per_hour` must be a number, got {price!r}.")
        if not isfinite(price) or price <= 0:
            raise ValueError(f"`price_per_hour` must be more than 0, got {price}.")
        return cls(over, float(price))

    @property
    def title(self) -> str:
        """What the title of a figure calls it."""
        return _TITLES[self.over][0]

    def shown(self, amounts: Sequence[float]) -> tuple[list[float], str, str]:
        """Amounts, in minutes where hours are too long, their axis' title, and their unit."""
        _, axis, unit = _TITLES[self.over]
        if self.price_per_hour:
            axis += f" ({self.price_per_hour:g} per worker and hour)"
        if "hours" in self.over and max(amounts, default=0.0) < _MINUTES_BELOW:
            amounts = [60 * hours for hours in amounts]
            axis, unit = axis.replace("hours", "minutes"), unit.replace("hours", "minutes")
        return list(amounts), axis, unit


def spent(chronicle: StudyTrials, trials: Sequence[FrozenTrial], expense: Expense) -> list[float]:
    """How much had been spent when each of some trials, in the order of their ends, was finished.

    Failed and pruned trials cost as well. NoFigureError if the trials don't say it.
    """
    name = repr(chronicle.study_name)
    if expense.over == "networks":
        return [float(i + 1) for i in range(len(trials))]
    if expense.over == "generations":
        generations = [generation_of(trial) for trial in trials]
        if None in generations:
            raise NoFigureError(f"the study {name} has trials without a generation.")
        # The generation that is under way; a straggler doesn't turn back the clock.
        return [float(g) for g in accumulate((g for g in generations if g is not None), max)]
    if expense.over == "steps":
        steps = {trial.number: _steps_of(trial) for trial in chronicle.ended}
        if not any(steps.values()):
            raise NoFigureError(
                f"the trials of the study {name} don't say how many steps they trained for."
            )
        return _running(chronicle, trials, {n: float(s) for n, s in steps.items()})
    hours = {trial.number: _hours(trial) for trial in chronicle.ended}
    if not any(hours.values()):
        raise NoFigureError(f"the trials of the study {name} don't say how long they took.")
    if expense.over == "hours":
        return _hours_together(chronicle, trials)
    price = expense.price_per_hour or 1.0
    return [hours * price for hours in _running(chronicle, trials, hours)]


def steps_saved(trials: Iterable[FrozenTrial]) -> float:
    """The share of all training steps that stopping early saved: 0 where nothing was stopped."""
    saved, n_trainings = 0.0, 0
    for trial in trials:
        said = StoppedEarly.of(trial)
        if said is not None and said.max_step:
            saved += max(0.0, 1.0 - said.step / said.max_step)
        n_trainings += said is not None or trial.state == TrialState.COMPLETE
    return saved / n_trainings if n_trainings else 0.0


def _steps_of(trial: FrozenTrial) -> int:
    said = Inherited.of(trial)
    return 0 if said is None else said.steps


def _hours(trial: FrozenTrial) -> float:
    return 0.0 if trial.duration is None else trial.duration.total_seconds() / 3600


def _running(
    chronicle: StudyTrials, trials: Sequence[FrozenTrial], costs: dict[int, float]
) -> list[float]:
    """The costs of all trials that had ended when each of some ended."""
    ended = [trial.number for trial in chronicle.ended]
    totals = dict(zip(ended, accumulate(costs[number] for number in ended), strict=True))
    return [totals[trial.number] for trial in trials]


def _hours_together(chronicle: StudyTrials, trials: Sequence[FrozenTrial]) -> list[float]:
    """Hours in which at least one trial ran: a search that rests costs no time."""
    spans = sorted(
        (t.datetime_start, t.datetime_complete)
        for t in chronicle.ended
        if t.datetime_start is not None and t.datetime_complete is not None
    )
    busy = [list(spans[0])]
    for begin, end in spans[1:]:
        if begin <= busy[-1][1]:
            busy[-1][1] = max(busy[-1][1], end)
        else:
            busy.append([begin, end])
    result: list[float] = []
    before, i = 0.0, 0
    for trial in trials:
        at = trial.datetime_complete
        if at is None:
            result.append(result[-1] if result else 0.0)
            continue
        while busy[i][1] < at:
            before += (busy[i][1] - busy[i][0]).total_seconds()
            i += 1
        result.append((before + (at - busy[i][0]).total_seconds()) / 3600)
    return result
