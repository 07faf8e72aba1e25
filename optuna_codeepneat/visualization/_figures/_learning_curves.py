"""`plot_learning_curves`: what trainings had come to, and which were stopped early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go
from optuna.trial import TrialState

from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.pruning import Curve
from optuna_codeepneat.visualization._budget import steps_saved
from optuna_codeepneat.visualization._figures import _style
from optuna_codeepneat.visualization._palette import BY_HAND
from optuna_codeepneat.visualization._palette import category
from optuna_codeepneat.visualization._trials import Objective
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import finite


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

_MOST = 1000
"""More curves than these hide one another: the last ones are drawn."""


@dataclass(frozen=True)
class Line:
    """One training: its trial, and its steps with the values there."""

    number: int
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class LearningCurves:
    """What a figure of learning curves shows."""

    objective: Objective
    finished: list[Line]  # or still running, or failed
    stopped: list[Line]
    n_trainings: int  # that were finished or stopped
    saved: float  # share of all their steps

    @classmethod
    def of(cls, study: optuna.Study | StudyTrials) -> LearningCurves:
        """The curves of a study, with the errors of `plot_learning_curves`."""
        chronicle = StudyTrials.of(study)
        objective = chronicle.objectives[0]
        stopped = {t.number: s for t in chronicle.trials if (s := StoppedEarly.of(t)) is not None}
        ends = {said.max_step for said in stopped.values()}
        end = ends.pop() if len(ends) == 1 else None
        n_objectives = len(chronicle.objectives)
        lines = [line for t in chronicle.trials if (line := _line(t, n_objectives, end)).points]
        if not lines:
            raise NoFigureError(
                f"no trial of the study {chronicle.study_name!r} reported how far it had come."
            )
        return cls(
            objective,
            [line for line in lines if line.number not in stopped],
            [line for line in lines if line.number in stopped],
            len(stopped) + len(chronicle.completed),
            steps_saved(chronicle.trials),
        )


def _line(trial: FrozenTrial, n_objectives: int, end: int | None) -> Line:
    reports = Curve.of(trial, n_objectives).reports
    seen = {step: finite(values[0]) for step, values in reports.items()}
    if reports and trial.state == TrialState.COMPLETE and end is not None:
        seen.setdefault(end, finite(trial.values[0]))
    return Line(trial.number, tuple((s, value) for s, value in seen.items() if value is not None))


def plot_learning_curves(study: optuna.Study) -> go.Figure:
    """Plots what trainings had come to at each step that they reported, by the first objective.

    Those that were stopped early end in a cross.

    Args:
        study:
            A study whose trials report to a pruner of `optuna_codeepneat.pruning`, or one of a
            single objective whose trials report as Optuna has it.

    Returns:
        The figure.

    Raises:
        NoFigureError: If no trial reported anything.
    """
    return draw(LearningCurves.of(study))


def draw(shown: LearningCurves) -> go.Figure:
    """Draws learning curves with Plotly."""
    title = "Learning curves"
    if shown.stopped:
        title += (
            f": {len(shown.stopped):,} of {shown.n_trainings:,} trainings stopped early, "
            f"{shown.saved:.0%} of all steps saved"
        )
    figure = _style.new_figure(title)
    for name, lines, colour in (
        ("to its end", shown.finished, category(0)),
        ("stopped early", shown.stopped, BY_HAND),
    ):
        drawn = lines[-_MOST:]
        if not drawn:
            continue
        xs, ys, words = _joined(drawn)
        figure.add_scatter(
            x=xs,
            y=ys,
            mode="lines",
            name=name,
            line={"color": colour, "width": 1},
            opacity=0.5,
            text=words,
            hovertemplate="%{text}: %{y:.4g} after %{x:,} steps<extra></extra>",
        )
    ends = [(line.number, *line.points[-1]) for line in shown.stopped[-_MOST:]]
    if ends:
        figure.add_scatter(
            x=[step for _, step, _ in ends],
            y=[value for _, _, value in ends],
            mode="markers",
            marker={"symbol": "x", "size": 7, "color": BY_HAND},
            text=[f"trial {number}" for number, *_ in ends],
            hovertemplate="%{text}: stopped after %{x:,} steps at %{y:.4g}<extra></extra>",
            showlegend=False,
        )
    figure.update_xaxes({"title": {"text": "training steps"}, "tickformat": ",d"})
    figure.update_yaxes({"title": {"text": shown.objective.title}})
    return figure


def _joined(
    lines: Sequence[Line],
) -> tuple[list[int | None], list[float | None], list[str | None]]:
    """Many lines as one, with a gap after each: a browser draws it in no time."""
    xs: list[int | None] = []
    ys: list[float | None] = []
    words: list[str | None] = []
    for line in lines:
        steps, values = zip(*line.points, strict=True)
        xs += [*steps, None]
        ys += [*values, None]
        words += [f"trial {line.number}"] * len(steps) + [None]
    return xs, ys, words
