"""What an `Augmentation` does to tensors, to each example by its own chance."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F


if TYPE_CHECKING:
    from optuna_codeepneat.training._augmentation import Augmentation

UNKNOWN = 1
"""The token of an unknown word; 0 stands behind the end of a text."""


def augmented(inputs: torch.Tensor, augmentation: Augmentation) -> torch.Tensor:
    """Examples changed at random, see `Augmentation`."""
    check_augmentation(inputs, augmentation)
    if not inputs.is_floating_point():
        dropped = torch.rand(inputs.shape, device=inputs.device) < augmentation.drop
        return torch.where(dropped & (inputs != 0), UNKNOWN, inputs)
    if augmentation.flip:
        inputs = torch.where(_chance(inputs, 0.5), inputs.flip(-1), inputs)
    if augmentation.rotate or augmentation.zoom:
        inputs = _turned(inputs, augmentation)
    elif augmentation.shift:
        inputs = _moved(inputs, augmentation.shift)
    if augmentation.scale:
        inputs = inputs * (1.0 + _between(inputs, augmentation.scale))
    if augmentation.noise:
        inputs = inputs + augmentation.noise * torch.randn_like(inputs)
    if augmentation.drop:
        inputs = inputs * (torch.rand_like(inputs) >= augmentation.drop)
    return inputs


def check_augmentation(inputs: torch.Tensor, augmentation: Augmentation) -> None:
    """Raises ValueError if examples ``(examples, ...)`` can't be changed in this way."""
    if inputs.is_floating_point():
        kind = {4: "images", 3: "sequences"}.get(inputs.dim(), "rows of numbers")
        possible = {
            "images": ("flip", "shift", "rotate", "zoom", "scale", "noise", "drop"),
            "sequences": ("flip", "shift", "scale", "noise", "drop"),
        }.get(kind, ("scale", "noise", "drop"))
    else:
        kind, possible = "tokens", ("drop",)
    for name in ("flip", "shift", "rotate", "zoom", "scale", "noise"):
        if getattr(augmentation, name) and name not in possible:
            raise ValueError(
                f"an augmentation by `{name}` does not suit {kind} {tuple(inputs.shape[1:])}; "
                f"what does: {', '.join(possible)}."
            )


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


def _turned(inputs: torch.Tensor, augmentation: Augmentation) -> torch.Tensor:
    """Images turned, zoomed and moved in one go, by linear interpolation."""
    height, width = inputs.shape[2:]
    angle = _between(inputs, augmentation.rotate * pi / 180.0).flatten()
    zoom = 1.0 + _between(inputs, augmentation.zoom).flatten()
    # Coordinates go from -1 to 1 along each side, however long it is.
    down, right = (2.0 * _between(inputs, augmentation.shift).flatten() for _ in range(2))
    cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
    rows = torch.stack(
        [cos, -sin * height / width, right, sin * width / height, cos, down], dim=1
    ).view(-1, 2, 3)
    grid = F.affine_grid(rows, list(inputs.shape), align_corners=False)
    return F.grid_sample(inputs, grid, padding_mode="border", align_corners=False)
