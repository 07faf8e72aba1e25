"""The problems by name. One more is a function that returns a `Benchmark`, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from benchmarks.compare._problems import _fronts
from benchmarks.compare._problems import _growth
from benchmarks.compare._problems import _plain
from benchmarks.compare._problems import _trained
from benchmarks.compare._problems._benchmark import Benchmark
from benchmarks.compare._problems._nasbench201 import nasbench201


GROUPS: dict[str, dict[str, Callable[[], Benchmark]]] = {
    "trained": {
        "mnist1d": _trained.mnist1d,
        "mnist1d-shuffled": _trained.mnist1d_shuffled,
        "fashion14": _trained.fashion14,
    },
    "nasbench201": {
        "nasbench201-imagenet16": partial(nasbench201, "imagenet", with_size=False),
        "nasbench201-cifar100": partial(nasbench201, "cifar100", with_size=True),
    },
    "growth": {f"growth-{name}": partial(_growth.growth, name) for name in _growth.LANDSCAPES},
    "fronts": {
        **{name: partial(_fronts.zdt, name) for name in _fronts.ZDTS},
        "dtlz2": _fronts.dtlz2,
        "conditional": _fronts.conditional,
    },
    "plain": {name: partial(_plain.plain, name) for name in _plain.FUNCTIONS},
}
"""Names for several problems at once."""

PROBLEMS = {name: make for group in GROUPS.values() for name, make in group.items()}

__all__ = ["GROUPS", "PROBLEMS", "Benchmark"]
