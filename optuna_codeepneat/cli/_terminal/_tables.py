"""What the commands print: numbers in words, rows, tables for terminals and for pipes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from collections.abc import Sequence
from math import inf
from statistics import fmean
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

from rich.cells import cell_len

from optuna_codeepneat._attributes import GENERATION
from optuna_codeepneat._attributes import INHERITANCE
from optuna_codeepneat._attributes import NUM_PARAMS
from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat._attributes import count_in
from optuna_codeepneat._attributes import stored_baselines
from optuna_codeepneat._attributes import stored_final_networks
from optuna_codeepneat._attributes import stored_test_scores
from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat._text import printable
from optuna_codeepneat.cli._terminal._lines import broken
from optuna_codeepneat.cli._terminal._lines import padded
from optuna_codeepneat.visualization import beside_baselines
from optuna_codeepneat.visualization import format_metric
from optuna_codeepneat.visualization import with_twins


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

    from optuna_codeepneat._attributes import Baseline
    from optuna_codeepneat._attributes import FinalNetwork
    from optuna_codeepneat.cli._terminal._front import Front
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import SearchSpace
    from optuna_codeepneat.training import Measurement

_NOTHING = "-"
_INTERVAL = "95 % interval"
_GAP = 1  # column between two of a table
_ENDS = 2


def decoded(trial: FrozenTrial, space: SearchSpace | None) -> Architecture | None:
    """The architecture of a trial; None where it has none or the space is unknown."""
    if space is None:
        return None
    try:
        return space.decode(trial.params)
    except ValueError:
        return None


def front_table(
    front: Front,
    metric_names: Sequence[str],
    space: SearchSpace | None,
    attrs: Mapping[str, Any] | None = None,
    max_params: int | None = None,
) -> tuple[list[str], list[list[str]]]:
    """The front as columns and rows, the best network first; twins share a row.

    The knee of the front says so.

    Hand-made networks that were trained beside the search follow.

    Args:
        front:
            The front.
        metric_names:
            Names of the objectives.
        space:
            The search space, None where it is unknown: sizes are then left out.
        attrs:
            The user attributes of the study, which say what was trained finally, and by hand.
        max_params:
            The most parameters of a hand-made network, None for any.
    """
    baselines = [
        baseline
        for baseline in _shown_baselines(attrs or {}, len(metric_names))
        if max_params is None or baseline.num_params <= max_params
    ]
    scores, kept = stored_test_scores(attrs or {}), stored_final_networks(attrs or {})
    values = [i for i, name in enumerate(metric_names) if space is None or name not in SIZES]
    columns = ["trial", *(metric_names[i] for i in values)]
    if space is not None:
        columns += SIZES.values()
    generations = any(count_in(t.user_attrs, GENERATION) is not None for t in front.trials)
    if generations:
        columns.append(GENERATION)
    numbers = {t.number: [t.number, *front.twins(t.number)] for t in front.trials}
    tested = any(n in scores for all_of in numbers.values() for n in all_of)
    tested |= any(baseline.test_score is not None for baseline in baselines)
    if tested:
        columns.append(f"test {metric_names[0]}")
    # A network with inherited weights was paid for by its ancestors as well.
    inherited = [Inherited.of(trial) for trial in front.trials]
    lines = any(said is not None for said in inherited)
    if lines:
        columns.append("steps with ancestors")
    # Two members are both ends of the front.
    several = len(metric_names) > 1 and len(front) > _ENDS
    knee = front.knee if several else None
    rows = []
    for trial, said in zip(front.trials, inherited, strict=True):
        row = [
            with_twins(trial.number, front.twins(trial.number)) + " (knee)" * (trial is knee),
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
        if tested:
            row.append(_tested(metric_names[0], numbers[trial.number], scores, kept))
        if lines:
            row.append(_NOTHING if said is None else f"{said.line_steps:,}")
        rows.append(row)
    for baseline in baselines:
        assert baseline.values is not None
        row = [f"by hand: {baseline.name}"]
        row += [format_metric(metric_names[i], baseline.values[i]) for i in values]
        row += [] if space is None else [f"{getattr(baseline, size):,}" for size in SIZES]
        row += [_NOTHING] * generations
        row += [_test_of(metric_names[0], baseline)] * tested
        rows.append(row + [_NOTHING] * lines)
    return columns, rows


def standing(
    front: Front,
    study: optuna.Study,
    metric_names: Sequence[str],
    space: SearchSpace | None,
) -> str:
    """How the front stands beside hand-made networks, a sentence; "" where there are none.

    Args:
        front:
            The front.
        study:
            The study.
        metric_names:
            Names of the objectives.
        space:
            The search space, None where it is unknown.
    """
    baselines = _shown_baselines(study.user_attrs, len(metric_names))
    if not baselines:
        return ""
    members = [(trial.values, num_params_of(trial, metric_names, space)) for trial in front.trials]
    maximize = [direction.name == "MAXIMIZE" for direction in study.directions]
    return beside_baselines(members, baselines, metric_names, maximize)


def num_params_of(
    trial: FrozenTrial, metric_names: Sequence[str], space: SearchSpace | None
) -> float | None:
    """The parameters of a finished trial's network; None where nothing says them."""
    if NUM_PARAMS in metric_names:
        return float(trial.values[metric_names.index(NUM_PARAMS)])
    architecture = decoded(trial, space)
    if architecture is None:
        return count_in(trial.user_attrs, NUM_PARAMS)
    return architecture.num_params


