"""Answers to new examples, where it is known what the outputs of a network mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optuna_codeepneat._text import counted
from optuna_codeepneat._text import one_of_names
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data._target_values import Place
from optuna_codeepneat.problems._data._target_values import check_filled
from optuna_codeepneat.problems._data._target_values import check_labels
from optuna_codeepneat.problems._data._target_values import class_name
from optuna_codeepneat.problems._data._target_values import numbers_in
from optuna_codeepneat.problems._data._target_values import one_hot_classes
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import NumberTarget
from optuna_codeepneat.problems._preprocessing import Target


def encoded_answers(
    columns: Sequence[Sequence[Any]],
    target: Target,
    *,
    place: Place,
) -> np.ndarray[Any, Any]:
    """What networks are to say of new examples, where it is known what their outputs mean.

    Args:
        columns:
            As for `read_target`; classes may be one column, or one of 0 and 1 for each.
        target:
            What outputs mean.
        place:
            Names an example.

    Returns:
        Class numbers ``(examples,)``, int64; else ``(examples, outputs)``, float32.

    Raises:
        DataError: If an example has no answer, or one that the target does not know.
    """
    for column in columns:
        check_filled(column, None, place)
    if isinstance(target, ClassTarget) and len(columns) == 1:
        # As texts, as they may come from another kind of file than the classes did.
        numbers = {str(name): number for number, name in enumerate(target.classes)}
        names = [str(class_name(value)) for value in columns[0]]
        for i, name in enumerate(names):
            if name not in numbers:
                raise DataError(
                    f"{place(i)} is of the class {name!r}, which the network does not know; "
                    f"{one_of_names(name, list(numbers))}."
                )
        return np.array([numbers[name] for name in names], dtype=np.int64)
    if len(columns) != target.num_outputs:
        raise DataError(
            f"the network has {counted(target.num_outputs, 'output')}, and "
            f"{counted(len(columns), 'target')} of each example {'is' * (len(columns) == 1)}"
            f"{'are' * (len(columns) != 1)} given."
        )
    if isinstance(target, ClassTarget):
        return one_hot_classes(columns, place)
    values = numbers_in(columns, target.task, place)
    if isinstance(target, NumberTarget):
        return target.encode(values)
    check_labels(values, place)
    return values.astype(np.float32)
