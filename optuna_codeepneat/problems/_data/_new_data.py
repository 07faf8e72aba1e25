"""New examples with their answers, read from a file or a folder for a network that is there."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data._array_source import read_npz
from optuna_codeepneat.problems._data._image_source import find_images
from optuna_codeepneat.problems._data._image_source import image_column
from optuna_codeepneat.problems._data._image_source import named_images
from optuna_codeepneat.problems._data._splitting import Indices
from optuna_codeepneat.problems._data._splitting import held_out
from optuna_codeepneat.problems._data._splitting import part_of
from optuna_codeepneat.problems._data._tables import Table
from optuna_codeepneat.problems._data._tables import read_table
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import ImageReader
from optuna_codeepneat.problems._preprocessing import LabelTarget
from optuna_codeepneat.problems._preprocessing import Preprocessing
from optuna_codeepneat.problems._preprocessing import TableReader
from optuna_codeepneat.problems._preprocessing import TextReader


@dataclass(frozen=True, kw_only=True)
class NewData:
    """Examples as a network's preprocessing reads them, and what is to be said of them.

    Args:
        raw:
            What `Preprocessing.inputs` takes.
        answers:
            One for each example; where they are several numbers or labels, ``(examples,
            outputs)``.
        place:
            Names an example.
        parts:
            The part that each is in, None where nobody said so.
    """

    raw: Any
    answers: Any
    place: Callable[[int], str]
    parts: Sequence[str] | None = None

    def divided(self, strata: Indices, share: float, *, seed: int) -> tuple[Indices, Indices]:
        """The examples to learn from, and those for the test: as given, else see `held_out`."""
        is_test = np.array([part_of(part) == 2 for part in self.parts or ()])
        if is_test.any() and not is_test.all():
            return np.flatnonzero(~is_test), np.flatnonzero(is_test)
        return held_out(strata, share, seed=seed)


def read_new_data(
    path: Path, preprocessing: Preprocessing | None, target: Sequence[str] = ()
) -> NewData:
    """Reads examples of the kind that a network was made for.

    Args:
        path:
            A table, for texts too; a folder with a sub-folder for each class, or a table that
            names images; or an ``.npz`` file.
        preprocessing:
            The network's; None for arrays as they are.
        target:
            The column of the target, or several; none for those of the preprocessing.

    Raises:
        DataError: If it is none of the kind, in one sentence.
        ImportError: If a package is missing.
    """
    reader = None if preprocessing is None else preprocessing.reader
    if preprocessing is None or not isinstance(reader, ImageReader | TableReader | TextReader):
        _refuse_columns(target, path, "arrays")
        x, y, parts = read_npz(path)
        return NewData(raw=x, answers=y, place=lambda i: f"{path.name}, example {i}", parts=parts)
    if isinstance(reader, ImageReader) and path.is_dir():
        _refuse_columns(target, path, "a folder of images")
        found = find_images(path)
        paths = found.paths
        return NewData(
            raw=paths, answers=found.classes, place=lambda i: str(paths[i]), parts=found.parts
        )
    texts: Sequence[str] = reader.texts if isinstance(reader, TableReader) else ()
    if isinstance(reader, TextReader) and reader.name is not None:
        texts = [reader.name]
    table = read_table(path, [*texts, *_named_by_texts(preprocessing, target)])
    columns = list(target) or _usual_columns(preprocessing, table)
    values = [table.column(name, "the target") for name in columns]
    answers = values[0] if len(values) == 1 else np.array(values, dtype=object).T
    new = partial(NewData, answers=answers, place=table.place)
    if isinstance(reader, TableReader):
        return new(raw=table.frame)
    if isinstance(reader, TextReader):
        return new(raw=table.column(_text_column(reader, table, columns), "the texts"))
    image = image_column(table, columns)
    if image is None:
        raise DataError(f"no column of {str(path)!r} names images.")
    return new(raw=named_images(table, image))


def _refuse_columns(target: Sequence[str], path: Path, kind: str) -> None:
    if target:
        raise DataError(
            f"the target {target[0]!r} is the name of a column, and the network reads {kind}, "
            f"such as {str(path)!r}."
        )


def _named_by_texts(preprocessing: Preprocessing, target: Sequence[str]) -> list[str]:
    """The column of classes, where "01" is no 1."""
    known = preprocessing.target
    if not isinstance(known, ClassTarget) or not all(isinstance(c, str) for c in known.classes):
        return []
    if target:
        return list(target) if len(target) == 1 else []
    return [] if known.name is None else [known.name]


def _usual_columns(preprocessing: Preprocessing, table: Table) -> list[str]:
    """The columns that the network's target was made from."""
    known = preprocessing.target
    if not isinstance(known, ClassTarget):
        return list(known.labels if isinstance(known, LabelTarget) else known.names)
    if known.name is not None:
        return [known.name]
    columns = [str(name) for name in known.classes]
    if set(columns) <= set(table.names):
        return columns
    raise DataError(
        "the classes of the network come from no column that has a name; name the target."
    )


def _text_column(reader: TextReader, table: Table, targets: Sequence[str]) -> str:
    if reader.name is not None:
        return reader.name
    others = [name for name in table.names if name not in targets]
    if len(others) != 1:
        raise DataError(
            "the network was made for texts from no column that has a name, so that the table "
            f"must have one column beside the target; it has {len(others)}."
        )
    return others[0]
