"""Tables are read from files and from memory, and what is wrong with them has its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data import read_table


pandas = pytest.importorskip("pandas")


def people(n: int = 80) -> Any:
    rng = np.random.default_rng(0)
    return pandas.DataFrame(
        {
            "name": [f"person {i}" for i in range(n)],
            "age": rng.integers(18, 90, n),
            "city": rng.choice(["Oslo", "Rome", "Bern"], n),
            "born": pandas.date_range("1950-01-01", periods=n),
            "species": "human",
            "grown": rng.choice([True, False], n),
            "nothing": [None] * n,
            "income": rng.normal(50.0, 9.0, n),
        }
    )


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_files_are_read_alike(tmp_path: Path, suffix: str) -> None:
    frame, path = people(), tmp_path / f"people{suffix}"
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
        frame.to_parquet(path)
    else:
        frame.to_csv(path, sep="\t" if suffix == ".tsv" else ";", index=False)

    table = read_table(path)

    assert table.names == list(frame.columns) and len(table) == 80
    assert table.column("age", "the target") == frame["age"].tolist()
    assert table.place(3) == f"people{suffix}, {'row 3' if suffix == '.parquet' else 'line 5'}"


def test_tables_in_memory(tmp_path: Path) -> None:
    frame = people()
    for data in (frame, frame.to_dict("list"), frame.to_dict("records")):
        table = read_table(data)
        assert table.column("city", "the target") == frame["city"].tolist()
        assert table.place(3) == "row 3"


def test_blank_lines_are_passed_over_but_counted(tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text("a,t\n1,x\n\n2,\n\n")

    table = read_table(path)

    assert len(table) == 2
    assert table.place(1) == "gaps.csv, line 4"
    path.write_text('a,t\n"two\nlines",x\n2,y\n')
    assert read_table(path).place(1) == "gaps.csv, row 1"  # as its line is not known


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty.csv' is empty"),
        ("head.csv", b"a,b\n", "has no rows"),
        ("blank.csv", b"a,b\n,\n", "has no rows"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3\n", "Expected 2 fields in line 3, saw 3"),
        ("latin.csv", b"a,b\n\xe9t\xe9,2\n", "is no text in UTF-8"),
        ("broken.parquet", b"PAR1 not", "can't be read as a table"),
        ("table.xlsx", b"PK", "its name must end with .csv"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_table(tmp_path / name)


def test_rows_with_one_cell_more_do_not_shift_the_columns(tmp_path: Path) -> None:
    """As pandas does by itself, which takes the first cells for names of rows."""
    path = tmp_path / "t.csv"
    path.write_text("age,price\n1,10,\n2,20,\n")
    assert read_table(path).column("age", "this") == [1, 2]
    path.write_text("age,price\n1,10,5\n2,20,6\n")
    with pytest.raises(DataError, match="more cells than its first line has names"):
        read_table(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file .*lost.csv"):
        read_table(tmp_path / "lost.csv")
