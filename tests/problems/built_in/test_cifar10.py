from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._built_in._cifar10 import _BATCHES
from optuna_codeepneat.problems._built_in._cifar10 import cifar10
from tests.problems.built_in.small import check_whole
from tests.problems.built_in.small import splits_or_skip


torch = pytest.importorskip("torch")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The binary version in small: channel c of an image of class k is 20 k + c all over."""
    monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", str(tmp_path))
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    for name, n in (*((name, 1300) for name in _BATCHES), ("test_batch.bin", 40)):
        labels = (np.arange(n) % 10).astype(np.uint8)
        channels = 20 * labels[:, None] + np.arange(3, dtype=np.uint8)
        rows = np.concatenate([labels[:, None], np.repeat(channels, 1024, axis=1)], axis=1)
        (folder / name).write_bytes(rows.tobytes())
    return folder


def test_images_have_their_classes_and_channels(folder: Path) -> None:
    problem = cifar10(train=1000)
    splits = problem.load()

    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [
        1000,
        5000,
        40,
    ]
    assert torch.bincount(splits.train.targets).tolist() == [100] * 10
    inputs = splits.test.inputs[13]
    for channel, (mean, std) in enumerate(((0.4914, 0.247), (0.4822, 0.2435), (0.4465, 0.2616))):
        expected = ((20 * 3 + channel) / 255 - mean) / std
        assert float(inputs[channel, 5, 6]) == pytest.approx(expected, abs=1e-5)
    image = np.broadcast_to(np.array([60, 61, 62], dtype=np.uint8), (32, 32, 3))
    torch.testing.assert_close(problem.preprocessing.inputs([image])[0], inputs)
    check_whole(problem)


def test_the_published_images() -> None:
    splits = splits_or_skip(cifar10())
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [
        45000,
        5000,
        10000,
    ]


def test_the_published_space() -> None:
    problem = cifar10(preset="cifar10")
    assert problem.search_recipe.optimizer == "sgd"
    assert set(problem.hyperparameters) == {"learning_rate", "momentum"}
    assert list(problem.space.layers) == ["conv2d"]


def test_pickles_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", str(tmp_path))
    (tmp_path / "cifar-10-batches-py").mkdir()
    for name in (*_BATCHES, "test_batch.bin"):
        (tmp_path / "cifar-10-batches-py" / Path(name).stem).write_bytes(b"cos\nabort\n(tR.")
    with pytest.raises(
        DataError, match=r"are not here: put .* binary version .* is pickled, which"
    ):
        cifar10().load()


def test_damaged_files(folder: Path) -> None:
    path = folder / "data_batch_3.bin"
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    with pytest.raises(DataError, match=r"data_batch_3.bin' is damaged: its size must be a mult"):
        cifar10(train=1000).load()
    path.write_bytes(bytes([77]) + whole[1:])
    with pytest.raises(
        DataError, match=r"data_batch_3.bin' is damaged: image 0 is of the class 77"
    ):
        cifar10(train=1000).load()
