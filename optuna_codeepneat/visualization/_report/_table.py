"""The table of a report: the networks of the front, or the best ones, in columns."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat.visualization._format import format_metric
from optuna_codeepneat.visualization._format import with_twins
from optuna_codeepneat.visualization._trials import finite
from optuna_codeepneat.visualization._trials import generation_of


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.visualization._trials import Objective


@dataclass(frozen=True)
class TableCell:
    """What stands in a table."""

    text: str
    value: float | None  # by which it is sorted; None comes last


NOTHING = TableCell("–", None)


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    title: str
    first: str = "ascending"  # how a first click sorts it: "ascending" or "descending"
    sorted: str = "none"  # "none" where the table comes sorted by another column


@dataclass(frozen=True)
class Row:
    """A network."""

    number: int
    cells: list[TableCell]


@dataclass(frozen=True)
class Table:
    """Columns and rows."""

    columns: list[Column]
    rows: list[Row]


def table_of(
    trials: Sequence[FrozenTrial],
    objectives: Sequence[Objective],
    architectures: Mapping[int, Architecture],
    test_scores: Mapping[int, float],
    twins: Mapping[int, Sequence[int]],
) -> Table:
    """A table of networks, the best by the first objective first.

    Columns of which no network says anything are left out. Networks, as far as they are known,
    test scores, and the numbers of trials that have the same are by the numbers of the trials.
    """
    columns: list[tuple[Column, list[TableCell]]] = []

    def add(title: str, values: Sequence[float | None], name: str, first: str) -> None:
        cells = [_cell(name, value) for value in values]
        if any(cell is not NOTHING for cell in cells):
            columns.append((Column(title, first), cells))

    numbers = [
        TableCell(with_twins(t.number, twins.get(t.number, ())), float(t.number)) for t in trials
    ]
    columns.append((Column("trial", "ascending"), numbers))
    for i, objective in enumerate(objectives):
        first = "descending" if objective.maximize else "ascending"
        add(objective.title, [objective.of(t) for t in trials], objective.name, first)
        if i == 0 and test_scores:  # beside what it is held against, also on a narrow page
            scores = [test_scores.get(t.number) for t in trials]
            add(f"test {objective.title}", scores, objective.name, first)
    known = {objective.name for objective in objectives}
    for name, title in SIZES.items():
        if name not in known:
            sizes = [_size(t, architectures.get(t.number), name) for t in trials]
            add(title, sizes, name, "ascending")
    add("generation", [generation_of(t) for t in trials], "", "ascending")
    add("steps with ancestors", [_line_steps(t) for t in trials], "", "ascending")
    if len(columns) > 1:
        best = columns[1][0]
        columns[1] = (Column(best.title, best.first, best.first), columns[1][1])
    rows = [
        Row(trial.number, [cells[i] for _, cells in columns]) for i, trial in enumerate(trials)
    ]
    return Table([column for column, _ in columns], rows)


def _cell(name: str, value: float | None) -> TableCell:
    return NOTHING if value is None else TableCell(format_metric(name, value), value)


def _size(trial: FrozenTrial, architecture: Architecture | None, name: str) -> float | None:
    if architecture is not None:
        return float(getattr(architecture, name))
    return finite(trial.user_attrs.get(name))


def _line_steps(trial: FrozenTrial) -> float | None:
    said = Inherited.of(trial)
    return None if said is None else said.line_steps
