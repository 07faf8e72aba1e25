"""One worker of a study, as a process of its own: ``python study_worker.py URL WHAT TRIALS SEED``.

The storage is an SQLite URL or ``journal:PATH``; WHAT is ``networks`` or ``sphere``.
"""

from __future__ import annotations

import sys
import time

import optuna
from optuna.storages import BaseStorage
from optuna.storages import JournalStorage
from optuna.storages import RDBStorage
from optuna.storages.journal import JournalFileBackend

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import SearchSpace
from optuna_codeepneat.sampler import _places


SPACE = SearchSpace.conv1d(
    input_shape=(1, 12), num_outputs=2, n_module_slots=2, max_module_nodes=2, max_blueprint_nodes=2
)
DIRECTIONS = {"networks": ["maximize", "minimize"], "sphere": ["minimize"]}


def networks(trial: optuna.Trial) -> tuple[float, float]:
    """Depth against size."""
    architecture = SPACE.suggest(trial)
    lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    return architecture.depth - lr, architecture.num_params


def sphere(trial: optuna.Trial) -> float:
    """The sum of squares of three numbers, after a moment."""
    value = sum(trial.suggest_float(name, -5, 5) ** 2 for name in "xyz")
    time.sleep(0.002)
    return value


def open_storage(url: str) -> BaseStorage:
    """The storage, which must survive that several processes begin it at once."""
    if url.startswith("journal:"):
        return JournalStorage(JournalFileBackend(url.removeprefix("journal:")))
    return RDBStorage(url, engine_kwargs={"connect_args": {"timeout": 60}})


def sampler(what: str, seed: int | None) -> CoDeepNEATSampler:
    """The sampler that all workers of a study share."""
    space = SPACE if what == "networks" else None
    return CoDeepNEATSampler(space, seed=seed, assembled_population_size=8)


def open_study(url: str, what: str, seed: int | None) -> optuna.Study:
    """The study, begun by whoever comes first."""
    return optuna.create_study(
        study_name="study",
        storage=open_storage(url),
        directions=DIRECTIONS[what],
        sampler=sampler(what, seed),
        load_if_exists=True,
    )


def main(url: str, what: str, n_trials: str, seed: str) -> None:
    """Runs some trials."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    _places.TAKEOVER_SECONDS = 2.0  # so that a killed leader costs the test little
    study = open_study(url, what, None if seed == "None" else int(seed))
    study.optimize({"networks": networks, "sphere": sphere}[what], n_trials=int(n_trials))


if __name__ == "__main__":
    main(*sys.argv[1:])
