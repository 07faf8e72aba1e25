"""What the commands print: numbers in words, rows, tables for terminals and for pipes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._attributes import GENERATION
from optuna_codeepneat._attributes import INHERITANCE
from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat._attributes import count_in
from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat.visualization import format_metric


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.cli._terminal._front import Front
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import SearchSpace

_NOTHING = "-"


def decoded(trial: FrozenTrial, space: SearchSpace | None) -> Architecture | None:
    """The architecture of a trial; None where it has none or the space is unknown."""
    if space is None:
        return None
    try:
        return space.decode(trial.params)
    except ValueError:
        return None


def front_table(
    front: Front, metric_names: Sequence[str], space: SearchSpace | None
) -> tuple[list[str], list[list[str]]]:
    """The front as columns and rows, the best network first.

    Args:
        front:
            The front.
        metric_names:
            Names of the objectives.
        space:
            The search space, None where it is unknown: sizes are then left out.
    """
    values = [i for i, name in enumerate(metric_names) if space is None or name not in SIZES]
    columns = ["trial", *(metric_names[i] for i in values)]
    if space is not None:
        columns += SIZES.values()
    generations = any(count_in(t.user_attrs, GENERATION) is not None for t in front.trials)
    if generations:
        columns.append(GENERATION)
    # A network with inherited weights was paid for by its ancestors as well.
    inherited = [Inherited.of(trial) for trial in front.trials]
    lines = any(said is not None for said in inherited)
    if lines:
        columns.append("steps with ancestors")
    rows = []
    for trial, said in zip(front.trials, inherited, strict=True):
        row = [
            str(trial.number),
            *(format_metric(metric_names[i], trial.values[i]) for i in values),
        ]
        if space is not None:
            architecture = decoded(trial, space)
            if architecture is None:
                row += [_NOTHING] * len(SIZES)
            else:
                row += [f"{getattr(architecture, size):,}" for size in SIZES]
        if generations:
            generation = count_in(trial.user_attrs, GENERATION)
            row.append(_NOTHING if generation is None else str(generation))
        if lines:
            row.append(_NOTHING if said is None else f"{said.line_steps:,}")
        rows.append(row)
    return columns, rows


def finals_table(
    trials: Mapping[int, FrozenTrial], scores: Mapping[int, float], problem: Problem
) -> tuple[list[str], list[list[str]]]:
    """Finally trained networks beside the problem's reference networks, the smallest first.

    Args:
        trials:
            The trials of the networks by number.
        scores:
            Their test scores by trial number.
        problem:
            The problem, for its references and its metric.
    """
    name = problem.metric_names[0]
    columns = ["network", "parameters", "multiply-adds", f"validation {name}", f"test {name}"]
    rows: list[tuple[float, list[str]]] = []
    for number, score in scores.items():
        architecture = problem.space.decode(trials[number].params)
        rows.append(
            (
                architecture.num_params,
                [
                    f"trial {number}",
                    f"{architecture.num_params:,}",
                    f"{architecture.macs:,}",
                    format_metric(name, trials[number].values[0]),
                    format_metric(name, score),
                    "this search",
                ],
            )
        )
    for reference in problem.references:
        size = inf if reference.num_params is None else reference.num_params
        text = _NOTHING if reference.num_params is None else f"{reference.num_params:,}"
        cells = [reference.name, text, _NOTHING, _NOTHING, format_metric(name, reference.score)]
        rows.append((size, [*cells, reference.source]))
    rows.sort(key=lambda row: row[0])
    return [*columns, "source"], [row for _, row in rows]


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table on stdout: with lines on a terminal, plain where it is piped."""
    numeric = [all(row[i][:1] in "-0123456789" for row in rows) for i in range(len(columns))]
    if not sys.stdout.isatty():
        print(plain(columns, rows, numeric))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=0
    )
    for column, right in zip(columns, numeric, strict=True):
        narrow = column.replace(" ", "\n").replace("-", "-\n")
        table.add_column(narrow, justify="right" if right else "left", no_wrap=right)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def plain(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """A table in lines of text, its columns parted by two or more spaces."""
    lines = [list(columns), *(list(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )


def properties(values: Mapping[str, Any]) -> str:
    """Names and values, one a line."""
    width = max((len(name) for name in values), default=0)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in values.items())


def readable(name: str, value: Any) -> Any:
    """A user attribute as `show` prints it."""
    said = Inherited.from_json(value) if name == INHERITANCE else None
    if said is None:
        return value
    if said.donor is None:
        return f"none, trained for {said.steps:,} steps"
    return (
        f"{said.share:.0%} of the parameters from trial {said.donor}, trained for "
        f"{said.steps:,} steps, {said.line_steps:,} with its ancestors"
    )
