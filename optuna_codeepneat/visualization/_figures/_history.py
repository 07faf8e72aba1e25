"""`plot_history`: how good the networks are, against what finding them took."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from math import log10
from typing import TYPE_CHECKING
from typing import Any

import numpy as np
import plotly.graph_objects as go

from optuna_codeepneat._attributes import stored_test_scores
from optuna_codeepneat._ranking import front
from optuna_codeepneat._ranking import gains
from optuna_codeepneat._ranking import is_feasible
from optuna_codeepneat._text import cut
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._budget import Expense
from optuna_codeepneat.visualization._budget import spent
from optuna_codeepneat.visualization._figures import _style
from optuna_codeepneat.visualization._format import format_metric
from optuna_codeepneat.visualization._palette import PALE
from optuna_codeepneat.visualization._palette import category
from optuna_codeepneat.visualization._scale import Scale
from optuna_codeepneat.visualization._trials import Objective
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import finite
from optuna_codeepneat.visualization._trials import gains_of


if TYPE_CHECKING:
    import optuna
    from numpy.typing import NDArray

_BELOW = {"x": 0, "y": 0, "yanchor": "bottom", "yref": "container"}
_GAP = 0.1  # of the height of the plot, for a name of two lines
_LONGEST_NAME = 30
_MOST_STEPS = 400
_MOST_STEPS_OF_MANY = 100  # with four objectives or more, where a hypervolume takes its time


@dataclass(frozen=True)
class History:
    """What a figure of the progress of a search shows."""

    objectives: tuple[Objective, ...]
    expense: Expense
    spent: list[float]  # at each step, as all that follows
    best: list[float]  # value of the first objective
    hypervolume: list[float] | None  # of the front, None for one objective
    front_size: list[int] | None  # None for one objective
    tested: list[int]  # trials whose networks were finally trained and tested
    tested_at: list[float]  # what had been spent when the search had found them
    test_scores: list[float]

    @classmethod
    def of(
        cls,
        study: optuna.Study | StudyTrials,
        over: str = "networks",
        price_per_hour: float | None = None,
        reference_point: Sequence[float] | None = None,
        known: History | None = None,
        test_scores: Mapping[int, float] | None = None,
    ) -> History:
        """The history of a study, with the errors of `plot_history`.

        `known` is one of the same trials over another expense, whose hypervolume it has.
        `test_scores` are by the numbers of trials, None for those that a search left.
        """
        expense = Expense.named(over, price_per_hour)
        chronicle = StudyTrials.of(study)
        objectives = chronicle.objectives
        trials = [t for t in chronicle.valued(objectives) if is_feasible(t)]
        if not trials:
            raise NoFigureError(
                f"every completed trial of the study {chronicle.study_name!r} violates a "
                "constraint."
            )
        paid = spent(chronicle, trials, expense)
        values = gains_of(trials, objectives)
        best = gains(np.maximum.accumulate(values[:, 0]), [objectives[0].maximize])
        steps = _steps(values)
        volumes = sizes = None
        if known is not None:
            volumes, sizes = known.hypervolume, known.front_size
        elif len(objectives) > 1:
            reference = _reference(objectives, reference_point)
            volumes, sizes = _volumes(values, steps, reference)
        at_steps = [paid[i] for i in steps], [float(best[i]) for i in steps]
        if test_scores is None:
            test_scores = stored_test_scores(chronicle.study.user_attrs)
        found = dict(zip((trial.number for trial in trials), paid, strict=True))
        scores = {n: s for n, score in test_scores.items() if (s := finite(score)) is not None}
        tested = sorted(found.keys() & scores.keys())
        tested_at = [found[n] for n in tested], [scores[n] for n in tested]
        return cls(objectives, expense, *at_steps, volumes, sizes, tested, *tested_at)


def plot_history(
    study: optuna.Study,
    *,
    over: str = "networks",
    price_per_hour: float | None = None,
    reference_point: Sequence[float] | None = None,
    references: Mapping[str, float] | None = None,
) -> go.Figure:
    """Plots how good the networks are that a search had found, against what it had taken.

    This is figure 3 of Liang et al. (2019): the best network so far over generations, time or
    money. With several objectives it also shows the hypervolume of the front.

    Networks that ``optuna-codeepneat search`` has finally trained and tested are diamonds: these
    are what published test scores compare with, rather than the values of the search.

    Args:
        study:
            The study.
        over:
            What it took: ``"networks"``, ``"generations"``, ``"hours"`` in which at least one
            worker trained, ``"worker_hours"`` of all workers together, failed and pruned trials
            included, ``"cost"`` of these hours, or training ``"steps"``, where trials say how
            many.
        price_per_hour:
            What an hour of one worker costs, in any currency, for ``over="cost"``.
        reference_point:
            Values of the objectives that bound the hypervolume. None for the worst of the study:
            the volume is then a share of the box between the worst and the best values, where
            objectives that are positive and span a decade count by their logarithm.
        references:
            Values of the first objective to compare with, by the names of what reached them. Of
            those that are nearly alike the best is drawn.

    Returns:
        The figure.

    Raises:
        NoFigureError: If there is no such network yet, or trials don't say what they took.
        ValueError: If an argument is wrong.
    """
    return draw(History.of(study, over, price_per_hour, reference_point), references)


def draw(
    shown: History, references: Mapping[str, float] | None = None, *others: History
) -> go.Figure:
    """Draws a history with Plotly; buttons switch to the `others`, which are over something else.

    The references are values of the first objective, by names.
    """
    from plotly.subplots import make_subplots

    rows = 1 if shown.hypervolume is None else 2
    grid = make_subplots(rows=rows, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    title = f"Best networks over {shown.expense.title}" if not others else "Best networks"
    has_legend = bool(shown.tested or references)
    figure = _style.styled(
        grid,
        title,
        height=(430 if has_legend else 400) + 180 * (rows - 1),
        showlegend=has_legend,
    )
    first = shown.objectives[0]
    values = [*shown.best, *shown.test_scores, *(references or {}).values()]
    scale = Scale.of(first, values)
    place = {"row": 1, "col": 1}
    figure.add_scatter(
        y=_style.placed(scale, shown.best),
        name="best on validation data" if shown.tested else "best in the search",
        text=[f"{escape(first.title)} {format_metric(first.name, v)}" for v in shown.best],
        **_curve(shown.best, category(0)),
        **place,
    )
    settings = _style.axis(first, scale, values)
    settings["title"] = {"text": first.title if has_legend else f"best {first.title}"}
    figure.update_yaxes(settings, **place)
    if shown.hypervolume is not None:
        figure.add_scatter(
            y=shown.hypervolume,
            name="hypervolume",
            showlegend=False,
            text=[
                f"hypervolume {volume:.4g}, front of {size:,}"
                for volume, size in zip(shown.hypervolume, shown.front_size or (), strict=True)
            ],
            **_curve(shown.hypervolume, category(1)),
            row=2,
            col=1,
        )
        figure.update_yaxes({"title": {"text": "hypervolume"}}, row=2, col=1)
    if shown.tested:
        figure.add_scatter(
            y=_style.placed(scale, shown.test_scores),
            name="test, after the final training",
            text=[
                f"trial {n}: test {escape(first.title)} {format_metric(first.name, score)}"
                for n, score in zip(shown.tested, shown.test_scores, strict=True)
            ],
            mode="markers",
            marker={"symbol": "diamond", "size": 9, "color": category(5)},
            cliponaxis=False,
            **place,
        )
    if has_legend:
        figure.update_layout(legend=_BELOW, margin={"b": 100})
    _add_references(figure, apart(references or {}, first, scale, values), scale)
    xs, hovertemplate, axis = _amounts(shown)
    for trace, x in zip(figure.data, xs, strict=True):
        trace.update(x=x, hovertemplate=hovertemplate)
    figure.update_xaxes({"title": {"text": axis}}, row=rows, col=1)
    if others:
        _add_buttons(figure, [shown, *others], "xaxis" if rows == 1 else f"xaxis{rows}")
    return figure


def _amounts(history: History) -> tuple[list[list[float]], str, str]:
    """What had been spent at the points of each trace, what to say of it, and the axis' title."""
    n, n_curves = len(history.spent), 1 if history.hypervolume is None else 2
    amounts, title, unit = history.expense.shown([*history.spent, *history.tested_at])
    xs = [amounts[:n]] * n_curves + [amounts[n:]] * bool(history.tested)
    return xs, f"%{{x:,.4~r}} {unit}<br>%{{text}}<extra></extra>", title


