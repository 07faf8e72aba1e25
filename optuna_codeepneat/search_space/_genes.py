"""The values of genes, as every storage keeps them."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from typing import NoReturn
from typing import TypeAlias

from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution

from optuna_codeepneat._scalars import scalar


Value: TypeAlias = bool | int | float | str
"""What a gene may hold: the value of an Optuna parameter."""

_AS_THEY_ARE = (bool, int, str, type(None))


class Genes(dict[str, Value]):
    """Gene values by name, in alphabetical order; they cannot change, but ``genes | {...}`` can.

    The order is part of the value: random numbers are drawn gene by gene, so that genomes that
    were stored and read again must breed the same children. For the same reason the values are
    `plain`.
    """

    __slots__ = ("_fitted_to",)

    _fitted_to: Mapping[str, BaseDistribution] | None
    """The ranges that it was found to fit, so that it is not looked at again for each network."""

    def __init__(
        self, values: Mapping[str, Value] = MappingProxyType({}), /, **more: Value
    ) -> None:
        self._fitted_to = None
        merged = {**values, **more} if more else values
        if type(merged) is Genes:
            super().__init__(merged)  # in order already
        else:
            super().__init__([(name, plain(merged[name])) for name in sorted(merged)])

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("genes are immutable; write `Genes(genes | {...})` for changed ones.")

    __setitem__ = __delitem__ = __ior__ = _refuse
    update = pop = popitem = setdefault = clear = _refuse

    def __or__(self, other: Mapping[str, Value]) -> Genes:  # type: ignore[override]
        return Genes({**self, **other})

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))

    def __reduce__(self) -> tuple[type[Genes], tuple[dict[str, Value]]]:
        return Genes, (dict(self),)


def plain(value: Any) -> Any:
    """What stands for the value of a parameter in genes and wherever it is stored as JSON.

    Databases give lists back for tuples, and no NaN equals another: here sequences are tuples,
    and there is one NaN, so that what was equal stays it. Numbers and text are Python's own.
    What JSON cannot hold, such as a class, is replaced by its name.
    """
    if type(value) in _AS_THEY_ARE:
        return value
    value = scalar(value)
    if isinstance(value, float):
        return math.nan if math.isnan(value) else float(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):  # an `IntEnum`, say
        return value if isinstance(value, bool) else int(value)
    if isinstance(value, list | tuple):
        return tuple(map(plain, value))
    if isinstance(value, Mapping):
        return Genes({str(name): inner for name, inner in value.items()})
    return value if value is None else _named(value)


def _named(value: Any) -> str:
    """A class or a function by its import path, if it has one; anything else as it is printed."""
    name = getattr(value, "__qualname__", "<")
    module = getattr(value, "__module__", None)
    return repr(value) if module is None or "<" in str(name) else f"{module}.{name}"


def is_same(one: Any, other: Any) -> bool:
    """Whether two plain values are the same, and not merely equal (as 1 == True)."""
    return one is other or (type(one) is type(other) and bool(one == other))


def plain_range(distribution: BaseDistribution) -> BaseDistribution:
    """The distribution with plain choices; itself if it has them, or has none."""
    if not isinstance(distribution, CategoricalDistribution):
        return distribution
    choices = tuple(map(plain, distribution.choices))
    if all(own is given for own, given in zip(choices, distribution.choices, strict=True)):
        return distribution
    changed = copy.copy(distribution)  # making one would warn of tuples
    changed.choices = choices
    return changed
