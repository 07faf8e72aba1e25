"""How feature maps lie in memory: what makes small networks fast.

Inside a network a sequence is an image of height 1, ``(batch, channels, 1, length)``, and images
lie in memory with the channels last, ``(batch, height, width, channels)``. No result depends on
it. On a CPU, with batches of 100 sequences of 40 steps and 8 to 32 channels, it takes a
separable convolution to 40 % of the time, pooling to 40 %, and an ordinary convolution to 80 %:
PyTorch computes channels-last images by direct kernels, all else by copies to and fro.
"""

from __future__ import annotations

from torch import Tensor


def channels_last(x: Tensor) -> Tensor:
    """The same numbers, ``(batch, channels, *sizes)``, with the channels last in memory."""
    if x.ndim < 4:
        return x
    if x.shape[1] == 1:  # no copy, but strides that say it: PyTorch looks at nothing else
        return x.reshape(x.shape[0], *x.shape[2:], 1).movedim(-1, 1)
    return x.movedim(1, -1).contiguous().movedim(-1, 1)


def as_image(x: Tensor) -> Tensor:
    """A sequence ``(batch, channels, length)`` as an image of height 1; other ranks unchanged."""
    return channels_last(x.unsqueeze(2) if x.ndim == 3 else x)
