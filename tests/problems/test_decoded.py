"""Images that are decoded once: what is kept, when it is made anew, and what is said if not."""

from __future__ import annotations

import errno
import os
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import _decoded
from optuna_codeepneat.problems._decoded import DecodedImages
from optuna_codeepneat.problems._decoded import decoded_images
from optuna_codeepneat.problems._decoded import read_headers
from optuna_codeepneat.problems._loading import loading_heard
from optuna_codeepneat.problems._preprocessing import pixels_of


Image = pytest.importorskip("PIL.Image")
pytest.importorskip("filelock")

SIZE = (6, 5)
N = 150


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(_decoded, "_WORTH_BYTES", 0)
    return tmp_path / "cache" / "optuna-codeepneat"


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    drawn = []
    for i in range(N):
        drawn.append(tmp_path / f"{i}.png")
        Image.fromarray(rng.integers(0, 256, (8, 7, 3), dtype=np.uint8)).save(drawn[-1])
    return drawn


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many images were decoded, each time some were."""
    counted: list[int] = []

    def counting(images: list[Any], *how: Any) -> Any:
        counted.append(len(images))
        return pixels_of(images, *how)

    monkeypatch.setattr(_decoded, "pixels_of", counting)
    return counted


def decode(paths: list[Path]) -> DecodedImages:
    return decoded_images(paths, SIZE, "RGB")


def kept(cache: Path) -> Path:
    [file] = cache.glob("images-*.npy")
    return file


def test_images_are_decoded_once(cache: Path, paths: list[Path], calls: list[int]) -> None:
    first = decode(paths)
    second = decode(paths)

    assert sum(calls) == N
    assert (first.pixels == pixels_of(list(paths), SIZE, "RGB")).all()
    assert (second.pixels == first.pixels).all() and second.why_not_kept is None
    assert not second.pixels.flags.writeable  # it is the file
    assert (np.load(kept(cache)) == first.pixels).all()
    assert not list(cache.glob(".*.npy-*")), "half a file is left"


def test_other_files_and_other_sizes_are_others(
    cache: Path, paths: list[Path], calls: list[int]
) -> None:
    decode(paths)
    decoded_images(paths, (3, 3), "RGB")
    decoded_images(paths, SIZE, "L")
    decoded_images(paths, SIZE, "RGB", "box")
    assert sum(calls) == 4 * N
    os.utime(paths[3], ns=(1, 1))
    decode(paths)
    assert sum(calls) == 5 * N


@pytest.mark.parametrize("damage", ["cut", "zeros", "bit", "text", "empty", "longer", "header"])
def test_a_damaged_file_is_made_again(
    cache: Path, paths: list[Path], calls: list[int], damage: str
) -> None:
    expected = decode(paths).pixels.copy()
    file = kept(cache)
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    if damage == "bit":
        content[middle] ^= 1
    elif damage == "header":
        content[:6] = b"number"
    damaged = {
        "cut": content[:middle],
        "zeros": content[:middle] + bytes(len(content) - middle),
        "text": b"not found",
        "empty": b"",
        "longer": content + b"0",
    }
    file.unlink()  # what is mapped stays as it is
    file.write_bytes(damaged.get(damage, content))

    assert (decode(paths).pixels == expected).all()
    assert sum(calls) == 2 * N
    decode(paths)
    assert sum(calls) == 2 * N


def test_a_full_disk(
    cache: Path, paths: list[Path], calls: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as patched:
        patched.setattr(_decoded.shutil, "disk_usage", lambda path: usage(9, 9, 0))
        found = decode(paths)
    assert found.why_not_kept == "no space left on device"
    assert (found.pixels == pixels_of(list(paths), SIZE, "RGB")).all()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(_decoded.os, "fsync", full)
        assert decode(paths).why_not_kept == "no space left on device"
        patched.setattr(_decoded, "memory_bytes", lambda: 1000.0)
        with pytest.raises(
            DataError, match=r"150 images of 6x5 take .* can't be kept in a file \(no space left"
        ):
            decode(paths)
    assert not list(cache.glob("*.npy*")) and not list(cache.glob(".*.npy-*"))
    assert decode(paths).why_not_kept is None


def test_a_folder_that_cannot_be(
    paths: list[Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(paths[0]))
    assert decode(paths).why_not_kept == "not a directory"


def test_few_images_are_not_kept(
    cache: Path, paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_decoded, "_WORTH_BYTES", 1 << 20)
    found = decode(paths)
    read_headers(paths)
    found.byte_counts(np.arange(5))
    assert not cache.exists() and found.why_not_kept is None


def test_headers_and_counts_are_kept(
    cache: Path, paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    grey = paths[7]
    Image.fromarray(np.zeros((3, 9), dtype=np.uint8)).save(grey)
    headers = read_headers(paths)
    assert headers[7].size == (3, 9) and headers[7].is_grey
    assert headers[8].size == (8, 7) and not headers[8].is_grey
    chosen = np.array([3, 7, 149])
    found = decode(paths)
    counts = found.byte_counts(chosen)
    assert (counts[1] == np.bincount(found.pixels[chosen, 1].ravel(), minlength=256)).all()

    monkeypatch.setattr(_decoded, "header_of", None)
    monkeypatch.setattr(_decoded.np, "bincount", None)
    assert read_headers(paths) == headers
    assert (decode(paths).byte_counts(chosen) == counts).all()


def test_how_far_it_is(cache: Path, paths: list[Path]) -> None:
    heard: list[tuple[int, int]] = []
    with loading_heard(lambda done, total: heard.append((done, total))):
        decode(paths)
        decode(paths)
    assert heard == [(64, N), (128, N), (N, N)]


def test_an_image_that_cannot_be_read(cache: Path, paths: list[Path]) -> None:
    whole = paths[100].read_bytes()
    paths[100].write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="100.png' can't be read as an image"):
        decode(paths)
    assert not list(cache.glob("*.npy*")) and not list(cache.glob(".*.npy-*"))
    paths[100].write_bytes(whole)
    assert decode(paths).pixels.shape == (N, 3, *SIZE)
    paths[100].unlink()
    with pytest.raises(DataError, match="there is no image .*100.png"):
        read_headers(paths)
