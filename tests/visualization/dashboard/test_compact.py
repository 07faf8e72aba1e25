"""Figures become short enough for a study, and stay what they are."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from optuna_codeepneat.visualization import plot_history
from optuna_codeepneat.visualization import plot_pareto_front
from optuna_codeepneat.visualization._dashboard._compact import compact
from tests.visualization.studies import searched


def dots(n: int, text: str = "trial<br>1<br>2<br>3<br>4") -> go.Figure:
    trace = go.Scatter(
        x=[i / 3 for i in range(n)],
        y=list(range(n)),
        text=[text] * n,
        marker={"color": list(range(n)), "size": 5},
        mode="markers",
    )
    return go.Figure(trace)


def test_short_figure_keeps_all_its_points_and_fills_its_card() -> None:
    figure = plot_pareto_front(searched(20, bounded=True))
    small = compact(figure, most_characters=100_000)
    assert small is not None
    assert small.layout.height is None
    assert figure.layout.height is not None  # which is left as it was
    assert [len(trace.x) for trace in small.data] == [len(trace.x) for trace in figure.data]
    assert [trace.text for trace in small.data] == [tuple(trace.text) for trace in figure.data]
    for trace, before in zip(small.data, figure.data, strict=True):
        assert list(trace.y) == pytest.approx(list(before.y), rel=1e-4)


def test_texts_become_short_first() -> None:
    figure = dots(500)
    whole = compact(figure, most_characters=10**6)
    assert whole is not None
    small = compact(figure, most_characters=len(whole.to_json()) - 1)
    assert small is not None
    assert len(small.data[0].x) == 500
    assert set(small.data[0].text) == {"trial<br>1<br>2"}


@pytest.mark.parametrize("most_characters", [60_000, 20_000, 12_000])
def test_then_points_go(most_characters: int) -> None:
    figure = dots(20_000)
    small = compact(figure, most_characters=most_characters)
    assert small is not None
    assert most_characters / 3 < len(small.to_json()) <= most_characters
    trace = small.data[0]
    assert len(trace.x) == len(trace.y) == len(trace.text) == len(trace.marker.color) > 30
    assert (trace.y[0], trace.y[-1]) == (0, 19_999)
    assert list(trace.marker.color) == list(trace.y)


def test_a_menu_goes_before_its_points_would_no_longer_fit() -> None:
    figure = plot_history(searched(30))
    figure.update_layout(
        updatemenus=[{"buttons": [{"label": "a", "args": [{"x": [list(range(3000))]}]}]}]
    )
    small = compact(figure, most_characters=len(figure.to_json()) // 2)
    assert small is not None
    assert not small.layout.updatemenus
    assert [len(trace.x) for trace in small.data] == [len(trace.x) for trace in figure.data]


def test_figure_that_cannot_be_short_is_none() -> None:
    assert compact(dots(10), most_characters=100) is None


def test_many_long_traces_become_short_together() -> None:
    rng = np.random.default_rng(0)
    figure = go.Figure()
    for _ in range(20):
        x, y = rng.random((2, 500)).tolist()
        figure.add_trace(go.Scatter(x=x, y=y, mode="markers"))
    small = compact(figure, most_characters=60_000)
    assert small is not None
    assert len(small.to_json()) <= 60_000
    assert len(small.data) == 20
    sizes = {len(trace.x) for trace in small.data}
    assert len(sizes) == 1 and 8 < sizes.pop() < 250


def test_names_beside_a_plot_and_a_legend_below_it_keep_their_room() -> None:
    study = searched(20)
    plain = compact(plot_history(study), most_characters=100_000)
    named = compact(
        plot_history(study, references={"a small network (test)": 0.9}), most_characters=100_000
    )
    assert plain is not None and named is not None
    assert plain.layout.margin.r == 20
    assert named.layout.margin.r > 6 * len("a small network (test)")
    assert named.layout.margin.b > plain.layout.margin.b
