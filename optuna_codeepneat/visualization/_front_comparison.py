"""`plot_front_comparison`: the fronts of several studies, at the same generations."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization import _style
from optuna_codeepneat.visualization._chronicle import Chronicle
from optuna_codeepneat.visualization._chronicle import Objective
from optuna_codeepneat.visualization._chronicle import front_of
from optuna_codeepneat.visualization._chronicle import generation_of
from optuna_codeepneat.visualization._palette import DASHES
from optuna_codeepneat.visualization._palette import category
from optuna_codeepneat.visualization._words import hover


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")
_PANELS = 4
_COLUMNS = 2


@dataclass(frozen=True)
class FrontComparison:
    """What a figure that compares fronts shows.

    Args:
        objectives:
            The two that the fronts are drawn by, as each study has them, by its name.
        over:
            ``"generations"`` or ``"networks"``.
        fronts:
            For each number of generations or networks the front of each study by its name,
            sorted by the second objective.
    """

    objectives: dict[str, tuple[Objective, Objective]]
    over: str
    fronts: dict[int, dict[str, list[FrozenTrial]]]

    @classmethod
    def of(
        cls,
        studies: Mapping[str, optuna.Study] | Sequence[optuna.Study],
        at: Sequence[int] | None = None,
        over: str = "generations",
        which: Sequence[int | str] | None = None,
    ) -> FrontComparison:
        """The fronts of some studies.

        Raises:
            NoFigureError: If one of them has no such front.
            ValueError: If an argument is wrong.
        """
        if over not in ("generations", "networks"):
            raise ValueError(f"`over` must be 'generations' or 'networks', got {over!r}.")
        if not isinstance(studies, Mapping):
            named = {study.study_name: study for study in studies}
            if len(named) < len(studies):
                raise ValueError("`studies` has several of one name; pass them as a mapping.")
            studies = named
        if len(studies) < 2:
            raise ValueError(f"`studies` must be at least two, got {len(studies)}.")
        chronicles = {name: Chronicle(study) for name, study in studies.items()}
        if which is None:
            several = all(len(c.objectives) > 1 for c in chronicles.values())
            which = (0, 1) if several else (0, "num_params")
        if len(which) != 2:
            raise ValueError(f"`objectives` must be two, got {len(which)}.")
        chosen = {name: c.chosen(which) for name, c in chronicles.items()}
        for i in range(2):
            if len({objectives[i].maximize for objectives in chosen.values()}) > 1:
                raise ValueError(f"`objectives[{i}]` has not the same direction in all studies.")
        ages = {name: _ages(c, chosen[name], over) for name, c in chronicles.items()}
        last = min(max(age for _, age in own) for own in ages.values())
        fronts: dict[int, dict[str, list[FrozenTrial]]] = {}
        for moment in _moments(at, last):
            fronts[moment] = {}
            for name, own in ages.items():
                front = front_of([t for t, age in own if age <= moment], chosen[name])
                fronts[moment][name] = sorted(front, key=chosen[name][1].value)
        return cls({name: (up, along) for name, (up, along) in chosen.items()}, over, fronts)

    @property
    def axes(self) -> tuple[Objective, Objective]:
        """The two objectives as the first study has them, for the axes."""
        return next(iter(self.objectives.values()))


def plot_front_comparison(
    studies: Mapping[str, optuna.Study] | Sequence[optuna.Study],
    *,
    at: Sequence[int] | None = None,
    over: str = "generations",
    objectives: Sequence[int | str] | None = None,
) -> go.Figure:
    """Plots the fronts of several studies beside each other, at the same generations.

    This is figure 4 of Liang et al. (2019), where a search with one objective is held against
    one with two: of either the front of all that it has found so far.

    Args:
        studies:
            At least two studies, or studies by the names that the figure shall give them.
        at:
            After which generations (from 0) or numbers of networks. None for up to four that
            all of the studies have reached.
        over:
            ``"generations"``, or ``"networks"`` for samplers that have no generations.
        objectives:
            Two objectives by name or position: the first is drawn upwards, the second along. A
            numeric user attribute, such as ``"num_params"``, counts as to be minimized. None for
            the first two, or the first and ``"num_params"`` if a study has but one.

    Returns:
        The figure.

    Raises:
        NoFigureError: If one of the studies has no such front yet.
        ValueError: If an argument is wrong.
    """
    return draw(FrontComparison.of(studies, at, over, objectives))


def draw(shown: FrontComparison) -> go.Figure:
    """Draws a comparison with Plotly."""
    from plotly.subplots import make_subplots

    columns = min(_COLUMNS, len(shown.fronts))
    rows = -(-len(shown.fronts) // columns)
    noun = "generation" if shown.over == "generations" else "networks"
    titles = [
        f"{noun} {at:,}" if noun == "generation" else f"{at:,} {noun}" for at in shown.fronts
    ]
    grid = make_subplots(
        rows=rows,
        cols=columns,
        shared_xaxes="all",
        shared_yaxes="all",
        subplot_titles=titles,
        horizontal_spacing=0.04,
        vertical_spacing=0.12,
    )
    figure = _style.styled(grid, "Fronts of all found so far", height=120 + 330 * rows)
    xs: list[float] = []
    ys: list[float] = []
    for i, fronts in enumerate(shown.fronts.values()):
        for j, (name, front) in enumerate(fronts.items()):
            up, along = shown.objectives[name]
            x, y = along.values(front), up.values(front)
            xs, ys = xs + x, ys + y
            shape = "vh" if along.maximize else "hv"
            figure.add_trace(
                go.Scatter(
                    x=x,
                    y=y,
                    name=name,
                    legendgroup=name,
                    showlegend=i == 0,
                    mode="lines+markers",
                    line={"color": category(j), "dash": DASHES[j % len(DASHES)], "shape": shape},
                    marker={"symbol": _SYMBOLS[j % len(_SYMBOLS)], "size": 8},
                    text=[hover(trial, (up, along)) for trial in front],
                    hovertemplate="%{text}<extra></extra>",
                ),
                row=i // columns + 1,
                col=i % columns + 1,
            )
    up, along = shown.axes
    figure.update_xaxes({**_style.axis(along, xs), "title": None})
    figure.update_yaxes({**_style.axis(up, ys), "title": None})
    figure.update_xaxes(title={"text": along.title}, row=rows)
    figure.update_yaxes(title={"text": up.title}, col=1)
    # The legend goes above the titles of the plots.
    above = 36 / (figure.layout.height - 170)
    figure.update_layout(margin={"t": 110}, legend={"y": 1 + above})
    return figure


def _ages(
    chronicle: Chronicle, objectives: Sequence[Objective], over: str
) -> list[tuple[FrozenTrial, int]]:
    """The trials of a study, each with its generation, or how many were finished with it."""
    trials = chronicle.valued(objectives)
    if over == "networks":
        return [(trial, i + 1) for i, trial in enumerate(trials)]
    ages = [(trial, generation_of(trial)) for trial in trials]
    known = [(trial, age) for trial, age in ages if age is not None]
    if len(known) < len(ages):
        raise NoFigureError(
            f"the study {chronicle.study_name!r} has trials without a generation; compare over "
            "networks."
        )
    return known


def _moments(at: Sequence[int] | None, last: int) -> list[int]:
    if at is not None:
        if not at or any(not isinstance(n, int) or isinstance(n, bool) or n < 0 for n in at):
            raise ValueError(f"`at` must hold whole numbers from 0, got {at!r}.")
        return list(at)
    return sorted({round(last * (i + 1) / _PANELS) for i in range(_PANELS)})
