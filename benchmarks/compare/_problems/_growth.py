"""Landscapes over networks, in closed form: a score that no network is trained for.

Networks are those of the package's own spaces, scores are made of their depth, receptive field,
widths, kinds and connections, and the second objective is the number of parameters. All numbers
are ours, chosen once, before any sampler ran on them. Each score has a little noise, which
depends on the seed of the study and on the network alone: the same network has the same score.

* ``smooth``: like a small image problem. Depth, receptive field and width help, each less the
  more there is of it.
* ``motifs``: what counts is what stands beside what. Normalisation and residual sums hurt alone
  and help together; dilations have to double from layer to layer, kinds and kernels to differ.
* ``deceptive``: a broad hill of wide and shallow networks with a high learning rate, and a higher
  and narrow one elsewhere, of deep networks that use one module again and again, whose learning
  rate falls with their depth. Every pair of neighbouring layers adds a random part, as in an NK
  landscape (Kauffman and Levin 1987).
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from statistics import mean
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from benchmarks.compare._problems._benchmark import Benchmark
from benchmarks.compare._problems._benchmark import Objective
from benchmarks.compare._problems._benchmark import score_and_size
from optuna_codeepneat import Architecture
from optuna_codeepneat import SearchSpace
from optuna_codeepneat.search_space import Operation


_NOISE = 0.005
"""Standard deviation of a score, about that of 1,000 validation examples at 97 %."""


@dataclass(frozen=True)
class Shape:
    """What the landscapes see of a network.

    Args:
        layers:
            Its layers.
        neighbours:
            Pairs of layers of which the second reads the first, through merges and pools too.
        merges:
            Kind of each merge, with the layers that it joins.
        depth:
            The most layers on one path.
        field:
            How many positions of the input an output sees at most.
        width:
            The geometric mean of the layers' widths.
    """

    layers: tuple[Operation, ...]
    neighbours: tuple[tuple[Operation, Operation], ...]
    merges: tuple[tuple[str, tuple[Operation, ...]], ...]
    depth: int
    field: int
    width: float


def shape_of(architecture: Architecture) -> Shape:
    behind: dict[str, tuple[Operation, ...]] = {}  # the layers that an operation passes on
    depth: dict[str, int] = {}
    field: dict[str, int] = {}
    stride: dict[str, int] = {}
    layers, neighbours, merges = [], [], []
    for op in architecture.operations[:-1]:
        read = tuple(dict.fromkeys(layer for name in op.inputs for layer in behind[name]))
        behind[op.name] = read
        depth[op.name] = max((depth[name] for name in op.inputs), default=0)
        stride[op.name] = max((stride[name] for name in op.inputs), default=1)
        field[op.name] = max((field[name] for name in op.inputs), default=1)
        if op.kind == "max_pool":
            field[op.name] += (int(op.genes["factor"]) - 1) * stride[op.name]
            stride[op.name] *= int(op.genes["factor"])
        elif "kernel" in op.genes:
            layers.append(op)
            neighbours += [(layer, op) for layer in read]
            behind[op.name] = (op,)
            depth[op.name] += 1
            reach = (int(op.genes["kernel"]) - 1) * int(op.genes["dilation"])
            field[op.name] += reach * stride[op.name]
        elif op.inputs:
            merges.append((op.kind, read))
    last = architecture.operations[-1].inputs[0]
    width = math.exp(mean(math.log(float(op.genes["width"])) for op in layers))
    return Shape(tuple(layers), tuple(neighbours), tuple(merges), depth[last], field[last], width)


def saturating(x: float) -> float:
    """From 0 to 1, each step less than the one before."""
    return 1.0 - math.exp(-x)


def bump(x: float, centre: float, width: float) -> float:
    return math.exp(-(((x - centre) / width) ** 2))


def drawn(*what: Any) -> float:
    """A number from 0 to 1 that depends on nothing but the arguments."""
    digest = hashlib.blake2b(repr(what).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") + 0.5) / 2**64


def smooth(architecture: Architecture) -> float:
    shape = shape_of(architecture)
    curved = mean(op.genes["activation"] != "linear" for op in shape.layers)
    plain = sum(not op.genes["residual"] for op in shape.layers)
    seen = saturating(min(shape.field, 40) / 10)
    depth = 0.5 + 0.5 * saturating(shape.depth * (0.5 + 0.5 * curved) / 2)
    width = 0.4 + 0.6 * saturating(shape.width / 6)
    # Deep networks without residual sums train badly.
    return 0.1 + 0.88 * seen * depth * width - 0.02 * max(0, plain - 4)


def motifs(architecture: Architecture) -> float:
    shape = shape_of(architecture)
    residual = {op.name: bool(op.genes["residual"]) for op in shape.layers}
    normalised = {op.name: op.genes["norm"] == "batch" for op in shape.layers}
    both = mean(residual[op.name] and normalised[op.name] for op in shape.layers)
    one = mean(residual[op.name] != normalised[op.name] for op in shape.layers)
    doubled = sum(
        b.genes["dilation"] == 2 * a.genes["dilation"] and residual[a.name] and residual[b.name]
        for a, b in shape.neighbours
    )
    mixed = sum(
        a.kind == "conv1d" and b.kind == "separable_conv1d" and a.genes["activation"] != "linear"
        for a, b in shape.neighbours
    )
    branches = sum(
        kind == "sum" and len({op.genes["kernel"] for op in joined}) > 1
        for kind, joined in shape.merges
    )
    return (
        0.25
        + 0.25 * saturating(doubled / 1.5)
        + 0.12 * saturating(mixed / 1.5)
        + 0.10 * saturating(branches)
        + 0.15 * saturating(doubled * mixed / 3)
        + 0.12 * both
        - 0.10 * one
    )


def deceptive(architecture: Architecture) -> float:
    shape = shape_of(architecture)
    rate = math.log10(float(architecture.hyperparameters["learning_rate"]))
    slots = Counter(node.kind for node in architecture.blueprint.nodes)
    reused = {1: 0.2, 2: 0.6}.get(max(slots.values()), 1.0)
    broad = 0.6 * saturating(shape.width / 8) * bump(rate, -1.2, 1.0) * bump(shape.depth, 2, 3)
    narrow = 0.8 * reused * bump(shape.depth, 8, 2.5) * bump(math.log2(shape.width), 3.2, 0.9)
    narrow *= bump(rate, -2.2 - 0.1 * (shape.depth - 6), 0.5)

    def look(op: Operation) -> tuple[Any, ...]:
        return op.kind, op.genes["activation"], op.genes["kernel"], op.genes["dilation"]

    pairs = [drawn(look(a), look(b)) for a, b in shape.neighbours]
    rough = mean(pairs) if pairs else 0.5
    return 0.1 + max(broad, narrow) + 0.1 * rough


def _space(*, norm: bool = False, rate: bool = False) -> SearchSpace:
    """That of `mnist1d`, with normalisation or the learning rate to be found as well."""
    more: dict[str, Any] = {}
    if norm:
        genes = {
            "width": IntDistribution(4, 32, log=True),
            "kernel": IntDistribution(3, 7, step=2),
            "norm": CategoricalDistribution(("batch", "none")),
            "activation": CategoricalDistribution(("relu", "elu", "linear")),
            **{"stride": 1, "initializer": "he", "weight_decay": 0.0, "dropout": 0.0},
        }
        more["layers"] = {"conv1d": genes, "separable_conv1d": genes}
    if rate:
        more["hyperparameters"] = {"learning_rate": FloatDistribution(1e-4, 1e-1, log=True)}
    return SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10, max_params=6_000, **more)


LANDSCAPES: dict[str, tuple[Callable[[Architecture], float], Callable[[], SearchSpace]]] = {
    "smooth": (smooth, _space),
    "motifs": (motifs, partial(_space, norm=True)),
    "deceptive": (deceptive, partial(_space, rate=True)),
}


def growth(name: str) -> Benchmark:
    landscape, make_space = LANDSCAPES[name]
    space = make_space()

    def make_objective(seed: int, checkpoints: Any) -> Objective:
        def objective(trial: optuna.Trial) -> tuple[float, float]:
            architecture = space.suggest(trial)
            noise = NormalDist(0.0, _NOISE).inv_cdf(drawn(seed, architecture.signature))
            score = min(max(landscape(architecture) + noise, 0.0), 1.0)
            return score, architecture.num_params

        return objective

    return Benchmark(
        title=f"Growing networks, landscape “{name}”: score and number of parameters",
        directions=("maximize", "minimize"),
        make_objective=make_objective,
        space=space,
        costs=("num_params",),
        points=score_and_size(100, 10_000),
        reference=(1.0, 1.0),
    )
