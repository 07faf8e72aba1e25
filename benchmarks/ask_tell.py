"""What a sampler costs: one ask, all suggests and one tell, in studies of any length.

    python benchmarks/ask_tell.py --trials 100 1000 10000 --storages memory sqlite postgresql

Every sampler suggests the same parameters. First a `CoDeepNEATSampler` evolves a study of two
objectives in memory. Its trials, with their values, are then the history of every study that is
measured, and the trials that follow are suggested name by name with the same ranges in all of
them; for CoDeepNEAT, whose attributes are copied too, they come out with the same values as in the
study that was recorded, which is checked. Without this the sampler that likes small networks would
win, since most of the time goes into Optuna's own work for each parameter; `RandomSampler` shows
that part. NSGA-II finds each trial of the history in the generation of 50 that it would have been
in, and has selected all its parents before the clock starts, as it would have in a study of its
own.

`lemonade` and `heirs` (CoDeepNEAT whose networks name donors of weights) are measured if they are
named; each has a history of its own, and so other parameters.

Samplers take turns trial by trial, so that a busy machine slows all of them alike. The trials
measured with CoDeepNEAT are whole generations: most trials take up a network, the first of each
generation breeds it. The median shows the first kind, the mean both.

    python benchmarks/ask_tell.py --generation-sizes 100 200 400 1000

measures something else: how long the first trial of a generation takes, which breeds all of it,
and the others on average, for generations of these sizes, in memory.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from importlib.metadata import version
from statistics import mean
from statistics import median
from typing import Any

import _storages
import optuna
from optuna.distributions import BaseDistribution
from optuna.distributions import distribution_to_json
from optuna.distributions import json_to_distribution
from optuna.trial import FrozenTrial
from optuna.trial import TrialState

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat import SearchSpace


SPACE = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
DIRECTIONS = ["maximize", "minimize"]
GENERATION = 24
NSGAII_POPULATION = 50
NAMES = {
    "codeepneat": "CoDeepNEATSampler",
    "nsgaii": "NSGAIISampler",
    "tpe": "TPESampler(multivariate=True)",
    "random": "RandomSampler",
    "heirs": 'CoDeepNEATSampler(inheritance="exact")',
    "lemonade": "LemonadeSampler",
}
EVOLUTIONS = ("codeepneat", "heirs", "lemonade")
"""Each with a history of its own; that of CoDeepNEAT serves all others."""
CALLS = [
    name
    for name in vars(optuna.storages.BaseStorage)
    if name.startswith(("create_", "set_", "get_", "delete_", "check_"))
]


def make_sampler(
    name: str, seed: int, generation_size: int = GENERATION, reproducible: bool = False
) -> optuna.samplers.BaseSampler:
    if name in ("codeepneat", "heirs"):
        return CoDeepNEATSampler(
            SPACE,
            seed=seed,
            assembled_population_size=generation_size,
            inheritance="exact" if name == "heirs" else None,
            reproducible=reproducible,
        )
    if name == "lemonade":
        return LemonadeSampler(
            SPACE,
            seed=seed,
            children_per_generation=generation_size,
            reproducible=reproducible,
        )
    if name == "nsgaii":
        return optuna.samplers.NSGAIISampler(seed=seed, population_size=NSGAII_POPULATION)
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=seed, multivariate=True)
    return optuna.samplers.RandomSampler(seed=seed)


def suggest(trial: optuna.Trial, ranges: dict[str, BaseDistribution]) -> None:
    """Suggests parameters as an objective would, but names and ranges are given."""
    for name, distribution in ranges.items():
        if isinstance(distribution, optuna.distributions.CategoricalDistribution):
            trial.suggest_categorical(name, distribution.choices)
        else:
            assert isinstance(distribution, optuna.distributions.IntDistribution)
            trial.suggest_int(
                name,
                distribution.low,
                distribution.high,
                step=distribution.step,
                log=distribution.log,
            )


def record(name: str, n_trials: int, seed: int) -> list[FrozenTrial]:
    """An evolution that maximises something bumpy against the size."""
    study = optuna.create_study(directions=DIRECTIONS, sampler=make_sampler(name, seed))
    study.optimize(bumpy, n_trials=n_trials)
    return study.get_trials(deepcopy=False)


def bumpy(trial: optuna.Trial) -> tuple[float, float]:
    architecture = SPACE.suggest(trial)
    bump = int(architecture.signature, 16) % 1000 / 1000
    return architecture.depth + bump, architecture.num_params


def history(name: str, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Finished trials with the attributes that this sampler would have given them."""
    if name in EVOLUTIONS:
        return list(trials)
    changed = []
    for trial in trials:
        attrs: dict[str, Any] = {}
        if name == "nsgaii":
            attrs["NSGAIISampler:generation"] = trial.number // NSGAII_POPULATION
        changed.append(
            FrozenTrial(
                number=trial.number,
                state=trial.state,
                value=None,
                values=trial.values,
                datetime_start=trial.datetime_start,
                datetime_complete=trial.datetime_complete,
                params=trial.params,
                distributions=trial.distributions,
                user_attrs={},
                system_attrs=attrs,
                intermediate_values={},
                trial_id=trial._trial_id,
            )
        )
    return changed


