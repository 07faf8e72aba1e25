"""A figure for each problem: medians and quartiles over the number of networks."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.compare._measures import with_steps
from benchmarks.compare._problems import Benchmark
from benchmarks.compare._studies import Budget
from benchmarks.compare._studies import Study


if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito 2008: told apart by colour-blind readers too; yellow is too light for a line.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
_DASHES = ("-", "--", ":")
_POINTS = 400
"""Of a line over training steps."""
_LEAST_GAP = 0.045
"""Between two labels, as a share of the height."""


def plot(
    benchmark: Benchmark, studies: Mapping[str, Sequence[Study]], budget: Budget, file: Path
) -> None:
    """Draws the figure of a problem.

    Args:
        benchmark:
            The problem.
        studies:
            By sampler; each line ends where the shortest of them does.
        budget:
            Whether the axis is that of networks or of training steps.
        file:
            A PNG file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    ends, shown = [], []
    for i, (sampler, own) in enumerate(studies.items()):
        at, curves = _curves(own, budget)
        lower, middle, upper = np.quantile(curves, [0.25, 0.5, 0.75], axis=0)
        colour = _COLOURS[i % len(_COLOURS)]
        dash = _DASHES[i // len(_COLOURS) % len(_DASHES)]
        axes.plot(at, middle, color=colour, linestyle=dash, linewidth=1.8)
        if len(own) > 1:
            axes.fill_between(at, lower, upper, color=colour, alpha=0.12, linewidth=0)
        ends.append((sampler, colour, float(at[-1]), float(middle[-1])))
        shown.append(curves[:, len(at) // 20 :])
    label = "networks" if budget.steps is None else "training steps of all networks"
    axes.set(xlabel=label, ylabel=benchmark.measure, xlim=(0, max(end for _, _, end, _ in ends)))
    # How the first networks begin is far below where samplers differ.
    _zoom(axes, benchmark, np.concatenate([part.ravel() for part in shown]))
    axes.set_title(benchmark.title, fontsize=10, loc="left")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    _label(axes, ends)
    figure.savefig(file, dpi=130)


def _curves(studies: Sequence[Study], budget: Budget) -> tuple[np.ndarray, np.ndarray]:
    """Where the lines have points, and their heights there, ``(studies, points)``."""
    if budget.steps is None:
        length = min(len(study.curve) for study in studies)
        lines = [study.curve[:length] for study in studies]
        return np.arange(1, length + 1), np.array(lines)
    first = max(study.steps[0] for study in studies)
    last = min(budget.steps, *(study.steps[-1] for study in studies))
    at = np.linspace(min(first, last), last, _POINTS)
    lines = [
        np.array([with_steps(study.curve, study.steps, total) for total in at])
        for study in studies
    ]
    return at, np.array(lines)


def _zoom(axes: Axes, benchmark: Benchmark, shown: np.ndarray) -> None:
    """The heights from the least to the most that are to be seen; best values in decades."""
    low, high = float(shown.min()), float(shown.max())
    if not benchmark.reference and low > 0:
        axes.set_yscale("log")
        axes.set_ylim(0.8 * low, 1.25 * high)
        return
    margin = 0.03 * (high - low or 1.0)
    axes.set_ylim(low - margin, high + margin)


def _label(axes: Axes, ends: Sequence[tuple[str, str, float, float]]) -> None:
    """Names at the ends of the lines, moved apart where lines end close together."""
    to_share = axes.transData + axes.transAxes.inverted()
    placed = sorted(
        (
            (float(to_share.transform((n, end))[1]), name, colour, n, end)
            for name, colour, n, end in ends
        )
    )
    heights: list[float] = []
    for height, *_ in placed:
        heights.append(max(height, heights[-1] + _LEAST_GAP if heights else height))
    # Down again if that went over the top.
    top = 1.0
    for i in reversed(range(len(heights))):
        heights[i] = min(heights[i], top)
        top = heights[i] - _LEAST_GAP
    for height, (_, name, colour, n, end) in zip(heights, placed, strict=True):
        axes.annotate(
            name,
            xy=(n, end),
            xytext=(1.03, height),
            textcoords="axes fraction",
            color=colour,
            fontsize=9,
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "alpha": 0.6},
        )
