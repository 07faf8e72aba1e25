"""What networks are to say: classes, numbers, or any of several labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any
from typing import ClassVar

import numpy as np

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._preprocessing._scaling import checked_scaling


ClassName = str | int | bool
"""How a user knows a class."""


@dataclass(frozen=True, kw_only=True)
class ClassTarget:
    """One class for each example.

    Args:
        classes:
            Their names, by the number of the output.
        name:
            Of the column that they come from, None where it has none.
    """

    task: ClassVar[str] = "classification"

    classes: tuple[ClassName, ...]
    name: str | None = None

    def __post_init__(self) -> None:
        if len(self.classes) < 2:
            raise ValueError(f"`classes` must hold at least two, got {list(self.classes)}.")
        if len(set(map(str, self.classes))) < len(self.classes):
            raise ValueError(f"`classes` must hold each name once, got {list(self.classes)}.")

    @property
    def num_outputs(self) -> int:
        """Outputs of a network."""
        return len(self.classes)

    def answers(self, outputs: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
        """The class of each example, how sure the network is of it, and of all others."""
        exponentials = np.exp(outputs - outputs.max(1, keepdims=True))
        shares = exponentials / exponentials.sum(1, keepdims=True)
        names = [str(name) for name in self.classes]
        return [
            {
                "class": self.classes[int(row.argmax())],
                "probability": float(row.max()),
                "probabilities": dict(zip(names, row.tolist(), strict=True)),
            }
            for row in shares
        ]

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description; `from_json` is its inverse."""
        return {"task": self.task, "name": self.name, "classes": list(self.classes)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ClassTarget:
        """The target that `to_json` described."""
        return cls(classes=tuple(value["classes"]), name=value["name"])


@dataclass(frozen=True, kw_only=True)
class NumberTarget:
    """One number for each example, or several; networks learn them with mean 0 and deviation 1.

    Args:
        names:
            Of the columns that they come from; numbered where these have none.
        mean:
            Of each.
        std:
            Of each.
    """

    task: ClassVar[str] = "regression"

    names: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __post_init__(self) -> None:
        checked_scaling(self.mean, self.std)
        if not self.names or len(self.names) != len(self.mean):
            raise ValueError(
                f"`names` must hold one for each of the {len(self.mean)} numbers, got "
                f"{list(self.names)}."
            )

    @property
    def num_outputs(self) -> int:
        """Outputs of a network."""
        return len(self.names)

    def encode(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """What networks are to say, ``(examples, outputs)``, float32."""
        scaled = (values - np.asarray(self.mean)) / np.asarray(self.std)
        return np.asarray(scaled, dtype=np.float32)

    def decode(self, outputs: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The numbers that outputs of networks mean, ``(examples, outputs)``, float64."""
        return np.asarray(outputs * np.asarray(self.std) + np.asarray(self.mean))

    def answers(self, outputs: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
        """The number of each example, or its numbers by their names."""
        rows = self.decode(outputs).tolist()
        if len(self.names) == 1:
            return [{"value": row[0]} for row in rows]
        return [{"values": dict(zip(self.names, row, strict=True))} for row in rows]

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description; `from_json` is its inverse."""
        return {
            "task": self.task,
            "names": list(self.names),
            "mean": list(self.mean),
            "std": list(self.std),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> NumberTarget:
        """The target that `to_json` described."""
        return cls(names=tuple(value["names"]), mean=tuple(value["mean"]), std=tuple(value["std"]))


@dataclass(frozen=True, kw_only=True)
class LabelTarget:
    """Any of several labels for each example, each with an output of its own.

    Args:
        labels:
            Their names, by the number of the output.
    """

    task: ClassVar[str] = "labels"

    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise ValueError(f"`labels` must hold each name once, got {list(self.labels)}.")

    @property
    def num_outputs(self) -> int:
        """Outputs of a network."""
        return len(self.labels)

    def answers(self, outputs: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
        """The labels of each example that are more likely than not, and how likely each is."""
        # So that no exponential overflows.
        likely = 0.5 * (1.0 + np.tanh(0.5 * outputs))
        return [
            {
                "labels": [
                    name for name, share in zip(self.labels, row, strict=True) if share > 0.5
                ],
                "probabilities": dict(zip(self.labels, row, strict=True)),
            }
            for row in likely.tolist()
        ]

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description; `from_json` is its inverse."""
        return {"task": self.task, "labels": list(self.labels)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> LabelTarget:
        """The target that `to_json` described."""
        return cls(labels=tuple(value["labels"]))


def checked_outputs(outputs: Any, num_outputs: int) -> np.ndarray[Any, Any]:
    """Outputs of a network, a tensor or an array ``(examples, num_outputs)``, as float64.

    Raises:
        DataError: If they are of another shape, or not finite.
    """
    given = outputs.detach().cpu().numpy() if hasattr(outputs, "detach") else outputs
    array = np.asarray(given, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != num_outputs:
        raise DataError(
            f"outputs must have the shape (examples, {num_outputs}), got {array.shape}."
        )
    if not isfinite(float(np.abs(array).sum())):
        raise DataError("outputs must be finite, got NaN or an infinite number.")
    return array