@dataclass
class Measured:
    """A study with what its trials cost."""

    sampler: str
    study: optuna.Study
    url: str | None
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"ask": [], "all": []})
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        storage, counts = self.study._storage, self.counts

        def counted(call: str) -> Any:
            method = getattr(storage, call)

            def wrapper(*args: Any, **kwargs: Any) -> Any:
                counts["storage calls"] += 1
                if call.endswith("_attr"):
                    values = [*args, *kwargs.values()]
                    counts["bytes"] += sum(len(json.dumps(value)) for value in values[1:])
                return method(*args, **kwargs)

            return wrapper

        for call in CALLS:
            setattr(storage, call, counted(call))
        backend = getattr(storage, "_backend", None)
        if backend is not None:
            from sqlalchemy import event

            def statement(*args: Any) -> None:
                counts["statements"] += 1

            def commit(*args: Any) -> None:
                counts["commits"] += 1

            event.listen(backend.engine, "before_cursor_execute", statement)
            event.listen(backend.engine, "commit", commit)

    def trial(self, recorded: FrozenTrial) -> None:
        began = time.perf_counter()
        trial = self.study.ask()
        asked = time.perf_counter()
        suggest(trial, recorded.distributions)
        self.study.tell(trial, recorded.values)
        self.seconds["ask"].append(asked - began)
        self.seconds["all"].append(time.perf_counter() - began)
        if self.sampler in EVOLUTIONS:
            assert trial.number == recorded.number and trial.params == recorded.params


def prepare(name: str, trials: Sequence[FrozenTrial], url: str | None, seed: int) -> Measured:
    """A study of these trials, opened as by a process that has worked in it for a while."""
    study = optuna.create_study(directions=DIRECTIONS, storage=url, study_name="study")
    _storages.fill(study, history(name, trials))
    if url is not None:
        study = optuna.load_study(storage=url, study_name="study")
    study.sampler = make_sampler(name, seed)
    return Measured(name, study, url)


def first_network(argv: Sequence[str]) -> None:
    """In a process of its own: prints how long it takes to join a study and have a network."""
    url, name, seed, ranges = argv
    distributions = {n: json_to_distribution(d) for n, d in json.loads(ranges).items()}
    began = time.perf_counter()
    study = optuna.load_study(
        storage=url, study_name="study", sampler=make_sampler(name, int(seed))
    )
    trial = study.ask()
    suggest(trial, distributions)
    print(time.perf_counter() - began)
    study.tell(trial, state=TrialState.FAIL)


