"""`plot_pareto_front`: all networks by two objectives or more, and those that none dominates."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING
from typing import Any

import plotly.graph_objects as go
from optuna.trial import TrialState

from optuna_codeepneat._attributes import NUM_PARAMS
from optuna_codeepneat._ranking import is_feasible
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._baselines import baseline_value
from optuna_codeepneat.visualization._baselines import baselines_of
from optuna_codeepneat.visualization._figures import _style
from optuna_codeepneat.visualization._format import format_metric
from optuna_codeepneat.visualization._format import hover
from optuna_codeepneat.visualization._palette import BY_HAND
from optuna_codeepneat.visualization._palette import INK
from optuna_codeepneat.visualization._palette import PALE
from optuna_codeepneat.visualization._scale import Scale
from optuna_codeepneat.visualization._trials import Objective
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import front_of
from optuna_codeepneat.visualization._trials import generation_of


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

    from optuna_codeepneat._attributes import Baseline

_MOST_IN_A_MATRIX = 500
_TALL = 700
_BY_HAND = "made by hand"


@dataclass(frozen=True)
class ParetoFront:
    """What a figure of a front shows."""

    objectives: tuple[Objective, ...]
    front: list[FrozenTrial]  # the best by the first objective first
    others: list[FrozenTrial]  # feasible
    infeasible: list[FrozenTrial]
    eras: dict[int, int]  # generations by trial; trials themselves where these don't tell
    era: str  # "generation" or "trial"
    note: str  # what is not shown; empty if nothing
    baselines: tuple[Baseline, ...] = ()  # hand-made networks, which are in no trial

    @property
    def trials(self) -> list[FrozenTrial]:
        """All that is shown."""
        return [*self.front, *self.others, *self.infeasible]

    @classmethod
    def of(
        cls, study: optuna.Study | StudyTrials, which: Sequence[int | str] | None = None
    ) -> ParetoFront:
        """The front of a study, with the errors of `plot_pareto_front`."""
        chronicle = StudyTrials.of(study)
        objectives = chronicle.chosen(which)
        if len(objectives) < 2:
            raise NoFigureError(
                f"the study {chronicle.study_name!r} has one objective and so no front; "
                "`objectives` may name a user attribute beside it, such as 'num_params'."
            )
        trials = chronicle.valued(objectives)
        front = front_of(trials, objectives)
        members = {trial.number for trial in front}
        eras = {trial.number: generation_of(trial) for trial in trials}
        known = {number: era for number, era in eras.items() if era is not None}
        # The colours of a single generation would say nothing.
        by_generation = len(known) == len(eras) and len({*known.values()}) > 1
        missing = {
            "failed": chronicle.count(TrialState.FAIL),
            "pruned": chronicle.count(TrialState.PRUNED),
            "without a finite value": len(chronicle.completed) - len(trials),
        }
        left_out = ", ".join(f"{n:,} {what}" for what, n in missing.items() if n)
        return cls(
            objectives,
            front,
            [t for t in trials if t.number not in members and is_feasible(t)],
            [t for t in trials if not is_feasible(t)],
            known if by_generation else {number: number for number in eras},
            "generation" if by_generation else "trial",
            f"not shown: {left_out}" if left_out else "",
            tuple(baselines_of(chronicle.study, objectives)),
        )

    def values(self, objective: Objective) -> list[float]:
        """All values of an objective, those of hand-made networks included."""
        return [*objective.values(self.trials), *self.by_hand(objective)]

    def by_hand(self, objective: Objective) -> list[float]:
        """The values of the hand-made networks."""
        found = [baseline_value(baseline, objective) for baseline in self.baselines]
        return [value for value in found if value is not None]


def plot_pareto_front(
    study: optuna.Study, *, objectives: Sequence[int | str] | None = None
) -> go.Figure:
    """Plots all networks of a study, coloured by generation, and its Pareto front.

    Hand-made networks that a search trained beside its own are diamonds. The pointer on a network
    tells what it is made of. Trials that violate a constraint are
    crosses, and never in the front. More than two objectives become a matrix of plots, with the
    front in all objectives at once.

    Args:
        study:
            A study with at least two objectives.
        objectives:
            Which of them, by name or position: the first is drawn upwards, the second along.
            Numeric user attributes of the trials, such as ``"num_params"``, may be among them
            and count as to be minimized. None for all objectives of the study.

    Returns:
        The figure.

    Raises:
        NoFigureError: If there is no network with these objectives yet.
        ValueError: If an objective isn't there.

    Example:
        >>> import optuna
        >>> from optuna_codeepneat.visualization import plot_pareto_front
        >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
        >>> study = optuna.create_study(directions=["maximize", "minimize"])
        >>> study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), trial.number), 20)
        >>> plot_pareto_front(study).show()  # doctest: +SKIP
    """
    return draw(ParetoFront.of(study, objectives))


def draw(shown: ParetoFront) -> go.Figure:
    """Draws a front with Plotly."""
    return _draw_two(shown) if len(shown.objectives) == 2 else _draw_matrix(shown)


def _draw_two(shown: ParetoFront) -> go.Figure:
    up, along = shown.objectives
    figure = _style.new_figure(_title(shown))
    for trace in _traces(shown, up, along, _texts(shown)):
        figure.add_trace(trace)
    figure.update_xaxes(_style.axis(along, *_scaled(along, shown)))
    figure.update_yaxes(_style.axis(up, *_scaled(up, shown)))
    _style.add_note(figure, shown.note)
    return figure


def _draw_matrix(shown: ParetoFront) -> go.Figure:
    """Every objective against every other, as the lower half of a matrix."""
    from plotly.subplots import make_subplots

    n, title = len(shown.objectives), _title(shown)
    step = -(-len(shown.others) // _MOST_IN_A_MATRIX) or 1
    stride = -(-len(shown.front) // _MOST_IN_A_MATRIX) or 1
    notes = [shown.note] if shown.note else []
    if step > 1:
        few = f"of the others each {step}. is shown" if step > 3 else "not all others are shown"
        notes.append(few)
    if stride > 1:
        few = f"each {stride}. is shown" if stride > 3 else "not all are shown"
        notes.append(f"of the front {few}")
    shown = replace(
        shown,
        front=shown.front[::stride],
        others=shown.others[::step],
        infeasible=shown.infeasible[::step],
        note="; ".join(notes),
    )
    texts = _texts(shown)
    grid = make_subplots(
        rows=n - 1,
        cols=n - 1,
        shared_xaxes=True,
        shared_yaxes=True,
        horizontal_spacing=0.02,
        vertical_spacing=0.02,
        specs=[[{} if column <= row else None for column in range(n - 1)] for row in range(n - 1)],
    )
    figure = _style.styled(grid, title, height=max(_TALL, 190 * (n - 1)))
    for row in range(1, n):
        for column in range(row):
            up, along = shown.objectives[row], shown.objectives[column]
            place = {"row": row, "col": column + 1}
            first = (row, column) == (1, 0)
            for trace in _traces(shown, up, along, texts, first=first, line=False):
                figure.add_trace(trace, **place)
            settings = _style.narrow_axis(along, *_scaled(along, shown))
            settings["title"] = settings["title"] if row == n - 1 else None
            figure.update_xaxes(settings, **place)
            settings = _style.narrow_axis(up, *_scaled(up, shown))
            settings["title"] = settings["title"] if column == 0 else None
            figure.update_yaxes(settings, **place)
    _style.add_note(figure, shown.note)
    return figure


def _scaled(objective: Objective, shown: ParetoFront) -> tuple[Scale, list[float]]:
    """The scale of an objective's axis, and the values that are on it."""
    values = shown.values(objective)
    return Scale.of(objective, values), values


