"""Recurrent layers over sequences; `width` is the hidden size of each direction."""

from __future__ import annotations

from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._layer import GeneValues
from optuna_codeepneat.search_space._layer import InheritanceRule
from optuna_codeepneat.search_space._layer import Layer
from optuna_codeepneat.search_space._registry import register_layer
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


def _layer(name: str, gates: int) -> Layer:
    def num_params(shape: Shape, genes: GeneValues) -> int:
        # torch keeps two biases for each gate.
        biases = 2 * int(genes["width"]) * _directions(genes)
        return gates * (_weights(shape, genes) + biases)

    def macs(shape: Shape, genes: GeneValues) -> int:
        return gates * _weights(shape, genes) * shape[1]

    return Layer(
        name=name,
        rank=1,
        genes=_GENES,
        output_shape=_output_shape,
        num_params=num_params,
        macs=macs,
        build=f"optuna_codeepneat.network._layers:build_{name}",
        defaults=_DEFAULTS,
        inheritance=InheritanceRule(
            transfer="optuna_codeepneat.morphism._cores:transfer_recurrent",
            blocks=_directions,
            # Another direction only adds channels.
            extends=lambda shape, genes, layer, old_shape, old_genes: (
                _directions(genes) >= _directions(old_genes)
            ),
        ),
        sharing_key=lambda shape, genes: shape[0],
    )


register_layer(_layer("lstm", gates=4))
register_layer(_layer("gru", gates=3))