def joined(measured: Measured, recorded: FrozenTrial, seed: int) -> float:
    ranges = {n: distribution_to_json(d) for n, d in recorded.distributions.items()}
    command = [__file__, "--first-network", str(measured.url), measured.sampler, str(seed)]
    process = subprocess.run(
        [sys.executable, *command, json.dumps(ranges)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(process.stdout)


def measure(
    n_trials: int,
    recorded: Mapping[str, Sequence[FrozenTrial]],
    new_url: Any,
    args: argparse.Namespace,
) -> tuple[list[dict[str, Any]], str]:
    """A row for each sampler in studies of one length in one storage."""

    def trials_of(name: str) -> Sequence[FrozenTrial]:
        return recorded[name if name in EVOLUTIONS else EVOLUTIONS[0]]

    seed = args.seed
    studies = [prepare(n, trials_of(n)[:n_trials], new_url(), seed) for n in args.samplers]
    # The first trials fill caches, and end at the end of one of CoDeepNEAT's generations.
    warm = -n_trials % GENERATION or GENERATION
    for i in range(n_trials, n_trials + warm):
        for measured in studies:
            if measured.sampler != "tpe":
                measured.trial(trials_of(measured.sampler)[i])
    for measured in studies:
        measured.counts.clear()
        for seconds in measured.seconds.values():
            seconds.clear()
    first = n_trials + warm
    timed = range(first, first + args.generations * GENERATION)
    for i in timed:
        for measured in studies:
            # Its time does not vary from trial to trial, and is long.
            if measured.sampler != "tpe" or i - first < args.tpe_trials:
                measured.trial(trials_of(measured.sampler)[i])
    # The process that joins asks for the next network, in its turn.
    begin: dict[str, list[float]] = {measured.sampler: [] for measured in studies}
    for _ in range(args.joins):
        for measured in studies:
            if measured.url is not None and measured.sampler in (*EVOLUTIONS, "nsgaii"):
                next_one = trials_of(measured.sampler)[n_trials]
                begin[measured.sampler].append(joined(measured, next_one, seed))
    rows = []
    for measured in studies:
        n = len(measured.seconds["all"])
        rows.append(
            {
                "sampler": measured.sampler,
                "median": 1000 * median(measured.seconds["all"]),
                "mean": 1000 * mean(measured.seconds["all"]),
                "ask": 1000 * median(measured.seconds["ask"]),
                **{k: measured.counts[k] / n for k in ("statements", "commits")},
                **{k: measured.counts[k] / n for k in ("storage calls", "bytes")},
                "join": median(begin[measured.sampler]) if begin[measured.sampler] else None,
            }
        )
    parameters = mean(len(trials_of(m.sampler)[i].params) for m in studies for i in timed)
    server = _storages.server_version(studies[0].study)
    return rows, f"{parameters:.1f} parameters a trial{', ' + server if server else ''}"


def report(storage: str, tables: dict[int, list[dict[str, Any]]]) -> None:
    print(
        "\n| trials | sampler | median ms | mean ms | of it ask, median ms | ratio to NSGA-II, "
        "median, mean | SQL statements, commits | storage calls | bytes of attributes | "
        "a new process: s to its first network |"
    )
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for n_trials, rows in tables.items():
        base = next((row for row in rows if row["sampler"] == "nsgaii"), None)
        for row in rows:
            ratio = (
                ""
                if base is None
                else "{:.2f}, {:.2f}".format(
                    row["median"] / base["median"], row["mean"] / base["mean"]
                )
            )
            sql = f"{row['statements']:.0f}, {row['commits']:.0f}" if row["statements"] else ""
            join = "" if row["join"] is None else f"{row['join']:.2f}"
            print(
                f"| {n_trials:,} | `{NAMES[row['sampler']]}` | {row['median']:.1f} | "
                f"{row['mean']:.1f} | {row['ask']:.1f} | {ratio} | {sql} | "
                f"{row['storage calls']:.0f} | {row['bytes']:,.0f} | {join} |"
            )
    least, most = min(tables), max(tables)
    if least < most:
        for i, row in enumerate(tables[least]):
            later = tables[most][i]
            print(
                f"{NAMES[row['sampler']]}: {most:,} against {least:,} trials: "
                f"median {later['median'] / row['median']:.2f}, "
                f"mean {later['mean'] / row['mean']:.2f} times"
            )


def report_generations(name: str, sizes: Sequence[int], reproducible: bool, seed: int) -> None:
    """Seconds of processor time of the first ask of two generations, and of the other asks."""
    table: list[list[float]] = []
    for size in sizes:
        sampler = make_sampler(name, seed, size, reproducible)
        study = optuna.create_study(directions=DIRECTIONS, sampler=sampler)
        seconds = []
        for _ in range(size + 1):
            began = time.process_time()
            trial = study.ask()
            seconds.append(time.process_time() - began)
            study.tell(trial, bumpy(trial))
        table.append([seconds[0], seconds[size], mean(seconds[1:size])])
        cells = (
            f"{value:.2g} ({value / first:.1f})"
            for value, first in zip(table[-1], table[0], strict=True)
        )
        kind = f"`{NAMES[name]}`{', reproducible' if reproducible else ''}"
        print(f"| {kind} | {size:,} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", nargs="+", type=int, default=[100, 1000, 10_000])
    parser.add_argument("--storages", nargs="+", default=list(_storages.NAMES))
    parser.add_argument(
        "--samplers",
        nargs="+",
        choices=list(NAMES),
        default=["codeepneat", "nsgaii", "tpe", "random"],
    )
    parser.add_argument("--generations", type=int, default=4, help="CoDeepNEAT's, to be timed")
    parser.add_argument("--tpe-trials", type=int, default=12, help="the most trials of TPE")
    parser.add_argument("--joins", type=int, default=3, help="new processes a sampler")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--generation-sizes", nargs="+", type=int, help="measure the first asks of generations"
    )
    args = parser.parse_args()
    if args.generation_sizes:
        print(
            "| sampler | networks a generation | s of the first ask of the first generation "
            "(ratio to the smallest) | of the second | s of another ask |"
            "\n|---|---:|---:|---:|---:|"
        )
        for name in [name for name in args.samplers if name in EVOLUTIONS]:
            for reproducible in (False, True):
                report_generations(name, args.generation_sizes, reproducible, args.seed)
        return

    began = time.perf_counter()
    length = max(args.trials) + (args.generations + 2) * GENERATION
    evolutions = {n if n in EVOLUTIONS else EVOLUTIONS[0] for n in args.samplers}
    recorded = {name: record(name, length, args.seed) for name in sorted(evolutions)}
    gc.freeze()  # else the record burdens collections in studies that are shorter
    print(f"{length:,} trials recorded in {time.perf_counter() - began:.0f} s", flush=True)
    versions = ", ".join(f"{name} {version(name)}" for name in ("optuna", "SQLAlchemy", "numpy"))
    print(
        f"{date.today()}, seed {args.seed}, Python {sys.version.split()[0]}, {versions}; "
        f"{args.generations * GENERATION} timed trials, of TPE {args.tpe_trials}"
    )
    with _storages.databases(args.storages) as new:
        for storage in args.storages:
            tables: dict[int, list[dict[str, Any]]] = {}
            for n_trials in args.trials:
                tables[n_trials], text = measure(n_trials, recorded, new[storage], args)
                print(f"\n{storage}, {n_trials:,} trials: {text}", flush=True)
            report(storage, tables)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if sys.argv[1:2] == ["--first-network"]:
        first_network(sys.argv[2:])
    else:
        main()
