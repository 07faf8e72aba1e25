"""Convolutions over sequences and images, dense and depthwise separable (Chollet 2017).

Padding keeps the sizes (they only shrink by `stride`, rounded up). There is a bias only where no
normalisation follows, since batch normalisation would cancel it.
"""

from __future__ import annotations

from math import prod

from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._layer import GeneValues
from optuna_codeepneat.search_space._layer import Layer
from optuna_codeepneat.search_space._layer import register_layer
from optuna_codeepneat.search_space._shapes import Shape
from optuna_codeepneat.search_space._shapes import pooled
from optuna_codeepneat.search_space._shapes import rank


_GENES = {
    "width": IntDistribution(8, 64, log=True),
    "kernel": IntDistribution(1, 7, step=2),
    "dilation": CategoricalDistribution((1, 2, 4, 8)),
    "stride": CategoricalDistribution((1, 2)),
    "norm": CategoricalDistribution(("batch", "none")),
    "activation": CategoricalDistribution(("relu", "elu", "selu", "linear")),
    "initializer": CategoricalDistribution(("he", "glorot")),
    "dropout": FloatDistribution(0.0, 0.5),
    "weight_decay": FloatDistribution(1e-9, 1e-3, log=True),
    "residual": CategoricalDistribution((True, False)),
}
_DEFAULTS = {
    "width": 16,
    "kernel": 3,
    "dilation": 1,
    "stride": 1,
    "norm": "batch",
    "activation": "relu",
    "initializer": "he",
    "dropout": 0.0,
    "weight_decay": 1e-6,
    "residual": True,
}


def _output_shape(shape: Shape, genes: GeneValues) -> Shape:
    return (genes["width"], *pooled(shape, genes["stride"])[1:])


def _bias(genes: GeneValues) -> int:
    return genes["width"] if genes["norm"] == "none" else 0


def _kernel_size(shape: Shape, genes: GeneValues) -> int:
    return int(genes["kernel"] ** rank(shape))


def _weights(shape: Shape, genes: GeneValues) -> int:
    return shape[0] * genes["width"] * _kernel_size(shape, genes)


def _separable_weights(shape: Shape, genes: GeneValues) -> int:
    return shape[0] * (_kernel_size(shape, genes) + genes["width"])


for _rank in (1, 2):
    for _name, _count in (("conv", _weights), ("separable_conv", _separable_weights)):
        register_layer(
            Layer(
                name=f"{_name}{_rank}d",
                rank=_rank,
                genes=_GENES,
                output_shape=_output_shape,
                num_params=lambda shape, genes, count=_count: count(shape, genes) + _bias(genes),
                macs=lambda shape, genes, count=_count: (
                    count(shape, genes) * prod(_output_shape(shape, genes)[1:])
                ),
                build=f"optuna_codeepneat.network._layers:build_{_name}",
                defaults=_DEFAULTS,
            )
        )