def _title(shown: ParetoFront) -> str:
    return f"Pareto front: {len(shown.front):,} of {len(shown.trials):,} networks"


def _texts(shown: ParetoFront) -> dict[int, str]:
    """What to say of each network, by the number of its trial."""
    return {trial.number: hover(trial, shown.objectives) for trial in shown.trials}


def _traces(
    shown: ParetoFront,
    up: Objective,
    along: Objective,
    texts: Mapping[int, str],
    *,
    first: bool = True,
    line: bool = True,
) -> list[go.Scatter]:
    """Networks as dots, infeasible ones as crosses, the front as ringed dots on a line."""
    upwards, sideways = _scaled(up, shown)[0], _scaled(along, shown)[0]

    def points(trials: Sequence[FrozenTrial], name: str, **more: Any) -> go.Scatter:
        return go.Scatter(
            x=_style.placed(sideways, along.values(trials)),
            y=_style.placed(upwards, up.values(trials)),
            name=name,
            legendgroup=name,
            showlegend=first,
            mode=more.pop("mode", "markers"),
            text=[texts[trial.number] for trial in trials],
            customdata=[trial.number for trial in trials],
            hovertemplate="%{text}<extra></extra>",
            **more,
        )

    def coloured(trials: Sequence[FrozenTrial]) -> dict[str, Any]:
        scale = _style.colour_scale(shown.era, list(shown.eras.values()))
        return {"color": [shown.eras[trial.number] for trial in trials], **scale}

    traces = []
    if shown.others:
        edge = {"width": 0.5, "color": PALE}  # light colours on white
        marker = {"size": 6, "opacity": 0.8, "line": edge, **coloured(shown.others)}
        marker["showscale"] &= first
        traces.append(points(shown.others, "dominated", marker=marker))
    if shown.infeasible:
        marker = {"symbol": "x-thin", "size": 7, "line": {"width": 1.5, "color": PALE}}
        traces.append(points(shown.infeasible, "violates a constraint", marker=marker))
    if shown.front:
        # From left to right, so that the line is the edge of what is dominated.
        members = sorted(shown.front, key=along.value)
        edge = {"width": 1.5, "color": INK}
        marker = {"size": 10 if line else 7, "line": edge, **coloured(members)}
        marker["showscale"] &= first and not shown.others
        shape = "vh" if along.maximize else "hv"
        drawn = {"mode": "lines+markers", "line": {"color": INK, "width": 1, "shape": shape}}
        traces.append(points(members, "front", marker=marker, **(drawn if line else {})))
    if shown.baselines:
        edge = {"width": 1.5, "color": BY_HAND}
        traces.append(
            go.Scatter(
                x=_style.placed(sideways, shown.by_hand(along)),
                y=_style.placed(upwards, shown.by_hand(up)),
                name=_BY_HAND,
                legendgroup=_BY_HAND,
                showlegend=first,
                mode="markers",
                text=[_baseline_text(baseline, shown) for baseline in shown.baselines],
                hovertemplate="%{text}<extra></extra>",
                marker={"symbol": "diamond-open", "size": 10 if line else 7, "line": edge}
                | {"color": BY_HAND},
            )
        )
    return traces


def _baseline_text(baseline: Baseline, shown: ParetoFront) -> str:
    """What to say of a hand-made network."""
    parts = [f"<b>{escape(baseline.name)}</b>, made by hand"]
    for objective in shown.objectives:
        value = baseline_value(baseline, objective)
        if value is not None:
            parts.append(f"{escape(objective.title)} {format_metric(objective.name, value)}")
    if all(objective.name != NUM_PARAMS for objective in shown.objectives):
        parts.append(f"parameters {baseline.num_params:,}")
    return "<br>".join(parts)
