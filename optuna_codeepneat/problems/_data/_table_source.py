"""Tables: which columns are numbers, which are categories, and which are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from optuna_codeepneat._text import counted
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data._sources import Source
from optuna_codeepneat.problems._data._sources import examples_of
from optuna_codeepneat.problems._data._splitting import Indices
from optuna_codeepneat.problems._data._tables import Table
from optuna_codeepneat.problems._preprocessing import CategoryColumn
from optuna_codeepneat.problems._preprocessing import NumberColumn
from optuna_codeepneat.problems._preprocessing import TableReader
from optuna_codeepneat.problems._preprocessing import category_of
from optuna_codeepneat.problems._preprocessing import scaling_of
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna_codeepneat.training import Examples


_MOST_CATEGORIES = 50
"""More would mostly be unique; those that are less frequent are unknown."""

_FEW = 20
"""So many may well be categories, however small a table is."""

_SHOWN = 5


class TableSource(Source):
    """The columns of a table that networks are to read.

    Args:
        table:
            The table.
        names:
            Of the columns.

    Raises:
        DataError: If there are none, or a number is infinite.
    """

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        if not names:
            raise DataError("the table has no columns beside the target.")
        self._table = table
        self._names = list(names)
        for name in self._names:
            self._check(name)

    @property
    def name(self) -> str:
        """That of the file."""
        return "table" if self._table.path is None else self._table.path.stem

    @property
    def in_words(self) -> str:
        """Rows and columns."""
        what = "a table" if self._table.path is None else str(self._table.path)
        return f"{what}, {len(self._table):,} rows"

    def place(self, example: int) -> str:
        """The row, or the line of the file."""
        return self._table.place(example)

    @property
    def preset(self) -> str:
        """That of fully connected networks."""
        return "dense"

    def fit(self, train: Indices) -> tuple[TableReader, str]:
        """The reader of all columns that say something; how many, and why others are left out.

        Raises:
            DataError: If none does.
        """
        left_out: list[str] = []
        columns: list[NumberColumn | CategoryColumn] = []
        for name in self._names:
            column = self._column(name, self._table.frame[name].iloc[train])
            if isinstance(column, str):
                left_out.append(f"{name} ({column})")
            else:
                columns.append(column)
        shown = f"{', '.join(left_out[:_SHOWN])}{', ...' * (len(left_out) > _SHOWN)}"
        if not columns:
            raise DataError(f"no column of the table can be used: {shown}.")
        reader = TableReader(columns=tuple(columns))
        numbers = sum(isinstance(column, NumberColumn) for column in columns)
        counts = [(numbers, "numbers"), (len(columns) - numbers, "categories")]
        kinds = [f"{counted(count, 'column')} of {kind}" for count, kind in counts if count]
        said = f"{' and '.join(kinds)}, {counted(reader.input_shape[0], 'feature')}"
        said += f"; left out: {shown}" if left_out else ""
        return reader, said + self._filled(
            [c.name for c in columns if isinstance(c, NumberColumn)]
        )

    def examples(
        self, reader: TableReader, chosen: Indices, targets: np.ndarray[Any, Any]
    ) -> Examples:
        """Features ``(rows, features)``."""
        return examples_of(reader.read(self._table.frame.iloc[chosen]), targets)

    def space(self, reader: TableReader, num_outputs: int) -> SearchSpace:
        """Fully connected networks."""
        return SearchSpace.dense(input_shape=reader.input_shape, num_outputs=num_outputs)

    def _filled(self, names: Sequence[str]) -> str:
        """How many numbers are missing, and where the first one is, for people."""
        missing = self._table.frame[names].isna().to_numpy(dtype=bool)
        if not missing.any():
            return ""
        first = self._table.place(int(missing.any(1).argmax()))
        count = counted(int(missing.sum()), "missing number")
        return f"; {count}, such as in {first}, filled by the median of the column"

    def _check(self, name: str) -> None:
        column = self._table.frame[name]
        if column.dtype.kind == "f":
            infinite = np.isinf(column.to_numpy(dtype=float, na_value=np.nan))
            if infinite.any():
                raise DataError(
                    f"{self.place(int(infinite.argmax()))} has an infinite number in the column "
                    f"{name!r}."
                )

    def _column(self, name: str, train: Any) -> NumberColumn | CategoryColumn | str:
        """How a column is read, or why it isn't."""
        known = train.dropna()
        if len(known) == 0:
            return "empty"
        if known.nunique() == 1:
            return "always the same"
        kind = known.dtype.kind
        if kind in "iuf":
            numbers = known.to_numpy(dtype=float)
            (mean,), (std,) = scaling_of(numbers[:, None], 1)
            return NumberColumn(name=name, mean=mean, std=std, fill=float(np.median(numbers)))
        if kind in "Mm":
            return "dates"
        counts = Counter(category for category in map(category_of, known) if category is not None)
        # Names, remarks: whatever is known of one row tells nothing of others.
        if len(counts) > _FEW and len(counts) > len(known) // 2:
            return f"{len(counts):,} different texts"
        frequent = sorted(counts, key=lambda category: (-counts[category], category))
        return CategoryColumn(name=name, categories=tuple(sorted(frequent[:_MOST_CATEGORIES])))
