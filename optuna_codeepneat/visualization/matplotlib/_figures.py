"""Each figure's content, drawn with Matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter
from matplotlib.ticker import MaxNLocator
from matplotlib.ticker import PercentFormatter

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._figures import PASSED_ON
from optuna_codeepneat.visualization._figures import Ancestors
from optuna_codeepneat.visualization._figures import ComponentImportances
from optuna_codeepneat.visualization._figures import FrontComparison
from optuna_codeepneat.visualization._figures import History
from optuna_codeepneat.visualization._figures import Inheritance
from optuna_codeepneat.visualization._figures import ParetoFront
from optuna_codeepneat.visualization._figures import Species
from optuna_codeepneat.visualization._format import is_share
from optuna_codeepneat.visualization._palette import GENERATIONS
from optuna_codeepneat.visualization._palette import INK
from optuna_codeepneat.visualization._palette import PALE
from optuna_codeepneat.visualization._palette import category
from optuna_codeepneat.visualization._scales import is_log


if TYPE_CHECKING:
    import optuna
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from optuna_codeepneat.visualization._trials import Objective

_DASHES = ("-", "--", ":", "-.")
_MARKERS = ("o", "s", "D", "^", "P")


def plot_pareto_front(
    study: optuna.Study, *, objectives: Sequence[int | str] | None = None
) -> Axes:
    """Plots all networks of a study by two objectives, and its Pareto front.

    Args:
        study:
            A study with at least two objectives.
        objectives:
            See `optuna_codeepneat.visualization.plot_pareto_front`; here they must be two.

    Raises:
        NoFigureError: If there is no network with these objectives yet, or more than two of them.
        ValueError: If an objective isn't there.
    """
    shown = ParetoFront.of(study, objectives)
    if len(shown.objectives) > 2:
        raise NoFigureError(
            f"a front of {len(shown.objectives)} objectives is drawn by "
            "`optuna_codeepneat.visualization.plot_pareto_front`; here `objectives` must be two."
        )
    up, along = shown.objectives
    _, axes = plt.subplots(layout="constrained")
    eras = list(shown.eras.values())
    colours: dict[str, Any] = {"cmap": GENERATIONS.lower(), "vmin": min(eras), "vmax": max(eras)}
    for trials, name, look in (
        (shown.others, "dominated", {"s": 14, "alpha": 0.8}),
        (shown.front, "front", {"s": 40, "edgecolors": INK, "zorder": 3}),
    ):
        if trials:
            dots = axes.scatter(
                along.values(trials),
                up.values(trials),
                c=[shown.eras[trial.number] for trial in trials],
                label=name,
                **colours,
                **look,
            )
            if trials is shown.front or not shown.front:
                ticks = MaxNLocator(integer=True)
                axes.figure.colorbar(dots, ax=axes, label=shown.era, ticks=ticks)
    if shown.infeasible:
        axes.scatter(
            along.values(shown.infeasible),
            up.values(shown.infeasible),
            c=PALE,
            marker="x",
            s=20,
            label="violates a constraint",
        )
    members = sorted(shown.front, key=along.value)
    edge = "steps-pre" if along.maximize else "steps-post"
    axes.plot(along.values(members), up.values(members), color=INK, linewidth=1, drawstyle=edge)
    everything = [*shown.front, *shown.others, *shown.infeasible]
    _scale(axes, "x", along, along.values(everything))
    _scale(axes, "y", up, up.values(everything))
    axes.legend()
    return axes


def plot_history(
    study: optuna.Study,
    *,
    over: str = "networks",
    price_per_hour: float | None = None,
    reference_point: Sequence[float] | None = None,
    references: Mapping[str, float] | None = None,
) -> NDArray[Any]:
    """Plots how good the networks are that a search had found, against what it had taken.

    See `optuna_codeepneat.visualization.plot_history`.

    Returns:
        The axes, in an array: one, or with several objectives two.
    """
    shown = History.of(study, over, price_per_hour, reference_point)
    rows = 1 if shown.hypervolume is None else 2
    figure, grid = plt.subplots(rows, 1, sharex=True, squeeze=False, layout="constrained")
    spent, title, _ = shown.expense.shown(shown.spent)
    best = grid[0, 0]
    best.plot(spent, shown.best, color=category(0), drawstyle="steps-post")
    _scale(best, "y", shown.objectives[0], shown.best)
    best.set_ylabel(f"best {shown.objectives[0].title}")
    for name, value in (references or {}).items():
        best.axhline(value, color=PALE, linestyle="--", linewidth=1)
        best.annotate(
            name,
            (1, value),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            fontsize="small",
        )
    if shown.hypervolume is not None:
        grid[1, 0].plot(spent, shown.hypervolume, color=category(1), drawstyle="steps-post")
        grid[1, 0].set_ylabel("hypervolume")
    grid[-1, 0].set_xlabel(title)
    figure.align_ylabels()
    axes: NDArray[Any] = grid[:, 0]
    return axes


def plot_front_comparison(
    studies: Mapping[str, optuna.Study] | Sequence[optuna.Study],
    *,
    at: Sequence[float] | None = None,
    over: str = "generations",
    objectives: Sequence[int | str] | None = None,
    price_per_hour: float | None = None,
) -> NDArray[Any]:
    """Plots the fronts of studies at the same generations, or after the same time or cost.

    See `optuna_codeepneat.visualization.plot_front_comparison`.

    Returns:
        The axes, in an array: one for each amount.
    """
    shown = FrontComparison.of(studies, at, over, objectives, price_per_hour)
    n = len(shown.fronts)
    _, grid = plt.subplots(
        1,
        n,
        sharex=True,
        sharey=True,
        squeeze=False,
        figsize=(3.6 * n + 1, 3.6),
        layout="constrained",
    )
    xs: list[float] = []
    ys: list[float] = []
    for axes, title, fronts in zip(grid[0], shown.titles, shown.fronts.values(), strict=True):
        for i, (name, front) in enumerate(fronts.items()):
            up, along = shown.objectives[name]
            x, y = along.values(front), up.values(front)
            xs, ys = xs + x, ys + y
            axes.plot(
                x,
                y,
                color=category(i),
                drawstyle="steps-pre" if along.maximize else "steps-post",
                label=name,
                linestyle=_DASHES[i % len(_DASHES)],
                marker=_MARKERS[i % len(_MARKERS)],
                markersize=5,
            )
        axes.set_title(title)
    up, along = shown.axes
    for axes in grid[0]:
        _scale(axes, "x", along, xs)
    _scale(grid[0, 0], "y", up, ys)
    grid[0, 0].legend()
    row: NDArray[Any] = grid[0]
    return row


def plot_species(study: optuna.Study) -> NDArray[Any]:
    """Plots how many modules and blueprints each species had, generation by generation.

    See `optuna_codeepneat.visualization.plot_species`.

    Returns:
        The axes, in an array: one for modules, one for blueprints.
    """
    shown = Species.of(study)
    _, grid = plt.subplots(
        len(shown.populations), 1, sharex=True, squeeze=False, layout="constrained"
    )
    for row, (what, species) in enumerate(shown.populations.items()):
        axes, bottom = grid[row, 0], [0] * len(shown.generations)
        for i, (name, sizes) in enumerate(species.items()):
            axes.bar(
                shown.generations,
                sizes,
                bottom=bottom,
                color=category(i + 4 * row),
                hatch="" if i < 8 else "//",
                label=name,
                width=0.95,
            )
            bottom = [low + size for low, size in zip(bottom, sizes, strict=True)]
        axes.set_ylabel(what)
        axes.legend(title="species", loc="upper right")
    grid[-1, 0].set_xlabel("generation")
    grid[-1, 0].xaxis.set_major_locator(MaxNLocator(integer=True))
    axes_of: NDArray[Any] = grid[:, 0]
    return axes_of


def plot_ancestors(
    study: optuna.Study, trial: int | None = None, *, objective: int | str = 0
) -> Axes:
    """Plots the networks that a network descends from, and how good each of them was.

    See `optuna_codeepneat.visualization.plot_ancestors`.
    """
    shown = Ancestors.of(study, trial, objective)
    _, axes = plt.subplots(layout="constrained")

    def height(number: int) -> float:
        return shown.objective.value(shown.ancestors[number])

    others = shown.objective.values(shown.others)
    axes.scatter([t.number for t in shown.others], others, c=PALE, s=6, label="other networks")
    for what, (colour, _) in PASSED_ON.items():
        style = _DASHES[list(PASSED_ON).index(what)]
        ends = [(a, b) for a, b, passed in shown.edges if passed == what]
        for i, (a, b) in enumerate(ends):
            label = what if i == 0 else None
            axes.plot([a, b], [height(a), height(b)], color=colour, linestyle=style, label=label)
    members = sorted(shown.ancestors)
    axes.scatter(members, list(map(height, members)), c="white", edgecolors=INK, zorder=3)
    for number in members if len(members) <= 25 else ():
        place = (number, height(number))
        axes.annotate(
            str(number), place, (0, 6), textcoords="offset points", ha="center", fontsize="small"
        )
    axes.margins(y=0.1)  # the numbers stand above the dots
    axes.set_title(f"lineage of trial {shown.trial.number}")
    axes.set_xlabel("trial")
    _scale(axes, "y", shown.objective, [*others, *map(height, members)])
    axes.legend()
    return axes


def plot_inheritance(study: optuna.Study) -> NDArray[Any]:
    """Plots what share of its weights each network inherited, and how long it was trained.

    See `optuna_codeepneat.visualization.plot_inheritance`.

    Returns:
        The two axes, in an array.
    """
    shown = Inheritance.of(study)
    _, axes = plt.subplots(2, 1, sharex=True, layout="constrained")
    axes[0].scatter(shown.numbers, shown.shares, c=category(0), s=12, alpha=0.6)
    axes[0].plot(shown.numbers, shown.means, color=INK)
    axes[0].set_ylabel("inherited")
    axes[0].yaxis.set_major_formatter(PercentFormatter(1.0))
    axes[1].scatter(shown.numbers, shown.steps, c=category(1), s=12, label="its own training")
    axes[1].scatter(
        shown.numbers, shown.line_steps, c=PALE, s=12, marker="^", label="with its ancestors'"
    )
    axes[1].set_ylabel("training steps")
    axes[1].set_xlabel("trial")
    axes[1].legend()
    both: NDArray[Any] = axes
    return both


def plot_component_importances(
    study: optuna.Study, *, objective: int | str = 0, most: int = 15
) -> Axes:
    """Plots which components tell good networks from bad ones.

    See `optuna_codeepneat.visualization.plot_component_importances`.
    """
    shown = ComponentImportances.of(study, objective, most)
    rows = shown.importances[::-1]
    _, axes = plt.subplots(figsize=(7, 1 + 0.28 * len(rows)), layout="constrained")
    places = {row.component: i for i, row in enumerate(rows)}
    for kind, colour, hatch in (
        ("more is better", category(0), ""),
        ("less is better", category(1), "//"),
        ("which one", PALE, ""),
    ):
        own = [row for row in rows if row.kind == kind]
        if own:
            at, widths = [places[row.component] for row in own], [row.share for row in own]
            axes.barh(at, widths, label=kind, color=colour, hatch=hatch)
    axes.set_yticks(list(places.values()), labels=list(places))
    axes.set_xlabel(f"explained share of the networks' ranks by {shown.objective.title}")
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.legend(loc="lower right")
    return axes


def _scale(
    axes: Axes, which: Literal["x", "y"], objective: Objective, values: Sequence[float]
) -> None:
    """Gives an axis its label and its scale, as Plotly's figures have them."""
    axes.set(**{f"{which}label": objective.title})
    axis = axes.xaxis if which == "x" else axes.yaxis
    if is_share(objective.name) and 0 <= min(values) and max(values) <= 1:
        axis.set_major_formatter(PercentFormatter(1.0))
    elif is_log(values):
        axes.set(**{f"{which}scale": "log"})
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
