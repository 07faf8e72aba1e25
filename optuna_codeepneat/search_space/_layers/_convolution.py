"""Convolutions over sequences and images, dense and depthwise separable (Chollet 2017).

Padding keeps the sizes (they only shrink by `stride`, rounded up). A kernel that reaches from one
end of the map beyond the other is cut: those weights would never see anything but padding. There
is a bias only where no normalisation follows, since batch normalisation would cancel it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._genes import Value
from optuna_codeepneat.search_space._layer import GeneValues
from optuna_codeepneat.search_space._layer import InheritanceRule
from optuna_codeepneat.search_space._layer import Layer
from optuna_codeepneat.search_space._registry import register_layer
from optuna_codeepneat.search_space._shapes import Shape
from optuna_codeepneat.search_space._shapes import pooled


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
_DEFAULTS: dict[str, Value] = {
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
    return int(genes["width"]) if genes["norm"] == "none" else 0


def kernel_sizes(shape: Shape, genes: GeneValues) -> tuple[int, ...]:
    """How far the kernel goes along each size of the map."""
    kernel, dilation = genes["kernel"], genes["dilation"]
    return tuple(min(kernel, 1 + 2 * ((size - 1) // dilation)) for size in shape[1:])


def _sharing_key(shape: Shape, genes: GeneValues) -> tuple[int, ...]:
    return (shape[0], *kernel_sizes(shape, genes))


def _weights(shape: Shape, genes: GeneValues) -> int:
    return int(shape[0] * genes["width"] * prod(kernel_sizes(shape, genes)))


def _separable_weights(shape: Shape, genes: GeneValues) -> int:
    return int(shape[0] * (prod(kernel_sizes(shape, genes)) + genes["width"]))


def taps(shape: Shape, genes: GeneValues) -> tuple[tuple[int, ...], ...]:
    """At which distances the kernel reads, along each size of the map."""
    dilation = genes["dilation"]
    return tuple(
        tuple(dilation * (i - size // 2) for i in range(size))
        for size in kernel_sizes(shape, genes)
    )


def _reads_all(shape: Shape, genes: GeneValues, old_shape: Shape, old_genes: GeneValues) -> bool:
    """Whether a kernel reads wherever another did (one that was cut read all there was)."""
    if genes["stride"] != old_genes["stride"]:
        return False
    ours, theirs = taps(shape, genes), taps(old_shape, old_genes)
    return all(set(old) <= set(new) for new, old in zip(ours, theirs, strict=True))


def _inheritance(name: str, rank: int) -> InheritanceRule:
    separable = f"separable_conv{rank}d"

    def extends(
        shape: Shape, genes: GeneValues, layer: str, old_shape: Shape, old_genes: GeneValues
    ) -> bool:
        # A separable convolution only approximates a dense one; the reverse is exact.
        same = name != "separable_conv" or layer == separable
        return same and _reads_all(shape, genes, old_shape, old_genes)

    return InheritanceRule(
        transfer=f"optuna_codeepneat.morphism._cores:transfer_{name}",
        extends=extends,
        identity=f"optuna_codeepneat.morphism._cores:identity_{name}",
        passes=lambda genes: bool(genes["stride"] == 1),
        accepts=(f"conv{rank}d", separable),
    )


def _layer(name: str, rank: int, weights: Callable[[Shape, GeneValues], int]) -> Layer:
    def num_params(shape: Shape, genes: GeneValues) -> int:
        return weights(shape, genes) + _bias(genes)

    def macs(shape: Shape, genes: GeneValues) -> int:
        return weights(shape, genes) * prod(_output_shape(shape, genes)[1:])

    return Layer(
        name=f"{name}{rank}d",
        rank=rank,
        genes=_GENES,
        output_shape=_output_shape,
        num_params=num_params,
        macs=macs,
        build=f"optuna_codeepneat.network._layers:build_{name}",
        defaults=_DEFAULTS,
        inheritance=_inheritance(name, rank),
        sharing_key=_sharing_key,
    )


for _rank in (1, 2):
    register_layer(_layer("conv", _rank, _weights))
    register_layer(_layer("separable_conv", _rank, _separable_weights))
