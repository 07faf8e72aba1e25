"""Images of all kinds become tensors of one size and one mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._preprocessing import ImageReader
from optuna_codeepneat.problems._preprocessing._images import pixels_of


Image = pytest.importorskip("PIL.Image")

RAMP = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10


def saved(folder: Path, name: str, pixels: Any, **more: Any) -> Path:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(folder / name, **more)
    return folder / name


def test_files_images_and_arrays_are_read_alike(tmp_path: Path) -> None:
    path = saved(tmp_path, "ramp.png", RAMP)
    raw = [path, str(path), Image.open(path), RAMP, RAMP[:, :, None]]

    pixels = pixels_of(raw, (4, 6), "L")

    assert pixels.shape == (5, 1, 4, 6) and pixels.dtype == np.uint8
    assert (pixels == RAMP).all()


def test_sizes_and_modes_are_brought_to_one(tmp_path: Path) -> None:
    colours = np.stack([RAMP, RAMP // 2, RAMP // 4], axis=2)
    palette = Image.fromarray(colours).convert("P")
    raw = [
        RAMP,
        saved(tmp_path, "colours.png", colours),
        saved(tmp_path, "large.png", np.repeat(np.repeat(colours, 2, 0), 2, 1)),
        saved(tmp_path, "palette.gif", palette),
        saved(tmp_path, "alpha.png", Image.fromarray(colours).convert("RGBA")),
    ]

    pixels = pixels_of(raw, (4, 6), "RGB").astype(int)

    assert pixels.shape == (5, 3, 4, 6)
    expected = np.moveaxis(colours, 2, 0)
    assert (pixels[0] == RAMP).all()
    assert (pixels[1] == expected).all() and (pixels[4] == expected).all()
    assert np.abs(pixels[2] - expected).max() <= 12


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    deep = saved(tmp_path, "deep.png", RAMP.astype(np.uint16) * 256)

    assert (pixels_of([deep], (4, 6), "L") == RAMP).all()


def test_the_camera_is_turned_back(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    turned = saved(tmp_path, "turned.png", RAMP, exif=exif)

    assert (pixels_of([turned], (4, 6), "L")[0, 0] == RAMP[::-1, ::-1]).all()


def test_pixels_are_brought_to_one_scale() -> None:
    train = np.random.default_rng(0).integers(0, 256, (20, 3, 5, 5), dtype=np.uint8)
    counts = np.stack([np.bincount(train[:, c].ravel(), minlength=256) for c in range(3)])
    reader = ImageReader.fitted((5, 5), counts)

    inputs = reader.read(list(train.transpose(0, 2, 3, 1)))

    assert reader.size == (5, 5) and reader.mode == "RGB"
    assert inputs.dtype == np.float32
    assert np.abs(inputs.mean((0, 2, 3))).max() < 1e-4
    assert np.abs(inputs.std((0, 2, 3)) - 1).max() < 1e-4
    # As examples they are the same to the last bit.
    examples = reader.examples(train, np.arange(20), np.arange(19, -1, -1))
    assert (examples.inputs.numpy() == inputs[::-1]).all()


def test_images_that_cannot_be_read(tmp_path: Path) -> None:
    cut = tmp_path / "cut.png"
    cut.write_bytes(saved(tmp_path, "ramp.png", RAMP).read_bytes()[:40])

    with pytest.raises(DataError, match="cut.png' can't be read as an image: "):
        pixels_of([cut], (4, 6), "L")
    with pytest.raises(DataError, match="there is no image .*lost.png"):
        pixels_of([tmp_path / "lost.png"], (4, 6), "L")
    with pytest.raises(DataError, match="image 1 can't be read: an array of bytes"):
        pixels_of([RAMP, RAMP.astype(float)], (4, 6), "L")
    with pytest.raises(DataError, match="images must be a list"):
        ImageReader(size=(4, 6), mode="L", mean=(0.0,), std=(1.0,)).read(str(cut))


def test_how_sizes_are_changed() -> None:
    options = {"size": (2, 3), "mode": "L", "mean": (0.0,), "std": (1.0,)}
    reader = ImageReader(**options, resampling="box")
    means = RAMP.reshape(2, 2, 3, 2).mean((1, 3)) / 255

    assert np.abs(reader.read([RAMP])[0, 0] - means).max() < 2 / 255
    assert ImageReader.from_json(reader.to_json()) == reader
    assert ImageReader(**options).resampling == "bilinear"
    with pytest.raises(ValueError, match="`resampling` must be one of 'bilinear', 'box', got 'n"):
        ImageReader(**options, resampling="nearest")
