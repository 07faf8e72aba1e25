"""`FrontPruner`: what the pruners for several objectives share."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Mapping
from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING
from typing import Any

import optuna
from optuna.pruners import BasePruner
from optuna.study import StudyDirection

from optuna_codeepneat import _optuna
from optuna_codeepneat._attributes import STOPPED_EARLY
from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat._ranking import Score
from optuna_codeepneat._ranking import partial_score
from optuna_codeepneat._scalars import whole
from optuna_codeepneat.pruning._curve import Curve
from optuna_codeepneat.pruning._curve import stored


if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import BaseTrial
    from optuna.trial import FrozenTrial

_HUGE = 1e300


class FrontPruner(BasePruner):
    """Stops trainings that lead nowhere, in studies of any number of objectives.

    Optuna's `Trial.report` and `Trial.should_prune` refuse several objectives; those of a pruner
    of this kind take their place. A trial is judged at *rungs*, by its first report at or beyond
    the rung's step, compared with those of all others that have come so far. A subclass says by
    which rule.

    What violates a constraint, as far as that is known by then, ranks below all that violates
    none. A trial whose metric is not a number at a rung is stopped, and has no part in the
    comparisons. Where a trial is stopped it says so in its user attribute ``"stopped_early"``.

    Args:
        metrics:
            The objectives of the study by name, in its order, with ``"maximize"`` or
            ``"minimize"``.
        rungs:
            The steps at which trials are judged, ascending, each before `max_resource`.
        max_resource:
            The steps of a whole training.

    Raises:
        ValueError: If there is no metric, a direction is unknown, or a rung is not a step of the
            training.
    """

    def __init__(
        self, metrics: Mapping[str, str], rungs: Sequence[int], max_resource: int
    ) -> None:
        if not metrics:
            raise ValueError("`metrics` must name the objectives of the study, got none.")
        for name, direction in metrics.items():
            if direction not in ("maximize", "minimize"):
                raise ValueError(
                    f"`metrics[{name!r}]` must be 'maximize' or 'minimize', got {direction!r}."
                )
        self._metrics = dict(metrics)
        self._max_resource = whole("max_resource", max_resource, 1)
        self._rungs = tuple(rungs)

    @property
    def metrics(self) -> dict[str, str]:
        """The objectives by name, with their directions."""
        return dict(self._metrics)

    @property
    def rungs(self) -> tuple[int, ...]:
        """The steps at which trials are judged, ascending."""
        return self._rungs

    @property
    def max_resource(self) -> int:
        """The steps of a whole training."""
        return self._max_resource

    def report(self, trial: BaseTrial, values: Mapping[str, float], step: int) -> None:
        """Takes note of what a trial has come to, in one call to the storage.

        A trial that was begun by no study, such as a `FixedTrial`, is ignored.

        Args:
            trial:
                The running trial.
            values:
                Metrics by name. Its first report has all of them; one that a later report leaves
                out, such as a size, is as it was.
            step:
                How far it is, from 0. Only the first report at a step counts.

        Raises:
            ValueError: If a metric is unknown, missing in the first report or no number, the step
                is no whole number, or the study has other objectives.
            optuna.exceptions.UpdateFinishedTrialError: If the trial has finished.
        """
        step = whole("step", step, 0)
        given = {name: self._number(name, value) for name, value in values.items()}
        if not isinstance(trial, optuna.Trial):
            return
        known = _optuna.cached(trial)
        curve = Curve.of(known, len(self._metrics))
        if not curve.reports:
            self._check_study(trial.study)
        if step in curve.reports:
            warnings.warn(
                f"trial {trial.number} has reported at step {step} before; what it reports there "
                "now is ignored.",
                stacklevel=2,
            )
            return
        last = () if curve.last is None else curve.reports[curve.last]
        before = dict(zip(self._metrics, last, strict=False))
        missing = [name for name in self._metrics if name not in given and name not in before]
        if missing:
            raise ValueError(
                f"the first report of trial {trial.number} lacks {missing[0]!r}; it has to name "
                f"all of {', '.join(self._metrics)}, later ones what has changed."
            )
        row = tuple({**before, **given}[name] for name in self._metrics)
        if len(row) == 1:
            trial.report(row[0], step)
        else:
            trial.set_user_attr(*stored(known, list(self._metrics), step, row))

    def should_prune(self, trial: BaseTrial) -> bool:
        """Whether a trial is to be stopped by its last report; to be asked after each report.

        It looks at the storage only where that report was the first to reach a rung.

        Args:
            trial:
                The running trial.

        Returns:
            Whether to raise `optuna.TrialPruned`.
        """
        if not isinstance(trial, optuna.Trial):
            return False
        return self.prune(trial.study, _optuna.cached(trial))

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """The same as Optuna's hook: with one objective `Trial.should_prune` calls it."""
        n = len(self._metrics)
        curve = Curve.of(trial, n)
        last = curve.last
        reached = [
            rung for rung in self._rungs if last is not None and curve.step_at(rung) == last
        ]
        if last is None or not reached:
            return False
        values = curve.reports[last]
        if any(map(isnan, values)):
            return True
        own = self._score(trial, study, values)
        curves = [
            (other, Curve.of(other, n))
            for other in _optuna.all_trials(study)
            if other.number != trial.number
        ]
        for rung in reached:
            others = [
                self._score(other, study, there)
                for other, theirs in curves
                if (there := theirs.at(rung)) is not None and not any(map(isnan, there))
            ]
            if not self._goes_on(own, others):
                finite = tuple(
                    max(-_HUGE, min(value, _HUGE)) for value in values
                )  # as JSON has it
                stopped = StoppedEarly(trial.number, last, self._max_resource, finite)
                _optuna.set_user_attr(study, trial, STOPPED_EARLY, stopped.to_json())
                return True
        return False

    @abstractmethod
    def _goes_on(self, own: Score, others: Sequence[Score]) -> bool:
        """Whether a training is worth going on with.

        Args:
            own:
                What it has come to at a rung, larger is better.
            others:
                What others had come to there.
        """

    def _score(self, trial: FrozenTrial, study: Study, values: Sequence[float]) -> Score:
        return partial_score(trial, values, study.directions)

    def _number(self, name: str, value: Any) -> float:
        if name not in self._metrics:
            raise ValueError(f"`values` must be of {', '.join(self._metrics)}, got {name!r}.")
        try:
            return float(value)
        except (TypeError, ValueError):
            raise ValueError(f"`values[{name!r}]` must be a number, got {value!r}.") from None

    def _check_study(self, study: Study) -> None:
        """Raises ValueError unless the study has the pruner's objectives."""
        maximize = [direction == StudyDirection.MAXIMIZE for direction in study.directions]
        theirs = ["maximize" if larger else "minimize" for larger in maximize]
        own = list(self._metrics.values())
        if (names := study.metric_names) is not None:
            theirs = [f"{direction} {name}" for direction, name in zip(theirs, names, strict=True)]
            own = [f"{direction} {name}" for name, direction in self._metrics.items()]
        if own != theirs:
            raise ValueError(
                f"the pruner is for the objectives {', '.join(own)}; those of the study "
                f"{study.study_name!r} are {', '.join(theirs)}."
            )
