"""What it costs a process to read a study that is long: processor time and memory, on Linux.

    python benchmarks/reading.py --trials 20000 --storages sqlite postgresql

The study is an evolution without a model, with all its parameters and attributes. Each way to
read it has a process of its own: the database's driver alone, which fetches every row and keeps
the texts; a worker that joins, reads what it needs of the study and has its first network;
`open_storage` and Optuna's own storage, by which all of all trials is read. The same trials come
out of the two, which is checked.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import _storages
import optuna
from ask_tell import DIRECTIONS
from ask_tell import SPACE
from ask_tell import bumpy
from optuna.trial import FrozenTrial

from optuna_codeepneat import CoDeepNEATSampler


CHECKED = 400
ROWS = {
    "trials": "trial_id, number, state, datetime_start, datetime_complete",
    "trial_values": "trial_id, objective, value, value_type",
    "trial_params": "trial_id, param_name, param_value, distribution_json",
    "trial_user_attributes": "trial_id, key, value_json",
    "trial_system_attributes": "trial_id, key, value_json",
    "trial_intermediate_values": "trial_id, step, intermediate_value, intermediate_value_type",
}


def by_driver(url: str) -> Any:
    """Every row, as the driver gives it."""
    from sqlalchemy import create_engine

    connection = create_engine(url).raw_connection()
    fetched = []
    for table, columns in ROWS.items():
        cursor = connection.cursor()
        cursor.execute(f"SELECT {columns} FROM {table}")
        fetched.append(cursor.fetchall())
    return fetched


def by_worker(url: str) -> Any:
    """Joins and has a network, so that the next one does not."""
    from optuna_codeepneat.storages import open_storage

    study = optuna.load_study(storage=open_storage(url), study_name=None, sampler=sampler())
    return study, study.ask()


def by_package(url: str) -> list[FrozenTrial]:
    from optuna_codeepneat.storages import open_storage

    return whole(open_storage(url).get_all_trials(1, deepcopy=False))


def by_optuna(url: str) -> list[FrozenTrial]:
    return optuna.storages.get_storage(url).get_all_trials(1, deepcopy=False)


WAYS: dict[str, Callable[[str], Any]] = {
    "driver alone": by_driver,
    "a worker that joins": by_worker,
    "open_storage": by_package,
    "Optuna": by_optuna,
}


def whole(trials: list[FrozenTrial]) -> list[FrozenTrial]:
    """The trials, of which all was read."""
    for trial in trials:
        _ = trial.params, trial.user_attrs, trial.system_attrs, trial.intermediate_values
    return trials


def sampler() -> CoDeepNEATSampler:
    return CoDeepNEATSampler(SPACE, seed=0, assembled_population_size=64, surrogate=False)


def read(url: str, way: str) -> None:
    """In a process of its own: prints seconds of processor time and MiB."""
    import optuna_codeepneat.storages  # noqa: F401  # so that imports are not measured

    optuna.storages.get_storage(url).get_all_studies()
    memory, began = _peak(), time.process_time()
    found = WAYS[way](url)
    print(json.dumps([time.process_time() - began, _peak() - memory, len(found)]))


def _peak() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def record(number: int) -> optuna.Study:
    """An evolution of so many networks."""
    study = optuna.create_study(directions=DIRECTIONS, sampler=sampler())
    study.optimize(bumpy, n_trials=number)
    return study


def copied(study: optuna.Study, number: int, url: str) -> None:
    """Stores the first trials of a study."""
    copy = optuna.create_study(directions=DIRECTIONS, storage=url)
    _storages.fill(copy, study.get_trials(deepcopy=False)[:number], study)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", nargs="+", type=int, default=[20_000])
    parser.add_argument("--storages", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--times", type=int, default=3, help="processes for each way")
    args = parser.parse_args()
    study = record(max(args.trials))
    print("| storage | trials | way | s of CPU | MiB | ratio to the driver alone |")
    print("|---|---:|---|---:|---:|---:|")
    with _storages.databases(args.storages) as new:
        for storage in args.storages:
            url = new[storage]()
            copied(study, CHECKED, url)
            assert by_package(url) == by_optuna(url)
            for number in args.trials:
                url = new[storage]()
                copied(study, number, url)
                base = None
                for way in WAYS:
                    seconds, memory = measured(url, way, args.times)
                    base = base or (seconds, memory)
                    ratios = f"{seconds / base[0]:.1f}, {memory / base[1]:.1f}"
                    row = (storage, f"{number:,}", way, f"{seconds:.2f}", f"{memory:.0f}", ratios)
                    print(f"| {' | '.join(row)} |", flush=True)


def measured(url: str, way: str, times: int) -> tuple[float, float]:
    found = []
    for _ in range(times):
        process = subprocess.run(
            [sys.executable, __file__, "--read", url, way],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        found.append(json.loads(process.stdout.splitlines()[-1]))
    return median(s for s, _, _ in found), median(m for _, m, _ in found)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if sys.argv[1:2] == ["--read"]:
        read(*sys.argv[2:])
    else:
        main()
