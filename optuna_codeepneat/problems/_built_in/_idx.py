"""Arrays in the format of MNIST, IDX (LeCun), as they are or compressed by gzip."""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from optuna_codeepneat.exceptions import DataError


_BYTES = 0x08
"""The code of the only type that data sets use."""


def read_idx(folder: Path, name: str) -> np.ndarray[Any, Any]:
    """The bytes of a file, ``name`` or ``name.gz``, in the shape that it says.

    Raises:
        DataError: If it can't be read, or is damaged.
    """
    compressed = folder / f"{name}.gz"
    path = compressed if compressed.exists() else folder / name
    try:
        content = path.read_bytes()
        if path is compressed:
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{str(path)!r} can't be read: {error}.") from None
    if len(content) < 4 or content[:3] != bytes((0, 0, _BYTES)):
        raise DataError(f"{str(path)!r} is no IDX file of bytes.")
    begin = 4 + 4 * content[3]
    shape = tuple(np.frombuffer(content[4:begin], dtype=">u4").tolist())
    if len(content) - begin != prod(shape):
        raise DataError(
            f"{str(path)!r} is damaged: it says to hold {prod(shape):,} bytes and holds "
            f"{max(len(content) - begin, 0):,}."
        )
    return np.frombuffer(content, dtype=np.uint8, offset=begin).reshape(shape)
