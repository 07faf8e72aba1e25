"""Arrays: where their channels are, and ``.npz`` files."""

from __future__ import annotations

import zipfile
import zlib
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from optuna_codeepneat._text import counted
from optuna_codeepneat._text import one_of_names
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data._sources import Source
from optuna_codeepneat.problems._data._sources import examples_of
from optuna_codeepneat.problems._data._splitting import Indices
from optuna_codeepneat.problems._data._splitting import part_of
from optuna_codeepneat.problems._preprocessing import ArrayReader
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna_codeepneat.training import Examples


_LEAST_SIDE = 8
"""Bytes in a rectangle with such sides are taken for a picture."""

_PRESETS = {
    1: ("dense", SearchSpace.dense),
    2: ("conv1d", SearchSpace.conv1d),
    3: ("conv2d", SearchSpace.conv2d),
}


class ArraySource(Source):
    """An array of numbers, ``(examples, ...)``.

    Args:
        x:
            The array, or something that NumPy makes one of.
        path:
            The file that it comes from, None where there is none.

    Raises:
        DataError: If it holds something else than numbers, or is of no shape for networks.
    """

    def __init__(self, x: Any, path: Path | None = None) -> None:
        self._x = _as_numbers(x)
        self._path = path
        if self._x.ndim == 0 or len(self._x) == 0:
            raise DataError("`x` holds no examples.")
        finite = np.isfinite(self._x).reshape(len(self._x), -1).all(1)
        if not finite.all():
            raise DataError(
                f"{self.place(int(finite.argmin()))} of `x` holds NaN or an infinite number; fill "
                "such values or leave these examples out."
            )
        self._layout, self._said = _layout_of(self._x)
        if self._x.ndim - 1 + (self._layout == "one_channel") > len(_PRESETS):
            raise DataError(
                f"an example of `x` has the shape {self._x.shape[1:]}; it must be (features,), "
                "(channels, length) or (channels, height, width)."
            )

    def __len__(self) -> int:
        return len(self._x)

    @property
    def name(self) -> str:
        """That of the file."""
        return "arrays" if self._path is None else self._path.stem

    @property
    def in_words(self) -> str:
        """Shape and type."""
        what = "arrays" if self._path is None else str(self._path)
        return f"{what}, {len(self._x):,} examples {self._x.shape[1:]} of {self._x.dtype}"

    @property
    def preset(self) -> str:
        """By the shape of an example."""
        return _PRESETS[self._x.ndim - 1 + (self._layout == "one_channel")][0]

    def place(self, example: int) -> str:
        """The number of the example, from 0."""
        where = "" if self._path is None else f"{self._path.name}, "
        return f"{where}example {example}"

    def fit(self, train: Indices) -> tuple[ArrayReader, str]:
        """The reader that brings the training examples to one scale; the shape it gives."""
        reader = ArrayReader.fitted(self._x[train], self._layout)
        return reader, f"{_shape_in_words(reader.input_shape)}{self._said}"

    def examples(
        self, reader: ArrayReader, chosen: Indices, targets: np.ndarray[Any, Any]
    ) -> Examples:
        """Numbers ``(examples, *input_shape)``."""
        return examples_of(reader.read(self._x[chosen]), targets)

    def space(self, reader: ArrayReader, num_outputs: int) -> SearchSpace:
        """Fully connected networks or convolutions, by the shape of an example."""
        make = _PRESETS[len(reader.input_shape)][1]
        return make(input_shape=reader.input_shape, num_outputs=num_outputs)


def read_npz(path: str | PathLike[str]) -> tuple[Any, Any, list[str] | None]:
    """Inputs, targets and, where the file says so, the part of each example.

    It holds ``x`` and ``y``; or ``x_train``, ``y_train`` and the same for ``val`` and ``test``.

    Raises:
        DataError: If there is no such file, or it holds something else.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise DataError(f"there is no file {str(file)!r}.")
    if file.stat().st_size == 0:
        raise DataError(f"{str(file)!r} is empty.")
    try:
        with file.open("rb") as opened:
            stored = np.load(opened, allow_pickle=False)
            arrays = {} if isinstance(stored, np.ndarray) else dict(stored)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        raise DataError(f"{str(file)!r} can't be read as an .npz file of numbers.") from None
    if not arrays:
        raise DataError(f"{str(file)!r} holds no arrays by names; it must hold `x` and `y`.")
    if "x" in arrays and "y" in arrays:
        return arrays["x"], arrays["y"], None
    parts = [name[2:] for name in arrays if name[:2] == "x_" and f"y_{name[2:]}" in arrays]
    known = [part for part in parts if part_of(part) is not None]
    if not known:
        raise DataError(
            f"{str(file)!r} must hold the arrays `x` and `y`, or `x_train`, `y_train` and so on; "
            f"{one_of_names('x', list(arrays))}."
        )
    split = [part for part in known for _ in arrays[f"x_{part}"]]
    try:
        x = np.concatenate([arrays[f"x_{part}"] for part in known])
        y = np.concatenate([arrays[f"y_{part}"] for part in known])
    except ValueError as error:
        raise DataError(f"the parts of {str(file)!r} differ: {error}.") from None
    return x, y, split


def _as_numbers(x: Any) -> np.ndarray[Any, Any]:
    given = x.detach().cpu().numpy() if hasattr(x, "detach") else x
    try:
        array = np.asarray(given)
    except ValueError:  # "inhomogeneous"
        raise DataError(
            "`x` must hold examples of one shape, got sequences of different lengths."
        ) from None
    if array.dtype.kind == "O":  # a data frame with columns of several types
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            array = array.astype(str)
    if array.dtype.kind not in "biuf":
        raise DataError(
            f"`x` must hold numbers, got {array.dtype}; `from_table` takes columns of categories, "
            "`from_text` takes text."
        )
    return array


def _layout_of(x: np.ndarray[Any, Any]) -> tuple[Any, str]:
    """Where the channels are, and what is to be said of that."""
    shape = x.shape[1:]
    if not shape:
        return "one_channel", ""
    is_picture = len(shape) == 2 and x.dtype == np.uint8 and min(shape) >= _LEAST_SIDE
    if is_picture:
        return "one_channel", ": bytes in a rectangle are taken for an image"
    few = (1, 3, 4)
    if len(shape) == 3 and shape[-1] in few and shape[0] not in few:
        return "channels_last", ", with the channels brought to the front"
    return "as_is", ""


def _shape_in_words(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return counted(shape[0], "feature")
    channels = counted(shape[0], "channel")
    if len(shape) == 2:
        return f"sequences of length {shape[1]:,} with {channels}"
    return f"images of {shape[1]}x{shape[2]} with {channels}"
