"""Layers without neighbours: dense, dropout, identity."""

from __future__ import annotations

from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._layer import GeneValues
from optuna_codeepneat.search_space._layer import InheritanceRule
from optuna_codeepneat.search_space._layer import Layer
from optuna_codeepneat.search_space._registry import register_layer
from optuna_codeepneat.search_space._shapes import Shape


def _dense_params(shape: Shape, genes: GeneValues) -> int:
    bias = genes["width"] if genes["norm"] == "none" else 0
    return int(shape[0] * genes["width"] + bias)


register_layer(
    Layer(
        name="dense",
        rank=0,
        genes={
            "width": IntDistribution(8, 256, log=True),
            "norm": CategoricalDistribution(("batch", "none")),
            "activation": CategoricalDistribution(("relu", "elu", "selu", "linear")),
            "initializer": CategoricalDistribution(("he", "glorot")),
            "dropout": FloatDistribution(0.0, 0.5),
            "weight_decay": FloatDistribution(1e-9, 1e-3, log=True),
            "residual": CategoricalDistribution((True, False)),
        },
        output_shape=lambda shape, genes: (genes["width"],),
        num_params=_dense_params,
        macs=lambda shape, genes: shape[0] * genes["width"],
        build="optuna_codeepneat.network._layers:build_dense",
        defaults={
            "width": 64,
            "norm": "batch",
            "activation": "relu",
            "initializer": "he",
            "dropout": 0.0,
            "weight_decay": 1e-6,
            "residual": False,
        },
        inheritance=InheritanceRule(
            transfer="optuna_codeepneat.morphism._cores:transfer_dense",
            identity="optuna_codeepneat.morphism._cores:identity_dense",
            passes=lambda genes: True,
        ),
    )
)


# Dropout is an identity with the common gene `dropout`.
for _name, _genes in (("dropout", {"dropout": FloatDistribution(0.0, 0.5)}), ("identity", {})):
    register_layer(
        Layer(
            name=_name,
            rank=None,
            genes=_genes,
            output_shape=lambda shape, genes: shape,
            num_params=lambda shape, genes: 0,
            macs=lambda shape, genes: 0,
            build="optuna_codeepneat.network._layers:build_identity",
            defaults={gene: 0.1 for gene in _genes},
            inheritance=InheritanceRule(transparent=True),
        )
    )
