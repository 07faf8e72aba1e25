"""All figures of one study, each drawn or with the sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.visualization import _history
from optuna_codeepneat.visualization import _pareto_front
from optuna_codeepneat.visualization._chronicle import Chronicle


if TYPE_CHECKING:
    import optuna
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Panel:
    """One figure of a study.

    Args:
        name:
            A short name of letters and hyphens.
        title:
            What it shows.
        figure:
            The figure, None where there is nothing to show.
        reason:
            Why there is none, one sentence; empty where there is one.
    """

    name: str
    title: str
    figure: go.Figure | None
    reason: str = ""


def panels(
    study: optuna.Study,
    *,
    references: Mapping[str, float] | None = None,
    price_per_hour: float | None = None,
) -> list[Panel]:
    """Draws all figures of a study.

    Args:
        study:
            The study, in any state.
        references:
            Values of the first objective to compare with, by names.
        price_per_hour:
            What an hour of one worker costs; None leaves out the figure of the cost.
    """
    chronicle = Chronicle(study)

    def history(over: str, price: float | None = None) -> go.Figure:
        return _history.draw(_history.History.of(chronicle, over, price), references)

    drawn: dict[tuple[str, str], Callable[[], go.Figure]] = {
        ("pareto-front", "Pareto front"): lambda: _pareto_front.draw(
            _pareto_front.ParetoFront.of(chronicle)
        ),
        ("history", "Best networks over networks"): partial(history, "networks"),
        ("history-hours", "Best networks over time"): partial(history, "hours"),
    }
    if price_per_hour is not None:
        drawn["history-cost", "Best networks over cost"] = partial(history, "cost", price_per_hour)
    return [_panel(name, title, draw) for (name, title), draw in drawn.items()]


def _panel(name: str, title: str, draw: Callable[[], go.Figure]) -> Panel:
    try:
        return Panel(name, title, draw())
    except (NoFigureError, StoredStateError) as error:
        text = str(error)
        return Panel(name, title, None, text[:1].upper() + text[1:])