def _shown_baselines(attrs: Mapping[str, Any], n_objectives: int) -> list[Baseline]:
    """The hand-made networks that have values, the smallest first."""
    found = stored_baselines(attrs).values()
    return [each for each in found if each.values is not None and len(each.values) == n_objectives]


def _test_of(name: str, baseline: Baseline) -> str:
    return _NOTHING if baseline.test_score is None else format_metric(name, baseline.test_score)


def _tested(
    name: str,
    numbers: Sequence[int],
    scores: Mapping[int, float],
    kept: Mapping[int, Mapping[int, FinalNetwork]],
) -> str:
    """The test score of a finally trained network, the first of its twins that has one."""
    number = next((n for n in numbers if n in scores), None)
    if number is None:
        return _NOTHING
    network = kept.get(number, {}).get(0)
    if network is None:
        return f"{format_metric(name, scores[number])} (weights not kept)"
    wide = "" if network.widen is None else f" (widths times {network.widen:g})"
    return f"{format_metric(name, scores[number])}{wide}"


def finals_table(
    trials: Mapping[int, FrozenTrial],
    scores: Mapping[int, float],
    problem: Problem,
    networks: Mapping[int, Mapping[int, FinalNetwork]],
    attrs: Mapping[str, Any] | None = None,
) -> tuple[list[str], list[list[str]]]:
    """Finally trained networks beside hand-made ones and references, the smallest first.

    Args:
        trials:
            The trials of the networks by number.
        scores:
            Their test scores by trial number.
        problem:
            The problem, for its references and its metric.
        networks:
            Those whose weights are kept, by trial number and training: for the intervals of their
            scores, and for what several trainings came to.
        attrs:
            The user attributes of the study, which tell of hand-made networks.
    """
    name = problem.metric_names[0]
    baselines = _shown_baselines(attrs or {}, len(problem.metric_names))
    columns = ["network", "parameters", "multiply-adds", f"validation {name}", f"test {name}"]
    first = {n: all_of for n, all_of in networks.items() if 0 in all_of}
    extra = {
        _INTERVAL: {n: interval_in_words(name, all_of[0]) for n, all_of in first.items()},
        "by itself": {n: _plain(name, all_of[0]) for n, all_of in first.items()},
        "of all trainings": {n: _spread(name, all_of) for n, all_of in first.items()},
    }
    extra = {column: cells for column, cells in extra.items() if any(cells.values())}
    rows: list[tuple[float, list[str]]] = []
    for number, score in scores.items():
        architecture = problem.space.decode(trials[number].params)
        kept = first[number][0] if number in first else None
        label, size, macs = f"trial {number}", architecture.num_params, architecture.macs
        if kept is not None and kept.widen is not None:
            label += f", widths times {kept.widen:g}"
            size, macs = kept.num_params or size, kept.macs or macs
        rows.append(
            (
                size,
                [
                    label,
                    f"{size:,}",
                    f"{macs:,}",
                    format_metric(name, trials[number].values[0]),
                    format_metric(name, score),
                    *(cells.get(number) or _NOTHING for cells in extra.values()),
                    "this search",
                ],
            )
        )
    for baseline in baselines:
        if baseline.test_score is None or baseline.values is None:
            continue
        interval = interval_in_words(name, baseline) or _NOTHING
        rows.append(
            (
                baseline.num_params,
                [
                    baseline.name,
                    f"{baseline.num_params:,}",
                    f"{baseline.macs:,}",
                    format_metric(name, baseline.values[0]),
                    format_metric(name, baseline.test_score),
                    *(interval if column == _INTERVAL else _NOTHING for column in extra),
                    "by hand, same recipe",
                ],
            )
        )
    for reference in problem.references:
        least = inf if reference.num_params is None else reference.num_params
        text = _NOTHING if reference.num_params is None else f"{reference.num_params:,}"
        cells = [reference.name, text, _NOTHING, _NOTHING, format_metric(name, reference.score)]
        rows.append((least, [*cells, *(_NOTHING for _ in extra), reference.source]))
    rows.sort(key=lambda row: row[0])
    return [*columns, *extra, "source"], [row for _, row in rows]


