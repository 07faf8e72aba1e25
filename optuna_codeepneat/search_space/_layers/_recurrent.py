"""Recurrent layers over sequences; `width` is the hidden size of each direction."""

from __future__ import annotations

from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._layer import GeneValues
from optuna_codeepneat.search_space._layer import Layer
from optuna_codeepneat.search_space._layer import register_layer
from optuna_codeepneat.search_space._shapes import Shape


_GENES = {
    "width": IntDistribution(8, 64, log=True),
    "bidirectional": CategoricalDistribution((True, False)),
    "dropout": FloatDistribution(0.0, 0.5),
    "weight_decay": FloatDistribution(1e-9, 1e-3, log=True),
    "residual": CategoricalDistribution((True, False)),
}
_DEFAULTS = {
    "width": 16,
    "bidirectional": True,
    "dropout": 0.0,
    "weight_decay": 1e-6,
    "residual": False,
}


def _directions(genes: GeneValues) -> int:
    return 2 if genes["bidirectional"] else 1


def _output_shape(shape: Shape, genes: GeneValues) -> Shape:
    return (genes["width"] * _directions(genes), *shape[1:])


def _weights(shape: Shape, genes: GeneValues) -> int:
    return int(genes["width"] * (shape[0] + genes["width"]) * _directions(genes))


for _name, _gates in (("lstm", 4), ("gru", 3)):
    register_layer(
        Layer(
            name=_name,
            rank=1,
            genes=_GENES,
            output_shape=_output_shape,
            # torch keeps two biases for each gate.
            num_params=lambda shape, genes, gates=_gates: (
                gates * (_weights(shape, genes) + 2 * genes["width"] * _directions(genes))
            ),
            macs=lambda shape, genes, gates=_gates: gates * _weights(shape, genes) * shape[1],
            build=f"optuna_codeepneat.network._layers:build_{_name}",
            defaults=_DEFAULTS,
        )
    )
