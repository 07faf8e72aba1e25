"""Multi-head self-attention over sequences (Vaswani et al. 2017, section 3.2.2).

Whatever the number of heads and their size, a last linear map makes `width` channels of what they
found, so every combination of genes is valid, and `width` may grow as that of any layer.
"""

from __future__ import annotations

from typing import Any

from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._layer import GeneValues
from optuna_codeepneat.search_space._layer import InheritanceRule
from optuna_codeepneat.search_space._layer import Layer
from optuna_codeepneat.search_space._registry import register_layer
from optuna_codeepneat.search_space._shapes import Shape


def _inner(genes: GeneValues) -> int:
    """The channels of all heads together."""
    return int(genes["heads"] * genes["head_size"])


def _weights(shape: Shape, genes: GeneValues) -> int:
    # Queries, keys and values of what is read, and the map to what is returned.
    return int(_inner(genes) * (3 * shape[0] + genes["width"]))


def _num_params(shape: Shape, genes: GeneValues) -> int:
    return _weights(shape, genes) + (int(genes["width"]) if genes["norm"] == "none" else 0)


def _macs(shape: Shape, genes: GeneValues) -> int:
    # Every position meets every other twice: in the scores, and in the sum of the values.
    return _weights(shape, genes) * shape[1] + 2 * _inner(genes) * shape[1] ** 2


def _extends(
    shape: Shape, genes: GeneValues, layer: str, old_shape: Shape, old_genes: GeneValues
) -> bool:
    """Whether no head is lost: more of them, and larger ones, can add nothing."""
    return all(bool(genes[gene] >= old_genes[gene]) for gene in ("heads", "head_size"))


def _must_be(gene: str, value: Any) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if gene == "heads" and not whole:
        return "whole numbers from 1"
    if gene == "head_size" and not (whole and value % 2 == 0):
        return "even numbers from 2 (positions turn pairs of channels)"
    return None


register_layer(
    Layer(
        name="self_attention",
        rank=1,
        genes={
            "width": IntDistribution(8, 64, log=True),
            "heads": IntDistribution(1, 8, log=True),
            "head_size": IntDistribution(4, 32, step=4),
            "norm": CategoricalDistribution(("batch", "none")),
            "initializer": CategoricalDistribution(("he", "glorot")),
            "dropout": FloatDistribution(0.0, 0.5),
            "weight_decay": FloatDistribution(1e-9, 1e-3, log=True),
            "residual": CategoricalDistribution((True, False)),
        },
        output_shape=lambda shape, genes: (genes["width"], *shape[1:]),
        num_params=_num_params,
        macs=_macs,
        build="optuna_codeepneat.network._layers:build_self_attention",
        defaults={
            "width": 16,
            "heads": 2,
            "head_size": 8,
            "norm": "batch",
            "initializer": "he",
            "dropout": 0.0,
            "weight_decay": 1e-6,
            "residual": True,
        },
        inheritance=InheritanceRule(
            transfer="optuna_codeepneat.morphism._cores:transfer_self_attention",
            extends=_extends,
        ),
        sharing_key=lambda shape, genes: shape[0],
        must_be=_must_be,
    )
)
