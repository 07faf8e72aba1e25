"""`plot_component_importances`: which components tell good networks from bad ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from optuna_codeepneat._ranking import gains
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._figures import _style
from optuna_codeepneat.visualization._figures._features import Feature
from optuna_codeepneat.visualization._figures._features import features_of
from optuna_codeepneat.visualization._palette import PALE
from optuna_codeepneat.visualization._palette import category
from optuna_codeepneat.visualization._trials import Objective
from optuna_codeepneat.visualization._trials import StudyTrials


if TYPE_CHECKING:
    import optuna
    from numpy.typing import NDArray

_LEAST_TRIALS = 20
_GROUPS = 4
_LEAST_IN_GROUP = 5
_COUNTS = ("layers", "merges by", "connections", "poolings", "modules in", "different modules")


@dataclass(frozen=True)
class Importance:
    """How much a component has to do with an objective."""

    component: str
    share: float  # of the variance of the ranks that it explains alone, from 0 to 1
    trend: float | None  # rank correlation with being good; None where it is no number

    @property
    def kind(self) -> str:
        """What a bar says of it, beside its length."""
        if self.trend is None:
            return "which one"
        return "more is better" if self.trend > 0 else "less is better"


@dataclass(frozen=True)
class ComponentImportances:
    """What a figure of the components' importance shows."""

    objective: Objective
    n_networks: int
    importances: list[Importance]  # the most important one first

    @classmethod
    def of(
        cls, study: optuna.Study | StudyTrials, which: int | str = 0, most: int = 15
    ) -> ComponentImportances:
        """The importance of components, with the errors of `plot_component_importances`."""
        if isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise ValueError(f"`most` must be a whole number from 1, got {most!r}.")
        chronicle = StudyTrials.of(study)
        objective = chronicle.objective(which)
        trials = chronicle.valued([objective])
        if len(trials) < _LEAST_TRIALS:
            raise NoFigureError(
                f"the study {chronicle.study_name!r} has {len(trials)} networks with a value of "
                f"{objective.name}; importances need {_LEAST_TRIALS}."
            )
        merits = gains(_ranks(objective.values(trials)), [objective.maximize])
        rows = [features_of(trial, chronicle.ancestries.get(trial.number)) for trial in trials]
        names = sorted({name for row in rows for name in row})
        found = [_importance(n, [row.get(n) for row in rows], merits) for n in names]
        ranked = sorted(
            (importance for importance in found if importance.share > 0),
            key=lambda importance: (-importance.share, importance.component),
        )
        if not ranked:
            raise NoFigureError(
                f"no component explains {objective.name} among the {len(trials)} networks of the "
                f"study {chronicle.study_name!r}."
            )
        return cls(objective, len(trials), ranked[:most])


def plot_component_importances(
    study: optuna.Study, *, objective: int | str = 0, most: int = 15
) -> go.Figure:
    """Plots which components tell good networks from bad ones.

    For each component (layers of a kind, their genes, connections, which module or blueprint, a
    hyperparameter) the bar is the share of the variance of the networks' ranks that it explains
    on its own: networks are grouped by the component, numbers into quarters, and the groups are
    compared by ω² (Hays 1963), which is 0 for a component that doesn't matter, however many
    groups it makes. Networks without the component are a group of their own, so that conditional
    parameters count. Shares of components that go together overlap, and a search that has learned
    to avoid something has few examples of it.

    Args:
        study:
            The study; of any sampler.
        objective:
            The name or position of an objective, or a numeric user attribute.
        most:
            How many components to show.

    Returns:
        The figure.

    Raises:
        NoFigureError: If there are fewer than 20 networks, or nothing matters.
        ValueError: If an argument is wrong.
    """
    return draw(ComponentImportances.of(study, objective, most))


def draw(shown: ComponentImportances) -> go.Figure:
    """Draws importances with Plotly."""
    figure = _style.new_figure(
        f"What matters for {shown.objective.title}, by {shown.n_networks:,} networks",
        height=140 + 26 * len(shown.importances),
    )
    rows = shown.importances[::-1]  # the first one on top
    for name, colour, pattern in (
        ("more is better", category(0), ""),
        ("less is better", category(1), "/"),
        ("which one", PALE, ""),
    ):
        own = [row for row in rows if row.kind == name]
        if own:
            figure.add_bar(
                x=[row.share for row in own],
                y=[row.component for row in own],
                orientation="h",
                name=name,
                marker={"color": colour, "pattern": {"shape": pattern}},
                hovertemplate="%{y}: %{x:.0%}, " + name + "<extra></extra>",
            )
    figure.update_xaxes(
        {
            "title": {"text": "explained differences between networks"},
            "tickformat": ".0%",
        }
    )
    order = [row.component for row in rows]
    figure.update_yaxes({"categoryorder": "array", "categoryarray": order, "showgrid": False})
    return figure


def _importance(
    name: str, column: Sequence[Feature | None], merits: NDArray[np.float64]
) -> Importance:
    numbers = [value for value in column if isinstance(value, float)]
    there = sum(value is not None for value in column)
    if there == len(numbers):
        # What is counted and absent is there zero times; an absent layer has no width.
        counted = any(word in name for word in _COUNTS) or " " in name.partition(": ")[2]
        filled = [0.0 if value is None and counted else value for value in column]
        present = np.array([value is not None for value in filled])
        values = np.array([value for value in filled if isinstance(value, float)])
        groups: list[str] = ["absent"] * len(column)
        for i, group in zip(np.flatnonzero(present), _quarters(values), strict=True):
            groups[int(i)] = group
        share = _explained(groups, merits)
        trend = 0.0
        if len(values) > 1 and np.ptp(values) > 0 and np.ptp(merits[present]) > 0:
            trend = float(np.corrcoef(_ranks(list(values)), merits[present])[0, 1])
        return Importance(name, share, trend)
    common = Counter(str(value) for value in column)
    groups = [str(value) if common[str(value)] >= _LEAST_IN_GROUP else "rare" for value in column]
    return Importance(name, _explained(groups, merits), None)


def _quarters(values: NDArray[np.float64]) -> list[str]:
    """The group of each number: the number itself if there are few, else its quarter."""
    different = np.unique(values)
    if len(different) <= _GROUPS:
        return [str(value) for value in values]
    bounds = np.unique(np.quantile(values, np.arange(1, _GROUPS) / _GROUPS))
    return [str(i) for i in np.searchsorted(bounds, values)]


def _explained(groups: Sequence[str], merits: NDArray[np.float64]) -> float:
    """The share of a variance that lies between groups: ω² of Hays (1963), not below 0."""
    n, names = len(groups), sorted(set(groups))
    if len(names) < 2 or n <= len(names):
        return 0.0
    labels = np.array(groups)
    mean = merits.mean()
    total = float(((merits - mean) ** 2).sum())
    between = 0.0
    for name in names:
        own = merits[labels == name]
        between += len(own) * float((own.mean() - mean) ** 2)
    within = (total - between) / (n - len(names))
    if total + within <= 0:
        return 0.0
    return max(0.0, (between - (len(names) - 1) * within) / (total + within))


def _ranks(values: Sequence[float]) -> NDArray[np.float64]:
    """The rank of each number, equal ones sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[inverse], dtype=float)
