"""Tables as users have them: files, data frames, mappings; read by pandas."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any
from typing import TypeAlias

import numpy as np

from optuna_codeepneat._lazy import needing
from optuna_codeepneat._text import error_in_words
from optuna_codeepneat._text import one_of_names
from optuna_codeepneat._text import single_spaced
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._preprocessing import columns_of


DataFrame: TypeAlias = Any

TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq")
"""Suffixes of files that hold tables."""

_DELIMITERS = ",;\t|"
_PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class Table:
    """A data frame, and how people know its rows.

    Args:
        frame:
            Of pandas.
        path:
            The file that it comes from, None where there is none.
        rows:
            The numbers that its rows have there.
        n_lines:
            Lines that the file has, if each row is one.
    """

    frame: DataFrame
    path: Path | None
    rows: Sequence[int]
    n_lines: int

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return list(self.frame.columns)

    def column(self, name: str, what: str) -> list[Any]:
        """The values of a column.

        Raises:
            DataError: If there is none of the name, with those that are alike.
        """
        self.check_column(name, what)
        return list(self.frame[name].tolist())

    def check_column(self, name: str, what: str) -> None:
        """Raises `DataError` unless there is a column of a name."""
        if name not in self.names:
            raise DataError(
                f"there is no column {name!r} for {what}{self._where}; "
                f"{one_of_names(str(name), self.names)}."
            )

    @property
    def numbers(self) -> list[int]:
        """Of its rows, as people count them: in a file of text the names of columns are row 1."""
        is_text = self.path is not None and self.path.suffix.lower() not in _PARQUET
        return [row + 2 * is_text for row in self.rows]

    def place(self, row: int) -> str:
        """Names a row."""
        number = int(self.rows[row])
        if self.path is None:
            return f"row {number}"
        # The first line holds the names. Texts in quotes may have lines of their own.
        is_lines = self.path.suffix.lower() not in _PARQUET and _n_lines(self.path) == self.n_lines
        place = f"line {number + 2}" if is_lines else f"row {number}"
        return f"{self.path.name}, {place}"

    @property
    def _where(self) -> str:
        return "" if self.path is None else f" in {self.path.name}"


def read_table(data: Any, texts: Sequence[str] = ()) -> Table:
    """A table from a file, a data frame, or anything that has columns by their names.

    Args:
        data:
            The table.
        texts:
            Columns whose cells are text, even if all look like numbers: "01" is no 1 there.

    Raises:
        DataError: If it can't be read, or has no rows.
        ImportError: If pandas is not installed, or PyArrow where that is needed.
    """
    with needing("reading tables"):
        import pandas
    if isinstance(data, str | PathLike):
        path = Path(data).expanduser()
        table = _without_blank_rows(_read_file(path, texts), path)
    else:
        table = _without_blank_rows(pandas.DataFrame(columns_of(data)), None)
    table.frame.columns = [str(name) for name in table.frame.columns]
    which = "the table" if table.path is None else repr(str(table.path))
    if len(table) == 0:
        raise DataError(f"{which} has no rows.")
    twice = [name for name in table.names if table.names.count(name) > 1]
    if twice:
        raise DataError(f"{which} has the column {twice[0]!r} twice.")
    return table


def _without_blank_rows(frame: DataFrame, path: Path | None) -> Table:
    blank = frame.isna().all(axis=1).to_numpy(dtype=bool)
    rows = np.flatnonzero(~blank)
    return Table(frame.iloc[rows].reset_index(drop=True), path, rows.tolist(), 1 + len(frame))


def _n_lines(path: Path) -> int:
    content = path.read_bytes()
    return content.count(b"\n") + (not content.endswith(b"\n"))


def _read_file(path: Path, texts: Sequence[str]) -> DataFrame:
    import pandas

    if not path.is_file():
        raise DataError(f"there is no file {str(path)!r}.")
    if path.suffix.lower() not in TABLES:
        raise DataError(f"{str(path)!r} is no table: its name must end with {', '.join(TABLES)}.")
    if path.stat().st_size == 0:
        raise DataError(f"{str(path)!r} is empty.")
    try:
        if path.suffix.lower() in _PARQUET:
            with needing("reading Parquet files"):
                import pyarrow  # noqa: F401
            return pandas.read_parquet(path, engine="pyarrow")
        with warnings.catch_warnings():
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            # Blank lines are rows, so that the numbers of lines are those of the file. Without
            # `index_col` the first cells became names of rows where there are too many.
            return pandas.read_csv(
                path,
                sep=_delimiter(path),
                skip_blank_lines=False,
                low_memory=False,
                index_col=False,
                dtype=dict.fromkeys(texts, str),
            )
    except pandas.errors.ParserWarning:
        raise DataError(
            f"the rows of {str(path)!r} have more cells than its first line has names; name all "
            "columns."
        ) from None
    except UnicodeDecodeError as error:
        raise DataError(f"{str(path)!r} is no text in UTF-8: {error.reason}.") from None
    except ImportError:
        raise
    except Exception as error:  # whatever a parser raises
        text = single_spaced(error).removeprefix("Error tokenizing data. C error: ")
        said = text or error_in_words(error)
        raise DataError(f"{str(path)!r} can't be read as a table: {said}") from None


def _delimiter(path: Path) -> str:
    """What is most frequent in the first line: the names of columns."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
    counts = {sign: len(next(csv.reader([first], delimiter=sign), [])) for sign in _DELIMITERS}
    return max(_DELIMITERS, key=lambda sign: counts[sign])


def names_given(what: str, given: str | Sequence[str] | None) -> list[str]:
    """One name or several as a list; `ValueError` where there is none."""
    names = [given] if isinstance(given, str) else list(given or ())
    if not names or not all(isinstance(name, str) for name in names):
        raise ValueError(f"`{what}` must be the name of a column, got {given!r}.")
    return names
