"""The settings of LEMONADE: objectives, sizes, rates and morphisms, fixed for a whole study."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import TypeAlias

from optuna_codeepneat.search_space import Architecture


Cheap: TypeAlias = str | Callable[[Architecture], float]
"""An objective that is known before training: a name, or a function of the architecture."""


SIZES = ("num_params", "macs", "depth")
"""The cheap objectives by name: attributes of an architecture."""


def cheap_value(cheap: Cheap, architecture: Architecture) -> float:
    """A cheap objective of a network.

    Raises:
        ValueError: If it is no positive number.
    """
    value = float(getattr(architecture, cheap) if isinstance(cheap, str) else cheap(architecture))
    if not (isfinite(value) and value > 0):
        raise ValueError(f"a cheap objective must be a positive number, {cheap!r} is {value}.")
    return value
