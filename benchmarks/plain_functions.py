"""Plain functions of a few parameters, without networks: how near each sampler comes to the best.

    python benchmarks/plain_functions.py --seeds 20 --trials 240

`CoDeepNEATSampler` without a space, as any other sampler of Optuna is used, against
`NSGAIISampler` and `RandomSampler`, and for information `TPESampler`. Every sampler has the same
seeds, and its defaults. Optima are moved away from the middle of the ranges, by another amount in
each dimension.

For each function the median over the seeds is printed of the best value (lower is better; of the
two objectives the hypervolume that is missing), and how often a run of CoDeepNEAT ends ahead of
one of NSGA-II, over all pairs of runs: .5 if they are equally good.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
import warnings
from collections.abc import Callable
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import mean
from statistics import median

import numpy as np
import optuna
from optuna.samplers import BaseSampler

from optuna_codeepneat import CoDeepNEATSampler


Objective = Callable[[optuna.Trial], float | tuple[float, ...]]

OURS, BASE = "codeepneat", "nsgaii"
SAMPLERS: dict[str, Callable[[int], BaseSampler]] = {
    OURS: lambda seed: CoDeepNEATSampler(seed=seed),
    BASE: lambda seed: optuna.samplers.NSGAIISampler(seed=seed),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True),
}
REFERENCE = (1.1, 6.0)
"""The corner that the hypervolume of the two objectives is measured from."""


def optimum(i: int) -> float:
    """Where the optimum is in a dimension, as a share of the range: .2 to .8, no pattern."""
    return 0.2 + 0.6 * ((i + 1) * 0.618034 % 1.0)


def floats(trial: optuna.Trial, n: int, low: float, high: float) -> list[float]:
    return [trial.suggest_float(f"x{i}", low, high) for i in range(n)]


def sphere(n: int) -> Objective:
    def objective(trial: optuna.Trial) -> float:
        xs = floats(trial, n, -5.0, 5.0)
        return sum((x + 5.0 - 10.0 * optimum(i)) ** 2 for i, x in enumerate(xs))

    return objective


def rosenbrock(n: int) -> Objective:
    def objective(trial: optuna.Trial) -> float:
        xs = floats(trial, n, -2.0, 2.0)
        pairs = zip(xs, xs[1:], strict=False)
        return sum(100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in pairs)

    return objective


def rastrigin(n: int) -> Objective:
    def objective(trial: optuna.Trial) -> float:
        moved = [x + 5.0 - 10.0 * optimum(i) for i, x in enumerate(floats(trial, n, -5.0, 5.0))]
        return sum(x * x - 10.0 * math.cos(2.0 * math.pi * x) + 10.0 for x in moved)

    return objective


def logarithms(trial: optuna.Trial) -> float:
    """Four floats over five decades, of which the decade counts."""
    decades = [
        math.log10(trial.suggest_float(f"x{i}", 1e-6, 1e-1, log=True)) + 6.0 for i in range(4)
    ]
    return sum((decade - 5.0 * optimum(i)) ** 2 for i, decade in enumerate(decades))


def integers(trial: optuna.Trial) -> float:
    ns = [trial.suggest_int(f"n{i}", 0, 100) for i in range(5)]
    return float(sum((n - round(100 * optimum(i))) ** 2 for i, n in enumerate(ns)))


def float_and_category(trial: optuna.Trial) -> float:
    """The best category looks no better than others but near its own optimum."""
    kind = trial.suggest_categorical("kind", list("abcdefgh"))
    x = trial.suggest_float("x", 0.0, 1.0)
    i = "abcdefgh".index(kind)
    width, depth = (0.05, 1.0) if kind == "f" else (0.2, 0.8)
    return 1.0 - depth * math.exp(-(((x - optimum(i)) / width) ** 2))


def rough_category(trial: optuna.Trial) -> float:
    """Each category has its own optimum in a steep valley, and the best is a little deeper."""
    kind = trial.suggest_categorical("kind", list("abcd"))
    x = trial.suggest_float("x", -5.0, 5.0)
    floor, best = {"a": (0.3, -3.0), "b": (0.1, -1.0), "c": (0.0, 2.0), "d": (0.2, 4.0)}[kind]
    return float(floor + 1.5 * abs(x - best) ** 0.7)


def categories(trial: optuna.Trial) -> float:
    """Six categories that count one by one and in pairs."""
    values = [int(trial.suggest_categorical(f"c{i}", list("01234"))) for i in range(6)]
    wanted = [(2 * i + 1) % 5 for i in range(6)]
    wrong = [value != best for value, best in zip(values, wanted, strict=True)]
    return float(sum(wrong) + 0.5 * sum(a != b for a, b in zip(wrong, wrong[1:], strict=False)))


def mixed(trial: optuna.Trial) -> float:
    """Like the hyperparameters of a network: what one is worth depends on others."""
    optimizer = trial.suggest_categorical("optimizer", ["sgd", "adam", "rmsprop"])
    activation = trial.suggest_categorical("activation", ["relu", "tanh", "gelu", "silu"])
    lr = math.log10(trial.suggest_float("lr", 1e-5, 1.0, log=True))
    decay = math.log10(trial.suggest_float("decay", 1e-6, 1e-1, log=True))
    dropout = trial.suggest_float("dropout", 0.0, 0.8)
    layers = trial.suggest_int("layers", 1, 8)
    width = math.log2(trial.suggest_int("width", 8, 512, log=True))
    best = {"sgd": (-1.0, 0.1), "adam": (-3.0, 0.0), "rmsprop": (-3.5, 0.15)}[optimizer]
    return (
        best[1]
        + {"relu": 0.1, "tanh": 0.3, "gelu": 0.0, "silu": 0.05}[activation]
        + 0.2 * (lr - best[0] + 0.2 * (layers - 4)) ** 2
        + 0.05 * (decay + 3.5) ** 2
        + 1.5 * (dropout - 0.08 * (width - 4)) ** 2
        + 0.05 * (layers - 5) ** 2
        + 0.1 * (width - 7.3) ** 2
    )


def zdt1(trial: optuna.Trial) -> tuple[float, float]:
    """Zitzler, Deb and Thiele 2000, with ten floats."""
    xs = floats(trial, 10, 0.0, 1.0)
    g = 1.0 + 9.0 * mean(xs[1:])
    return xs[0], g * (1.0 - math.sqrt(xs[0] / g))


FUNCTIONS: dict[str, Objective] = {
    "sphere, 2 floats": sphere(2),
    "sphere, 5 floats": sphere(5),
    "sphere, 11 floats": sphere(11),
    "Rosenbrock, 2 floats": rosenbrock(2),
    "Rosenbrock, 5 floats": rosenbrock(5),
    "Rosenbrock, 11 floats": rosenbrock(11),
    "Rastrigin, 5 floats": rastrigin(5),
    "4 logarithms": logarithms,
    "5 integers": integers,
    "float and category": float_and_category,
    "float and category, steep": rough_category,
    "6 categories": categories,
    "mixed": mixed,
    "ZDT1, 10 floats": zdt1,
}


def missing(values: Sequence[Sequence[float]]) -> float:
    """The best of one objective, or the hypervolume that two have left."""
    if len(values[0]) == 1:
        return min(value for (value,) in values)
    from optuna._hypervolume import compute_hypervolume

    # The front is 1 - sqrt(x) for x from 0 to 1, and 0 from there to the corner.
    ideal = REFERENCE[0] * REFERENCE[1] - 1.0 / 3.0
    points = np.minimum(np.array(values), REFERENCE)
    return ideal - float(compute_hypervolume(points, np.array(REFERENCE)))


def run(name: str, function: str, n_trials: int, seed: int) -> float:
    n_objectives = 2 if FUNCTIONS[function] is zdt1 else 1
    study = optuna.create_study(
        directions=["minimize"] * n_objectives, sampler=SAMPLERS[name](seed)
    )
    study.optimize(FUNCTIONS[function], n_trials=n_trials)
    return missing([trial.values for trial in study.get_trials(deepcopy=False)])


def ahead(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The share of all pairs of runs in which ours is better, half of the ties included."""
    return mean((a < b) + 0.5 * (a == b) for a in ours for b in theirs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=240)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--samplers", nargs="+", choices=list(SAMPLERS), default=list(SAMPLERS))
    parser.add_argument("--functions", nargs="+", choices=list(FUNCTIONS), default=list(FUNCTIONS))
    parser.add_argument("--json", type=Path, help="a file for the best value of each run")
    args = parser.parse_args()
    print(
        f"{args.trials} trials, {args.seeds} seeds, Python {sys.version.split()[0]}, "
        f"optuna {version('optuna')}; median of the best values"
    )
    print(f"| function | {' | '.join(args.samplers)} | ahead of NSGA-II |")
    print(f"|---|{'---:|' * (len(args.samplers) + 1)}")
    best: dict[str, dict[str, list[float]]] = {}
    began = time.perf_counter()
    for function in args.functions:
        found = best[function] = {
            name: [run(name, function, args.trials, seed) for seed in range(args.seeds)]
            for name in args.samplers
        }
        cells = [f"{median(values):.3g}" for values in found.values()]
        share = f"{ahead(found[OURS], found[BASE]):.2f}" if {OURS, BASE} <= {*found} else ""
        print(f"| {function} | {' | '.join(cells)} | {share} |", flush=True)
    print(f"{time.perf_counter() - began:.0f} s")
    if args.json is not None:
        args.json.write_text(json.dumps(best))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    main()
