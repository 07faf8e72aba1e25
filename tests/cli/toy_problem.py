"""Problems in closed form for the tests of the command line: no data, no torch, no time.

Environment variables make them slow or let them fail, in worker processes too.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import optuna

from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import Reference
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import SearchSpace


FAILS = os.environ.get("TOY_FAILS")
SECONDS = float(os.environ.get("TOY_SECONDS", "0"))


class Toy(Problem):
    """Larger networks are more accurate."""

    def objective(self, trial: Any, **kwargs: Any) -> tuple[float, ...]:
        architecture = self.space.suggest(trial)
        trial.suggest_float("lr", 1e-4, 1e-1, log=True)
        if multiprocessing.parent_process() is not None:
            print("a line of the user's")
        if FAILS == "always" or (FAILS == "sometimes" and trial.number % 3 == 1):
            raise RuntimeError("the lab is\non fire")
        if FAILS == "crash" or (FAILS == "crashes" and trial.number % 2 == 1):
            os._exit(3)
        if FAILS == "hangs" and trial.number % 3 == 1:
            time.sleep(3600)  # whatever its deadline
        if FAILS == "memory":
            raise MemoryError("all of it")
        if FAILS == "cuda" and trial.number == 0:
            raise RuntimeError("CUDA error: device-side assert triggered")
        if FAILS == "stale":  # as another process does with trials whose heartbeat stopped
            trial.study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        if FAILS == "nan":
            return math.nan, 1.0
        if FAILS == "diverged":
            raise optuna.TrialPruned("the loss is not finite")
        for _ in range(int(100 * SECONDS)):
            time.sleep(0.01)
        values = score(architecture), float(architecture.num_params)
        return values[: len(self.objectives)]

    def train_final(self, architecture: Any, hyperparameters: Any = None, **kwargs: Any) -> Any:
        if set(hyperparameters) != {"lr"}:
            raise ValueError(f"expected the learning rate alone, got {hyperparameters}")
        if FAILS == "final":
            raise RuntimeError("no time left")
        return architecture

    def test(self, network: Any) -> float:
        with Path("tested.txt").open("a") as file:
            file.write(f"{network.num_params}\n")
        return score(network) - 0.01


def score(architecture: Architecture) -> float:
    return 1 - 1 / math.log(architecture.num_params)


def make(name: str, objectives: dict[str, str]) -> Toy:
    return Toy(
        name=name,
        title="Toy networks",
        make_space=lambda: SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10),
        load_splits=lambda: None,  # type: ignore[arg-type,return-value]
        objectives=objectives,
        references=[
            Reference(name="hand-made", num_params=500, score=0.7, source="a paper"),
            Reference(name="human", score=0.99, source="a person"),
        ],
    )


toy = make("toy", {"accuracy": "maximize", "num_params": "minimize"})
single = make("single", {"accuracy": "maximize"})
