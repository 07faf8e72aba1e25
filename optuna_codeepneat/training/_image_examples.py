"""`ImageExamples`: images as bytes, which become numbers a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch

from optuna_codeepneat._machine import memory_bytes
from optuna_codeepneat.training._devices import is_on
from optuna_codeepneat.training._examples import Examples


_MOST_SHARE = 0.5
"""Of the free memory of a GPU that images may take."""
_MOST_AT_HAND = 0.25
"""Of the memory of this machine: of more, parts are read from the disk again and again."""


class ImageExamples(Examples):
    """Images as bytes, which are brought to one scale when they are read.

    As numbers of 32 bits they would take four times as much. The bytes may be mapped from a file,
    so that processes share them, and may be larger than the memory; several parts of a problem's
    data may have them in common.

    `inputs` are the numbers of all of them, made each time; ``take(...).inputs`` those of some.

    Args:
        pixels:
            ``(images, channels, height, width)``, uint8.
        targets:
            ``(examples,)`` class numbers, or ``(examples, outputs)`` numbers.
        mean:
            Of each channel of the bytes; what networks read is ``(pixels - mean) / std``.
        std:
            Of each channel.
        rows:
            The image of each example, ``(examples,)``, int64; None for all of them in order.

    Raises:
        ValueError: If they are no such tensors, or of different lengths.

    Example:
        >>> import torch
        >>> from optuna_codeepneat.training import ImageExamples
        >>> pixels = torch.full((3, 1, 2, 2), 100, dtype=torch.uint8)
        >>> data = ImageExamples(pixels, torch.tensor([0, 1, 0]), mean=(90.0,), std=(20.0,))
        >>> data.take([1, 2]).inputs[0]
        tensor([[[0.5000, 0.5000],
                 [0.5000, 0.5000]]])
    """

    pixels: torch.Tensor
    targets: torch.Tensor
    mean: tuple[float, ...]
    std: tuple[float, ...]
    rows: torch.Tensor

    def __init__(
        self,
        pixels: torch.Tensor,
        targets: torch.Tensor,
        *,
        mean: Sequence[float],
        std: Sequence[float],
        rows: torch.Tensor | None = None,
    ) -> None:
        if not (isinstance(pixels, torch.Tensor) and pixels.dtype == torch.uint8):
            raise ValueError(
                "`pixels` must be a tensor of bytes, got "
                f"{getattr(pixels, 'dtype', type(pixels).__name__)}."
            )
        if pixels.dim() != 4 or not len(mean) == len(std) == pixels.shape[1]:
            raise ValueError(
                "`pixels` must be (images, channels, height, width) with a `mean` and a `std` for "
                f"each channel, got {tuple(pixels.shape)}, {len(mean)} and {len(std)}."
            )
        if rows is None:
            rows = torch.arange(len(pixels), device=pixels.device)
        if len(rows) != len(targets) or len(rows) == 0:
            raise ValueError(
                "there must be at least one example, and a target for each, got "
                f"{len(rows)} and {len(targets)}."
            )
        values = {"pixels": pixels, "targets": targets, "rows": rows}
        for name, value in {**values, "mean": tuple(mean), "std": tuple(std)}.items():
            object.__setattr__(self, name, value)

    @property
    def inputs(self) -> torch.Tensor:
        """What networks read, ``(examples, channels, height, width)``, made of the bytes now."""
        return self._scaled(self.pixels.index_select(0, self.rows))

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one example, as a network reads it."""
        return tuple(self.pixels.shape[1:])

    @property
    def example_bytes(self) -> int:
        """What the inputs of one example take, as a network reads them."""
        return prod(self.input_shape) * torch.get_default_dtype().itemsize

    def is_at_hand(self, device: torch.device | str) -> bool:
        """Whether they lie where networks on a device read them without waiting."""
        if not is_on(self.pixels, device):
            return False
        return (
            self.pixels.device.type != "cpu"
            or self.pixels.nbytes <= memory_bytes() * _MOST_AT_HAND
        )

    def __add__(self, other: Examples) -> Examples:
        scale = self.mean, self.std
        if not (isinstance(other, ImageExamples) and (other.mean, other.std) == scale):
            return Examples(self.inputs, self.targets) + Examples(other.inputs, other.targets)
        targets = torch.cat([self.targets, other.targets])
        if other.pixels is self.pixels:
            return self._with(self.pixels, targets, torch.cat([self.rows, other.rows]))
        chosen = [each.pixels.index_select(0, each.rows) for each in (self, other)]
        return self._with(torch.cat(chosen), targets)

    def to(self, device: torch.device | str) -> ImageExamples:
        """These examples on a device; where their bytes take too much of it, they stay outside.

        They are then read from where they are, a few at a time.
        """
        if is_on(self.targets, device) and is_on(self.pixels, device):
            return self
        targets = self.targets.to(device)
        if len(self) * prod(self.input_shape) > _room(torch.device(device)):
            return self._with(self.pixels, targets, self.rows)
        return self._with(self.pixels.index_select(0, self.rows).to(device), targets)

    def take(self, indices: Sequence[int] | torch.Tensor) -> ImageExamples:
        """The examples at `indices`, in that order."""
        order = torch.as_tensor(indices, dtype=torch.long)
        return self._with(
            self.pixels,
            self.targets.index_select(0, order.to(self.targets.device)),
            self.rows.index_select(0, order.to(self.rows.device)),
        )

    def with_targets(self, targets: torch.Tensor) -> ImageExamples:
        """The same inputs with other targets."""
        return self._with(self.pixels, targets, self.rows)

    def _with(
        self, pixels: torch.Tensor, targets: torch.Tensor, rows: torch.Tensor | None = None
    ) -> ImageExamples:
        return ImageExamples(pixels, targets, mean=self.mean, std=self.std, rows=rows)

    def _scaled(self, pixels: torch.Tensor) -> torch.Tensor:
        """The numbers of bytes, in place: the same as those of `ImageReader`, to the last bit."""
        each = (1, -1, 1, 1)
        mean, std = (
            torch.tensor(numbers, dtype=torch.float32, device=pixels.device).reshape(each)
            for numbers in (self.mean, self.std)
        )
        return pixels.to(torch.float32).sub_(mean).div_(std).to(torch.get_default_dtype())


def _room(device: torch.device) -> float:
    """Bytes that images may take on a device."""
    if device.type != "cuda":
        return float("inf")
    free, _ = torch.cuda.mem_get_info(device)
    return _MOST_SHARE * free
