"""`plot_inheritance`: how much of their weights networks inherited, and how long they trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._figures import _style
from optuna_codeepneat.visualization._palette import INK
from optuna_codeepneat.visualization._palette import PALE
from optuna_codeepneat.visualization._palette import category
from optuna_codeepneat.visualization._trials import StudyTrials


if TYPE_CHECKING:
    import optuna

_WINDOW = 20
"""Networks that the line of the mean goes over."""


@dataclass(frozen=True)
class Inheritance:
    """What a figure of inherited weights shows."""

    numbers: list[int]
    shares: list[float]  # of the parameters, 0 for a fresh start
    donors: list[int | None]  # None for a fresh start
    steps: list[int]  # of each network's own training
    line_steps: list[int]  # with those of its ancestors

    @property
    def means(self) -> list[float]:
        """The mean share of each network and those before it in a window."""
        sums = np.concatenate([[0.0], np.cumsum(self.shares)])
        ends = np.arange(1, len(self.shares) + 1)
        begins = np.maximum(0, ends - _WINDOW)
        return [float(mean) for mean in (sums[ends] - sums[begins]) / (ends - begins)]

    @classmethod
    def of(cls, study: optuna.Study | StudyTrials) -> Inheritance:
        """What the networks of a study inherited, with the errors of `plot_inheritance`."""
        chronicle = StudyTrials.of(study)
        said = {t.number: i for t in chronicle.trials if (i := Inherited.of(t)) is not None}
        if not any(inherited.share for inherited in said.values()):
            raise NoFigureError(
                f"no network of the study {chronicle.study_name!r} has inherited weights."
            )
        return cls(
            list(said),
            [inherited.share for inherited in said.values()],
            [inherited.donor for inherited in said.values()],
            [inherited.steps for inherited in said.values()],
            [inherited.line_steps for inherited in said.values()],
        )


def plot_inheritance(study: optuna.Study) -> go.Figure:
    """Plots what share of its weights each network inherited, and how long it was trained.

    Args:
        study:
            A study whose networks inherit weights through `morphism.Checkpoints`.

    Returns:
        The figure.

    Raises:
        NoFigureError: If no network inherited anything.
    """
    return draw(Inheritance.of(study))


def draw(shown: Inheritance) -> go.Figure:
    """Draws inheritance with Plotly."""
    from plotly.subplots import make_subplots

    heirs = [share for share in shown.shares if share]
    mean = sum(heirs) / len(heirs)
    title = f"Inherited weights: {len(heirs):,} of {len(shown.shares):,} networks, {mean:.0%} each"
    grid = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    figure = _style.styled(grid, title, height=620)
    words = [
        f"trial {n}: {share:.0%} from trial {donor}" if donor is not None else f"trial {n}: afresh"
        for n, share, donor in zip(shown.numbers, shown.shares, shown.donors, strict=True)
    ]
    dots = {"size": 6, "color": category(0), "opacity": 0.6}
    pointed = {"text": words, "hovertemplate": "%{text}<extra></extra>"}
    figure.add_scatter(
        x=shown.numbers,
        y=shown.shares,
        mode="markers",
        marker=dots,
        name="a network",
        **pointed,
        row=1,
        col=1,
    )
    figure.add_scatter(
        x=shown.numbers,
        y=shown.means,
        mode="lines",
        line={"color": INK, "width": 2},
        name=f"mean of the last {_WINDOW}",
        hoverinfo="skip",
        row=1,
        col=1,
    )
    for name, steps, colour, symbol in (
        ("its own training", shown.steps, category(1), "circle"),
        ("with its ancestors'", shown.line_steps, PALE, "triangle-up"),
    ):
        figure.add_scatter(
            x=shown.numbers,
            y=steps,
            mode="markers",
            name=name,
            marker={"size": 6, "color": colour, "symbol": symbol},
            hovertemplate=f"trial %{{x}}: %{{y:,}} steps, {name}<extra></extra>",
            row=2,
            col=1,
        )
    figure.update_yaxes(
        {"title": {"text": "inherited"}, "tickformat": ".0%", "range": [-0.04, 1.04]}, row=1, col=1
    )
    figure.update_yaxes({"title": {"text": "training steps"}, "rangemode": "tozero"}, row=2, col=1)
    figure.update_xaxes({"title": {"text": "trial"}, "tickformat": ",d"}, row=2, col=1)
    return figure
