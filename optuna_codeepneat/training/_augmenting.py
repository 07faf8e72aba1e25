"""What an augmentation does to tensors, to each example by its own chance."""

from __future__ import annotations

from math import pi

import torch
from torch.nn import functional as F


PADDING, UNKNOWN = 0, 1
"""The tokens behind the end of a text, and of an unknown word."""


def dropped(tokens: torch.Tensor, share: float) -> torch.Tensor:
    """Texts ``(examples, length)``, a share of whose words is unknown."""
    chosen = torch.rand(tokens.shape, device=tokens.device) < share
    return torch.where(chosen & (tokens != PADDING), UNKNOWN, tokens)


def changed(
    inputs: torch.Tensor,
    *,
    flip: bool,
    shift: float,
    rotate: float,
    zoom: float,
    scale: float,
    noise: float,
    drop: float,
) -> torch.Tensor:
    """Examples of numbers ``(examples, ...)`` changed at random; see `Augmentation` for how."""
    if flip:
        inputs = torch.where(_chance(inputs, 0.5), inputs.flip(-1), inputs)
    if rotate or zoom:
        inputs = _turned(inputs, rotate, zoom, shift)
    elif shift:
        inputs = _moved(inputs, shift)
    if scale:
        inputs = inputs * (1.0 + _between(inputs, scale))
    if noise:
        inputs = inputs + noise * torch.randn_like(inputs)
    if drop:
        inputs = inputs * (torch.rand_like(inputs) >= drop)
    return inputs


def _between(inputs: torch.Tensor, most: float) -> torch.Tensor:
    """A number from -most to most for each example, ``(examples, 1, ...)``."""
    shape = (len(inputs), *(1 for _ in inputs.shape[1:]))
    return most * (2.0 * torch.rand(shape, device=inputs.device) - 1.0)


def _chance(inputs: torch.Tensor, share: float) -> torch.Tensor:
    """Whether an example is among a share of them, ``(examples, 1, ...)``."""
    shape = (len(inputs), *(1 for _ in inputs.shape[1:]))
    return torch.rand(shape, device=inputs.device) < share


def _moved(inputs: torch.Tensor, share: float) -> torch.Tensor:
    """Images or sequences moved by whole pixels, at least one if by anything: none is blurred."""
    for axis in range(2, inputs.dim()):
        size = inputs.shape[axis]
        most = min(max(1, round(share * size)), size - 1)
        by = torch.randint(-most, most + 1, (len(inputs), 1), device=inputs.device)
        sources = (torch.arange(size, device=inputs.device) - by).clamp(0, size - 1)
        shape = [len(inputs), *(1 for _ in inputs.shape[1:])]
        shape[axis] = size
        inputs = inputs.gather(axis, sources.view(shape).expand_as(inputs))
    return inputs


def _turned(inputs: torch.Tensor, rotate: float, zoom: float, shift: float) -> torch.Tensor:
    """Images turned, zoomed and moved in one go, by linear interpolation."""
    height, width = inputs.shape[2:]
    angle = _between(inputs, rotate * pi / 180.0).flatten()
    larger = 1.0 + _between(inputs, zoom).flatten()
    # Coordinates go from -1 to 1 along each side, however long it is.
    down, right = (2.0 * _between(inputs, shift).flatten() for _ in range(2))
    cos, sin = torch.cos(angle) / larger, torch.sin(angle) / larger
    rows = torch.stack(
        [cos, -sin * height / width, right, sin * width / height, cos, down], dim=1
    ).view(-1, 2, 3)
    grid = F.affine_grid(rows, list(inputs.shape), align_corners=False)
    return F.grid_sample(inputs, grid, padding_mode="border", align_corners=False)
