"""Folders of images, and tables that name images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Problem


Image = pytest.importorskip("PIL.Image")
pytest.importorskip("torch")


def draw(path: Path, shape: tuple[int, ...] = (8, 8), seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, shape, dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def folder(root: Path, *, n: int = 5, shape: tuple[int, ...] = (8, 8), inside: str = "") -> Path:
    for kind in ("cat", "dog"):
        for i in range(n):
            draw(root / inside / kind / f"{i}.png", shape, i)
    return root


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", shape=(8, 6, 3))
    (root / "cat" / "notes.txt").write_text("not an image")
    (root / ".hidden").mkdir()

    problem = Problem.from_image_folder(root)

    problem.check()
    assert problem.name == "pets"
    assert problem.space.input_shape == (3, 8, 6) and "conv2d" in problem.space.layers
    assert problem.preprocessing is not None
    assert problem.preprocessing.to_json()["outputs"]["classes"] == ["cat", "dog"]
    assert problem.findings["inputs"] == "images of 8x6, in colour"
    raw = problem.preprocessing.inputs(sorted(root.glob("*/*.png")))
    assert any((raw == x).flatten(1).all(1).any() for x in problem.load().test.inputs)


def test_folders_for_the_parts(tmp_path: Path) -> None:
    folder(tmp_path, inside="train", n=10)
    folder(tmp_path, inside="test", n=3)

    problem = Problem.from_image_folder(tmp_path)

    data = problem.load()
    assert tuple(map(len, (data.train, data.validation, data.test))) == (16, 4, 6)
    assert "as given" in problem.findings["split"]


@pytest.mark.parametrize(
    ("shapes", "size", "shape", "said"),
    [
        ([(9, 9), (12, 9)], None, (1, 9, 9), "grey; resized, they had 2 sizes from 9x9 to 12x9"),
        ([(128, 64)], None, (1, 64, 32), "resized, they had 128x64"),
        ([(9, 9)], 5, (1, 5, 5), "resized, they had 9x9"),
        ([(9, 9)], (9, 9), (1, 9, 9), "images of 9x9, grey"),
        ([(9, 9), (9, 9, 3)], None, (3, 9, 9), "in colour; 4 grey ones became coloured"),
    ],
)
def test_sizes_and_modes_that_are_mixed(
    tmp_path: Path, shapes: Any, size: Any, shape: tuple[int, ...], said: str
) -> None:
    for i in range(8):
        draw(tmp_path / "ab"[i % 2] / f"{i}.png", shapes[i // 2 % len(shapes)], i)

    problem = Problem.from_image_folder(tmp_path, size=size)

    assert problem.space.input_shape == shape
    assert problem.findings["inputs"].endswith(said)


def test_a_table_names_images(tmp_path: Path) -> None:
    folder(tmp_path)
    rows = [f"{kind}/{i}.png,{i}.5" for kind in ("cat", "dog") for i in range(5)]
    (tmp_path / "ages.csv").write_text("file,age\n" + "\n".join(rows))

    problem = Problem.from_image_folder(tmp_path / "ages.csv", target="age")

    problem.check()
    assert problem.metric_names[0] == "r2" and problem.name == "ages"
    (tmp_path / "ages.csv").write_text("file,age\n" + "\n".join([*rows, "cat/9.png,1"]))
    with pytest.raises(DataError, match="ages.csv, line 12 names the image 'cat/9.png'"):
        Problem.from_image_folder(tmp_path / "ages.csv", target="age")
    (tmp_path / "ages.csv").write_text("file,age\n" + "\n".join([*rows[:3], ",4", *rows[3:]]))
    with pytest.raises(DataError, match="ages.csv, line 5 names no image; fill it"):
        Problem.from_image_folder(tmp_path / "ages.csv", target="age")
    with pytest.raises(DataError, match="no column .* names images; say `image=`"):
        Problem.from_image_folder(tmp_path / "ages.csv", target="file")


def test_a_damaged_image_is_named(tmp_path: Path) -> None:
    path = folder(tmp_path) / "dog" / "3.png"
    whole = path.read_bytes()
    for damaged in (whole[:60], b"hello", b""):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="dog/3.png' can't be read as an image"):
            Problem.from_image_folder(tmp_path)


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        ([], "has no sub-folders"),
        (["cat"], "cat' has no images; remove it"),
        (["test/cat"], "has no folder 'train' beside 'test'"),
        (["train"], "no folders for classes in 'train'"),
    ],
)
def test_folders_without_images(tmp_path: Path, folders: list[str], said: str) -> None:
    for name in folders:
        (tmp_path / name).mkdir(parents=True)
    with pytest.raises(DataError, match=said):
        Problem.from_image_folder(tmp_path)


def test_what_is_no_folder_of_classes(tmp_path: Path) -> None:
    draw(tmp_path / "cat.png")
    with pytest.raises(DataError, match="has images, but no sub-folders"):
        Problem.from_image_folder(tmp_path)
    with pytest.raises(DataError, match="there is no folder"):
        Problem.from_image_folder(tmp_path / "lost")
    with pytest.raises(ValueError, match="`target` and `image` are for a file"):
        Problem.from_image_folder(tmp_path, target="x")
