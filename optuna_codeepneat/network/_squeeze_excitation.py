"""`SqueezeExcitation`: channels that are scaled by what all of them are on average."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torch import nn


class SqueezeExcitation(nn.Module):
    """Squeeze and excitation (Hu et al. 2018) for ``(batch, channels, *sizes)``.

    There, a rectifier stands between the two maps; here, as in EfficientNet (Tan and Le 2019), a
    SiLU: means hardly differ from example to example, so that of the few units of a small network
    many would be dead from the beginning. And a channel is multiplied by twice a sigmoid, so that
    with weights of zero the layer passes on what it is given.
    """

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, squeezed)
        self.excite = nn.Linear(squeezed, channels)

    def forward(self, input: Tensor, mask: Tensor | None = None) -> Tensor:
        """The input, each channel scaled by what it is where `mask`, ``(batch, length)``, is True.

        Elsewhere the input must be zero.
        """
        if mask is not None:
            mean = input.sum(2) / mask.sum(1, keepdim=True).clamp(min=1)
        else:
            mean = input.flatten(2).mean(2) if input.ndim > 2 else input
        scale = 2.0 * torch.sigmoid(self.excite(F.silu(self.squeeze(mean))))
        return input * scale.view(*scale.shape, *[1] * (input.ndim - 2))
