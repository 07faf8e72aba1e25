"""Markdown tables of the studies on one problem, and of several problems in one."""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from statistics import mean
from statistics import median
from statistics import median_low
from typing import TypeAlias

import numpy as np

from benchmarks.compare._measures import CHECKPOINTS
from benchmarks.compare._measures import ahead
from benchmarks.compare._measures import first_at
from benchmarks.compare._measures import spread
from benchmarks.compare._measures import with_steps
from benchmarks.compare._problems import Benchmark
from benchmarks.compare._studies import Budget
from benchmarks.compare._studies import Study


BySampler: TypeAlias = Mapping[str, Sequence[Study]]

NEVER = "–"
_SHARES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Of the training steps that were asked for; studies may be longer."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float, benchmark: Benchmark) -> str:
    if not math.isfinite(value):
        return NEVER
    text = f"{value:.3f}" if benchmark.reference else f"{value:.3g}"
    return text[1:] if text.startswith("0.") else text


def summary(values: Sequence[float], form: Callable[[float], str]) -> str:
    """The median, the quartiles, and the least and the most."""
    middle = form(median(values))
    if len(values) == 1:
        return middle
    low, lower, upper, high = map(form, np.quantile(values, [0, 0.25, 0.75, 1]).tolist())
    return f"{middle} ({lower} to {upper}; {low} to {high})"


def checkpoints(networks: int) -> list[int]:
    return [n for n in CHECKPOINTS if n < networks] + [networks]


def over_networks(benchmark: Benchmark, studies: BySampler, networks: int) -> str:
    """The measure after so many networks."""
    counts = checkpoints(networks)
    rows = []
    for sampler, own in studies.items():
        cells = [
            summary([study.after(n) for study in own], lambda v: number(v, benchmark))
            if all(len(study.curve) >= n for study in own)
            else NEVER
            for n in counts
        ]
        asking = 1000 * mean(seconds for study in own for seconds in study.asking)
        pruned = sum(study.pruned for study in own)
        rows.append([f"`{sampler}`", *cells, str(pruned), f"{asking:.1f}", str(len(own))])
    return table(["networks", *map(str, counts), "pruned", "ms an ask", "runs"], rows)


def over_steps(benchmark: Benchmark, studies: BySampler, steps: int) -> str:
    """The measure after so many training steps in sum."""
    longest = max(study.steps[-1] for own in studies.values() for study in own)
    totals = [share * steps for share in _SHARES if share <= 1 or share * steps <= longest]
    rows = []
    for sampler, own in studies.items():
        cells = [
            summary(
                [with_steps(study.curve, study.steps, total) for study in own],
                lambda v: number(v, benchmark),
            )
            if all(study.steps[-1] >= total for study in own)
            else NEVER
            for total in totals
        ]
        counts = [int(np.searchsorted(study.steps, steps, side="right")) for study in own]
        shares = [share for study in own for share in study.inherited]
        inherited = f"{mean(shares):.0%}" if shares else ""
        rows.append([f"`{sampler}`", *cells, f"{median(counts):.0f}", inherited])
    head = ["steps", *(f"{total:,.0f}" for total in totals), "networks", "inherited"]
    return table(head, rows)


def reaching(
    benchmark: Benchmark,
    studies: BySampler,
    finals: Mapping[str, Sequence[float]],
    *,
    by_steps: bool,
) -> str:
    """What each sampler needs, in networks or steps, for what each rival has in the end."""

    def needed(study: Study, value: float) -> float:
        n = first_at(study.curve, value, more_is_better=benchmark.more_is_better)
        return study.steps[int(n) - 1] if by_steps and math.isfinite(n) else n

    rows = []
    for sampler, own in studies.items():
        cells = []
        for values in finals.values():
            # The low median: half of the runs have it then.
            first = median_low(needed(study, median(values)) for study in own)
            cells.append(f"{first:,.0f}" if math.isfinite(first) else NEVER)
        rows.append([f"`{sampler}`", *cells])
    what = "steps" if by_steps else "networks"
    return table([f"{what} until the end of", *(f"`{rival}`" for rival in finals)], rows)


def wins(benchmark: Benchmark, finals: Mapping[str, Sequence[float]]) -> str:
    """How often a run of one sampler ends ahead of one of another, over all pairs of runs."""
    rows = []
    for sampler, own in finals.items():
        cells = [
            ""
            if rival == sampler
            else f"{ahead(own, theirs, more_is_better=benchmark.more_is_better):.2f}"
            for rival, theirs in finals.items()
        ]
        rows.append([f"`{sampler}`", *cells])
    return table(["ahead of", *(f"`{rival}`" for rival in finals)], rows)


def spreads(studies: BySampler, budget: Budget) -> str:
    """How the sizes of the fronts of (score, size) lie, in decades."""
    rows = []
    for sampler, own in studies.items():
        fronts = [study.values[: budget.networks_of(study)] for study in own]
        each = np.median([spread(values) for values in fronts if values], axis=0)
        rows.append([f"`{sampler}`", *(f"{value:.2f}" for value in each)])
    return table(["sizes of the front, decades", "extent", "spacing", "largest gap"], rows)


def of_several(
    benchmarks: Mapping[str, Benchmark], finals: Mapping[str, Mapping[str, Sequence[float]]]
) -> str:
    """The final medians on each problem, and how often the first sampler ends ahead of others."""
    samplers = list(dict.fromkeys(name for found in finals.values() for name in found))
    first, rows = samplers[0], []
    for problem, found in finals.items():
        benchmark, cells = benchmarks[problem], []
        for sampler in samplers:
            if sampler not in found:
                cells.append("")
                continue
            cell = number(median(found[sampler]), benchmark)
            if sampler != first and first in found:
                share = ahead(
                    found[first], found[sampler], more_is_better=benchmark.more_is_better
                )
                cell += f" ({share:.2f})"
            cells.append(cell)
        rows.append([f"`{problem}`", benchmark.measure, *cells])
    medians = table(["problem", "measure", *(f"`{sampler}`" for sampler in samplers)], rows)
    return f"Medians in the end (how often a run of `{first}` ends ahead):\n\n{medians}"
