"""Plain functions of a few parameters, one objective each: how near a sampler comes to the best.

Optima are moved away from the middle of the ranges, by another amount in each dimension.
"""

from __future__ import annotations

import math
from functools import partial

import optuna

from benchmarks.compare._problems._benchmark import Benchmark
from benchmarks.compare._problems._benchmark import Objective
from benchmarks.compare._problems._benchmark import by_formula


def optimum(i: int) -> float:
    """Where the optimum is in a dimension, as a share of the range: .2 to .8, no pattern."""
    return 0.2 + 0.6 * ((i + 1) * 0.618034 % 1.0)


def floats(trial: optuna.Trial, n: int, low: float, high: float) -> list[float]:
    return [trial.suggest_float(f"x{i}", low, high) for i in range(n)]


def sphere(n: int, trial: optuna.Trial) -> float:
    xs = floats(trial, n, -5.0, 5.0)
    return sum((x + 5.0 - 10.0 * optimum(i)) ** 2 for i, x in enumerate(xs))


def rosenbrock(n: int, trial: optuna.Trial) -> float:
    xs = floats(trial, n, -2.0, 2.0)
    pairs = zip(xs, xs[1:], strict=False)
    return sum(100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in pairs)


def rastrigin(n: int, trial: optuna.Trial) -> float:
    moved = [x + 5.0 - 10.0 * optimum(i) for i, x in enumerate(floats(trial, n, -5.0, 5.0))]
    return sum(x * x - 10.0 * math.cos(2.0 * math.pi * x) + 10.0 for x in moved)


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


def branches(trial: optuna.Trial) -> float:
    """The kind of model decides which parameters there are; only the best branch comes to 0."""
    model = trial.suggest_categorical("model", ["linear", "trees", "kernel", "network"])
    if model == "linear":
        penalty = math.log10(trial.suggest_float("linear.penalty", 1e-6, 1e2, log=True))
        return 0.45 + 0.02 * (penalty + 1.0) ** 2
    if model == "trees":
        depth = trial.suggest_int("trees.depth", 1, 20)
        trees = math.log2(trial.suggest_int("trees.n", 8, 1024, log=True))
        return 0.15 + 0.004 * (depth - 9) ** 2 + 0.01 * (10 - trees) ** 2
    if model == "kernel":
        scale = math.log10(trial.suggest_float("kernel.scale", 1e-4, 1e2, log=True))
        kind = trial.suggest_categorical("kernel.kind", ["rbf", "polynomial"])
        degree = 3
        if kind == "polynomial":
            degree = trial.suggest_int("kernel.degree", 2, 6)
        return 0.1 + 0.05 * (scale + 2.2) ** 2 + 0.03 * (degree - 3) ** 2
    rate = math.log10(trial.suggest_float("network.rate", 1e-5, 1.0, log=True))
    n_layers = trial.suggest_int("network.layers", 1, 4)
    widths = [
        math.log2(trial.suggest_int(f"network.{i}.width", 4, 256, log=True))
        for i in range(n_layers)
    ]
    wrong = sum((width - 7.0 + i) ** 2 for i, width in enumerate(widths)) / n_layers
    return 0.1 * (n_layers - 3) ** 2 + 0.1 * (rate + 2.0 + 0.2 * n_layers) ** 2 + 0.05 * wrong


FUNCTIONS: dict[str, tuple[str, Objective]] = {
    "sphere-2": ("sphere, 2 floats", partial(sphere, 2)),
    "sphere-5": ("sphere, 5 floats", partial(sphere, 5)),
    "sphere-11": ("sphere, 11 floats", partial(sphere, 11)),
    "rosenbrock-2": ("Rosenbrock, 2 floats", partial(rosenbrock, 2)),
    "rosenbrock-5": ("Rosenbrock, 5 floats", partial(rosenbrock, 5)),
    "rosenbrock-11": ("Rosenbrock, 11 floats", partial(rosenbrock, 11)),
    "rastrigin-5": ("Rastrigin, 5 floats", partial(rastrigin, 5)),
    "logarithms": ("4 logarithms", logarithms),
    "integers": ("5 integers", integers),
    "category": ("float and category", float_and_category),
    "category-steep": ("float and category, steep", rough_category),
    "categories": ("6 categories", categories),
    "mixed": ("2 categories, 3 floats, 2 integers", mixed),
    "branches": ("conditional: four kinds of model with parameters of their own", branches),
}


def plain(name: str) -> Benchmark:
    title, function = FUNCTIONS[name]
    return Benchmark(
        title=f"Plain function: {title}",
        directions=("minimize",),
        make_objective=by_formula(function),
        networks=240,
    )
