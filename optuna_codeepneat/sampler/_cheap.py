"""Objectives that are known before training."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from math import isfinite
from math import nan
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal
from typing import TypeAlias

from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler._genetics import draw
from optuna_codeepneat.search_space import Architecture


if TYPE_CHECKING:
    from optuna_codeepneat.search_space import SearchSpace

Cheap: TypeAlias = str | Callable[[Any], float]
"""An objective that is known before training: ``"num_params"``, ``"macs"``, ``"depth"``, or a
function of the `Architecture`; without a search space, of the parameters as a mapping."""

_N_TRIED = 16
_SIZES: tuple[Literal["num_params", "macs"], ...] = ("num_params", "macs")


def cheap_value(cheap: Cheap, of: Architecture | Mapping[str, Any]) -> float:
    """A cheap objective of a network or of parameters; ValueError if it is no finite number."""
    value = getattr(of, cheap) if isinstance(cheap, str) else cheap(of)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = nan
    if not isfinite(number):
        what = (
            f"a network of {of.num_params:,} parameters"
            if isinstance(of, Architecture)
            else f"the parameters {dict(of)}"
        )
        raise ValueError(
            f"`cheap` must hold functions that return a finite number, {cheap!r} returned "
            f"{value!r} for {what}."
        )
    return number


def checked_cheap(
    cheap: Sequence[Cheap], space: SearchSpace | None, reproducible: bool
) -> tuple[Cheap, ...]:
    """Cheap objectives; ValueError if one is not known, or fails for networks of the space."""
    if isinstance(cheap, str) or not isinstance(cheap, Sequence):
        raise ValueError(f"`cheap` must be a sequence of objectives, got {cheap!r}.")
    for objective in cheap:
        if not callable(objective) and (objective not in SIZES or space is None):
            names = "" if space is None else f"{', '.join(SIZES)} or "
            raise ValueError(f"`cheap` must hold {names}functions, got {objective!r}.")
        is_measured = getattr(objective, "is_measured", False)
        if reproducible and is_measured:
            raise ValueError(
                f"`cheap` must not hold {objective!r}, which is measured, with `reproducible`."
            )
        if space is not None and not (is_measured or isinstance(objective, str)):
            _try(objective, space)
    return tuple(cheap)


def _try(cheap: Cheap, space: SearchSpace) -> None:
    """Raises what a cheap objective raises for the smallest networks of a space or for others."""
    for size in _SIZES:
        cheap_value(cheap, space.smallest(size))
    rng = rng_for(0, "cheap")
    for _ in range(_N_TRIED):
        network = space.walk(lambda name, distribution: draw(distribution, rng))
        if space.excess(network) is None:
            cheap_value(cheap, network)
