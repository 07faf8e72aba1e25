"""`Examples`: inputs and targets that stay in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs and targets of the same length, as tensors on one device.

    Args:
        inputs:
            ``(examples, ...)``, floating point, or integers for tokens.
        targets:
            ``(examples,)`` class numbers, or ``(examples, outputs)`` numbers.

    Raises:
        ValueError: If there are no examples, or not as many inputs as targets.

    Example:
        >>> import torch
        >>> from optuna_codeepneat.training import Examples
        >>> len(Examples(torch.rand(5, 1, 40), torch.tensor([0, 1, 2, 3, 4])))
        5
    """

    inputs: torch.Tensor
    targets: torch.Tensor

    def __post_init__(self) -> None:
        if self.inputs.dim() == 0 or self.targets.dim() == 0:
            raise ValueError("`inputs` and `targets` must have a dimension of examples.")
        if len(self.inputs) != len(self.targets):
            raise ValueError(
                f"`inputs` and `targets` must be of the same length, got {len(self.inputs)} "
                f"and {len(self.targets)}."
            )
        if len(self.inputs) == 0:
            raise ValueError("`inputs` must hold at least one example, got none.")
        if self.inputs.device != self.targets.device:
            raise ValueError(
                f"`inputs` and `targets` must be on one device, got {self.inputs.device} and "
                f"{self.targets.device}."
            )

    def __len__(self) -> int:
        return len(self.inputs)

    def __add__(self, other: Examples) -> Examples:
        return Examples(
            torch.cat([self.inputs, other.inputs]), torch.cat([self.targets, other.targets])
        )

    def to(self, device: torch.device | str) -> Examples:
        """These examples on a device, themselves where they already are there."""
        if self.inputs.device == torch.device(device):
            return self
        return Examples(self.inputs.to(device), self.targets.to(device))

    def take(self, indices: Sequence[int] | torch.Tensor) -> Examples:
        """The examples at `indices`, in that order."""
        order = torch.as_tensor(indices, dtype=torch.long, device=self.inputs.device)
        return Examples(self.inputs.index_select(0, order), self.targets.index_select(0, order))

    @classmethod
    def from_arrays(cls, inputs: Any, targets: Any) -> Examples:
        """Examples from NumPy arrays: numbers become float32, class numbers and tokens int64.

        Args:
            inputs:
                An array ``(examples, ...)``.
            targets:
                An array ``(examples,)`` or ``(examples, outputs)``.

        Returns:
            Examples that share no memory with the arrays.
        """
        return cls(_tensor(inputs), _tensor(targets))


def _tensor(array: Any) -> torch.Tensor:
    tensor = torch.as_tensor(array)
    return tensor.to(torch.float32 if tensor.is_floating_point() else torch.long, copy=True)
