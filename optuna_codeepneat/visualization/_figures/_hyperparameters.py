"""Optuna's own figures of the parameters beside the architecture, for the report.

Of the architecture's parameters, which are many and bear the names of slots and nodes, the figure
of the components says more; of learning rates and batch sizes these do: over all objectives at
once, and with the value that each network had.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

import optuna
import plotly.graph_objects as go
from optuna.trial import create_trial

from optuna_codeepneat._optuna import scratch_study
from optuna_codeepneat._ranking import is_feasible
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.search_space import is_architecture_parameter
from optuna_codeepneat.visualization._figures import _style
from optuna_codeepneat.visualization._palette import PALE
from optuna_codeepneat.visualization._palette import category
from optuna_codeepneat.visualization._trials import chosen_of


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.visualization._trials import StudyTrials

_LEAST_TRIALS = 20
_MOST_TRIALS = 500  # of which the best tenth is chosen by hypervolume
_MOST_LINES = 200
_MOST_BEST = 10
_LEAST_GAP = 0.06  # between the labels of an axis, as a share of its length


def draw_importances(chronicle: StudyTrials) -> go.Figure:
    """Which hyperparameters it takes to be among the best tenth: PED-ANOVA (Watanabe et al. 2023).

    NoFigureError if there are too few of them, or of networks.
    """
    trials, names = _with_hyperparameters(chronicle, 2)
    if len(trials) < _LEAST_TRIALS:
        raise NoFigureError(
            f"the study {chronicle.study_name!r} has {len(trials)} networks with values; "
            f"importances need {_LEAST_TRIALS}."
        )
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    study = _study_of(chronicle, _evenly(trials, _MOST_TRIALS), names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parameters that few networks have
        found = optuna.importance.get_param_importances(study, evaluator=evaluator, params=names)
    rows = sorted(found.items(), key=lambda row: row[1])  # the first one on top
    figure = _style.new_figure(
        "What it takes to be among the best tenth", height=140 + 26 * len(rows), showlegend=False
    )
    figure.add_bar(
        x=[share for _, share in rows],
        y=[name for name, _ in rows],
        orientation="h",
        marker={"color": category(0)},
        hovertemplate="%{y}: %{x:.0%}<extra></extra>",
    )
    figure.update_xaxes({"title": {"text": "importance (PED-ANOVA)"}, "tickformat": ".0%"})
    figure.update_yaxes({"showgrid": False})
    return figure


def draw_values(chronicle: StudyTrials) -> go.Figure:
    """The hyperparameters and all objectives of each network, as a line across parallel axes.

    NoFigureError if there are no hyperparameters.
    """
    trials, names = _with_hyperparameters(chronicle, 1)
    best = {trial.number for trial in chosen_of(chronicle, _MOST_BEST)}
    others = [trial for trial in trials if trial.number not in best]
    first = [trial for trial in trials if trial.number in best]
    first = _evenly(first, _MOST_LINES // 2)
    shown = [*first, *_evenly(others, _MOST_LINES - len(first))]
    study = _study_of(chronicle, shown, names)
    several = len(chronicle.objectives) > 1
    one: dict[str, Any] = {} if several else {"target_name": chronicle.objectives[0].title}
    drawn = optuna.visualization.plot_parallel_coordinate(study, params=names, **one)
    lines = [trace for trace in drawn.data if trace.mode == "lines" and len(trace.x) > 1]
    # The darker the better: Optuna says it by colour alone, and the front has one colour.
    lines.sort(key=lambda trace: _brightness(trace.line.color))
    same = [trace for trace in lines if trace.line.color == lines[0].line.color]
    darkest = same if several else lines[: len(first)]
    marked = {id(trace) for trace in darkest}
    others_drawn = [trace for trace in lines if id(trace) not in marked]
    drawn.data = [*others_drawn, *darkest]  # without the bar of the colours
    named = "Pareto front" if several else f"the {len(darkest)} best"
    _look(others_drawn, "other networks", color=PALE, width=1, opacity=0.4)
    _look(darkest, named, color=category(0), width=1.5, opacity=0.9)
    title = f"Hyperparameters of {len(shown):,} networks"
    figure = _style.styled(drawn, title)
    figure.layout.annotations = _apart(figure.layout.annotations)
    for annotation in figure.layout.annotations:
        annotation.font.color = "#6b7280"
    figure.update_shapes(line={"color": PALE})
    figure.update_layout(legend={"x": 0, "xanchor": "left"})
    return figure


def _apart(labels: Sequence[go.layout.Annotation]) -> list[go.layout.Annotation]:
    """The labels of the axes without those that would lie on the ends of a range."""
    ends = {(label.x, end) for label in labels for end in (0.0, 1.0)}
    return [
        label
        for label in labels
        if (label.x, label.y) in ends
        or all(abs(label.y - y) >= _LEAST_GAP for x, y in ends if x == label.x)
    ]


def _look(
    traces: Sequence[go.Scatter], name: str, *, color: str, width: float, opacity: float
) -> None:
    """Gives lines one look and one entry in the legend."""
    for i, trace in enumerate(traces):
        trace.line.color, trace.line.width = color, width
        trace.opacity, trace.name, trace.legendgroup = opacity, name, name
        trace.showlegend = i == 0


def _with_hyperparameters(
    chronicle: StudyTrials, least: int
) -> tuple[list[FrozenTrial], list[str]]:
    trials = [trial for trial in chronicle.valued(chronicle.objectives) if is_feasible(trial)]
    names = sorted({n for t in trials for n in t.params if not is_architecture_parameter(n)})
    if not trials:
        raise NoFigureError(
            f"every completed trial of the study {chronicle.study_name!r} violates a constraint."
        )
    if len(names) < least:
        few = "one hyperparameter" if names else "no hyperparameters"
        raise NoFigureError(
            f"the networks of the study {chronicle.study_name!r} have {few} beside the "
            "architecture."
        )
    return trials, names


def _study_of(
    chronicle: StudyTrials, trials: Sequence[FrozenTrial], names: Sequence[str]
) -> optuna.Study:
    """A study of some trials with the parameters of these names, for functions of Optuna."""
    study = scratch_study(chronicle.study.directions)
    if len(chronicle.objectives) > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            study.set_metric_names([objective.title for objective in chronicle.objectives])
    for trial in trials:
        study.add_trial(
            create_trial(
                values=trial.values,
                params={name: trial.params[name] for name in names if name in trial.params},
                distributions={
                    name: trial.distributions[name] for name in names if name in trial.params
                },
            )
        )
    return study


def _evenly(trials: Sequence[FrozenTrial], most: int) -> list[FrozenTrial]:
    """All of them, or so many in even steps."""
    step = -(-len(trials) // most) if trials else 1
    return list(trials[::step])


def _brightness(colour: str) -> float:
    """How bright a colour as in ``rgb(8, 48, 107)`` is."""
    return sum(float(part) for part in re.findall(r"[\d.]+", colour))
