"""What the head of a report says of a study: what, when, how much, how good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from optuna.trial import TrialState

from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat._ranking import is_feasible
from optuna_codeepneat._ranking import knee
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._budget import Expense
from optuna_codeepneat.visualization._budget import spent
from optuna_codeepneat.visualization._budget import steps_saved
from optuna_codeepneat.visualization._figures import last_hypervolume
from optuna_codeepneat.visualization._format import format_metric
from optuna_codeepneat.visualization._trials import gains_of


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.visualization._trials import StudyTrials

_STATES = {
    TrialState.COMPLETE: "finished",
    TrialState.FAIL: "failed",
    TrialState.PRUNED: "pruned",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}


_LEAST_WITH_KNEE = 3
"""Members of a front: two are its ends."""


@dataclass(frozen=True)
class Fact:
    """A number or two with a name."""

    name: str
    text: str
    note: str = ""  # what to know besides


def facts_of(chronicle: StudyTrials, chosen: Sequence[FrozenTrial]) -> list[Fact]:
    """What a study came to, given its front or its best networks."""
    facts = [_networks(chronicle), *_best(chronicle, chosen)]
    if len(chronicle.objectives) > 1 and chosen:
        facts.append(
            Fact("front", f"{len(chosen):,} networks" if len(chosen) > 1 else "1 network")
        )
        facts += _knee(chronicle, chosen)
        volume = last_hypervolume(chronicle)
        note = "of the box between the worst and the best value of each objective"
        facts.append(Fact("hypervolume", f"{volume:.3f}", note))
    return facts + _times(chronicle)


def _networks(chronicle: StudyTrials) -> Fact:
    counts = {name: chronicle.count(state) for state, name in _STATES.items()}
    finished = counts.pop("finished")
    stopped = sum(StoppedEarly.of(trial) is not None for trial in chronicle.trials)
    counts["pruned"] -= stopped
    parts = [f"{n:,} {name}" for name, n in counts.items() if n]
    if stopped:
        saved = steps_saved(chronicle.trials)
        parts.insert(0, f"{stopped:,} stopped early, which saved {saved:.0%} of all steps")
    infeasible = sum(not is_feasible(trial) for trial in chronicle.completed)
    if infeasible:
        parts.insert(0, f"{infeasible:,} of them violating a constraint")
    return Fact("networks", f"{finished:,} finished", ", ".join(parts))


def _best(chronicle: StudyTrials, chosen: Sequence[FrozenTrial]) -> list[Fact]:
    if not chosen:
        return []
    first, best = chronicle.objectives[0], chosen[0]
    text = format_metric(first.name, first.value(best))
    return [Fact(f"best {first.title}", text, f"trial {best.number}")]


def _knee(chronicle: StudyTrials, chosen: Sequence[FrozenTrial]) -> list[Fact]:
    """The network to look at first: beyond it whatever is gained costs most."""
    if len(chosen) < _LEAST_WITH_KNEE:
        return []
    trial = chosen[knee(gains_of(chosen, chronicle.objectives))]
    values = [
        f"{format_metric(objective.name, objective.value(trial))} {objective.title}"
        for objective in chronicle.objectives
    ]
    note = f"{', '.join(values)}: the farthest from the line between the ends of the front"
    return [Fact("knee", f"trial {trial.number}", note)]


def _times(chronicle: StudyTrials) -> list[Fact]:
    spans = [
        (trial.datetime_start, trial.datetime_complete)
        for trial in chronicle.ended
        if trial.datetime_start is not None and trial.datetime_complete is not None
    ]
    if not spans:
        return []
    facts = []
    together = sum((end - begin).total_seconds() for begin, end in spans)
    try:
        busy = spent(chronicle, chronicle.ended, Expense.named("hours"))[-1] * 3600
    except NoFigureError:  # no trial took any time
        busy = 0.0
    if busy:
        most = _most_at_once(spans)
        workers = "1 worker" if most == 1 else f"up to {most:,} workers at once"
        note = f"with {workers}" + (f", together {_duration(together)}" if most > 1 else "")
        facts.append(Fact("time", _duration(busy), note))
    first, last = min(begin for begin, _ in spans), max(end for _, end in spans)
    end = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    facts.append(Fact("when", f"{first:%Y-%m-%d}", f"{first:%H:%M} to {end}"))
    return facts


def _most_at_once(spans: Sequence[tuple[datetime, datetime]]) -> int:
    # Who begins at the moment at which another ends, follows it.
    changes = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans])
    most = now = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return max(most, 1)


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.1f} h"
