"""One worker of a study, as a process of its own, which `worker_processes.py` starts."""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat import SearchSpace
from optuna_codeepneat.storages import open_storage
from tests.sampler.studies import FEW
from tests.sampler.studies import waits_for_leaders


SPACE = SearchSpace.conv1d(
    input_shape=(1, 12), num_outputs=2, n_module_slots=2, max_module_nodes=2, max_blueprint_nodes=2
)
SIZE = 8
"""Trials of a generation."""

DIRECTIONS = {
    "networks": ["maximize", "minimize"],
    "lemonade": ["maximize", "minimize"],
    "sphere": ["minimize"],
}
"""What is optimised: networks, by either sampler, or hyperparameters."""


def networks(trial: optuna.Trial) -> tuple[float, float]:
    """Depth against size."""
    architecture = SPACE.suggest(trial)
    lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    return architecture.depth - lr, architecture.num_params


def sphere(trial: optuna.Trial) -> float:
    """The sum of squares of three numbers."""
    return sum_of_squares({name: trial.suggest_float(name, -5, 5) for name in "xyz"})


def sum_of_squares(params: dict[str, float]) -> float:
    return params["x"] ** 2 + params["y"] ** 2 + params["z"] ** 2


OBJECTIVES: dict[str, Any] = {"networks": networks, "lemonade": networks, "sphere": sphere}


def sampler(
    what: str, seed: int | None, *, reproducible: bool = False
) -> CoDeepNEATSampler | LemonadeSampler:
    """The sampler that all workers of a study share."""
    if what == "lemonade":
        return LemonadeSampler(
            SPACE, seed=seed, children_per_generation=SIZE, reproducible=reproducible
        )
    return CoDeepNEATSampler(
        SPACE if what == "networks" else None,
        seed=seed,
        assembled_population_size=SIZE,
        surrogate=FEW,
        reproducible=reproducible,
    )


def open_study(
    storage: BaseStorage | str, what: str, seed: int | None, *, reproducible: bool = False
) -> optuna.Study:
    """The study in a storage or behind a URL, begun by whoever comes first."""
    return optuna.create_study(
        study_name="study",
        storage=open_storage(storage) if isinstance(storage, str) else storage,
        directions=DIRECTIONS[what],
        sampler=sampler(what, seed, reproducible=reproducible),
        load_if_exists=True,
    )


class Diary:
    """What a worker knows to be finished: a line for each trial, written once `tell` returned."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, study: optuna.Study, trial: FrozenTrial) -> None:
        line = json.dumps([trial.number, trial.state.name, trial.values]) + "\n"
        with self._path.open("ab", buffering=0) as file:
            file.write(line.encode())

    @staticmethod
    def read(path: Path) -> list[tuple[int, str, list[float] | None]]:
        lines = path.read_text().splitlines() if path.exists() else []
        return [tuple(json.loads(line)) for line in lines]


def evaluation(what: str, most_seconds: float, *, pruned: float = 0.05) -> Any:
    """The objective, taking a random time; if it takes any, this share of trials is pruned."""

    def objective(trial: optuna.Trial) -> Any:
        values = OBJECTIVES[what](trial)
        if most_seconds:
            time.sleep(random.uniform(0.2, 1.0) * most_seconds)
            if random.random() < pruned:
                raise optuna.TrialPruned
        return values

    return objective


def main() -> None:
    """Runs trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("what", choices=list(OBJECTIVES))
    parser.add_argument("--trials", type=int, help="how many; any number if not given")
    parser.add_argument("--seed", type=int, help="of the study; drawn if not given")
    parser.add_argument("--seconds", type=float, default=0.0, help="the longest evaluation")
    parser.add_argument("--diary", type=Path, help="the file of finished trials")
    parser.add_argument(
        "--takeover", type=float, default=5.0, help="more than a leader takes on a busy machine"
    )
    parser.add_argument("--reproducible", action="store_true")
    parser.add_argument("--while", type=Path, dest="going", help="stops if this file is gone")
    options = parser.parse_args()

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = open_study(options.url, options.what, options.seed, reproducible=options.reproducible)
    callbacks: list[Any] = [] if options.diary is None else [Diary(options.diary)]
    if options.going is not None:
        callbacks.append(lambda study, _: None if options.going.exists() else study.stop())
    pruned = 0.0 if options.reproducible else 0.05  # at random, so the values would differ
    objective = evaluation(options.what, options.seconds, pruned=pruned)
    with waits_for_leaders(options.takeover):  # more than one takes on a busy machine
        study.optimize(objective, n_trials=options.trials, callbacks=callbacks)


if __name__ == "__main__":
    main()
