"""`Examples`: inputs and targets that stay in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from numbers import Real
from typing import Any

import numpy as np
import torch

from optuna_codeepneat.training._devices import is_on


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs and targets of the same length, as tensors on one device.

    Args:
        inputs:
            ``(examples, ...)``, floating point, or integers for tokens.
        targets:
            ``(examples,)`` class numbers, or ``(examples, outputs)`` numbers.

    Raises:
        ValueError: If they are no tensors, there are no examples, or not as many inputs as
            targets.

    Example:
        >>> import torch
        >>> from optuna_codeepneat.training import Examples
        >>> len(Examples(torch.rand(5, 1, 40), torch.tensor([0, 1, 2, 3, 4])))
        5
    """

    inputs: torch.Tensor
    targets: torch.Tensor

    def __post_init__(self) -> None:
        for name in ("inputs", "targets"):
            given = getattr(self, name)
            if not isinstance(given, torch.Tensor):
                raise ValueError(
                    f"`{name}` must be a tensor, got {type(given).__name__}; "
                    "`Examples.from_arrays` takes arrays, data frames and lists."
                )
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

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one example, as a network reads it."""
        return tuple(self.inputs.shape[1:])

    @property
    def example_bytes(self) -> int:
        """What the inputs of one example take, as a network reads them."""
        return self.inputs[0].numel() * self.inputs.element_size()

    def is_at_hand(self, device: torch.device | str) -> bool:
        """Whether they lie where networks on a device read them without waiting."""
        return is_on(self.inputs, device)

    def __add__(self, other: Examples) -> Examples:
        return Examples(
            torch.cat([self.inputs, other.inputs]), torch.cat([self.targets, other.targets])
        )

    def to(self, device: torch.device | str) -> Examples:
        """These examples on a device, themselves where they already are there."""
        if is_on(self.inputs, device):
            return self
        return Examples(self.inputs.to(device), self.targets.to(device))

    def take(self, indices: Sequence[int] | torch.Tensor) -> Examples:
        """The examples at `indices`, in that order."""
        order = torch.as_tensor(indices, dtype=torch.long, device=self.inputs.device)
        return Examples(self.inputs.index_select(0, order), self.targets.index_select(0, order))

    def with_targets(self, targets: torch.Tensor) -> Examples:
        """The same inputs with other targets."""
        return Examples(self.inputs, targets)

    @classmethod
    def from_arrays(cls, inputs: Any, targets: Any, *, tokens: bool = False) -> Examples:
        """Examples from arrays, data frames or lists: inputs become float32, class numbers int64.

        Args:
            inputs:
                Numbers of any type, ``(examples, ...)``.
            targets:
                Class numbers ``(examples,)``, which become int64, or numbers with a fractional
                part, ``(examples,)`` or ``(examples, outputs)``, which become float32.
            tokens:
                Whether the inputs are text for a search space with a vocabulary: whole numbers,
                which become int64.

        Returns:
            Examples that share no memory with the arrays.

        Raises:
            ValueError: If they hold something else than numbers, or lists of different lengths.

        Example:
            >>> import numpy as np
            >>> from optuna_codeepneat.training import Examples
            >>> pixels = np.zeros((5, 1, 8, 8), dtype=np.uint8)
            >>> Examples.from_arrays(pixels, [0, 1, 2, 3, 4]).inputs.dtype
            torch.float32
        """
        x, y = _tensor("inputs", inputs), _tensor("targets", targets)
        if tokens and x.is_floating_point():
            raise ValueError(
                f"`inputs` must be whole numbers where `tokens` is set, got {x.dtype}."
            )
        return cls(
            x.to(torch.long if tokens else torch.float32, copy=True),
            y.to(torch.float32 if y.is_floating_point() else torch.long, copy=True),
        )


def _tensor(name: str, given: Any) -> torch.Tensor:
    """What is given as a tensor of real numbers, which may share its memory."""
    if isinstance(given, torch.Tensor):
        tensor = given.detach()
    else:
        tensor = _from_array(name, given)
    if tensor.is_complex():
        raise ValueError(f"`{name}` must hold real numbers, got {tensor.dtype}.")
    return tensor


def _from_array(name: str, given: Any) -> torch.Tensor:
    try:
        # NOTE: not `torch.as_tensor`, which asks a data frame for its column 0.
        array = np.asarray(given)
    except ValueError:  # "inhomogeneous"
        raise ValueError(
            f"`{name}` must hold examples of one shape, got sequences of different lengths."
        ) from None
    if array.dtype.kind == "O":  # a data frame with columns of several types
        array = _of_numbers(name, array)
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind not in "biuf":
        first = "" if array.size == 0 else f" such as {array.flat[0].item()!r}"
        raise ValueError(
            f"`{name}` must hold numbers, got {array.dtype}{first}; turn categories into numbers."
        )
    small = {"b": np.bool_, "i": np.int64, "u": np.uint8, "f": np.float32}
    large = {"u": np.int64, "f": np.float64}
    most = 1 if kind == "u" else 4
    own = large.get(kind, small[kind]) if size > most else small[kind]
    return torch.from_numpy(np.array(array, dtype=own, order="C"))


def _of_numbers(name: str, array: Any) -> Any:
    for position, value in np.ndenumerate(array):
        if not isinstance(value, Real):
            raise ValueError(
                f"`{name}` must hold numbers alone, but example {position[0]} holds {value!r}; "
                "turn categories into numbers, and fill or drop what is missing."
            )
    whole = all(isinstance(value, Integral) for value in array.flat)
    return array.astype(np.int64 if whole else np.float64)