def interval_in_words(name: str, network: FinalNetwork | Baseline | Measurement) -> str:
    """The 95 % interval of a test score, as in "96.0 % to 98.1 %"; "" where there is none."""
    if network.low is None or network.high is None:
        return ""
    return f"{format_metric(name, network.low)} to {format_metric(name, network.high)}"


def _plain(name: str, network: FinalNetwork) -> str:
    """The score of a network whose predictions were averaged over copies, without these."""
    return "" if network.plain is None else format_metric(name, network.plain)


def _spread(name: str, trainings: Mapping[int, FinalNetwork]) -> str:
    """Mean and range of the test scores of several trainings of one kind; "" for one."""
    kind = _kind(trainings[0])
    scores = [network.score for network in trainings.values() if _kind(network) == kind]
    if len(scores) < 2:
        return ""
    mean, low, high = (format_metric(name, f(scores)) for f in (fmean, min, max))
    return f"{mean} ({low} to {high}, {len(scores)} trainings)"


def _kind(network: FinalNetwork) -> tuple[object, ...]:
    """What trainings have in common whose scores may be averaged."""
    how = (network.steps, network.schedule, network.augmentation, network.widen)
    return (*how, network.copies)


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    dispensable: Sequence[str] = (),
) -> None:
    """Prints a table on stdout: with lines on a terminal, plain where it is piped.

    Args:
        title:
            What stands above it on a terminal.
        columns:
            The headings.
        rows:
            The cells.
        dispensable:
            The columns that are left out first on a terminal that is too narrow for all of them;
            then go the last ones. Words are never broken.
    """
    if not sys.stdout.isatty():
        print(plain(columns, rows, _numeric(columns, rows)))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    kept, widths = _fitting(columns, rows, console.width, dispensable)
    rows = [[printable(row[i]) for i in kept] for row in rows]
    table = Table(
        title=Text(printable(title)),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=0,
    )
    for i, right, width in zip(kept, _numeric(kept, rows), widths, strict=True):
        justify: Literal["left", "right"] = "right" if right else "left"
        heading = Text(_parted(columns[i]), justify=justify)
        table.add_column(heading, justify=justify, no_wrap=right, width=width)
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)
    if len(kept) < len(columns):
        left_out = [printable(name) for i, name in enumerate(columns) if i not in kept]
        print("\n".join(broken(f"No room for: {', '.join(left_out)}.", console.width)))


def _fitting(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, dispensable: Sequence[str]
) -> tuple[list[int], list[int]]:
    """The columns that there is room for, and how wide each is: no word is broken."""
    kept = list(range(len(columns)))
    order = [columns.index(name) for name in dispensable if name in columns]
    order += [i for i in reversed(kept[1:]) if i not in order]
    widest, least = [], []
    for i, is_numeric in enumerate(_numeric(columns, rows)):
        cells, heading = [printable(row[i]) for row in rows], _parted(columns[i]).split()
        # Numbers such as "95.1 %" stay in one line.
        whole = cells if is_numeric else [word for cell in cells for word in cell.split()]
        widest.append(max(map(cell_len, [*cells, *heading]), default=1))
        least.append(max(map(cell_len, [*whole, *heading]), default=1))
    while len(kept) > 1 and sum(least[i] + _GAP for i in kept) - _GAP > width:
        kept.remove(order.pop(0))
    room = width - sum(least[i] + _GAP for i in kept) + _GAP
    widths = []
    for i in kept:
        more = max(0, min(room, widest[i] - least[i]))
        widths.append(least[i] + more)
        room -= more
    return kept, widths


def _parted(heading: str) -> str:
    """A heading in as many lines as it has words."""
    return printable(heading).replace(" ", "\n").replace("-", "-\n")


def _numeric(columns: Sequence[object], rows: Sequence[Sequence[str]]) -> list[bool]:
    """Which columns hold numbers alone."""
    return [all(row[i][:1] in "-0123456789" for row in rows) for i in range(len(columns))]


def plain(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """A table in lines of text, its columns parted by two or more spaces."""
    lines = [list(map(printable, line)) for line in (columns, *rows)]
    widths = [max(cell_len(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join(
        "  ".join(
            padded(cell, width, right=right)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )


def properties(values: Mapping[str, Any], *, width: int | None = None, indent: int = 0) -> str:
    """Names and values, one a line.

    Args:
        values:
            The values by their names.
        width:
            The columns that there are, None for any number; longer values go on below.
        indent:
            How far all of it is moved to the right.
    """
    names = {name: printable(name) for name in values}
    column = max(map(cell_len, names.values()), default=0)
    below = indent + column + 2
    return "\n".join(
        line
        for name, value in values.items()
        for line in broken(
            f"{' ' * indent}{padded(names[name], column)}  {printable(value)}",
            width,
            indent=below,
        )
    )


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
