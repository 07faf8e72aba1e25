"""Ranges of genes: what a user gives for them, and whether a value is in one."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from math import isfinite
from typing import Any
from typing import TypeAlias

from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._graph import Genes
from optuna_codeepneat.search_space._graph import Value
from optuna_codeepneat.search_space._layer import check_gene
from optuna_codeepneat.search_space._layer import extremes
from optuna_codeepneat.search_space._layer import get_layer


GeneRanges: TypeAlias = Mapping[str, BaseDistribution | Value]
"""Gene names with a distribution, or with the plain value that fixes the gene."""


def contains(distribution: BaseDistribution, value: Any) -> bool:
    """Whether a distribution holds a value, and not merely one that is equal (as 1 == True)."""
    if isinstance(distribution, CategoricalDistribution):
        return any(type(c) is type(value) and c == value for c in distribution.choices)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if not isfinite(value) or (isinstance(distribution, IntDistribution) and value % 1):
        return False
    return distribution._contains(float(value))


def checked(name: str, value: Any, distribution: BaseDistribution) -> Any:
    if not contains(distribution, value):
        raise ValueError(f"`{name}`={value!r} is outside of the search space: {distribution}.")
    return typed(distribution, value)


def typed(distribution: BaseDistribution, value: Any) -> Any:
    """An equal value of the type that ``trial.suggest_*`` gives: 3.0 may be meant as a width."""
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
    if genes.keys() == ranges.keys():
        given = {name: typed(ranges[name], value) for name, value in genes.items()}
        same = all(given[name] is value for name, value in genes.items())
        return genes if same and isinstance(genes, Genes) else Genes(given)
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
            if isinstance(value, bool | int | float | str):
                value = CategoricalDistribution((value,))
            if not isinstance(value, BaseDistribution):
                raise ValueError(
                    f"gene `{gene}` of layer `{name}` must be an Optuna distribution or a plain "
                    f"value, got {value!r}."
                )
            check_gene(name, gene, value)
            ranges[gene] = value
        result[name] = ranges
    return result
