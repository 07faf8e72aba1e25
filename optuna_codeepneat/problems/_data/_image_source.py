"""Images: which files there are, of which classes, and which size and mode they get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data._sources import Source
from optuna_codeepneat.problems._data._splitting import Indices
from optuna_codeepneat.problems._data._splitting import part_of
from optuna_codeepneat.problems._data._tables import Table
from optuna_codeepneat.problems._decoded import decoded_images
from optuna_codeepneat.problems._decoded import read_headers
from optuna_codeepneat.problems._preprocessing import ImageReader
from optuna_codeepneat.problems._preprocessing import Mode
from optuna_codeepneat.problems._preprocessing import is_missing
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna_codeepneat.training import Examples

IMAGES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".pgm", ".tif", ".tiff", ".webp")
"""Suffixes of files that hold images."""

_MOST_SIDE = 64
"""Larger images take long to train with; a user may say otherwise."""


@dataclass(frozen=True)
class ImageFolder:
    """Image files, with what their folders say of them.

    Args:
        paths:
            The files.
        classes:
            The class of each.
        parts:
            The part of each, None where the folders say nothing of parts.
    """

    paths: list[Path]
    classes: list[str]
    parts: list[str] | None


def find_images(folder: str | PathLike[str]) -> ImageFolder:
    """The images of a folder with a sub-folder for each class.

    These may lie in folders ``train``, ``validation`` and ``test``. What else is there is passed
    over: other files, and whatever begins with a dot.

    Raises:
        DataError: If there is no such folder, or there are no images in it or in a sub-folder.
    """
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise DataError(f"there is no folder {str(root)!r}.")
    inner = _folders(root)
    if not inner:
        has = "has images, but no sub-folders" if images_in(root) else "has no sub-folders"
        raise DataError(f"{str(root)!r} {has}; it needs one with images for each class.")
    in_parts = all(part_of(each.name) is not None for each in inner)
    if in_parts:
        if not any(part_of(each.name) == 0 for each in inner):
            raise DataError(f"{str(root)!r} has no folder 'train' beside {inner[0].name!r}.")
        found = [(part.name, each) for part in inner for each in _folders(part)]
    else:
        found = [("", each) for each in inner]
    paths: list[Path] = []
    classes: list[str] = []
    parts: list[str] = []
    for part, each in found:
        images = images_in(each, deep=True)
        if not images:
            raise DataError(f"the folder {str(each)!r} has no images; remove it, or fill it.")
        paths += images
        classes += [each.name] * len(images)
        parts += [part] * len(images)
    if not paths:
        raise DataError(f"{str(root)!r} has no folders for classes in {inner[0].name!r}.")
    return ImageFolder(paths, classes, parts if in_parts else None)


def image_column(table: Table, but: Sequence[str] = ()) -> str | None:
    """The column of a table that names image files; None if there is none."""
    for name in table.names:
        values = table.frame[name]
        if name not in but and values.dtype.kind not in "biufMm":
            given = [str(each).strip().lower() for each in values[:100] if not is_missing(each)]
            if given and all(value.endswith(IMAGES) for value in given):
                return name
    return None


def named_images(table: Table, column: str) -> list[Path]:
    """The image files that a column names; relative ones lie beside the file of the table.

    Raises:
        DataError: If one is not there, with its row.
    """
    root = Path() if table.path is None else table.path.parent
    paths = []
    for i, value in enumerate(table.column(column, "the images")):
        if is_missing(value):
            raise DataError(f"{table.place(i)} names no image; fill it, or leave the row out.")
        path = root / str(value).strip()
        if not isinstance(value, str) or not path.is_file():
            raise DataError(
                f"{table.place(i)} names the image {str(value)!r}, which is not there."
            )
        paths.append(path)
    return paths


class ImageSource(Source):
    """Image files, decoded once and kept as bytes.

    Args:
        paths:
            The files.
        root:
            The folder or the file that they come from.
        size:
            Height and width for all; None to go by the images.

    Raises:
        DataError: If one can't be read.
        ImportError: If Pillow is not installed.
    """

    def __init__(self, paths: Sequence[Path], *, root: Path, size: tuple[int, int] | None) -> None:
        self._paths = paths
        self._root = root
        headers = read_headers(paths)
        self._size, said = _size_for([header.size for header in headers], size)
        n_grey = sum(header.is_grey for header in headers)
        mode: Mode = "L" if n_grey == len(headers) else "RGB"
        if 0 < n_grey < len(headers):
            said += f"; {n_grey:,} grey ones became coloured"
        self._decoded = decoded_images(paths, self._size, mode)
        if self._decoded.why_not_kept is not None:
            said += f"; decoded each time, as they can't be kept: {self._decoded.why_not_kept}"
        self._said = said

    @property
    def name(self) -> str:
        """That of the folder or the file."""
        return self._root.resolve().name if self._root.is_dir() else self._root.stem

    @property
    def in_words(self) -> str:
        """How many."""
        return f"{self._root}, {len(self._paths):,} images"

    def place(self, example: int) -> str:
        """The file."""
        return str(self._paths[example])

    @property
    def preset(self) -> str:
        """That of convolutions."""
        return "conv2d"

    def fit(self, train: Indices) -> tuple[ImageReader, str]:
        """The reader that brings the training examples to one scale; what was done before."""
        counts = self._decoded.byte_counts(train)
        reader = ImageReader.fitted(self._size, counts)
        colours = "grey" if reader.mode == "L" else "in colour"
        return reader, f"images of {self._size[0]}x{self._size[1]}, {colours}{self._said}"

    def examples(
        self, reader: ImageReader, chosen: Indices, targets: np.ndarray[Any, Any]
    ) -> Examples:
        """Bytes, which become numbers when a network reads them."""
        return reader.examples(self._decoded.pixels, targets, chosen)

    def space(self, reader: ImageReader, num_outputs: int) -> SearchSpace:
        """Convolutions."""
        return SearchSpace.conv2d(input_shape=reader.input_shape, num_outputs=num_outputs)


def _size_for(
    sizes: Sequence[tuple[int, int]], given: tuple[int, int] | None
) -> tuple[tuple[int, int], str]:
    """Height and width for all images, and what is to be said of it."""
    different = sorted(set(sizes))
    if given is None and len(different) == 1 and max(different[0]) <= _MOST_SIDE:
        return different[0], ""
    if given is not None:
        size = given
    elif len(different) == 1:
        scale = _MOST_SIDE / max(different[0])
        height, width = (max(1, round(side * scale)) for side in different[0])
        size = height, width
    else:
        side = min(_MOST_SIDE, int(np.median([min(each) for each in sizes])))
        size = side, side
    if different == [size]:
        return size, ""
    low, high = different[0], different[-1]
    was = (
        f"{low[0]}x{low[1]}"
        if len(different) == 1
        else (f"{len(different):,} sizes from {low[0]}x{low[1]} to {high[0]}x{high[1]}")
    )
    return size, f"; resized, they had {was}"


def _folders(folder: Path) -> list[Path]:
    return sorted(
        each for each in folder.iterdir() if each.is_dir() and not each.name.startswith(".")
    )


def images_in(folder: Path, *, deep: bool = False) -> list[Path]:
    """The images of a folder and, if it is `deep`, of its sub-folders, but for hidden ones."""
    found = folder.rglob("*") if deep else folder.iterdir()
    return sorted(
        each
        for each in found
        if each.suffix.lower() in IMAGES and not each.name.startswith(".") and each.is_file()
    )
