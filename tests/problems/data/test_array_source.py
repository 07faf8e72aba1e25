"""Arrays of all shapes become problems with the space that fits them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Problem


torch = pytest.importorskip("torch")

N = 60
Y = np.arange(N) % 2
PARTS = ("train", "val", "test")


def numbers(*shape: int, dtype: str = "float32") -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).integers(0, 255, (N, *shape)).astype(dtype)


@pytest.mark.parametrize(
    ("x", "shape", "layer"),
    [
        (numbers(5), (5,), "dense"),
        (numbers(), (1,), "dense"),
        (numbers(2, 9), (2, 9), "conv1d"),
        (numbers(28, 28), (28, 28), "conv1d"),
        (numbers(28, 28, dtype="uint8"), (1, 28, 28), "conv2d"),
        (numbers(3, 9, 9, dtype="uint8"), (3, 9, 9), "conv2d"),
        (numbers(9, 8, 3), (3, 9, 8), "conv2d"),
        (numbers(3, 9, 3), (3, 9, 3), "conv2d"),
        (numbers(5).tolist(), (5,), "dense"),
        (torch.tensor(numbers(5)), (5,), "dense"),
    ],
    ids=lambda it: str(it.shape) if hasattr(it, "shape") else None,
)
def test_the_space_follows_the_shape(x: Any, shape: tuple[int, ...], layer: str) -> None:
    problem = Problem.from_arrays(x, Y)

    problem.check()
    assert problem.space.input_shape == shape
    assert layer in problem.space.layers
    assert problem.preprocessing is not None
    examples = problem.load()
    assert sum(len(part) for part in (examples.train, examples.validation, examples.test)) == N
    given = problem.preprocessing.inputs(x)
    assert (examples.train.inputs[0] == given).flatten(1).all(1).any()


def test_the_scale_is_that_of_the_training_examples_alone() -> None:
    x = numbers(3)
    split = ["train"] * 40 + ["val"] * 10 + ["test"] * 10
    x[40:] += 1000.0

    data = Problem.from_arrays(x, Y, split=split).load()

    assert data.train.inputs.mean(0).abs().max() < 1e-5
    assert data.test.inputs.min() > 5.0


@pytest.mark.parametrize(
    ("arrays", "sizes"),
    [
        ({"x": numbers(3), "y": Y}, (36, 12, 12)),
        ({"x_train": numbers(3), "y_train": Y, "x_test": numbers(3), "y_test": Y}, (48, 12, 60)),
        (
            {f"x_{part}": numbers(3) for part in PARTS} | {f"y_{part}": Y for part in PARTS},
            (60, 60, 60),
        ),
    ],
)
def test_npz_files(tmp_path: Path, arrays: dict[str, Any], sizes: tuple[int, ...]) -> None:
    np.savez(tmp_path / "shapes.npz", **arrays)

    problem = Problem.from_arrays(tmp_path / "shapes.npz")

    data = problem.load()
    assert tuple(map(len, (data.train, data.validation, data.test))) == sizes
    assert problem.name == "shapes"


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"X": numbers(3), "Y": Y}, "must hold the arrays `x` and `y`.*closest is 'X'"),
        ({"x": np.array([None] * N), "y": Y}, "can't be read as an .npz file of numbers"),
        ({"x_train": numbers(3), "y_train": Y, "x_test": numbers(2), "y_test": Y}, "the parts of"),
        ({"x": np.full((N, 2), np.nan), "y": Y}, "shapes.npz, example 0 of `x` holds NaN"),
    ],
)
def test_npz_files_that_do_not_do(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    np.savez(tmp_path / "shapes.npz", **arrays)
    with pytest.raises(DataError, match=said):
        Problem.from_arrays(tmp_path / "shapes.npz")


def test_files_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "shapes.npz"
    with pytest.raises(DataError, match="there is no file"):
        Problem.from_arrays(path)
    path.touch()
    with pytest.raises(DataError, match="is empty"):
        Problem.from_arrays(path)
    path.write_bytes(b"something else")
    with pytest.raises(DataError, match="can't be read as an .npz file"):
        Problem.from_arrays(path)
    with path.open("wb") as file:
        np.save(file, numbers(3))
    with pytest.raises(DataError, match="holds no arrays by names"):
        Problem.from_arrays(path)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([["a"]] * N, Y, "`x` must hold numbers"),
        ([[1], [1, 2]], [0, 1], "of one shape"),
        (numbers(2, 2, 2, 2), Y, "must be .features,"),
        ([], [], "no examples"),
        (numbers(3), np.zeros((N, 2, 2)), r"a target has the shape \(2, 2\)"),
        (numbers(3), [*([1.5] * 9), np.nan, *([0.5] * 50)], "example 9 has no target"),
    ],
)
def test_arrays_that_do_not_do(x: Any, y: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        Problem.from_arrays(x, y)
