from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from optuna_codeepneat.problems._cache import cache_folder
from optuna_codeepneat.problems._cache import cached_arrays


class Maker:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> dict[str, object]:
        self.calls += 1
        return {"x": np.arange(6.0).reshape(2, 3), "y": [1, 2]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "optuna-codeepneat"


def check(arrays: dict[str, np.ndarray]) -> None:
    assert sorted(arrays) == ["x", "y"]
    assert arrays["x"].tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert arrays["y"].tolist() == [1, 2]


def test_arrays_are_made_once(folder: Path) -> None:
    make = Maker()

    check(cached_arrays("numbers", make))
    check(cached_arrays("numbers", make))

    assert make.calls == 1
    assert [path.name for path in folder.iterdir()] == ["numbers.npz"]


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "text", "other", "pickle"])
def test_a_damaged_file_is_made_again(folder: Path, damage: str) -> None:
    make = Maker()
    cached_arrays("numbers", make)
    path = folder / "numbers.npz"
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "bit":
        content[content.index(np.float64(4.0).tobytes())] ^= 1
        path.write_bytes(content)
    elif damage == "other":
        np.savez(path, x=np.zeros(3), digest=np.array("?"))
    elif damage == "pickle":
        np.savez(path, x=np.array([{}], dtype=object), digest=np.array("?"))
    else:
        path.write_bytes(b"" if damage == "empty" else b"not found")

    check(cached_arrays("numbers", make))
    check(cached_arrays("numbers", make))

    assert make.calls == 2


def test_a_cache_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    make = Maker()

    check(cached_arrays("numbers", make))
    check(cached_arrays("numbers", make))

    assert make.calls == 2


def test_an_interrupted_writing_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        cached_arrays("numbers", Maker())

    assert list(folder.iterdir()) == []


def test_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    assert cache_folder() == Path("/home/ada/.cache/optuna-codeepneat")

    # A relative path is to be ignored, says XDG's specification.
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    assert cache_folder() == Path("/home/ada/.cache/optuna-codeepneat")
