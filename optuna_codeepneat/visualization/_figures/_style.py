"""How all figures look: one template, colours that everybody can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from math import floor
from math import log10
from typing import TYPE_CHECKING
from typing import Any

import plotly.graph_objects as go

from optuna_codeepneat._objectives import LATENCY
from optuna_codeepneat.visualization._palette import GENERATIONS
from optuna_codeepneat.visualization._palette import INK
from optuna_codeepneat.visualization._scale import is_share
from optuna_codeepneat.visualization._scale import percent


if TYPE_CHECKING:
    from optuna_codeepneat.visualization._scale import Scale
    from optuna_codeepneat.visualization._trials import Objective

_FONT = "system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, sans-serif"
_GRID = "#e5e7eb"
_TITLE = {
    "pad": {"l": 16, "t": 18},
    "x": 0,
    "xanchor": "left",
    "xref": "container",
    "y": 1,
    "yanchor": "top",
    "yref": "container",
}

_LEGEND = {
    "orientation": "h",
    "traceorder": "normal",
    "x": 0,
    "xanchor": "left",
    "y": 1.0,
    "yanchor": "bottom",
}

HEIGHT = 480
"""Pixels, where a figure doesn't need more."""


def new_figure(title: str, **layout: Any) -> go.Figure:
    """An empty figure."""
    return styled(go.Figure(), title, **layout)


def styled(figure: go.Figure, title: str, **layout: Any) -> go.Figure:
    """Gives a figure, such as a grid of plots, the looks of all others."""
    figure.update_layout(
        template="plotly_white",
        title={"text": title, **_TITLE},
        font={"family": _FONT, "size": 13, "color": INK},
        margin={"l": 70, "r": 30, "t": 80, "b": 60},
        hoverlabel={"align": "left", "bgcolor": "white", "font": {"family": _FONT, "size": 12}},
        legend=_LEGEND,
        **{"height": HEIGHT, **layout},
    )
    figure.update_xaxes(gridcolor=_GRID, zeroline=False, automargin=True)
    figure.update_yaxes(gridcolor=_GRID, zeroline=False, automargin=True)
    return figure


def axis(objective: Objective, scale: Scale, values: Sequence[float]) -> dict[str, Any]:
    """The axis of an objective: shares in percent, what spans decades on a log scale."""
    settings: dict[str, Any] = {"title": {"text": objective.title}}
    if objective.name == LATENCY:
        settings["ticksuffix"] = "s"  # behind a prefix: 250µs
    if scale.kind == "log":
        # Ticks at 1, 2 and 5 of each decade, written out.
        settings |= {"type": "log", "dtick": "D2", "tickformat": "~s"}
    elif scale.kind == "error":
        shares = scale.shares()
        settings |= {"type": "log", "autorange": "reversed", "tickmode": "array"}
        settings["tickvals"] = placed(scale, shares)
        settings["ticktext"] = [f"{percent(share)}%" for share in shares]
    elif is_share(objective.name) and values and 0 <= min(values) and max(values) <= 1:
        span = max(values) - min(values)
        settings["tickformat"] = ".0%" if span > 0.05 else ".1%" if span > 0.005 else ".2%"
    return settings


def narrow_axis(objective: Objective, scale: Scale, values: Sequence[float]) -> dict[str, Any]:
    """The axis of one of many small plots: fewer labels, but never a single one."""
    settings = axis(objective, scale, values)
    if scale.kind == "log":
        decades = floor(log10(max(values))) - ceil(log10(min(values))) + 1
        settings["dtick"] = 1 if decades > 1 else "D2"
    elif scale.kind == "error":
        shares = scale.shares(4)
        settings["tickvals"] = placed(scale, shares)
        settings["ticktext"] = [f"{percent(share)}%" for share in shares]
    else:
        settings["nticks"] = 4
    return settings


def placed(scale: Scale, values: Sequence[float]) -> list[float]:
    """Where values stand on an axis of Plotly's: on its log scale of errors these themselves."""
    return [scale.error(value) for value in values] if scale.kind == "error" else [*values]


def colour_scale(title: str, numbers: Sequence[int]) -> dict[str, Any]:
    """A marker's colour scale for generations or trial numbers."""
    low, high = min(numbers), max(numbers)
    bar: dict[str, Any] = {"title": {"text": title, "side": "right"}, "thickness": 12}
    bar |= {"outlinewidth": 0, "tickformat": ",d"}
    if high - low < 10:
        bar["dtick"] = 1  # there is no generation 2.5
    scale = {"cmin": low, "cmax": high, "colorscale": GENERATIONS, "colorbar": bar}
    return {**scale, "showscale": low < high}  # a bar of one colour with one tick says nothing


def add_note(figure: go.Figure, note: str) -> None:
    """Writes what a figure leaves out above it, if anything."""
    if note:
        figure.add_annotation(
            text=note,
            xref="paper",
            yref="paper",
            x=1,
            y=1.0,
            xanchor="right",
            yanchor="bottom",
            showarrow=False,
            font={"size": 12, "color": "#6b7280"},
        )
