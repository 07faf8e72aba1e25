"""`plot_front_comparison`: fronts of one study or several, after the same effort."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from optuna_codeepneat._attributes import NUM_PARAMS
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._budget import Expense
from optuna_codeepneat.visualization._budget import spent
from optuna_codeepneat.visualization._figures import _style
from optuna_codeepneat.visualization._format import hover
from optuna_codeepneat.visualization._palette import DASHES
from optuna_codeepneat.visualization._palette import category
from optuna_codeepneat.visualization._scale import Scale
from optuna_codeepneat.visualization._trials import Objective
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import finite
from optuna_codeepneat.visualization._trials import front_of


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")
_PANELS = 4
_COLUMNS = 2


@dataclass(frozen=True)
class FrontComparison:
    """What a figure that compares fronts shows."""

    objectives: dict[str, tuple[Objective, Objective]]  # by the name of each study
    expense: Expense  # what the searches are compared after
    fronts: dict[float, dict[str, list[FrozenTrial]]]  # each sorted by the second objective

    @classmethod
    def of(
        cls,
        studies: Mapping[str, optuna.Study] | Sequence[optuna.Study],
        at: Sequence[float] | None = None,
        over: str = "generations",
        which: Sequence[int | str] | None = None,
        price_per_hour: float | None = None,
    ) -> FrontComparison:
        """The fronts of some studies, with the errors of `plot_front_comparison`."""
        expense = Expense.named(over, price_per_hour)
        if not isinstance(studies, Mapping):
            named = {study.study_name: study for study in studies}
            if len(named) < len(studies):
                raise ValueError("`studies` has several of one name; pass them as a mapping.")
            studies = named
        if not studies:
            raise ValueError("`studies` must hold at least one.")
        chronicles = {name: StudyTrials(study) for name, study in studies.items()}
        if which is None:
            several = all(len(c.objectives) > 1 for c in chronicles.values())
            which = (0, 1) if several else (0, NUM_PARAMS)
        if len(which) != 2:
            raise ValueError(f"`objectives` must be two, got {len(which)}.")
        chosen = {name: c.chosen(which) for name, c in chronicles.items()}
        for i in range(2):
            if len({objectives[i].maximize for objectives in chosen.values()}) > 1:
                raise ValueError(f"`objectives[{i}]` has not the same direction in all studies.")
        paid = {name: _paid(c, chosen[name], expense) for name, c in chronicles.items()}
        last = min(max(amount for _, amount in own) for own in paid.values())
        fronts: dict[float, dict[str, list[FrozenTrial]]] = {}
        for most in _moments(at, last, expense):
            fronts[most] = {}
            for name, own in paid.items():
                front = front_of([t for t, amount in own if amount <= most], chosen[name])
                fronts[most][name] = sorted(front, key=chosen[name][1].value)
        return cls({name: (up, along) for name, (up, along) in chosen.items()}, expense, fronts)

    @property
    def axes(self) -> tuple[Objective, Objective]:
        """The two objectives as the first study has them, for the axes."""
        return next(iter(self.objectives.values()))

    def values(self, which: int) -> list[float]:
        """All values of the first or the second objective."""
        return [
            value
            for fronts in self.fronts.values()
            for name, front in fronts.items()
            for value in self.objectives[name][which].values(front)
        ]

    @property
    def titles(self) -> list[str]:
        """What stands above the fronts of each moment."""
        if self.expense.over == "generations":
            return [f"generation {generation:,g}" for generation in self.fronts]
        amounts, _, unit = self.expense.shown(list(self.fronts))
        what = unit or "cost"
        return [f"{amount:,.4g} {what}" for amount in amounts]


def plot_front_comparison(
    studies: Mapping[str, optuna.Study] | Sequence[optuna.Study],
    *,
    at: Sequence[float] | None = None,
    over: str = "generations",
    objectives: Sequence[int | str] | None = None,
    price_per_hour: float | None = None,
) -> go.Figure:
    """Plots the fronts of studies at the same generations, or after the same time or cost.

    This is figure 4 of Liang et al. (2019), where a search with one objective is held against
    one with two: of either the front of all that it has found so far. Of one study it shows how
    the front grew.

    Args:
        studies:
            Studies, or studies by the names that the figure shall give them.
        at:
            After how much: generations (from 0), networks, hours and so on. None for up to four
            amounts that all of the studies have reached.
        over:
            What to compare after, as `plot_history` has it: ``"networks"`` for samplers that have
            no generations.
        objectives:
            Two objectives by name or position: the first is drawn upwards, the second along. A
            numeric user attribute, such as ``"num_params"``, counts as to be minimized. None for
            the first two, or the first and ``"num_params"`` if a study has but one.
        price_per_hour:
            What an hour of one worker costs, for ``over="cost"``.

    Returns:
        The figure.

    Raises:
        NoFigureError: If one of the studies has no such front yet.
        ValueError: If an argument is wrong.
    """
    return draw(FrontComparison.of(studies, at, over, objectives, price_per_hour))


def draw(shown: FrontComparison) -> go.Figure:
    """Draws a comparison with Plotly."""
    from plotly.subplots import make_subplots

    columns = min(_COLUMNS, len(shown.fronts))
    rows = -(-len(shown.fronts) // columns)
    grid = make_subplots(
        rows=rows,
        cols=columns,
        shared_xaxes="all",
        shared_yaxes="all",
        subplot_titles=shown.titles,
        horizontal_spacing=0.04,
        vertical_spacing=0.12,
    )
    figure = _style.styled(grid, "Fronts of all found so far", height=120 + 330 * rows)
    up, along = shown.axes
    xs, ys = shown.values(1), shown.values(0)
    upwards, sideways = Scale.of(up, ys), Scale.of(along, xs)
    for i, fronts in enumerate(shown.fronts.values()):
        for j, (name, front) in enumerate(fronts.items()):
            up, along = shown.objectives[name]
            shape = "vh" if along.maximize else "hv"
            figure.add_scatter(
                x=_style.placed(sideways, along.values(front)),
                y=_style.placed(upwards, up.values(front)),
                name=name,
                legendgroup=name,
                showlegend=i == 0,
                mode="lines+markers",
                line={"color": category(j), "dash": DASHES[j % len(DASHES)], "shape": shape},
                marker={"symbol": _SYMBOLS[j % len(_SYMBOLS)], "size": 8},
                text=[hover(trial, (up, along)) for trial in front],
                hovertemplate="%{text}<extra></extra>",
                row=i // columns + 1,
                col=i % columns + 1,
            )
    up, along = shown.axes
    figure.update_xaxes({**_style.axis(along, sideways, xs), "title": None})
    figure.update_yaxes({**_style.axis(up, upwards, ys), "title": None})
    figure.update_xaxes(title={"text": along.title}, row=rows)
    figure.update_yaxes(title={"text": up.title}, col=1)
    # The legend goes above the titles of the plots.
    above = 36 / (figure.layout.height - 170)
    figure.update_layout(margin={"t": 110}, legend={"y": 1 + above})
    return figure


def _paid(
    chronicle: StudyTrials, objectives: Sequence[Objective], expense: Expense
) -> list[tuple[FrozenTrial, float]]:
    """The trials of a study, each with what had been spent when it was finished."""
    trials = chronicle.valued(objectives)
    try:
        return list(zip(trials, spent(chronicle, trials, expense), strict=True))
    except NoFigureError as error:
        if expense.over != "generations":
            raise
        raise NoFigureError(f"{str(error).rstrip('.')}; compare over networks.") from None


def _moments(at: Sequence[float] | None, last: float, expense: Expense) -> list[float]:
    if at is None:
        moments = [last * (i + 1) / _PANELS for i in range(_PANELS)]
        whole = expense.over in ("generations", "networks", "steps")
        return sorted({float(round(moment)) for moment in moments} if whole else moments)
    amounts = [finite(amount) for amount in at]
    if not amounts or any(amount is None or amount < 0 for amount in amounts):
        raise ValueError(f"`at` must hold numbers from 0, got {at!r}.")
    return [float(amount) for amount in at]
