"""The problems by name. One more is a function that returns a `Benchmark`, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from benchmarks.compare._problems._benchmark import Benchmark
from benchmarks.compare._problems._growth import LANDSCAPES
from benchmarks.compare._problems._growth import growth
from benchmarks.compare._problems._nasbench201 import nasbench201


PROBLEMS: dict[str, Callable[[], Benchmark]] = {
    "nasbench201-imagenet16": partial(nasbench201, "imagenet", with_size=False),
    "nasbench201-cifar100": partial(nasbench201, "cifar100", with_size=True),
    **{f"growth-{name}": partial(growth, name) for name in LANDSCAPES},
}

GROUPS = {
    "nasbench201": tuple(name for name in PROBLEMS if name.startswith("nasbench201")),
    "growth": tuple(name for name in PROBLEMS if name.startswith("growth")),
}
"""Names for several problems at once."""

__all__ = ["GROUPS", "PROBLEMS", "Benchmark"]
