"""What `predict` does: reads examples, asks the network, prints its answers."""

from __future__ import annotations

import csv as csv_files
import json as json_lines
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from optuna_codeepneat._text import printable
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._terminal import print_table
from optuna_codeepneat.cli._terminal import silence
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.problems import TABLES
from optuna_codeepneat.problems import ImageReader
from optuna_codeepneat.problems import TableReader
from optuna_codeepneat.problems import TextReader
from optuna_codeepneat.problems import images_in
from optuna_codeepneat.problems import read_table


if TYPE_CHECKING:
    from optuna_codeepneat.export import LoadedNetwork
    from optuna_codeepneat.problems import Table


@dataclass(frozen=True)
class Source:
    """Examples of one file: their names, and what the network reads of them."""

    names: list[str]
    raw: Any


def run_predict(
    directory: str, inputs: Sequence[str], *, csv: bool, json: bool, device: str
) -> None:
    """Prints an answer for each example."""
    silence()
    try:
        from optuna_codeepneat.export import load_network

        loaded = load_network(directory, device=device)
    except (ExportError, ImportError) as error:
        raise CommandError(str(error)) from error
    except RuntimeError as error:
        raise CommandError(f"`--device`: {error}", 2) from error
    names: list[str] = []
    answers: list[dict[str, Any]] = []
    for source in _sources(inputs, loaded):
        try:
            found = loaded.predict(source.raw)
        except DataError as error:
            where = source.names[0].partition(":")[0] if source.names else "the input"
            raise CommandError(f"{where}: {error}") from error
        except ImportError as error:
            raise CommandError(str(error)) from error
        if len(source.names) != len(found):  # an array of one example
            source = Source([source.names[0].partition(":")[0]], source.raw)
        names += source.names
        answers += found
    if json:
        for name, answer in zip(names, answers, strict=True):
            print(json_lines.dumps({"example": name, **answer}, ensure_ascii=False))
        return
    columns, rows = _table(names, answers)
    if csv:
        writer = csv_files.writer(sys.stdout, lineterminator="\n")
        writer.writerows([columns, *rows])
        return
    print_table(f"{directory}: answers", columns, rows)


def _sources(inputs: Sequence[str], loaded: LoadedNetwork) -> list[Source]:
    """The examples that a command line names, each of the kind that the network reads."""
    reader = None if loaded.preprocessing is None else loaded.preprocessing.reader
    if isinstance(reader, ImageReader):
        paths = [path for each in inputs for path in _images(Path(each))]
        return [Source(paths, paths)]
    if isinstance(reader, TextReader):
        return [_texts(each, reader.name) for each in inputs]
    if isinstance(reader, TableReader):
        return [_rows(Path(each), reader.texts) for each in inputs]
    return [_array(Path(each), loaded) for each in inputs]


def _images(path: Path) -> list[str]:
    if not path.is_dir():
        return [str(path)]
    found = images_in(path, deep=True)
    if not found:
        raise CommandError(f"the folder {str(path)!r} holds no images.")
    return list(map(str, found))


def _texts(given: str, column: str | None) -> Source:
    """The texts of a table's column, or the lines of a file; what is no file is a text itself."""
    path = Path(given)
    if not _is_file(path):
        if path.suffix.lower() in TABLES:
            raise CommandError(f"there is no file {given!r}.")
        return Source([given], [given])
    if column is not None and path.suffix.lower() in set(TABLES) - {".txt"}:
        table = _table_in(path, [column])
        try:
            return Source(_names(path, table), table.column(column, "the texts"))
        except DataError as error:
            raise CommandError(str(error)) from error
    lines = _text_of(path).splitlines()
    numbered = [(i, line) for i, line in enumerate(lines, start=1) if line.strip()]
    return Source([f"{given}:{i}" for i, _ in numbered], [line for _, line in numbered])


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a text that is longer than a name may be
        return False


def _rows(path: Path, texts: Sequence[str]) -> Source:
    """The rows of a table, read as those were that a search learnt from."""
    table = _table_in(path, texts)
    return Source(_names(path, table), table.frame)


def _table_in(path: Path, texts: Sequence[str]) -> Table:
    try:
        return read_table(path, texts)
    except (DataError, ImportError) as error:
        raise CommandError(str(error)) from error


def _names(path: Path, table: Table) -> list[str]:
    return [f"{path}:{number}" for number in table.numbers]


def _array(path: Path, loaded: LoadedNetwork) -> Source:
    """The examples of a file of arrays; nothing in it is unpickled."""
    suffix = path.suffix.lower()
    if suffix not in (".npy", ".npz", ".csv"):
        raise CommandError(f"the network reads arrays: *.npy, *.npz or *.csv, got {str(path)!r}.")
    try:
        array = _numbers(path, loaded) if suffix == ".csv" else _numpy(path)
    except FileNotFoundError:
        raise CommandError(f"there is no file {str(path)!r}.") from None
    except (OSError, ValueError, EOFError) as error:
        raise CommandError(f"{str(path)!r} holds no array of numbers: {error}.") from None
    if array.shape == loaded.raw_shape:
        return Source([str(path)], array[None])
    n = len(array) if array.ndim else 1
    return Source([f"{path}:{i}" for i in range(n)] or [str(path)], array)


def _numpy(path: Path) -> np.ndarray[Any, Any]:
    found = np.load(path, allow_pickle=False)
    if isinstance(found, np.ndarray):
        return found
    with found:
        if len(found.files) == 1:
            return np.asarray(found[found.files[0]])
        named = [name for name in ("inputs", "x") if name in found.files]
        if not named:
            raise ValueError(
                f"of its arrays {', '.join(found.files)} none is called 'inputs' or 'x'"
            )
        return np.asarray(found[named[0]])


def _numbers(path: Path, loaded: LoadedNetwork) -> np.ndarray[Any, Any]:
    """An example in each row, its numbers in the order in which arrays hold them."""
    rows = list(csv_files.reader(_text_of(path).splitlines()))
    first = 0
    if rows and not all(map(_is_number, rows[0])):
        first = 1
    try:
        values = np.array([[float(cell) for cell in row] for row in rows[first:] if row])
    except ValueError as error:
        raise ValueError(f"{error}, below its heading") from None
    tokens = loaded.architecture.vocab_size is not None
    shape = loaded.raw_shape
    if values.ndim == 2 and values.shape[1] == int(np.prod(shape)):
        values = values.reshape(len(values), *shape)
    return values.astype(np.int64) if tokens else values


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CommandError(f"there is no file {str(path)!r}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{str(path)!r} is no text in UTF-8.") from None
    except OSError as error:
        raise CommandError(f"{str(path)!r} can't be read: {error.strerror}.") from None


def _table(
    names: Sequence[str], answers: Sequence[dict[str, Any]]
) -> tuple[list[str], list[list[str]]]:
    """Answers as columns and rows: what there is one of, and the values of several."""
    rows, columns = [], ["example"]
    for name, answer in zip(names, answers, strict=True):
        row = {"example": printable(name)}
        for key, value in answer.items():
            if key == "probabilities":
                continue  # in JSON alone: there may be a thousand
            if isinstance(value, dict):
                row |= {each: f"{number:.6g}" for each, number in value.items()}
            elif isinstance(value, list):
                row[key] = ", ".join(map(str, value)) or "-"
            else:
                row[key] = f"{value:.4g}" if isinstance(value, float) else str(value)
        columns += [each for each in row if each not in columns]
        rows.append(row)
    return columns, [[row.get(name, "-") for name in columns] for row in rows]
