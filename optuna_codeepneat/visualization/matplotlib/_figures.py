"""What the figures of a paper show, drawn with Matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from math import log10
from textwrap import fill
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeAlias

import numpy as np
from matplotlib import rc_context
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter
from matplotlib.ticker import FixedLocator
from matplotlib.ticker import FuncFormatter
from matplotlib.ticker import LogLocator
from matplotlib.ticker import MaxNLocator
from matplotlib.ticker import NullFormatter

from optuna_codeepneat._objectives import LATENCY
from optuna_codeepneat._text import printable
from optuna_codeepneat.visualization._figures import FrontComparison
from optuna_codeepneat.visualization._figures import History
from optuna_codeepneat.visualization._figures import ParetoFront
from optuna_codeepneat.visualization._palette import BY_HAND
from optuna_codeepneat.visualization._palette import GENERATIONS
from optuna_codeepneat.visualization._palette import INK
from optuna_codeepneat.visualization._palette import PALE
from optuna_codeepneat.visualization._palette import category
from optuna_codeepneat.visualization._scale import Scale
from optuna_codeepneat.visualization._scale import is_share
from optuna_codeepneat.visualization._scale import percent


if TYPE_CHECKING:
    import optuna
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from optuna_codeepneat.visualization._trials import Objective

_Spread: TypeAlias = "Callable[[NDArray[np.float64]], NDArray[np.float64]]"

_COLUMN = 3.3  # inches, of a paper with two columns
_DASHES = ("-", "--", ":", "-.")
_MARKERS = ("o", "s", "D", "^", "P")
_STYLE: Any = {  # too many literals for a type
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 7,
    "figure.constrained_layout.h_pad": 0.02,
    "font.size": 7,
    "legend.borderaxespad": 0,
    "legend.borderpad": 0.2,
    "legend.columnspacing": 1.2,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "lines.markeredgewidth": 0.8,
    "lines.markersize": 3,
    "pdf.fonttype": 42,  # TrueType: text that can be searched, and no Type 3, which many refuse
    "savefig.dpi": 300,
    "svg.fonttype": "none",  # text
    "svg.hashsalt": "optuna-codeepneat",  # else identifiers are random
    "text.parse_math": False,  # a "$" in the name of a study is one
    **{f"{axis}tick.{kind}.width": 0.6 for axis in "xy" for kind in ("major", "minor")},
}


class _Figure(Figure):
    """Is saved in the style in which it is drawn, and without the time."""

    @rc_context(_STYLE)
    def savefig(self, fname: Any, **kwargs: Any) -> None:
        """Saves the figure, see `matplotlib.figure.Figure.savefig`."""
        kind = str(kwargs.get("format") or fname).rpartition(".")[2].lower()
        undated = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind)
        super().savefig(fname, **{"metadata": undated, **kwargs})


@rc_context(_STYLE)
def plot_pareto_front(
    study: optuna.Study,
    *,
    objectives: Sequence[int | str] | None = None,
    width: float | None = None,
) -> Figure:
    """Plots all networks of a study by two objectives or more, and its Pareto front.

    See `optuna_codeepneat.visualization.plot_pareto_front`; here None for `width` is a column of
    a paper, or the whole of a page where the matrix of more than three objectives needs it.
    """
    figure = _figure(_COLUMN if width is None else width)
    shown = ParetoFront.of(study, objectives)
    n = len(shown.objectives) - 1
    if width is None and n > 2:
        figure.set_size_inches(*2 * figure.get_size_inches())
    grid = figure.subplots(n, n, sharex="col", sharey="row", squeeze=False)
    eras = shown.eras.values()
    colours = ScalarMappable(Normalize(min(eras), max(eras)), GENERATIONS.lower())
    legend: dict[str, Any] = {}
    for (row, column), axes in np.ndenumerate(grid):
        if column > row:
            axes.remove()
            continue
        up, along = shown.objectives[n - 1 - row], shown.objectives[n - column]
        for name, trials, look in (
            ("dominated", shown.others, {"s": 7, "edgecolors": PALE, "linewidths": 0.3}),
            ("infeasible", shown.infeasible, {"s": 8, "marker": "x", "linewidths": 0.6}),
            ("front", shown.front, {"s": 13, "edgecolors": INK, "linewidths": 0.8, "zorder": 3}),
        ):
            if trials:
                own = colours.to_rgba(np.array([shown.eras[trial.number] for trial in trials]))
                legend[name] = axes.scatter(along.values(trials), up.values(trials), c=own, **look)
        if shown.baselines:
            look = {"s": 16, "marker": "D", "facecolors": "none", "edgecolors": BY_HAND}
            places = shown.by_hand(along), shown.by_hand(up)
            legend["made by hand"] = axes.scatter(*places, linewidths=0.8, zorder=4, **look)
        if n == 1:
            members = sorted(shown.front, key=along.value)
            edge = "steps-pre" if along.maximize else "steps-post"
            line = along.values(members), up.values(members)
            axes.plot(*line, color=INK, linewidth=0.8, drawstyle=edge)
        _scale(axes, "x", along, shown.values(along))
        _scale(axes, "y", up, shown.values(up))
        axes.label_outer()
    if min(eras) < max(eras):  # a bar of one colour with one tick says nothing
        ticks = MaxNLocator(5, integer=True)
        bar: Any = figure.colorbar(colours, ax=figure.axes, ticks=ticks, aspect=30, pad=0.02)
        bar.set_label(shown.era)
        bar.solids.set(edgecolor="face", rasterized=False)  # vectors too, without gaps
    _legend(figure, legend)
    return figure


@rc_context(_STYLE)
def plot_history(
    study: optuna.Study,
    *,
    over: str = "networks",
    price_per_hour: float | None = None,
    reference_point: Sequence[float] | None = None,
    width: float = _COLUMN,
) -> Figure:
    """Plots how good the networks are that a search had found, against what it had taken.

    See `optuna_codeepneat.visualization.plot_history`.
    """
    figure = _figure(width)
    shown = History.of(study, over, price_per_hour, reference_point)
    curves = [shown.best] if shown.hypervolume is None else [shown.best, shown.hypervolume]
    figure.set_figheight(width * (0.2 + 0.4 * len(curves)))
    grid = figure.subplots(len(curves), 1, sharex=True, squeeze=False)[:, 0]
    spent, title, _ = shown.expense.shown(shown.spent)
    for i, (axes, curve) in enumerate(zip(grid, curves, strict=True)):
        dots = "." if len(curve) == 1 else ""
        axes.plot(spent, curve, color=category(i), drawstyle="steps-post", marker=dots)
        axes.set(ylabel="hypervolume", xlim=(0, None))
    _scale(grid[0], "y", shown.objectives[0], shown.best, "best ")
    grid[-1].set_xlabel(title)
    whole = over in ("networks", "generations")  # there is no generation 2.5
    grid[-1].xaxis.get_major_locator().set_params(integer=whole, nbins=6)
    if max(spent) >= 10_000:
        grid[-1].xaxis.set_major_formatter(EngFormatter(sep=""))
    figure.align_ylabels()
    return figure


@rc_context(_STYLE)
def plot_front_comparison(
    studies: Mapping[str, optuna.Study] | Sequence[optuna.Study],
    *,
    at: Sequence[float] | None = None,
    over: str = "generations",
    objectives: Sequence[int | str] | None = None,
    price_per_hour: float | None = None,
    width: float = _COLUMN,
) -> Figure:
    """Plots the fronts of studies at the same generations, or after the same time or cost.

    See `optuna_codeepneat.visualization.plot_front_comparison`; here None for `at` is one amount,
    the most that all of the studies have reached.
    """
    figure = _figure(width)
    shown = FrontComparison.of(studies, at, over, objectives, price_per_hour)
    if at is None:
        shown = replace(shown, fronts={max(shown.fronts): shown.fronts[max(shown.fronts)]})
    columns = 2 - len(shown.fronts) % 2  # no place in the grid stays empty
    rows = len(shown.fronts) // columns
    figure.set_figheight(width * (0.2 + 0.6 * rows / columns))
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    legend: dict[str, Any] = {}
    xs: list[float] = []
    ys: list[float] = []
    for axes, title, fronts in zip(grid.flat, shown.titles, shown.fronts.values(), strict=True):
        for i, (name, front) in enumerate(fronts.items()):
            up, along = shown.objectives[name]
            x, y = along.values(front), up.values(front)
            xs, ys = xs + x, ys + y
            (legend[name],) = axes.plot(
                x,
                y,
                color=category(i),
                drawstyle="steps-pre" if along.maximize else "steps-post",
                linestyle=_DASHES[i % len(_DASHES)],
                marker=_MARKERS[i % len(_MARKERS)],
                markerfacecolor="white",
            )
        axes.set_title(title if len(shown.fronts) > 1 else "")
    for axes in figure.axes:
        _scale(axes, "x", shown.axes[1], xs)
        _scale(axes, "y", shown.axes[0], ys)
        axes.label_outer()
    _legend(figure, legend, f"after {shown.titles[0]}" if len(shown.fronts) == 1 else None)
    return figure


def _figure(width: float) -> Figure:
    if isinstance(width, bool) or not isinstance(width, int | float) or not 1 <= width <= 100:
        raise ValueError(f"`width` must be a number of inches from 1 to 100, got {width!r}.")
    return _Figure((width, 0.8 * width), layout="constrained")


def _legend(figure: Figure, entries: Mapping[str, Any], title: str | None = None) -> None:
    """Names above the axes, where they hide nothing: beside each other if there is room."""
    letters = round(17 * figure.get_figwidth())
    entries = {printable(name): handle for name, handle in entries.items()}
    beside = sum(len(name) + 5 for name in entries) < letters
    legend = figure.legend(
        [*entries.values()],
        # Before 3.10 Matplotlib leaves out what begins with an underscore.
        [fill(name, letters - 8, initial_indent=" ") for name in entries],
        loc="outside upper center",
        ncols=len(entries) if beside else 1,
        title=title,
    )
    for mark in legend.findobj(PathCollection):
        if len(mark.get_facecolor()):  # what is hollow is of no generation
            mark.set_facecolor(PALE)  # networks of any generation


def _scale(
    axes: Axes, which: str, objective: Objective, values: Sequence[float], prefix: str = ""
) -> None:
    """Gives an axis its label, with the unit, and its scale, as Plotly's figures have them."""
    unit, factor = "", 1
    low, high = min(values, default=0.0), max(values, default=0.0)
    if is_share(objective.name) and 0 <= low and high <= 1:
        unit, factor = " (%)", 100
    elif objective.name == LATENCY:
        unit, factor = " (ms)", 1000
    axes.set(**{f"{which}label": f"{prefix}{objective.title}{unit}"})
    axis, scale = getattr(axes, f"{which}axis"), Scale.of(objective, values)
    pixels = axes.bbox.width if which == "x" else axes.bbox.height
    room = 3 * pixels / axes.figure.dpi  # for so many labels
    if scale.kind == "error":
        getattr(axes, f"set_{which}scale")("function", functions=_by_error(scale))
        axis.set_major_locator(FixedLocator(scale.shares(max(3, int(2 * room)))))
        axis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))
        axes.autoscale_view()  # the limits, too, go by the error
        return
    if scale.kind == "log":
        axes.set(**{f"{which}scale": "log"})
        decades = log10(high / low)
        few = (1.0, 3.0) if decades < max(2, room / 2) else (1.0,)
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if 3 * decades < room else few))
        axis.set_minor_formatter(NullFormatter())
    if factor == 1 and high >= 1000:
        axis.set_major_formatter(EngFormatter(sep=""))  # as in 20k
    elif factor == 1 and scale.kind == "linear" and all(float(v).is_integer() for v in values):
        axis.set_major_locator(MaxNLocator("auto", integer=True))  # there is no depth of 2.5
    elif scale.kind == "log" or unit:
        kind = FuncFormatter if scale.kind == "log" else _Even
        axis.set_major_formatter(kind(lambda value, _: f"{factor * value:.6g}"))


def _by_error(scale: Scale) -> tuple[_Spread, _Spread]:
    """How far up a share is drawn, by the logarithm of its error, and the inverse."""
    return (
        lambda shares: -np.log10(np.maximum(1 - shares, scale.least / 2)),
        lambda heights: 1 - 10.0**-heights,
    )


class _Even(FuncFormatter):
    """Numbers that all have as many decimals as one of them needs."""

    def format_ticks(self, values: Any) -> list[str]:
        texts = super().format_ticks(values)
        decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
        return [f"{float(text):.{decimals}f}" for text in texts]
