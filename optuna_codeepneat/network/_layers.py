"""The cores of the built-in layers: ``(shape, genes) -> torch.nn.Module``.

A core is what is particular to a layer; normalisation, activation, dropout and the residual sum
are put behind it by `Cell`. Convolutions take images and sequences as `_layout` has them, the
others, as layers of a user's own, ``(batch, channels, *sizes)``.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch import nn

from optuna_codeepneat.network._attention import SelfAttention
from optuna_codeepneat.network._parts import Conv
from optuna_codeepneat.network._parts import Pointwise
from optuna_codeepneat.network._parts import SeparableConv
from optuna_codeepneat.network._squeeze_excitation import SqueezeExcitation
from optuna_codeepneat.search_space import GeneValues
from optuna_codeepneat.search_space import Shape
from optuna_codeepneat.search_space import kernel_sizes
from optuna_codeepneat.search_space import squeezed


def build_conv(shape: Shape, genes: GeneValues) -> Conv:
    """A convolution over a sequence or an image."""
    conv = Conv(
        shape[0],
        genes["width"],
        kernel_sizes(shape, genes),
        stride=genes["stride"],
        dilation=genes["dilation"],
        bias=genes["norm"] == "none",
    )
    _initialize(conv, genes)
    return conv


def build_separable_conv(shape: Shape, genes: GeneValues) -> SeparableConv:
    """A depthwise convolution, then a pointwise one with the bias (Chollet 2017)."""
    depthwise = Conv(
        shape[0],
        shape[0],
        kernel_sizes(shape, genes),
        stride=genes["stride"],
        dilation=genes["dilation"],
        groups=shape[0],
    )
    # No rectifier follows the depthwise part, so it keeps the variance and does not double it.
    _initialize(depthwise, genes, nonlinearity="linear")
    pointwise = Pointwise(shape[0], genes["width"], bias=genes["norm"] == "none")
    _initialize(pointwise, genes)
    return SeparableConv(depthwise, pointwise)


def build_dense(shape: Shape, genes: GeneValues) -> nn.Module:
    """A fully connected layer."""
    linear = nn.Linear(shape[0], genes["width"], bias=genes["norm"] == "none")
    _initialize(linear, genes)
    return linear


def build_lstm(shape: Shape, genes: GeneValues) -> nn.Module:
    """An LSTM that returns its state at every step (Hochreiter and Schmidhuber 1997)."""
    return Recurrent("LSTM", shape[0], genes["width"], bidirectional=genes["bidirectional"])


def build_gru(shape: Shape, genes: GeneValues) -> nn.Module:
    """A gated recurrent unit that returns its state at every step (Cho et al. 2014)."""
    return Recurrent("GRU", shape[0], genes["width"], bidirectional=genes["bidirectional"])


def build_self_attention(shape: Shape, genes: GeneValues) -> nn.Module:
    """Multi-head self-attention over a sequence (Vaswani et al. 2017)."""
    attention = SelfAttention(
        shape[0],
        genes["width"],
        heads=genes["heads"],
        head_size=genes["head_size"],
        bias=genes["norm"] == "none",
    )
    # No rectifier follows. Queries, keys and values are three maps, of which each keeps variance.
    for weight in attention.read.weight.chunk(3):
        _initialize_weight(weight, genes, nonlinearity="linear")
    _initialize(attention.write, genes, nonlinearity="linear")
    return attention


def build_squeeze_excitation(shape: Shape, genes: GeneValues) -> nn.Module:
    """Channels that are scaled by what all of them are on average (Hu et al. 2018)."""
    layer = SqueezeExcitation(shape[0], squeezed(shape, genes))
    _initialize(layer.squeeze, genes)
    _initialize(layer.excite, genes, nonlinearity="linear")
    return layer


def build_identity(shape: Shape, genes: GeneValues) -> nn.Module:
    """Nothing; the network leaves it out."""
    return nn.Identity()


class Recurrent(nn.RNNBase):
    """`torch.nn.LSTM` or `torch.nn.GRU` for ``(batch, channels, length)``.

    Their parameters, but without their `forward`, of which ``torch.compile(fullgraph=True)``
    makes no graph.
    """

    def __init__(self, mode: str, channels: int, width: int, *, bidirectional: bool) -> None:
        super().__init__(mode, channels, width, batch_first=True, bidirectional=bidirectional)

    def forward(self, input: Tensor, mask: Tensor | None = None) -> Tensor:
        """The states of all steps, ``(batch, width * directions, length)``.

        With a mask ``(batch, length)`` backwards from the last step at which that is True.
        """
        x = input.transpose(1, 2)
        weights = [weight for weight in self._flat_weights if weight is not None]
        if mask is None or not self.bidirectional:
            return self._states(x, weights).transpose(1, 2)
        steps = torch.arange(x.shape[1], device=x.device)
        backwards = torch.where(mask, mask.sum(1, keepdim=True) - 1 - steps, steps)[:, :, None]
        half = len(weights) // 2
        forward = self._states(x, weights[:half])
        backward = self._states(_taken(x, backwards), weights[half:])
        return torch.cat([forward, _taken(backward, backwards)], dim=2).transpose(1, 2)

    def _states(self, x: Tensor, weights: list[Tensor]) -> Tensor:
        """What weights of one direction or of both make of ``(batch, length, channels)``."""
        directions = len(weights) // 4
        state = x.new_zeros(directions, x.shape[0], self.hidden_size)
        options = (True, 1, 0.0, self.training, directions == 2, True)
        if torch.compiler.is_dynamo_compiling() and torch.is_grad_enabled():
            # PyTorch 2.13 fuses an LSTM on a CPU whose input needs no gradient, and then cannot
            # train it in a compiled graph.
            x = x + 0.0 * weights[0][0, 0]
        if self.mode == "LSTM":
            return torch.lstm(x, (state, state), weights, *options)[0]
        return torch.gru(x, state, weights, *options)[0]


def _taken(x: Tensor, steps: Tensor) -> Tensor:
    """Of ``(batch, length, channels)`` these steps, ``(batch, length, 1)``."""
    return x.gather(1, steps.expand(-1, -1, x.shape[2]))


def _initialize(
    part: nn.Linear | nn.Conv2d,
    genes: GeneValues,
    nonlinearity: Literal["relu", "linear"] = "relu",
) -> None:
    """Weights by the gene ``initializer`` (He et al. 2015; Glorot and Bengio 2010), biases 0."""
    _initialize_weight(part.weight, genes, nonlinearity)
    if part.bias is not None:
        nn.init.zeros_(part.bias)


def _initialize_weight(
    weight: Tensor, genes: GeneValues, nonlinearity: Literal["relu", "linear"]
) -> None:
    if genes["initializer"] == "he":
        nn.init.kaiming_normal_(weight, nonlinearity=nonlinearity)
    else:
        nn.init.xavier_uniform_(weight)
