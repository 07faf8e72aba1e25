"""Tables and figures of the studies that are there, printed and as pages."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.compare import _tables
from benchmarks.compare._problems import PROBLEMS
from benchmarks.compare._problems import Benchmark
from benchmarks.compare._studies import Budget
from benchmarks.compare._studies import Study
from benchmarks.compare._studies import origin
from benchmarks.compare._studies import read_studies


if TYPE_CHECKING:
    from benchmarks.compare._runs import Job


def report(jobs: Mapping[str, Sequence[Job]], *, docs: Path | None, command: str) -> None:
    """Prints the tables of each problem, and writes them into a folder if there is one."""
    benchmarks: dict[str, Benchmark] = {}
    finals: dict[str, dict[str, list[float]]] = {}
    for problem, some in jobs.items():
        benchmark = PROBLEMS[problem]()
        studies = read_studies(benchmark, some)
        if not studies:
            print(f"\n{problem}: no runs")
            continue
        shortest = min(len(study.curve) for own in studies.values() for study in own)
        budget = Budget(networks=shortest, steps=some[0].steps if benchmark.steps else None)
        benchmarks[problem] = benchmark
        finals[problem] = {
            sampler: [budget.final(study) for study in own] for sampler, own in studies.items()
        }
        text = _page(benchmark, studies, finals[problem], budget, command)
        print(f"\n## {problem}\n\n{text}", flush=True)
        if docs is not None:
            from benchmarks.compare._plots import plot

            docs.mkdir(parents=True, exist_ok=True)
            plot(benchmark, studies, budget, docs / f"{problem}.png")
            figure = f"![{benchmark.title}]({problem}.png)"
            page = f"---\norphan: true\n---\n\n# {problem}\n\n{text}\n\n{figure}\n"
            (docs / f"{problem}.md").write_text(page)
    if len(finals) > 1:
        print(f"\n{_tables.of_several(benchmarks, finals)}")


def _page(
    benchmark: Benchmark,
    studies: Mapping[str, Sequence[Study]],
    finals: Mapping[str, Sequence[float]],
    budget: Budget,
    command: str,
) -> str:
    better = "more" if benchmark.more_is_better else "less"
    by_steps = budget.steps is not None
    parts = [
        f"{benchmark.title}.",
        f"```console\n$ {command}\n```",
        origin(studies),
        f"Median of the {benchmark.measure}, {better} is better (quartiles; least and most), and "
        "the mean time that the sampler itself takes for a trial:",
        _tables.over_networks(benchmark, studies, budget.networks),
    ]
    if benchmark.steps is not None:
        paces = {study.steps[-1] / len(study.steps) for own in studies.values() for study in own}
        if by_steps or len(paces) > 1:  # else the number of networks says it all
            shortest = min(study.steps[-1] for own in studies.values() for study in own)
            parts += [
                "The same by the training steps of all networks together:",
                _tables.over_steps(benchmark, studies, budget.steps or shortest),
            ]
    parts += [
        f"What a sampler needs for what each has after {budget}, the median over its runs:",
        _tables.reaching(benchmark, studies, finals, by_steps=by_steps),
        f"How often a run is ahead of one of another sampler after {budget}, over all pairs:",
        _tables.wins(benchmark, finals),
    ]
    if benchmark.steps is not None:
        parts.append(_tables.spreads(studies, budget))
    return "\n\n".join(parts)
