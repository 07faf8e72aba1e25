"""Objectives with learning curves that cost nothing."""

from __future__ import annotations

from collections.abc import Callable

import optuna

from optuna_codeepneat.pruning import FrontPruner


METRICS = {"accuracy": "maximize", "num_params": "minimize"}
STEPS = range(1, 10)


def accuracy(width: int, rate: float, step: int) -> float:
    """Of a wider network it is higher in the end; at a low rate it gets there late."""
    return (1.0 - 1.0 / (1.0 + width)) * (1.0 - 0.5 ** (rate * step))


def objective(pruner: FrontPruner) -> Callable[[optuna.Trial], tuple[float, float]]:
    """Two objectives, reported at each of nine steps."""

    def run(trial: optuna.Trial) -> tuple[float, float]:
        width = trial.suggest_int("width", 1, 64, log=True)
        rate = trial.suggest_float("rate", 0.05, 1.0)
        score = 0.0
        for step in STEPS:
            score = accuracy(width, rate, step)
            pruner.report(trial, {"accuracy": score, "num_params": 10 * width}, step)
            if pruner.should_prune(trial):
                raise optuna.TrialPruned
        return score, 10 * width

    return run
