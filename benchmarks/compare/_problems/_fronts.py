"""Functions with known fronts: ZDT (Zitzler, Deb and Thiele 2000), DTLZ2 (Deb et al. 2005).

The reference points are about what random points come to, so that the first ones already have a
hypervolume; it is divided by that of the true front. And one of ours, whose parameters depend on
one another and whose front is not known: there the hypervolume is not divided by anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean

import numpy as np
import optuna

from benchmarks.compare._measures import hypervolume
from benchmarks.compare._problems._benchmark import Benchmark
from benchmarks.compare._problems._benchmark import by_formula


def _zdt1(f: float, g: float) -> float:
    return g * (1.0 - math.sqrt(f / g))


def _zdt2(f: float, g: float) -> float:
    return g - f * f / g


def _zdt3(f: float, g: float) -> float:
    return g * (1.0 - math.sqrt(f / g) - f / g * math.sin(10.0 * math.pi * f))


def _linear(rest: list[float]) -> float:
    return 1.0 + 9.0 * mean(rest)


def _rough(rest: list[float]) -> float:
    return 1.0 + sum(x * x - 10.0 * math.cos(4.0 * math.pi * x) + 10.0 for x in rest)


def _biased(rest: list[float]) -> float:
    return 1.0 + 9.0 * math.pow(mean(rest), 0.25)


def _same(x: float) -> float:
    return x


def _uneven(x: float) -> float:
    return 1.0 - math.exp(-4.0 * x) * math.sin(6.0 * math.pi * x) ** 6


@dataclass(frozen=True)
class ZDT:
    """Objectives ``f = first(x0)`` and ``second(f, g(other xs))``; on the front, g is 1."""

    second: Callable[[float, float], float]
    g: Callable[[list[float]], float]
    reference: float
    n: int = 30
    first: Callable[[float], float] = _same
    rest: tuple[float, float] = (0.0, 1.0)


ZDTS = {
    "zdt1": ZDT(_zdt1, _linear, 6.0),
    "zdt1-10": ZDT(_zdt1, _linear, 6.0, n=10),
    "zdt2": ZDT(_zdt2, _linear, 7.0),
    "zdt3": ZDT(_zdt3, _linear, 6.0),
    "zdt4": ZDT(_zdt1, _rough, 150.0, n=10, rest=(-5.0, 5.0)),
    "zdt6": ZDT(_zdt2, _biased, 10.0, n=10, first=_uneven),
}


def zdt(name: str) -> Benchmark:
    kind = ZDTS[name]

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        first, rest = trial.suggest_float("x0", 0.0, 1.0), kind.rest
        xs = [trial.suggest_float(f"x{i}", *rest) for i in range(1, kind.n)]
        f = kind.first(first)
        return f, kind.second(f, kind.g(xs))

    reference = (1.1, kind.reference)
    along = [kind.first(x) for x in np.linspace(0.0, 1.0, 20_001).tolist()]
    front = np.array([(f, kind.second(f, 1.0)) for f in along])
    return Benchmark(
        title=f"{name[:4].upper()} with {kind.n} floats; share of the true front's hypervolume",
        directions=("minimize", "minimize"),
        make_objective=by_formula(objective),
        reference=reference,
        whole=hypervolume(front, reference),
        networks=300,
    )


def dtlz2() -> Benchmark:
    """Three objectives; the front is an eighth of the unit sphere."""

    def objective(trial: optuna.Trial) -> tuple[float, float, float]:
        xs = [trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(12)]
        g = 1.0 + sum((x - 0.5) ** 2 for x in xs[2:])
        a, b = (x * math.pi / 2.0 for x in xs[:2])
        return g * math.cos(a) * math.cos(b), g * math.cos(a) * math.sin(b), g * math.sin(a)

    return Benchmark(
        title="DTLZ2 with 12 floats and 3 objectives; share of the true front's hypervolume",
        directions=("minimize", "minimize", "minimize"),
        make_objective=by_formula(objective),
        reference=(2.0, 2.0, 2.0),
        whole=8.0 - math.pi / 6.0,
        networks=300,
    )


def conditional() -> Benchmark:
    """A model, of which each kind has its own parameters: error and decades of costs.

    The front is that of linear models, then trees, then networks, each of which can be cheaper
    or better than the one before by its own parameters.
    """

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        model = trial.suggest_categorical("model", ["linear", "trees", "network"])
        if model == "linear":
            penalty = math.log10(trial.suggest_float("linear.penalty", 1e-6, 1e2, log=True))
            features = math.log2(trial.suggest_int("linear.features", 1, 256, log=True))
            error = 0.35 + 0.4 * math.exp(-features / 2.0) + 0.01 * (penalty + 1.0) ** 2
            return min(error, 1.0), 0.2 + 0.1 * features
        if model == "trees":
            depth = trial.suggest_int("trees.depth", 1, 16)
            trees = math.log2(trial.suggest_int("trees.n", 8, 1024, log=True))
            error = 0.18 + 0.3 * math.exp(-(trees - 3.0) / 2.0) + 0.003 * (depth - trees) ** 2
            return min(error, 1.0), 0.8 + 0.15 * trees + 0.03 * depth
        rate = math.log10(trial.suggest_float("network.rate", 1e-5, 1.0, log=True))
        n_layers = trial.suggest_int("network.layers", 1, 4)
        widths = [
            math.log2(trial.suggest_int(f"network.{i}.width", 4, 256, log=True))
            for i in range(n_layers)
        ]
        capacity = sum(widths) / 8.0
        uneven = sum((a - b - 1.0) ** 2 for a, b in zip(widths, widths[1:], strict=False))
        wrong_rate = (rate + 2.0 + 0.2 * n_layers) ** 2
        error = 0.05 + 0.4 * math.exp(-capacity) + 0.02 * uneven + 0.08 * wrong_rate
        return min(error, 1.0), 1.0 + 0.12 * sum(widths)

    return Benchmark(
        title="Conditional: three kinds of model with parameters of their own, error and costs",
        directions=("minimize", "minimize"),
        make_objective=by_formula(objective),
        points=lambda values: values / np.array([1.0, 5.0]),
        reference=(1.0, 1.0),
    )
