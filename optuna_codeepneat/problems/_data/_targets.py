"""What is to be learnt: guessed from the values that users have, and turned into numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data._options import Task
from optuna_codeepneat.problems._data._splitting import Split
from optuna_codeepneat.problems._data._splitting import strata_of_numbers
from optuna_codeepneat.problems._data._target_values import Place
from optuna_codeepneat.problems._data._target_values import check_filled
from optuna_codeepneat.problems._data._target_values import check_labels
from optuna_codeepneat.problems._data._target_values import class_name
from optuna_codeepneat.problems._data._target_values import numbers_in
from optuna_codeepneat.problems._data._target_values import one_hot_classes
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import LabelTarget
from optuna_codeepneat.problems._preprocessing import NumberTarget
from optuna_codeepneat.problems._preprocessing import scaling_of


_FEW = 20
"""So many different integers are taken for classes."""

_SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class RawTarget:
    """What is to be learnt, before it is known which examples train networks.

    Args:
        task:
            What it is.
        values:
            Class numbers ``(examples,)``, or numbers or 0 and 1 ``(examples, outputs)``.
        names:
            Of the classes, the labels or the numbers.
        column:
            Where classes come from, None where that has no name.
        why:
            Why it is this task, for people.
    """

    task: Task
    values: np.ndarray[Any, Any]
    names: tuple[Any, ...]
    column: str | None
    why: str

    @property
    def strata(self) -> np.ndarray[Any, Any]:
        """What is in all parts in the same proportion, ``(examples,)``."""
        return strata_of(self.task, self.values)

    def fitted(
        self, split: Split, place: Place
    ) -> tuple[ClassTarget | NumberTarget | LabelTarget, np.ndarray[Any, Any]]:
        """The target by the training examples, and what networks are to say of all examples.

        Raises:
            DataError: If the training examples don't have what the others have.
        """
        if self.task == "classification":
            self._check_classes(split, place)
            return ClassTarget(classes=self.names, name=self.column), self.values
        if self.task == "labels":
            return LabelTarget(labels=self.names), self.values.astype(np.float32)
        mean, std = scaling_of(self.values[split.train], 1)
        target = NumberTarget(names=self.names, mean=mean, std=std)
        return target, target.encode(self.values)

    def _check_classes(self, split: Split, place: Place) -> None:
        known = np.unique(self.values[split.train])
        for part, indices in split.parts[1:]:
            others = indices[~np.isin(self.values[indices], known)]
            if len(others):
                name = self.names[int(self.values[others[0]])]
                raise DataError(
                    f"the class {name!r} is among the {part} examples ({place(int(others[0]))}), "
                    "but not among those for training; move some of it there, or leave it out."
                )

    @property
    def in_words(self) -> str:
        """What it is, and why it is taken for that."""
        if self.task == "classification":
            counts = np.bincount(self.values, minlength=len(self.names))
            shown = [
                f"{name} ({count:,})"
                for name, count in zip(self.names[:_SHOWN], counts, strict=False)
            ]
            more = ", ..." if len(self.names) > _SHOWN else ""
            said = f"{len(self.names)} classes: {', '.join(shown)}{more}"
        elif self.task == "labels":
            said = f"{len(self.names)} of them, any number for each example"
        else:
            said = "" if len(self.names) == 1 else f"{len(self.names)} numbers for each example"
        return f"{self.task}, {self.why}{'; ' * bool(said)}{said}"


def strata_of(task: str, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What of targets is in all parts in the same proportion, ``(examples,)``.

    Args:
        task:
            What they are.
        values:
            Class numbers ``(examples,)``, or numbers or 0 and 1 ``(examples, outputs)``.
    """
    if task == "classification":
        return values
    # Of labels how many there are, as most sets of them are rare.
    return strata_of_numbers(values.sum(1) if task == "labels" else values[:, 0])


def read_target(
    columns: Sequence[Sequence[Any]],
    names: Sequence[str | None],
    *,
    task: Task | None,
    place: Place,
) -> RawTarget:
    """What is to be learnt.

    Args:
        columns:
            One for a class or a number, several for numbers or labels.
        names:
            Of the columns, None where they have none.
        task:
            What it is; None to guess.
        place:
            Names an example.

    Raises:
        DataError: If an example has no target, or it can't be of the task.
    """
    for name, column in zip(names, columns, strict=True):
        check_filled(column, name, place)
    given = task is not None
    task, why = (task, "as given") if task is not None else _guessed(columns)
    if task == "classification" and len(columns) == 1:
        return _classes(columns[0], names[0], why, given)
    if task == "classification":
        return RawTarget(
            task=task,
            values=one_hot_classes(columns, place),
            names=tuple(i if name is None else name for i, name in enumerate(names)),
            column=None,
            why=why,
        )
    numbers = numbers_in(columns, task, place)
    known = tuple(str(i) if name is None else name for i, name in enumerate(names))
    if task == "labels":
        check_labels(numbers, place)
        empty = [name for name, column in zip(known, numbers.T, strict=True) if not column.any()]
        if empty:
            raise DataError(f"no example has the label {empty[0]!r}; leave it out.")
    return RawTarget(task=task, values=numbers, names=known, column=None, why=why)


def _guessed(columns: Sequence[Sequence[Any]]) -> tuple[Task, str]:
    kinds = {_kind(value) for column in columns for value in column}
    if len(columns) > 1:
        if kinds <= {"bool", "int"} and {int(v) for c in columns for v in c} <= {0, 1}:
            return "labels", "as there are several columns of 0 and 1"
        if "text" in kinds:
            raise DataError(
                "several targets must be numbers, or labels as 0 and 1, got text; name one column."
            )
        return "regression", "as there are several columns of numbers"
    (column,) = columns
    if "text" in kinds:
        return "classification", "as the target is text"
    if kinds == {"bool"}:
        return "classification", "as the target is true or false"
    different = {float(value) for value in column}
    n = len(different)
    if not all(number.is_integer() for number in different):
        return "regression", f"as the target holds {n:,} different numbers"
    # A data frame has numbers with a fraction for integers as soon as one was missing.
    counts_up = min(different) in (0, 1) and max(different) - min(different) == n - 1
    if n <= (2 if "float" in kinds else _FEW):
        return "classification", f"as the target holds {n} different integers"
    if counts_up and "float" not in kinds and len(column) >= _FEW * n:
        return "classification", f"as the target holds all integers up to {max(different):.0f}"
    return "regression", f"as the target holds {n:,} different integers"


def _kind(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "bool"
    if isinstance(value, int | np.integer):
        return "int"
    return "float" if isinstance(value, float | np.floating) else "text"


def _classes(column: Sequence[Any], name: str | None, why: str, given: bool) -> RawTarget:
    values = [class_name(value) for value in column]
    if len({type(value) for value in values}) > 1:
        values = [str(value) for value in values]
    counts = Counter(values)
    which = "the target" if name is None else f"the target {name!r}"
    if len(counts) < 2:
        raise DataError(f"{which} holds only one class, {values[0]!r}; there is nothing to learn.")
    if len(counts) > _FEW and len(counts) > len(values) // 3:
        kind = "texts" if isinstance(values[0], str) else "values"
        raise DataError(
            f"{which} holds {len(counts):,} different {kind} in {len(values):,} examples, too "
            f"many for classes; name another column{', or another task' * given}."
        )
    classes = tuple(sorted(counts))
    numbers = {value: number for number, value in enumerate(classes)}
    return RawTarget(
        task="classification",
        values=np.array([numbers[value] for value in values], dtype=np.int64),
        names=classes,
        column=name,
        why=why,
    )
