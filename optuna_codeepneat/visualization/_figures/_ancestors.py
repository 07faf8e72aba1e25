"""`plot_ancestors`: the networks that a network descends from."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._figures import _style
from optuna_codeepneat.visualization._format import hover
from optuna_codeepneat.visualization._palette import CATEGORIES
from optuna_codeepneat.visualization._palette import DASHES
from optuna_codeepneat.visualization._palette import INK
from optuna_codeepneat.visualization._palette import PALE
from optuna_codeepneat.visualization._scale import Scale
from optuna_codeepneat.visualization._trials import Objective
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import ranked


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.sampler import Ancestry

PARENT = "made from"
DONOR = "weights from"
COMPONENT = "component first met in"

PASSED_ON = {
    PARENT: (CATEGORIES[0], DASHES[0]),
    DONOR: (CATEGORIES[5], DASHES[1]),
    COMPONENT: (CATEGORIES[2], DASHES[2]),
}
"""What ancestors pass on, with the colour and the dashes of its lines."""

_MOST_ANCESTORS = 60


@dataclass(frozen=True)
class Ancestors:
    """What a figure of a network's ancestors shows."""

    trial: FrozenTrial  # of the network
    objective: Objective
    ancestors: dict[int, FrozenTrial]  # the network among them, by the numbers of their trials
    edges: list[tuple[int, int, str]]  # ancestor, descendant, a key of `PASSED_ON`
    others: list[FrozenTrial]
    ancestries: Mapping[int, Ancestry]  # as far as networks say where they come from
    note: str  # what is left out; empty if nothing

    @classmethod
    def of(
        cls, study: optuna.Study | StudyTrials, number: int | None = None, which: int | str = 0
    ) -> Ancestors:
        """The lineage of a network, with the errors of `plot_ancestors`."""
        chronicle = StudyTrials.of(study)
        objective = chronicle.objective(which)
        every = chronicle.valued([objective])
        trials = {trial.number: trial for trial in every}
        if isinstance(number, bool) or not 0 <= (number or 0) < len(chronicle.trials):
            raise ValueError(
                f"`trial` must be of 0 to {len(chronicle.trials) - 1}, got {number!r}."
            )
        if number is not None and number not in trials:
            state = chronicle.trials[number].state.name.lower()
            raise NoFigureError(f"trial {number} has no value of {objective.name} ({state}).")
        candidates = [trials[number]] if number is not None else ranked(every, [objective])
        best = (candidates or every)[0]
        if best.number not in chronicle.ancestries:
            raise NoFigureError(
                f"trial {best.number} doesn't say where its network comes from: no sampler of "
                "this package proposed it."
            )
        lineages = _Lineages(chronicle.ancestries, trials)
        own = next(filter(lineages.is_descendant, candidates or every), None)
        if own is None and number is None:
            raise NoFigureError(
                f"no network of the study {chronicle.study_name!r} has ancestors: the components "
                "of each are new with it."
            )
        alone = f"trial {best.number} has no ancestors: all its components are new with it"
        if own is None:
            raise NoFigureError(f"{alone}.")
        notes = [] if own is best else [f"{alone}, so this is the best network that has some"]
        ancestors, edges, is_whole = lineages.of(own.number)
        if not is_whole:
            notes.append(f"the {len(ancestors) - 1} nearest ancestors")
        others = [trial for n, trial in trials.items() if n not in ancestors]
        return cls(
            own, objective, ancestors, edges, others, chronicle.ancestries, "; ".join(notes)
        )


class _Lineages:
    """Who descends from whom, among the trials that have a value."""

    def __init__(
        self, ancestries: Mapping[int, Ancestry], trials: Mapping[int, FrozenTrial]
    ) -> None:
        self._ancestries = ancestries
        self._trials = trials
        self._first: dict[tuple[str, str], int] = {}
        for number in sorted(trials.keys() & ancestries.keys()):
            for component in _components(ancestries[number]):
                self._first.setdefault(component, number)

    def is_descendant(self, trial: FrozenTrial) -> bool:
        """Whether a network has any ancestor."""
        return bool(self._parents(trial.number))

    def of(self, number: int) -> tuple[dict[int, FrozenTrial], list[tuple[int, int, str]], bool]:
        """A network and its ancestors, what these passed on, and whether these are all."""
        ancestors: dict[int, FrozenTrial] = {number: self._trials[number]}
        edges = []
        waiting = deque([number])
        while waiting and len(ancestors) < _MOST_ANCESTORS:
            descendant = waiting.popleft()
            for ancestor, passed in self._parents(descendant):
                edges.append((ancestor, descendant, passed))
                if ancestor not in ancestors:
                    ancestors[ancestor] = self._trials[ancestor]
                    waiting.append(ancestor)
        return ancestors, edges, not waiting

    def _parents(self, number: int) -> list[tuple[int, str]]:
        ancestry = self._ancestries.get(number)
        given = () if ancestry is None else _given(number, ancestry, self._first)
        return [(ancestor, passed) for ancestor, passed in given if ancestor in self._trials]