def _add_buttons(figure: go.Figure, histories: Sequence[History], axis: str) -> None:
    """Buttons that change what the horizontal axis counts."""
    buttons = []
    for history in histories:
        xs, hovertemplate, title = _amounts(history)
        change = [{"x": xs, "hovertemplate": hovertemplate}, {f"{axis}.title.text": title}]
        buttons.append({"label": history.expense.title, "method": "update", "args": change})
    place = {"x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom", "pad": {"b": 6}}
    look = {"showactive": True, "bgcolor": "white", "bordercolor": "#d1d5db"}
    menu = {"type": "buttons", "direction": "right", "buttons": buttons, **place, **look}
    figure.update_layout(updatemenus=[menu], margin={"t": 100})


def _add_references(figure: go.Figure, references: Mapping[str, float], scale: Scale) -> None:
    """Lines across the plot of the best networks, with their names beside it."""
    for name, at in references.items():
        line = {"color": PALE, "dash": "dash", "width": 1}
        figure.add_hline(y=at, line=line, layer="below", row=1, col=1)
        figure.add_annotation(
            text=escape(cut(name, _LONGEST_NAME)),
            x=1,
            xref="x domain",
            xanchor="left",
            xshift=4,
            # Plotly wants the logarithm of an annotation's place, though not of a line's.
            y=at if scale.kind == "linear" else log10(at),
            yref="y",
            yanchor="middle",
            align="left",
            showarrow=False,
            font={"size": 11, "color": "#6b7280"},
        )
    if references:
        longest = max(len(cut(name, _LONGEST_NAME)) for name in references)
        figure.update_layout(margin={"r": 16 + 6 * longest})


