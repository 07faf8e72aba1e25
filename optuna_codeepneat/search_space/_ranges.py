"""Ranges of genes: what a user gives for them, and whether a value is in one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Sequence
from math import isfinite
from numbers import Real
from typing import Any
from typing import TypeAlias

from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat._scalars import scalar
from optuna_codeepneat.search_space._genes import Genes
from optuna_codeepneat.search_space._genes import Value
from optuna_codeepneat.search_space._genes import is_same
from optuna_codeepneat.search_space._genes import plain
from optuna_codeepneat.search_space._genes import plain_range
from optuna_codeepneat.search_space._layer import extremes
from optuna_codeepneat.search_space._registry import get_layer


GeneRanges: TypeAlias = Mapping[str, BaseDistribution | Value]
"""Gene names with a distribution, or with the plain value that fixes the gene."""


def contains(distribution: BaseDistribution, value: Any) -> bool:
    """Whether a distribution holds a value, and not merely one that is equal (as 1 == True)."""
    if isinstance(distribution, CategoricalDistribution):
        return _position(distribution.choices, value) is not None
    value = scalar(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if not isfinite(value) or (isinstance(distribution, IntDistribution) and value % 1):
        return False
    return distribution._contains(float(value))


def _position(choices: Sequence[Any], value: Any) -> int | None:
    """Where a value stands among choices; they are compared as genes hold them."""
    for i, choice in enumerate(choices):
        if type(choice) is type(value) and choice == value:
            return i
    wanted = plain(value)
    return next((i for i, choice in enumerate(choices) if is_same(plain(choice), wanted)), None)


def checked(name: str, value: Any, distribution: BaseDistribution) -> Any:
    if not contains(distribution, value):
        raise ValueError(f"`{name}`={value!r} is outside of the search space: {distribution}.")
    return typed(distribution, value)


def read(name: str, value: Any, distribution: BaseDistribution) -> Any:
    """A value that may come from a table, where 2 is 2.0 or "2", and True may be 1.0 or "True"."""
    if contains(distribution, value):
        return typed(distribution, value)
    meant = _meant(distribution, value)
    return checked(name, meant if contains(distribution, meant) else value, distribution)


def _meant(distribution: BaseDistribution, value: Any) -> Any:
    number = _number(value)
    if not isinstance(distribution, CategoricalDistribution):
        return number
    for choice in distribution.choices:
        is_number = number is not None and isinstance(choice, Real)
        if (is_number and choice == number) or (isinstance(value, str) and str(choice) == value):
            return choice
    return value


def _number(value: Any) -> float | None:
    """The number that a table's cell holds, as such or as text."""
    if isinstance(value, bool) or not isinstance(value, str | Real):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def typed(distribution: BaseDistribution, value: Any) -> Any:
    """An equal value as ``trial.suggest_*`` gives it: 3.0 may be meant as a width."""
    if isinstance(distribution, CategoricalDistribution):
        i = _position(distribution.choices, value)
        return value if i is None else distribution.choices[i]
    value = scalar(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(distribution, IntDistribution) and value % 1 == 0:
        return int(value)
    return float(value) if isinstance(distribution, FloatDistribution) else value


def with_defaults(
    ranges: Mapping[str, BaseDistribution],
    defaults: Mapping[str, Value],
    genes: Genes | dict[str, Value],
) -> Genes:
    """`genes` with a default where one is missing."""
    if isinstance(genes, Genes) and genes._fitted_to is ranges:
        return genes
    if genes.keys() == ranges.keys():
        given = {name: typed(ranges[name], value) for name, value in genes.items()}
        same = all(given[name] is value for name, value in genes.items())
        fitted = genes if same and isinstance(genes, Genes) else Genes(given)
        fitted._fitted_to = ranges
        return fitted
    unknown = sorted(set(genes) - set(ranges))
    if unknown:
        raise ValueError(f"unknown gene(s) {unknown}; known are {sorted(ranges)}.")
    return Genes(
        {
            name: typed(distribution, genes[name])
            if name in genes
            else _default(distribution, defaults.get(name))
            for name, distribution in ranges.items()
        }
    )


def _default(distribution: BaseDistribution, default: Value | None) -> Any:
    if default is not None and contains(distribution, default):
        return default
    values = extremes(distribution)
    if isinstance(default, int | float) and not isinstance(distribution, CategoricalDistribution):
        return min(values, key=lambda value: abs(value - default))
    return values[0]


def among(name: str, chosen: Sequence[str], known: Sequence[str]) -> CategoricalDistribution:
    valid = isinstance(chosen, Sequence) and not isinstance(chosen, str) and len(chosen) > 0
    if not valid or len(set(chosen)) < len(chosen) or not set(chosen) <= set(known):
        raise ValueError(f"`{name}` must be some of {tuple(known)}, got {chosen!r}.")
    return CategoricalDistribution(tuple(chosen))


def layer_ranges(
    layers: Mapping[str, GeneRanges] | Sequence[str], data_rank: int
) -> dict[str, dict[str, BaseDistribution]]:
    """The range of every gene of every layer, fixed ones as distributions of a single value."""
    if isinstance(layers, str) or not isinstance(layers, Mapping | Sequence) or not layers:
        raise ValueError(f"`layers` must name at least one layer, got {layers!r}.")
    overrides = layers if isinstance(layers, Mapping) else {name: {} for name in layers}
    result: dict[str, dict[str, BaseDistribution]] = {}
    for name, genes in overrides.items():
        layer = get_layer(name)
        if layer.rank not in (None, data_rank):
            nouns = ("vectors", "sequences", "images")
            raise ValueError(
                f"`layers` must fit `input_shape`: {name!r} takes {nouns[layer.rank]}, "
                f"the input is one of {nouns[data_rank]}."
            )
        if not isinstance(genes, Mapping):
            raise ValueError(f"the genes of layer {name!r} must be a mapping, got {genes!r}.")
        unknown = sorted(set(genes) - set(layer.genes))
        if unknown:
            raise ValueError(
                f"layer {name!r} has no gene {unknown[0]!r}; it has {', '.join(layer.genes)}."
            )
        ranges = dict(layer.genes)
        for gene, value in genes.items():
            value = scalar(value)
            if isinstance(value, bool | int | float | str):
                value = CategoricalDistribution((value,))
            if not isinstance(value, BaseDistribution):
                raise ValueError(
                    f"gene `{gene}` of layer `{name}` must be an Optuna distribution or a plain "
                    f"value, got {value!r}."
                )
            layer.check_range(gene, value)
            ranges[gene] = plain_range(value)
        result[name] = ranges
    return result


def hyperparameter_ranges(
    given: Mapping[str, BaseDistribution] | None,
) -> dict[str, BaseDistribution]:
    """The ranges of a search space's own hyperparameters, with choices that JSON can hold."""
    if given is not None and not isinstance(given, Mapping):
        raise ValueError(f"`hyperparameters` must be a mapping, got {given!r}.")
    ranges: dict[str, BaseDistribution] = {}
    for name, distribution in (given or {}).items():
        if not isinstance(distribution, BaseDistribution):
            raise ValueError(
                f"`hyperparameters[{name!r}]` must be an Optuna distribution, "
                f"got {distribution!r}."
            )
        for choice in getattr(distribution, "choices", ()):
            try:
                json.dumps(scalar(choice))
            except (TypeError, ValueError):
                raise ValueError(
                    f"the choices of `hyperparameters[{name!r}]` must be numbers, text, True, "
                    f"False or None, got {choice!r}; suggest names for it, or suggest it in the "
                    "objective."
                ) from None
        ranges[name] = plain_range(distribution)
    return ranges
