"""`plot_history`: how good the networks are, against what finding them took."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from optuna_codeepneat._ranking import front
from optuna_codeepneat._ranking import gains
from optuna_codeepneat._ranking import is_feasible
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._budget import Expense
from optuna_codeepneat.visualization._budget import spent
from optuna_codeepneat.visualization._figures import _style
from optuna_codeepneat.visualization._palette import PALE
from optuna_codeepneat.visualization._palette import category
from optuna_codeepneat.visualization._trials import Objective
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import gains_of


if TYPE_CHECKING:
    import optuna
    from numpy.typing import NDArray

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

    @classmethod
    def of(
        cls,
        study: optuna.Study | StudyTrials,
        over: str = "networks",
        price_per_hour: float | None = None,
        reference_point: Sequence[float] | None = None,
        known: History | None = None,
    ) -> History:
        """The history of a study, with the errors of `plot_history`.

        `known` is one of the same trials over another expense, whose hypervolume it has.
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
        return cls(objectives, expense, *at_steps, volumes, sizes)


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
            Values of the first objective to compare with, by the names of what reached them.

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
    figure = _style.styled(grid, title, height=400 + 180 * (rows - 1), showlegend=False)
    first = shown.objectives[0]
    spent, axis, unit = shown.expense.shown(shown.spent)

    def steps(
        y: Sequence[float], name: str, colour: str, row: int, more: str | list[str] = ""
    ) -> None:
        figure.add_scatter(
            x=spent,
            y=y,
            mode="lines" if len(y) > 1 else "markers",
            line={"shape": "hv", "color": colour, "width": 2},
            marker={"color": colour},
            name=name,
            text=more,
            hovertemplate=_hover(name, unit),
            row=row,
            col=1,
        )

    steps(shown.best, first.title, category(0), 1)
    settings = _style.axis(first, [*shown.best, *(references or {}).values()])
    settings["title"] = {"text": f"best {first.title}"}
    figure.update_yaxes(settings, row=1, col=1)
    for name, value in (references or {}).items():
        figure.add_hline(
            y=value,
            line={"color": PALE, "dash": "dash", "width": 1},
            annotation={"text": escape(name), "font": {"size": 11, "color": "#6b7280"}},
            annotation_position="bottom right",
            row=1,
            col=1,
        )
    names = [first.title]
    if shown.hypervolume is not None:
        names.append("hypervolume")
        sizes = [f", front of {n:,}" for n in shown.front_size or ()]
        steps(shown.hypervolume, names[-1], category(1), 2, sizes)
        figure.update_yaxes({"title": {"text": names[-1]}}, row=2, col=1)
    figure.update_xaxes({"title": {"text": axis}}, row=rows, col=1)
    if others:
        _add_buttons(figure, [shown, *others], names)
    return figure


def _hover(name: str, unit: str) -> str:
    return f"%{{x:,.4~r}} {unit}<br>{escape(name)} %{{y}}%{{text}}<extra></extra>"


def _add_buttons(figure: go.Figure, histories: Sequence[History], names: Sequence[str]) -> None:
    """Buttons that change what the horizontal axis counts."""
    axis = "xaxis" if len(names) == 1 else f"xaxis{len(names)}"
    buttons = []
    for history in histories:
        spent, title, unit = history.expense.shown(history.spent)
        traces = {
            "x": [spent] * len(names),
            "hovertemplate": [_hover(name, unit) for name in names],
        }
        change = [traces, {f"{axis}.title.text": title}]
        buttons.append({"label": history.expense.title, "method": "update", "args": change})
    place = {"x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom", "pad": {"b": 6}}
    look = {"showactive": True, "bgcolor": "white", "bordercolor": "#d1d5db"}
    menu = {"type": "buttons", "direction": "right", "buttons": buttons, **place, **look}
    figure.update_layout(updatemenus=[menu], margin={"t": 100})


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
