"""Squeeze and excitation: each channel is scaled by what all of them are on average.

Hu et al. 2018, section 3. Images, sequences and vectors keep their shape.
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


def squeezed(shape: Shape, genes: GeneValues) -> int:
    """To how many numbers the channels are reduced, rounded up."""
    return -(-shape[0] // int(genes["reduction"]))


def _macs(shape: Shape, genes: GeneValues) -> int:
    return 2 * shape[0] * squeezed(shape, genes)


def _must_be(gene: str, value: Any) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return "whole numbers from 1" if gene == "reduction" and not whole else None


register_layer(
    Layer(
        name="squeeze_excitation",
        rank=None,
        genes={
            "reduction": IntDistribution(2, 16, log=True),
            "initializer": CategoricalDistribution(("he", "glorot")),
            "weight_decay": FloatDistribution(1e-9, 1e-3, log=True),
        },
        output_shape=lambda shape, genes: shape,
        num_params=lambda shape, genes: _macs(shape, genes) + squeezed(shape, genes) + shape[0],
        macs=_macs,
        build="optuna_codeepneat.network._layers:build_squeeze_excitation",
        defaults={"reduction": 4, "initializer": "he", "weight_decay": 1e-6},
        inheritance=InheritanceRule(
            transfer="optuna_codeepneat.morphism._cores:transfer_squeeze_excitation",
            keeps_channels=True,
            extends=lambda shape, genes, layer, old_shape, old_genes: (
                squeezed(shape, genes) >= squeezed(old_shape, old_genes)
            ),
            identity="optuna_codeepneat.morphism._cores:identity_squeeze_excitation",
            passes=lambda genes: True,
        ),
        sharing_key=lambda shape, genes: shape[0],
        must_be=_must_be,
    )
)
