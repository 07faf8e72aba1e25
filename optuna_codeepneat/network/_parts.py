"""Linear maps, convolutions and pooling of feature maps as they lie in a network (`_layout`)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from math import ceil

import torch
import torch.nn.functional as F
from torch import Tensor
from torch import nn

from optuna_codeepneat.search_space import Shape


class Pointwise(nn.Linear):
    """A linear map of the channels, the same everywhere: vectors or images."""

    def forward(self, input: Tensor) -> Tensor:
        """The input with other channels."""
        if input.ndim == 2:
            return super().forward(input)
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Conv(nn.Conv2d):
    """A convolution whose padding keeps the sizes; a kernel of size 1 is a matrix product."""

    def __init__(
        self,
        channels: int,
        width: int,
        kernel: Sequence[int],
        *,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = False,
    ) -> None:
        sequence = len(kernel) == 1
        height, length = (1, kernel[0]) if sequence else (kernel[0], kernel[1])
        super().__init__(
            channels,
            width,
            (height, length),
            stride=(1 if sequence else stride, stride),
            padding=((height - 1) // 2 * dilation, (length - 1) // 2 * dilation),
            dilation=(1 if sequence else dilation, dilation),
            groups=groups,
            bias=bias,
        )

    def forward(self, input: Tensor) -> Tensor:
        """The convolution of an image, or of a sequence as one."""
        if self.kernel_size != (1, 1) or self.groups > 1:
            return super().forward(input)
        image = input[:, :, :: self.stride[0], :: self.stride[1]].permute(0, 2, 3, 1)
        return F.linear(image, self.weight.flatten(1), self.bias).permute(0, 3, 1, 2)


class SeparableConv(nn.Sequential):
    """A convolution of each channel by itself, then a linear map of all (Chollet 2017)."""

    def __init__(self, depthwise: Conv, pointwise: Pointwise) -> None:
        super().__init__(OrderedDict(depthwise=depthwise, pointwise=pointwise))


def max_pool(factors: Sequence[int]) -> nn.Module:
    """Max pooling of each size by its factor; sizes are rounded up."""
    window = (1, *factors) if len(factors) == 1 else tuple(factors)
    return nn.MaxPool2d(window, ceil_mode=True)


def align(shape: Shape, sizes: Sequence[int]) -> nn.Module | None:
    """What pools a tensor of this shape to these sizes, which are not larger; None for nothing.

    Where windows of one size give exactly the sizes, ordinary max pooling (it is faster, and what
    a pool elsewhere in the network does); adaptive max pooling otherwise.
    """
    if shape[1:] == tuple(sizes):
        return None
    factors = [ceil(n / m) for n, m in zip(shape[1:], sizes, strict=True)]
    if all(ceil(n / f) == m for n, f, m in zip(shape[1:], factors, sizes, strict=True)):
        return max_pool(factors)
    sequence = len(sizes) == 1
    height, length = (1, *shape[1:]) if sequence else shape[1:]
    return AdaptiveMaxPool((height, length), (1, *sizes) if sequence else tuple(sizes))


class AdaptiveMaxPool(nn.AdaptiveMaxPool2d):
    """Max pooling of images of one size to any smaller one.

    ONNX has no adaptive pooling, so an exported graph gathers each window and takes its maximum.
    """

    def __init__(self, sizes: Sequence[int], output_sizes: Sequence[int]) -> None:
        super().__init__(tuple(output_sizes))
        self._windows = [_windows(n, m) for n, m in zip(sizes, output_sizes, strict=True)]

    def forward(self, input: Tensor) -> Tensor:
        """The input with the smaller sizes."""
        out: Tensor = input
        if not _is_exporting():
            out = super().forward(input)
            return out
        for dimension, windows in enumerate(self._windows, start=2):
            members = torch.tensor(windows, device=input.device)
            gathered = out.index_select(dimension, members.flatten())
            shape = (*out.shape[:dimension], *members.shape, *out.shape[dimension + 1 :])
            out = gathered.reshape(shape).amax(dimension + 1)
        return out


def _windows(size: int, output_size: int) -> list[list[int]]:
    """The positions in each window, as `torch.nn.AdaptiveMaxPool2d` has them.

    All lists have one length: the last position stands in them again, which changes no maximum.
    """
    begins = [i * size // output_size for i in range(output_size)]
    ends = [-(-(i + 1) * size // output_size) for i in range(output_size)]
    most = max(end - begin for begin, end in zip(begins, ends, strict=True))
    return [
        [min(begin + i, end - 1) for i in range(most)]
        for begin, end in zip(begins, ends, strict=True)
    ]


# PyTorch before 2.7 can't tell an export from a compilation.
_is_exporting = getattr(torch.compiler, "is_exporting", torch.compiler.is_compiling)