def _given(
    number: int, ancestry: Ancestry, first: Mapping[tuple[str, str], int]
) -> list[tuple[int, str]]:
    """From whom a network has what it is made of; `first` has that by its components.

    A network that was assembled from the populations has no parent, but each of its components
    had a first network.
    """
    named = [(ancestry.parent, PARENT), (ancestry.donor, DONOR)]
    found = [(n, what) for n, what in named if n is not None]
    if ancestry.parent is None:
        earlier = {first.get(component, number) for component in _components(ancestry)}
        found += [(n, COMPONENT) for n in sorted(earlier) if n < number]
    return found


def plot_ancestors(
    study: optuna.Study, trial: int | None = None, *, objective: int | str = 0
) -> go.Figure:
    """Plots the networks that a network descends from, and how good each of them was.

    Lines lead to a network from the one that it was made from, from the one whose weights it
    inherited, and, where it was assembled from the populations, from the first networks with its
    blueprint and its modules.

    Args:
        study:
            A study of `CoDeepNEATSampler` or `LemonadeSampler`.
        trial:
            The number of the network's trial, None for the best one that has ancestors.
        objective:
            By what to compare: the name or position of an objective, or a numeric user
            attribute.

    Returns:
        The figure.

    Raises:
        NoFigureError: If the trial has no value or no ancestors, or says nothing of its ancestry.
        StoredStateError: If a newer version of the package made the study.
        ValueError: If an argument is wrong.
    """
    return draw(Ancestors.of(study, trial, objective))


def draw(shown: Ancestors) -> go.Figure:
    """Draws a lineage with Plotly."""
    n = len(shown.ancestors) - 1
    title = f"Ancestors of trial {shown.trial.number}: {n} ancestor{'s' * (n != 1)}"
    figure = _style.new_figure(title)
    objective = shown.objective
    everything = objective.values([*shown.others, *shown.ancestors.values()])
    scale = Scale.of(objective, everything)

    def values(trials: Sequence[FrozenTrial]) -> list[float]:
        return _style.placed(scale, objective.values(trials))

    figure.add_scatter(
        x=[trial.number for trial in shown.others],
        y=values(shown.others),
        mode="markers",
        name="other networks",
        marker={"size": 4, "color": PALE, "opacity": 0.5},
        hoverinfo="skip",
    )
    for what, (colour, dash) in PASSED_ON.items():
        x: list[float | None] = []
        y: list[float | None] = []
        for ancestor, descendant, passed in shown.edges:
            if passed == what:
                ends = [shown.ancestors[ancestor], shown.ancestors[descendant]]
                x += [*(trial.number for trial in ends), None]
                y += [*values(ends), None]
        if x:
            line = {"color": colour, "width": 1.5, "dash": dash}
            figure.add_trace(
                go.Scatter(x=x, y=y, mode="lines", name=what, line=line, hoverinfo="skip")
            )
    members = sorted(shown.ancestors.values(), key=lambda trial: trial.number)
    last = shown.trial.number
    figure.add_scatter(
        x=[trial.number for trial in members],
        y=values(members),
        mode="markers+text" if len(members) <= 25 else "markers",
        text=[str(trial.number) for trial in members],
        textposition="top center",
        textfont={"size": 10},
        cliponaxis=False,
        name="ancestors",
        marker={
            "size": [13 if trial.number == last else 9 for trial in members],
            "symbol": ["star" if trial.number == last else "circle" for trial in members],
            "color": "white",
            "line": {"color": INK, "width": 1.5},
        },
        customdata=[_said(shown, trial) for trial in members],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
    figure.update_xaxes({"title": {"text": "trial"}, "tickformat": ",d"})
    figure.update_yaxes(_style.axis(objective, scale, everything))
    _style.add_note(figure, shown.note)
    return figure


def _said(shown: Ancestors, trial: FrozenTrial) -> str:
    text = hover(trial, [shown.objective])
    ancestry = shown.ancestries.get(trial.number)
    return text if ancestry is None else f"{text}<br>ancestry: {ancestry.origin}"


def _components(ancestry: Ancestry) -> list[tuple[str, str]]:
    return [
        ("blueprint", ancestry.blueprint),
        *(("module", id) for id in ancestry.modules.values()),
    ]
