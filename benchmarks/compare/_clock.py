"""How long a sampler takes, without the objective."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any


if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

_METHODS = (
    "before_trial",
    "infer_relative_search_space",
    "sample_relative",
    "sample_independent",
    "after_trial",
)


def sampler_clock(sampler: BaseSampler) -> Callable[[], float]:
    """Measures the seconds that a sampler spends from now on, all its methods together."""
    spent, depth = 0.0, 0

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal spent, depth
            depth += 1
            began = time.perf_counter()
            try:
                return method(*args, **kwargs)
            finally:
                depth -= 1
                if not depth:  # methods call one another
                    spent += time.perf_counter() - began

        return call

    for name in _METHODS:
        setattr(sampler, name, timed(getattr(sampler, name)))
    return lambda: spent
