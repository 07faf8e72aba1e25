"""Figures for Optuna Dashboard: no larger than its cards, and small enough to be stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go


_DIGITS = 5
_LEGEND_COLUMNS = 2  # of long names; in half of a page of 1280 pixels
_LEGEND_ROW, _MENU, _TITLE, _BESIDE = 20, 40, 48, 10  # pixels
_FEW_POINTS = 4
# What a trace may have for each of its points, beside its markers.
_PER_POINT = ("x", "y", "z", "text", "hovertext", "customdata", "ids")


def compact(figure: go.Figure, *, most_characters: int) -> go.Figure | None:
    """A copy of a figure that fills its card and is short as JSON.

    Numbers are rounded. Where that isn't enough, long texts under the pointer become short, then
    menus go, and at last only each second point of long traces stays, or fewer.
    None if it can't be made so small.
    """
    data: dict[str, Any] = json.loads(figure.to_json())
    _fit(data["layout"], _n_legend_rows(data["data"]))
    for trace in data["data"]:
        _round(trace)
    for _ in _smaller(data):
        figure = go.Figure(data)
        if len(figure.to_json()) <= most_characters:
            return figure
    return None


def _smaller(data: dict[str, Any]) -> Iterator[None]:
    """Takes something more out of a figure at each step, but for the first."""
    yield
    _shorten(data["data"])
    yield
    # Menus hold points of their own, which would no longer fit to thinned ones.
    data["layout"].pop("updatemenus", None)
    yield
    while _thin(data["data"]):
        yield


def _n_legend_rows(traces: list[dict[str, Any]]) -> int:
    shown = {trace.get("name") for trace in traces if trace.get("showlegend", True)}
    return -(-len(shown) // _LEGEND_COLUMNS)


def _fit(layout: dict[str, Any], n_legend_rows: int) -> None:
    """Leaves the size to the card, and what the template says of traces to Plotly's defaults."""
    for name in ("width", "height"):
        layout.pop(name, None)
    layout["autosize"] = True
    # The title at the top; as many rows as the legend takes in a narrow card below that, or below
    # the plot; and beside it the names that stand there.
    is_below = layout.get("legend", {}).get("yref") == "container"
    legend = _LEGEND_ROW * max(1, n_legend_rows) if layout.get("showlegend", True) else 0
    top = max(0 if is_below else legend, _MENU if "updatemenus" in layout else 0)
    margin = layout.get("margin", {})
    layout["margin"] = {
        **margin,
        "l": 60,
        "r": max(20, margin.get("r", 0) - _BESIDE),
        "t": _TITLE + top,
        "b": 50 + legend * is_below,
    }
    layout["title"] = {**layout.get("title", {}), "y": 1, "yanchor": "top", "yref": "container"}
    layout["title"]["pad"] = {**layout["title"].get("pad", {}), "t": 12}
    template = layout.get("template")
    if isinstance(template, dict):
        template.pop("data", None)


def _round(value: Any) -> None:
    """Rounds all numbers within lists, in place."""
    if isinstance(value, dict):
        for inner in value.values():
            _round(inner)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            if isinstance(inner, float):
                value[i] = float(f"{inner:.{_DIGITS}g}")
            else:
                _round(inner)


def _shorten(traces: list[dict[str, Any]]) -> None:
    """Keeps the first lines of the text of each point."""
    for trace in traces:
        for name in ("text", "hovertext"):
            texts = trace.get(name)
            if isinstance(texts, list):
                lines = (str(text).split("<br>") for text in texts)
                trace[name] = ["<br>".join(text[:3]) for text in lines]


def _thin(traces: list[dict[str, Any]]) -> bool:
    """Keeps each second point of the long traces, and their last one; False if none is long."""
    most = max(map(_n_points, traces), default=0)
    if most < _FEW_POINTS:
        return False
    for trace in traces:
        n = _n_points(trace)
        if n <= most / 2:
            continue
        parts: list[dict[str, Any]] = [{name: trace.get(name) for name in _PER_POINT}]
        parts += [trace.get(name) or {} for name in ("marker", "error_x", "error_y")]
        for part in parts:
            for name, values in part.items():
                if isinstance(values, list) and len(values) == n:
                    part[name] = [*values[:-1:2], values[-1]]
        trace |= {name: values for name, values in parts[0].items() if values is not None}
    return True


def _n_points(trace: dict[str, Any]) -> int:
    sizes = [len(trace[name]) for name in ("x", "y") if isinstance(trace.get(name), list)]
    return max(sizes, default=0)