def apart(
    references: Mapping[str, float], objective: Objective, scale: Scale, values: Sequence[float]
) -> dict[str, float]:
    """Where to draw references so that their names don't cover each other, on an axis of `values`.

    Of those that are nearly alike the best is drawn.
    """

    def height(value: float) -> float:
        return value if scale.kind == "linear" else log10(_style.placed(scale, [value])[0])

    heights = [height(value) for value in values]
    gap = _GAP * (max(heights) - min(heights))
    sign = -1 if objective.maximize else 1
    chosen: dict[str, float] = {}
    for name, value in sorted(references.items(), key=lambda item: sign * item[1]):
        if all(abs(height(value) - height(other)) > gap for other in chosen.values()):
            chosen[name] = value
    return {name: _style.placed(scale, [value])[0] for name, value in chosen.items()}


def _curve(y: Sequence[float], colour: str) -> dict[str, Any]:
    return {
        "mode": "lines" if len(y) > 1 else "markers",
        "line": {"shape": "hv", "color": colour, "width": 2},
        "marker": {"color": colour},
    }


def _steps(values: NDArray[np.float64]) -> list[int]:
    """The networks after which a figure shows how far it is: all, or evenly chosen ones."""
    n, n_objectives = values.shape
    most = _MOST_STEPS if n_objectives < 4 else _MOST_STEPS_OF_MANY
    if n <= most:
        return list(range(n))
    return sorted({int(i) for i in np.linspace(0, n - 1, most)})


def _reference(
    objectives: Sequence[Objective], given: Sequence[float] | None
) -> NDArray[np.float64] | None:
    if given is None:
        return None
    point = [float(value) for value in given]
    if len(point) != len(objectives) or not all(map(isfinite, point)):
        raise ValueError(
            f"`reference_point` must hold {len(objectives)} finite numbers, one for each "
            f"objective, got {given!r}."
        )
    return gains(point, [objective.maximize for objective in objectives])


def _volumes(
    values: NDArray[np.float64], steps: Sequence[int], reference: NDArray[np.float64] | None
) -> tuple[list[float], list[int]]:
    """The hypervolume and the size of the front after each of some networks."""
    import moocore

    if reference is None:
        values, reference = _scaled(values), -np.ones(values.shape[1])
    volumes, sizes = [], []
    members = values[:0]
    done, volume = 0, 0.0
    for step in steps:
        new = values[done : step + 1]
        done = step + 1
        together = np.vstack([members, new])
        kept = front(together, twins=False)
        if (kept >= len(members)).any():  # else the front is what it was
            members = together[kept]
            volume = float(moocore.hypervolume(members, ref=reference, maximise=True))
        volumes.append(volume)
        sizes.append(len(members))
    return volumes, sizes


def _scaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gains from 0, the best of each objective, to -1, the worst."""
    scaled = np.empty_like(values)
    for i, column in enumerate(values.T):
        # The sign of a gain is that of its values, unless they are minimised.
        if abs(column).min() > 0 and (np.sign(column) == np.sign(column[0])).all():
            if abs(column).max() / abs(column).min() >= 10:
                column = np.sign(column) * np.log(abs(column))
        span = column.max() - column.min()
        scaled[:, i] = (column - column.max()) / span if span else 0.0
    return scaled


def last_hypervolume(chronicle: StudyTrials) -> float:
    """The hypervolume of the whole front, as a figure of the history has it in the end.

    The study must have several objectives and a feasible network.
    """
    objectives = chronicle.objectives
    trials = [t for t in chronicle.valued(objectives) if is_feasible(t)]
    volumes, _ = _volumes(gains_of(trials, objectives), [len(trials) - 1], None)
    return volumes[-1]
