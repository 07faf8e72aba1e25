"""What the stored runs say, as far as a report asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from benchmarks.compare._measures import curve
from benchmarks.compare._problems import Benchmark


if TYPE_CHECKING:
    from benchmarks.compare._runs import Job


@dataclass(frozen=True, kw_only=True)
class Study:
    """A run, cut to the networks that were asked for.

    Args:
        seed:
            Its seed.
        values:
            Of each network.
        curve:
            The measure after each network.
        steps:
            The training steps in sum after each network, empty where nothing is trained.
        asking:
            The seconds that the sampler took for each trial.
        pruned:
            How many trials had no values.
        inherited:
            The shares of inherited parameters.
        run:
            The file.
    """

    seed: int
    values: Sequence[Sequence[float]]
    curve: np.ndarray
    steps: Sequence[int]
    asking: Sequence[float]
    pruned: int
    inherited: Sequence[float]
    run: Mapping[str, Any]

    def after(self, networks: int) -> float:
        return float(self.curve[networks - 1])


@dataclass(frozen=True, kw_only=True)
class Budget:
    """At what samplers are compared in the end: so many networks, or training steps in sum.

    Args:
        networks:
            What every study has.
        steps:
            What to compare by in their place.
    """

    networks: int
    steps: int | None = None

    def networks_of(self, study: Study) -> int:
        """How many networks of a study it pays for."""
        if self.steps is None:
            return self.networks
        return int(np.searchsorted(study.steps, self.steps, side="right"))

    def final(self, study: Study) -> float:
        n = self.networks_of(study)
        return study.after(n) if n else 0.0

    def __str__(self) -> str:
        return f"{self.networks} networks" if self.steps is None else f"{self.steps:,} steps"


def read_studies(benchmark: Benchmark, jobs: Iterable[Job]) -> dict[str, list[Study]]:
    """The studies that are there, by sampler."""
    found: dict[str, list[Study]] = {}
    for job in jobs:
        run = job.stored()
        if run is not None:
            found.setdefault(job.sampler, []).append(_study(benchmark, run, job.networks))
    return found


def _study(benchmark: Benchmark, run: Mapping[str, Any], networks: int) -> Study:
    complete = [i for i, state in enumerate(run["states"]) if state == "COMPLETE"][:networks]
    n_trials = complete[-1] + 1 if complete else 0
    values = [run["values"][i] for i in complete]
    steps = np.cumsum(run["steps"])[complete].tolist() if benchmark.steps else []
    return Study(
        seed=run["seed"],
        values=values,
        curve=curve(benchmark, values),
        steps=steps,
        asking=run["asking"][:n_trials],
        pruned=n_trials - len(complete),
        inherited=[share for share in run["inherited"][:n_trials] if share is not None],
        run=run,
    )


def origin(studies: Mapping[str, Sequence[Study]]) -> str:
    """Where figures are from: seeds, dates, versions, commits and machines."""
    runs = [study.run for own in studies.values() for study in own]
    seeds = sorted({run["seed"] for run in runs})
    dates = sorted({run["date"] for run in runs})
    versions = {
        name: sorted({run["versions"][name] for run in runs if name in run["versions"]})
        for name in runs[0]["versions"]
    }
    said = [f"{name} {' and '.join(found)}" for name, found in versions.items()]
    said.append(f"Python {' and '.join(sorted({run['python'] for run in runs}))}")
    commits = sorted({run["commit"] for run in runs if run["commit"]})
    if commits:
        said.append(f"commit {' and '.join(commits)}")
    said.append(" and ".join(sorted({run["machine"] for run in runs})))
    span = f"Seeds {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else f"Seed {seeds[0]}"
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return f"{span}, {when}; {', '.join(said)}."
