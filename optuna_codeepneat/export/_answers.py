"""What a network reads and says that has no preprocessing: arrays, classes by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

import numpy as np
import torch

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import ClassTarget
from optuna_codeepneat.problems import LabelTarget
from optuna_codeepneat.problems import NumberTarget


if TYPE_CHECKING:
    from optuna_codeepneat.export._card import Task
    from optuna_codeepneat.problems import Target
    from optuna_codeepneat.search_space import Architecture


def plain_inputs(raw: Any, architecture: Architecture) -> torch.Tensor:
    """Arrays as the network reads them.

    Args:
        raw:
            Arrays or lists ``(examples, *input_shape)``, or one example.
        architecture:
            The network's.

    Raises:
        DataError: If they have another shape, or hold something else than finite numbers.
    """
    given = raw.detach().cpu().numpy() if isinstance(raw, torch.Tensor) else raw
    try:
        array = np.asarray(given)
    except ValueError:
        raise DataError("examples must all have one shape.") from None
    if array.dtype.kind not in "biuf":
        raise DataError(f"examples must be arrays of numbers, got {array.dtype}.")
    tokens = architecture.vocab_size
    shape = architecture.input_shape if tokens is None else architecture.input_shape[1:]
    if array.shape == shape:
        array = array[None]
    if array.shape[1:] != shape or array.ndim == 0:
        expected = ", ".join(map(str, ("examples", *shape)))
        raise DataError(f"the network reads arrays ({expected}), got {array.shape}.")
    if tokens is None:
        wrong = ~np.isfinite(array).reshape(len(array), -1).all(1)
        if wrong.any():
            raise DataError(f"example {int(wrong.argmax())} holds NaN or an infinite number.")
        return torch.from_numpy(np.array(array, dtype=np.float32))
    if array.dtype.kind == "f":
        raise DataError(f"the network reads tokens, which are whole numbers, got {array.dtype}.")
    wrong = ((array < 0) | (array >= tokens)).any(1)
    if wrong.any():
        raise DataError(
            f"example {int(wrong.argmax())} holds a token that is not from 0 to {tokens - 1}."
        )
    return torch.from_numpy(np.array(array, dtype=np.int64))


def plain_target(task: Task | None, classes: Sequence[str], num_outputs: int) -> Target:
    """What outputs mean; names are numbers without `classes`.

    Raises:
        DataError: If nobody said what they mean.
    """
    names = tuple(classes) or tuple(map(str, range(num_outputs)))
    if task == "classification":
        return ClassTarget(classes=names)
    if task == "labels":
        return LabelTarget(labels=names)
    if task == "regression":
        return NumberTarget(names=names, mean=(0.0,) * num_outputs, std=(1.0,) * num_outputs)
    raise DataError(
        "nobody said what the network's outputs mean; save it with a `ModelCard` that has a task."
    )


def by_numbers(target: Target, columns: Sequence[Sequence[Any]]) -> Target:
    """The same with classes by their numbers, where answers are whole numbers and no names."""
    are_numbers = all(isinstance(value, int) for column in columns for value in column)
    if isinstance(target, ClassTarget) and are_numbers:
        return ClassTarget(classes=tuple(range(target.num_outputs)))
    return target


def answers_of(
    outputs: torch.Tensor, task: Task | None, classes: Sequence[str]
) -> list[dict[str, Any]]:
    """What outputs mean, as `Preprocessing.answers` says it; names are numbers without `classes`.

    Args:
        outputs:
            ``(examples, outputs)``.
        task:
            What they mean, None for numbers.
        classes:
            Names of classes or labels.
    """
    outputs = outputs.double().cpu()
    names = list(classes) or [str(i) for i in range(outputs.shape[1])]
    known = names if classes else range(outputs.shape[1])
    if task == "classification":
        return [
            {
                "class": known[int(row.argmax())],
                "probability": float(row.max()),
                "probabilities": dict(zip(names, row.tolist(), strict=True)),
            }
            for row in outputs.softmax(1)
        ]
    if task == "labels":
        return [
            {
                "labels": [name for name, p in zip(known, row, strict=True) if p > 0.5],
                "probabilities": dict(zip(names, row, strict=True)),
            }
            for row in outputs.sigmoid().tolist()
        ]
    if len(names) == 1:
        return [{"value": row[0]} for row in outputs.tolist()]
    return [{"values": dict(zip(names, row, strict=True))} for row in outputs.tolist()]
