"""Search spaces for common data, as class methods of `SearchSpace`.

Their genes are few on purpose: a typical network needs 20 to 50 parameters. Whatever a preset
sets can be set otherwise: ``SearchSpace.conv1d(..., layers={"conv1d": {"kernel": 5}})`` replaces
the layers, other keywords pass through to `SearchSpace`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from math import log2
from typing import TYPE_CHECKING
from typing import Any

from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._shapes import checked_shape


if TYPE_CHECKING:
    from typing_extensions import Self

# Genes that matter less are fixed, so that the search spends its networks on those that do.
_FIXED = {"stride": 1, "norm": "batch", "initializer": "he", "weight_decay": 0.0}
# Of a feature map that an output layer may read position by position.
_LAST_SIZE = 8
_RECURRENT = {"bidirectional": True, "weight_decay": 0.0, "residual": False}

# LEAF, table 3; what it does not say (dilation, strides, normalisation, residuals) is off.
_LEAF_CONVOLUTION = {
    "dilation": 1,
    "stride": 1,
    "norm": "none",
    "activation": CategoricalDistribution(("relu", "linear", "elu", "selu")),
    "initializer": CategoricalDistribution(("glorot", "he")),
    "weight_decay": FloatDistribution(1e-9, 1e-3, log=True),
    "residual": False,
}


class Presets:
    """The class methods; `SearchSpace` is the one class that has them."""

    if TYPE_CHECKING:

        def __init__(self, **kwargs: Any) -> None: ...

    @classmethod
    def conv1d(cls, *, input_shape: Sequence[int], num_outputs: int, **kwargs: Any) -> Self:
        """Convolutions over sequences of numbers, ``(channels, length)``.

        Dense and separable ones with dilation, batch normalisation and residual sums.

        Args:
            input_shape:
                ``(channels, length)``.
            num_outputs:
                Length of the output vector.
            **kwargs:
                Any other argument of `SearchSpace`.
        """
        genes = {
            **_FIXED,
            "width": IntDistribution(4, 32, log=True),
            "kernel": IntDistribution(3, 7, step=2),
            "activation": CategoricalDistribution(("relu", "elu", "linear")),
            "dropout": 0.0,
        }
        preset = {"layers": {"conv1d": genes, "separable_conv1d": genes}}
        return cls(input_shape=input_shape, num_outputs=num_outputs, **{**preset, **kwargs})

    @classmethod
    def conv2d(cls, *, input_shape: Sequence[int], num_outputs: int, **kwargs: Any) -> Self:
        """Convolutions over images, ``(channels, height, width)``, dense and separable.

        Sizes are halved until the larger one is at most 8; from there the output layer may read
        every position, which is learnt in far fewer steps than what is left of a mean.

        Args:
            input_shape:
                ``(channels, height, width)``.
            num_outputs:
                Length of the output vector.
            **kwargs:
                Any other argument of `SearchSpace`.
        """
        genes = {
            **_FIXED,
            "width": IntDistribution(8, 64, log=True),
            "kernel": IntDistribution(1, 5, step=2),
            "dilation": 1,
            "activation": CategoricalDistribution(("relu", "elu", "linear")),
            "dropout": 0.0,
        }
        preset: dict[str, Any] = {
            "layers": {"conv2d": genes, "separable_conv2d": genes},
            "global_pools": ("mean", "max", "flatten"),
        }
        largest = max(checked_shape(input_shape)[1:], default=1)
        if largest > 1:
            preset["min_pooling"] = max(1, ceil(log2(largest / _LAST_SIZE)))
        return cls(input_shape=input_shape, num_outputs=num_outputs, **{**preset, **kwargs})

    @classmethod
    def sequence(cls, *, input_shape: Sequence[int], num_outputs: int, **kwargs: Any) -> Self:
        """Convolutions and gated recurrent layers over text or other sequences.

        A small choice of LEAF's (table 3); `wikidetox` has all of it.

        Args:
            input_shape:
                ``(channels, length)``; with `vocab_size` channels are those of the embedding.
            num_outputs:
                Length of the output vector.
            **kwargs:
                Any other argument of `SearchSpace`.
        """
        convolution = {
            **_FIXED,
            "width": IntDistribution(16, 64, log=True),
            "dilation": 1,
            "activation": CategoricalDistribution(("relu", "elu", "linear")),
            "dropout": 0.0,
        }
        recurrent = {**_RECURRENT, "width": IntDistribution(8, 64, log=True), "dropout": 0.0}
        preset = {"layers": {"conv1d": convolution, "gru": recurrent}, **kwargs}
        return cls(input_shape=input_shape, num_outputs=num_outputs, **preset)

    @classmethod
    def dense(cls, *, input_shape: Sequence[int], num_outputs: int, **kwargs: Any) -> Self:
        """Fully connected networks over vectors, ``(features,)``.

        Args:
            input_shape:
                ``(features,)``.
            num_outputs:
                Length of the output vector.
            **kwargs:
                Any other argument of `SearchSpace`.
        """
        genes = {
            "width": IntDistribution(8, 128, log=True),
            "activation": CategoricalDistribution(("relu", "elu", "selu", "linear")),
            "initializer": "he",
            "dropout": 0.0,
            "weight_decay": 0.0,
        }
        preset = {"layers": {"dense": genes}, **kwargs}
        return cls(input_shape=input_shape, num_outputs=num_outputs, **preset)

    @classmethod
    def wikidetox(
        cls,
        *,
        input_shape: Sequence[int],
        vocab_size: int,
        num_outputs: int = 1,
        **kwargs: Any,
    ) -> Self:
        """Text, as LEAF searched it on Wikidetox (Liang et al. 2019, table 3).

        Four module slots (table 2); how large modules and blueprints may grow is not published.

        Args:
            input_shape:
                ``(embedding channels, length)``.
            vocab_size:
                How many tokens there are.
            num_outputs:
                Length of the output vector.
            **kwargs:
                Any other argument of `SearchSpace`.
        """
        width, dropout = IntDistribution(64, 192), FloatDistribution(0.0, 0.5)
        recurrent = {
            "width": width,
            "bidirectional": False,
            "dropout": dropout,
            "weight_decay": _LEAF_CONVOLUTION["weight_decay"],
            "residual": False,
        }
        convolution = {
            **_LEAF_CONVOLUTION,
            "width": width,
            "kernel": IntDistribution(1, 7, step=2),
            "dropout": dropout,
        }
        preset: dict[str, Any] = {
            "layers": {
                "conv1d": convolution,
                "lstm": recurrent,
                "gru": recurrent,
                "dropout": {"dropout": dropout},
            },
            "n_module_slots": 4,
            "min_pooling": 5,
        }
        given: dict[str, Any] = {"input_shape": input_shape, "vocab_size": vocab_size}
        return cls(num_outputs=num_outputs, **{**preset, **given, **kwargs})

    @classmethod
    def chest_xray(
        cls, *, input_shape: Sequence[int], num_outputs: int = 14, **kwargs: Any
    ) -> Self:
        """Images, as LEAF searched them on chest X-rays (Liang et al. 2019, table 3).

        Four module slots (table 2); how large modules and blueprints may grow is not published.
        Layers share weights there; which ones is not published, see `weight_sharing` in
        `SearchSpace`.

        Args:
            input_shape:
                ``(channels, height, width)``.
            num_outputs:
                Length of the output vector: one for each disease.
            **kwargs:
                Any other argument of `SearchSpace`.
        """
        dropout = FloatDistribution(0.0, 0.7)
        convolution = {
            **_LEAF_CONVOLUTION,
            "width": IntDistribution(16, 64),
            "kernel": IntDistribution(1, 3, step=2),
            "dropout": dropout,
        }
        preset: dict[str, Any] = {
            "layers": {"conv2d": convolution, "dropout": {"dropout": dropout}},
            "n_module_slots": 4,
            "min_pooling": 4,
            "weight_sharing": True,
        }
        return cls(input_shape=input_shape, num_outputs=num_outputs, **{**preset, **kwargs})

    @classmethod
    def cifar10(
        cls,
        *,
        input_shape: Sequence[int] = (3, 32, 32),
        num_outputs: int = 10,
        **kwargs: Any,
    ) -> Self:
        """Images, as CoDeepNEAT searched them on CIFAR-10 (Miikkulainen et al. 2017).

        Convolutions of 32 to 256 filters with kernels 1 and 3 and dropout up to 0.7. There, max
        pooling may follow a layer; here, a module. A published gene has no counterpart: a factor
        for the initial weights. What is not published (strides, normalisation, residual sums) is
        off.

        The learning rate, momentum and whether it is Nesterov's are `hyperparameters` of the
        space, for the objective to read from ``architecture.hyperparameters``. How training images
        are varied, the other published hyperparameters, is up to the objective.

        Args:
            input_shape:
                ``(channels, height, width)``.
            num_outputs:
                Length of the output vector.
            **kwargs:
                Any other argument of `SearchSpace`.
        """
        genes = {
            **_LEAF_CONVOLUTION,
            "width": IntDistribution(32, 256),
            "kernel": IntDistribution(1, 3, step=2),
            "dropout": FloatDistribution(0.0, 0.7),
            "activation": "relu",
            "initializer": "he",
            "weight_decay": 0.0,
        }
        preset = {
            "layers": {"conv2d": genes},
            "hyperparameters": {
                "learning_rate": FloatDistribution(1e-4, 0.1, log=True),
                "momentum": FloatDistribution(0.68, 0.99),
                "nesterov": CategoricalDistribution((False, True)),
            },
        }
        return cls(input_shape=input_shape, num_outputs=num_outputs, **{**preset, **kwargs})

    @classmethod
    def lemonade(cls, *, input_shape: Sequence[int], num_outputs: int, **kwargs: Any) -> Self:
        """Images, as LEMONADE searches them (Elsken et al. 2019).

        Dense and depthwise separable convolutions, each with batch normalisation and ReLU, and
        skip connections by concatenation or by convex combination. Ours are the ranges of widths,
        kernels and sizes, the pooling, the scaled sum and the gene ``residual``: a layer with a
        learned scale of 0 can be inserted without changing a network, also while it is trained,
        which one with batch normalisation cannot.

        Args:
            input_shape:
                ``(channels, height, width)``.
            num_outputs:
                Length of the output vector.
            **kwargs:
                Any other argument of `SearchSpace`.
        """
        genes = {
            **_FIXED,
            "width": IntDistribution(8, 256, log=True),
            "kernel": IntDistribution(3, 5, step=2),
            "dilation": 1,
            "activation": "relu",
            "dropout": 0.0,
        }
        smallest = min(checked_shape(input_shape)[1:], default=1)
        preset: dict[str, Any] = {
            "layers": {"conv2d": genes, "separable_conv2d": genes},
            "max_module_nodes": 4,
            "max_blueprint_nodes": 5,
            "merges": ("concat", "convex", "scaled_sum"),
            "min_pooling": min(2, (smallest - 1).bit_length()),
        }
        return cls(input_shape=input_shape, num_outputs=num_outputs, **{**preset, **kwargs})
