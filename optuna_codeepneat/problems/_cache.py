"""Arrays that take a while to make, kept in a file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np


Arrays = dict[str, "np.ndarray[Any, Any]"]

_DIGEST = "digest"
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


def cache_folder() -> Path:
    """Where files are kept that can be made again: by XDG's rule, a folder in the home folder.

    Nothing is created.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return folder / "optuna-codeepneat"


def cached_arrays(name: str, make: Callable[[], Mapping[str, Any]]) -> Arrays:
    """Arrays from a file in the cache folder, made and written there if it holds none.

    A damaged file is made again. That the file can't be written is no error: then the arrays are
    made each time. Any number of processes may do this at once. The name is that of the file
    without its suffix; it changes when what `make` returns does.
    """
    try:
        path = cache_folder() / f"{name}.npz"
    except RuntimeError:  # a user without a home folder
        return _as_arrays(make())
    arrays = _read(path)
    if arrays is None:
        arrays = _as_arrays(make())
        with contextlib.suppress(OSError):
            _write(path, arrays)
    return arrays


def _as_arrays(made: Mapping[str, Any]) -> Arrays:
    return {name: np.ascontiguousarray(array) for name, array in made.items()}


def _read(path: Path) -> Arrays | None:
    try:
        # NumPy leaves a damaged file open, unless it is ours to close.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        digest = str(arrays.pop(_DIGEST))
    except _UNREADABLE:
        return None
    return arrays if digest == _digest(arrays) else None


def _write(path: Path, arrays: Arrays) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Renamed into place, so that no process ever reads half a file.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **{**arrays, _DIGEST: np.array(_digest(arrays))})  # type: ignore[arg-type]
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _digest(arrays: Arrays) -> str:
    content = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        content.update(f"{name} {array.dtype.str} {array.shape};".encode())
        content.update(array.tobytes())
    return content.hexdigest()
