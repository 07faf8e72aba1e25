"""`ArrayReader`: arrays of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import ClassVar
from typing import Literal
from typing import get_args

import numpy as np

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._preprocessing._scaling import checked_scaling
from optuna_codeepneat.problems._preprocessing._scaling import scaling_of


Layout = Literal["as_is", "channels_last", "one_channel"]
"""Where the channels of raw examples are: in front, behind, or nowhere, as there is only one."""


@dataclass(frozen=True, kw_only=True)
class ArrayReader:
    """Reads arrays ``(examples, ...)``: brings channels to the front, and numbers to one scale.

    Args:
        shape:
            Of a raw example.
        layout:
            Where its channels are.
        mean:
            Of each feature or channel.
        std:
            Of each feature or channel.
    """

    kind: ClassVar[str] = "arrays"

    shape: tuple[int, ...]
    layout: Layout = "as_is"
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.layout not in get_args(Layout):
            known = ", ".join(map(repr, get_args(Layout)))
            raise ValueError(f"`layout` must be one of {known}, got {self.layout!r}.")
        checked_scaling(self.mean, self.std)
        if not self.input_shape or len(self.mean) != self.input_shape[0]:
            raise ValueError(
                f"`mean` must hold a number for each of the channels of {self.input_shape}, got "
                f"{len(self.mean)}."
            )

    @classmethod
    def fitted(cls, train: np.ndarray[Any, Any], layout: Layout) -> ArrayReader:
        """The reader that brings these raw examples to mean 0 and standard deviation 1."""
        mean, std = scaling_of(_arranged(train, layout), 1)
        return cls(shape=train.shape[1:], layout=layout, mean=mean, std=std)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of what a network reads."""
        if self.layout == "one_channel":
            return (1, *self.shape)
        if self.layout == "channels_last":
            return (*self.shape[-1:], *self.shape[:-1])
        return self.shape

    @property
    def vocab_size(self) -> None:
        """There are no tokens."""

    def read(self, raw: Any) -> np.ndarray[Any, Any]:
        """What a network reads of arrays or lists ``(examples, *shape)``, float32.

        Their only channel may as well be there.

        Raises:
            DataError: If examples have another shape, or hold something else than numbers.
        """
        array = _numbers(raw)
        if self.layout == "one_channel" and array.shape[1:] == self.input_shape:
            array = array[:, 0]
        if array.shape[1:] != self.shape or array.ndim == 0:
            raise DataError(
                f"an example has the shape {array.shape[1:]}, and the network was made for "
                f"{self.shape}."
            )
        wrong = ~np.isfinite(array).reshape(len(array), -1).all(1)
        if wrong.any():
            raise DataError(f"example {int(wrong.argmax())} holds NaN or an infinite number.")
        arranged = _arranged(array, self.layout).astype(np.float32)
        each = (1, -1, *(1,) * (arranged.ndim - 2))
        mean = np.asarray(self.mean, dtype=np.float32).reshape(each)
        std = np.asarray(self.std, dtype=np.float32).reshape(each)
        return np.ascontiguousarray((arranged - mean) / std)

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description; `from_json` is its inverse."""
        return {
            "kind": self.kind,
            "shape": list(self.shape),
            "layout": self.layout,
            "mean": list(self.mean),
            "std": list(self.std),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ArrayReader:
        """The reader that `to_json` described."""
        return cls(
            shape=tuple(value["shape"]),
            layout=value["layout"],
            mean=tuple(value["mean"]),
            std=tuple(value["std"]),
        )


def _numbers(raw: Any) -> np.ndarray[Any, Any]:
    detached = raw.detach().cpu().numpy() if hasattr(raw, "detach") else raw
    try:
        array = np.asarray(detached)
        return array if array.dtype.kind in "biuf" else array.astype(np.float64)
    except (TypeError, ValueError):
        raise DataError(
            "examples must be arrays of numbers, all of one shape, got something else."
        ) from None


def _arranged(array: np.ndarray[Any, Any], layout: Layout) -> np.ndarray[Any, Any]:
    if layout == "one_channel":
        return array[:, None]
    return np.moveaxis(array, -1, 1) if layout == "channels_last" else array
