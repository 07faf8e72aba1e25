"""Tables and figures of the studies that are there, printed and as pages."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.compare import _tables
from benchmarks.compare._problems import PROBLEMS
from benchmarks.compare._problems import Benchmark
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
        networks = min(len(study.curve) for own in studies.values() for study in own)
        benchmarks[problem] = benchmark
        finals[problem] = {
            sampler: [study.after(networks) for study in own] for sampler, own in studies.items()
        }
        text = _page(benchmark, studies, finals[problem], networks, some[0].steps, command)
        print(f"\n## {problem}\n\n{text}", flush=True)
        if docs is not None:
            from benchmarks.compare._plots import plot

            docs.mkdir(parents=True, exist_ok=True)
            plot(benchmark, studies, docs / f"{problem}.png")
            figure = f"![{benchmark.title}]({problem}.png)"
            page = f"---\norphan: true\n---\n\n# {problem}\n\n{text}\n\n{figure}\n"
            (docs / f"{problem}.md").write_text(page)
    if len(finals) > 1:
        print(f"\n{_tables.of_several(benchmarks, finals)}")


def _page(
    benchmark: Benchmark,
    studies: Mapping[str, Sequence[Study]],
    finals: Mapping[str, Sequence[float]],
    networks: int,
    steps: int | None,
    command: str,
) -> str:
    better = "more" if benchmark.more_is_better else "less"
    parts = [
        f"{benchmark.title}.",
        f"```console\n$ {command}\n```",
        origin(studies),
        f"Median of the {benchmark.measure}, {better} is better (quartiles; least and most), and "
        "the mean time that the sampler itself takes for a trial:",
        _tables.over_networks(benchmark, studies, networks),
        "Networks after which a sampler has what each has in the end, as the median over its "
        "runs:",
        _tables.reaching(benchmark, studies, finals),
        f"How often a run ends ahead of one of another sampler, over all pairs, after {networks}:",
        _tables.wins(benchmark, finals),
    ]
    if benchmark.steps is not None:
        parts += _by_steps(benchmark, studies, steps)
    if benchmark.steps is not None and len(benchmark.directions) == 2:
        parts += [_tables.spreads(studies, networks)]
    return "\n\n".join(parts)


def _by_steps(
    benchmark: Benchmark, studies: Mapping[str, Sequence[Study]], steps: int | None
) -> list[str]:
    """Nothing where every network takes the same number of steps."""
    paces = {study.steps[-1] / len(study.steps) for own in studies.values() for study in own}
    if steps is None and len(paces) == 1:
        return []
    total = steps or min(study.steps[-1] for own in studies.values() for study in own)
    return [
        "By the training steps of all networks together:",
        _tables.over_steps(benchmark, studies, total),
        _tables.steps_saved(benchmark, studies, total),
    ]
