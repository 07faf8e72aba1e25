"""What data are, as a hash of their content: it tells whether they are still the same."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat.problems._cache import cached_arrays
from optuna_codeepneat.problems._data import IMAGES


_DIGITS = 16
_CHUNK_BYTES = 1 << 20
_WORTH_BYTES = 1 << 25
"""Files of less are read as fast as their hashes are found again."""
_SETTLED_SECONDS = 2.0
"""What changes twice within the clock tick of a file system has one time: a hash that was made
so soon is not kept."""


def content_of(*paths: Path) -> str | None:
    """A hash of files and folders together; None if one of them is not there.

    Of a folder it is that of the names and sizes of its images. That of a large file is kept, as
    vectors of words take gigabytes, until its size or its time is another one.
    """
    hashes = [_of_one(path) for path in paths]
    if len(hashes) == 1 or None in hashes:
        return None if None in hashes else hashes[0]
    return hashlib.sha256(" ".join(map(str, hashes)).encode()).hexdigest()[:_DIGITS]


def _of_one(path: Path) -> str | None:
    try:
        if path.is_dir():
            return _of_images(path)
        return _of_file(path) if path.is_file() else None
    except OSError:
        return None


def _of_images(folder: Path) -> str:
    digest = hashlib.sha256()
    for image in sorted(folder.rglob("*")):
        if image.suffix.lower() in IMAGES and image.is_file():
            name = image.relative_to(folder).as_posix()
            digest.update(f"{name}\0{image.stat().st_size}\0".encode())
    return digest.hexdigest()[:_DIGITS]


def _of_file(path: Path) -> str:
    def read() -> dict[str, Any]:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        return {"sha256": np.frombuffer(digest.digest(), dtype=np.uint8)}

    found = path.stat()
    changed = max(found.st_mtime, found.st_ctime)
    if found.st_size < _WORTH_BYTES or time.time() - changed < _SETTLED_SECONDS:
        digest = read()["sha256"]
    else:
        times = [found.st_mtime_ns, found.st_ctime_ns]
        version = content_hash([os.path.abspath(path), found.st_size, *times], _DIGITS)
        digest = cached_arrays(f"content-1-{version}", read)["sha256"]
    return bytes(digest).hex()[:_DIGITS]
