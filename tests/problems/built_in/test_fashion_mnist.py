from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems._built_in._fashion_mnist import fashion_mnist
from optuna_codeepneat.problems._built_in._fashion_mnist import images_of
from tests.problems.built_in.small import check_whole
from tests.problems.built_in.small import splits_or_skip


torch = pytest.importorskip("torch")


def idx(array: np.ndarray) -> bytes:
    header = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, dtype=">u4").tobytes()
    return header + array.astype(np.uint8).tobytes()


def write(folder: Path, n: int, n_test: int) -> None:
    """Images of one grey each, which is 20 times their class."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, size in (("train", n), ("t10k", n_test)):
        labels = np.arange(size) % 10
        images = np.broadcast_to(20 * labels[:, None, None], (size, 28, 28))
        # As torchvision has them: the same file, compressed and not, or one of both.
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        compressed = gzip.compress(idx(labels), compresslevel=1)
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(compressed)


def test_the_published_data() -> None:
    """What benchmarks/compare has been measured with."""
    problem = get_problem("fashion_mnist", size=14, train=5000)
    splits = splits_or_skip(problem)

    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [
        5000,
        2000,
        10000,
    ]
    assert torch.bincount(splits.train.targets).tolist() == [500] * 10
    assert torch.bincount(splits.test.targets).tolist() == [1000] * 10
    both = splits.train + splits.validation
    assert float(both.inputs.mean()) == pytest.approx(0.0, abs=0.01)
    assert problem.search_recipe.steps == 300
    check_whole(problem)
    # Means of 2 x 2 pixels, whether they are read here or from raw images.
    raw, labels = images_of("t10k")
    read = problem.preprocessing.inputs(list(raw[:20]))
    torch.testing.assert_close(read, splits.test.inputs[:20], atol=0.02, rtol=0.0)
    first = (raw[0, :2, 14:16].mean() / 255 - 0.286) / 0.33
    assert float(splits.test.inputs[0, 0, 0, 7]) == pytest.approx(first, abs=1e-5)
    assert splits.test.targets.tolist() == labels.tolist()


@pytest.mark.parametrize("within", ["fashion-mnist", "FashionMNIST/raw"])
def test_files_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, within: str) -> None:
    monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", str(tmp_path))
    write(tmp_path / within, 3000, 50)

    splits = fashion_mnist(train=1000).load()

    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [
        1000,
        2000,
        50,
    ]
    expected = (20 * splits.train.targets / 255 - 0.286) / 0.33
    torch.testing.assert_close(splits.train.inputs[:, 0, 3, 4], expected)


def test_a_damaged_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", str(tmp_path))
    write(tmp_path / "fashion-mnist", 30, 10)
    images = tmp_path / "fashion-mnist" / "train-images-idx3-ubyte"
    whole = images.read_bytes()

    images.write_bytes(whole[:-1])
    with pytest.raises(DataError, match="ubyte' is damaged: it says to hold 23,520 bytes and"):
        images_of("train")
    images.write_bytes(b"<html>")
    with pytest.raises(DataError, match="ubyte' is no IDX file"):
        images_of("train")
    labels = tmp_path / "fashion-mnist" / "train-labels-idx1-ubyte.gz"
    images.write_bytes(whole)
    labels.write_bytes(labels.read_bytes()[:-4])
    with pytest.raises(DataError, match=r"ubyte.gz' can't be read: "):
        images_of("train")


def test_files_of_something_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", str(tmp_path))
    folder = tmp_path / "fashion-mnist"
    write(folder, 2999, 10)
    with pytest.raises(DataError, match="3,000 training images are asked for, .* hold 2,999"):
        fashion_mnist(train=1000).load()
    for images, labels in (((30, 28, 28), 29), ((30, 14, 14), 30), ((11, 28, 28), 11)):
        (folder / "train-images-idx3-ubyte").write_bytes(idx(np.zeros(images)))
        (folder / "train-labels-idx1-ubyte.gz").unlink(missing_ok=True)
        (folder / "train-labels-idx1-ubyte").write_bytes(idx(np.arange(labels) % 11))
        with pytest.raises(DataError, match=r"the files train-\* in .* hold something else than"):
            images_of("train")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 13}, "`size` must be one of 14, 28, got 13"),
        ({"train": 50_001}, "`train` must be a whole number from 1000 to 50000, got 50001"),
        ({"recipe": "tpu"}, "`recipe` must be one of cpu, gpu, got 'tpu'"),
    ],
)
def test_options_out_of_bounds(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fashion_mnist(**options)


def test_all_images_are_used_by_default() -> None:
    assert fashion_mnist().space.input_shape == (1, 28, 28)
    gpu = fashion_mnist(recipe="gpu")
    assert gpu.search_recipe.precision == "bfloat16"
    assert gpu.final_recipe.steps > gpu.search_recipe.steps


def test_references_are_of_the_whole_problem_alone() -> None:
    assert get_problem("fashion_mnist").references
    assert not get_problem("fashion_mnist", size=14).references
    assert not get_problem("fashion_mnist", train=5_000).references
