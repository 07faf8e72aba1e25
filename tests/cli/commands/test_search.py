"""`search --data`: what is wrong with data is one sentence, with the file and the line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from optuna_codeepneat.cli import main


pytest.importorskip("torch")
pytest.importorskip("pandas")
Image = pytest.importorskip("PIL.Image")


def draw(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(path)
    return path


def pets() -> list[str]:
    """A folder of images; rows that name them."""
    names = [f"pets/{kind}/{i}.png" for kind in ("cat", "dog") for i in range(6)]
    return [f"{draw(Path(name))},{Path(name).parent.name}" for name in names]


def table(*rows: str, heading: str = "x,side") -> None:
    Path("data.csv").write_text("\n".join([heading, *rows]))


def sides(n: int = 60) -> list[str]:
    return [f"{i},{'ab'[i % 2]}" for i in range(n)]


def damaged() -> None:
    pets()
    path = Path("pets/dog/3.png")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty_class() -> None:
    pets()
    Path("pets/owl").mkdir()


def class_in_test_alone() -> None:
    rows = [f"{row},{'test' if i >= 50 else 'train'}" for i, row in enumerate(sides())]
    table(*rows[:55], "55,c,test", *rows[56:], heading="x,side,part")


DATA = ("--data", "data.csv", "--target")


@pytest.mark.parametrize(
    ("make", "arguments", "said"),
    [
        (damaged, ("--data", "pets"), "'pets/dog/3.png' can't be read as an image: "),
        (empty_class, ("--data", "pets"), "the folder 'pets/owl' has no images; remove it"),
        (
            lambda: table(*sides()[:7], "7,", *sides()[8:]),
            (*DATA, "side"),
            "data.csv, line 9 has no target 'side'; fill it",
        ),
        (
            lambda: table(*sides()[:7], "inf,a", *sides()[8:]),
            (*DATA, "side"),
            "data.csv, line 9 has an infinite number in the column 'x'",
        ),
        (
            class_in_test_alone,
            (*DATA, "side", "--split", "part"),
            "the class 'c' is among the test examples (data.csv, line 57), but not among",
        ),
        (lambda: table(*sides()), (*DATA, "sid"), "no column 'sid' for the target in data.csv; "),
        (
            lambda: table(*(f"{i},name {i}" for i in range(10_000))),
            (*DATA, "side"),
            "the target 'side' holds 10,000 different texts in 10,000 examples, too many",
        ),
        (
            lambda: table(*pets(), "pets/cat/99.png,cat", heading="file,side"),
            (*DATA, "side"),
            "data.csv, line 14 names the image 'pets/cat/99.png', which is not there",
        ),
        (
            lambda: table(*(f"{row},{i % 3}" for i, row in enumerate(sides())), heading="x,a,b"),
            (*DATA, "x", "--target", "b", "--task", "labels"),
            "data.csv, line 4 has a label that is neither 0 nor 1",
        ),
        (
            lambda: table(*sides()),
            (*DATA, "side", "--validation", "0.6", "--test", "0.5"),
            "`validation` and `test` must leave something to train on, got 0.6 and 0.5",
        ),
        (lambda: None, ("mnist1d", "--test", "0.5"), "`--test` goes with `--data`"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    make: Callable[[], None],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    make()
    status = main(["search", *arguments])
    out, err = capsys.readouterr()
    assert status in (1, 2) and out == ""
    assert err.startswith("Error: ") and said in err, err
    assert err.count("\n") == 1 and "Traceback" not in err
