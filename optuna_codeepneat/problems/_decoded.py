"""Decoded images: made once, by several threads, and kept as bytes in a file.

Processes of one machine that need the same images map that file, and so have them in memory once;
of images that are larger than the memory the system reads what is needed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import zlib
from collections import deque
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from optuna_codeepneat._lazy import needing
from optuna_codeepneat._machine import memory_bytes
from optuna_codeepneat._machine import usable_cores
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._cache import cache_folder
from optuna_codeepneat.problems._cache import cached_arrays
from optuna_codeepneat.problems._loading import report_loaded
from optuna_codeepneat.problems._preprocessing import ImageHeader
from optuna_codeepneat.problems._preprocessing import Mode
from optuna_codeepneat.problems._preprocessing import Resampling
from optuna_codeepneat.problems._preprocessing import channels_of
from optuna_codeepneat.problems._preprocessing import decoders_silenced
from optuna_codeepneat.problems._preprocessing import header_of
from optuna_codeepneat.problems._preprocessing import pixels_of


Array = np.ndarray[Any, Any]

_FORMAT = 1
"""Of what is kept; another one whenever images are decoded otherwise."""
_AT_ONCE = 64
_WORTH_BYTES = 1 << 20
"""Files and pixels of less are decoded as fast as they are found again."""
_MOST_SHARE = 0.5
"""Of this machine's memory that images may take which can't be kept in a file."""
_DIGITS = 24
_CHECKED = 256
"""Images whose pixels are compared with what was written, evenly spaced: all would take long."""
_MARK = b"CRC1"


@dataclass(frozen=True)
class DecodedImages:
    """The pixels of images.

    Args:
        pixels:
            ``(images, channels, height, width)``, uint8; not to be written to.
        key:
            A hash of files, their sizes and times, and of how they were decoded.
        why_not_kept:
            Why they are not kept in a file; None where they are, or need not be.
    """

    pixels: Array
    key: str
    why_not_kept: str | None = None

    def byte_counts(self, chosen: Array) -> Array:
        """How often each byte is in each channel of some images, ``(channels, 256)``."""

        def counted() -> dict[str, Array]:
            counts = np.zeros((self.pixels.shape[1], 256), dtype=np.int64)
            for begin in range(0, len(chosen), _AT_ONCE):
                some = self.pixels[chosen[begin : begin + _AT_ONCE]]
                for channel, count in enumerate(counts):
                    count += np.bincount(some[:, channel].ravel(), minlength=256)
            return {"counts": counts}

        if self.pixels.nbytes < _WORTH_BYTES:
            return counted()["counts"]
        which = hashlib.sha256(np.ascontiguousarray(chosen, dtype=np.int64).tobytes()).hexdigest()
        return cached_arrays(f"{_name(self.key)}-counts-{which[:_DIGITS]}", counted)["counts"]


def read_headers(paths: Sequence[Path]) -> list[ImageHeader]:
    """What image files say before they are decoded.

    Raises:
        DataError: If one is no image, with its path.
        ImportError: If Pillow is not installed.
    """

    def read() -> dict[str, Array]:
        with decoders_silenced(), ThreadPoolExecutor(len(usable_cores())) as pool:
            headers = list(pool.map(header_of, paths))
        return {
            "sizes": np.array([header.size for header in headers], dtype=np.int64),
            "grey": np.array([header.is_grey for header in headers]),
        }

    files = _Files.of(paths)
    kept = files.n_bytes >= _WORTH_BYTES
    arrays = cached_arrays(f"{_name(files.key())}-headers", read) if kept else read()
    return [
        ImageHeader((int(height), int(width)), bool(grey))
        for (height, width), grey in zip(arrays["sizes"], arrays["grey"], strict=True)
    ]


def decoded_images(
    paths: Sequence[Path], size: tuple[int, int], mode: Mode, resampling: Resampling = "bilinear"
) -> DecodedImages:
    """The pixels of image files, from the cache folder if they are there.

    What is damaged there is made again. That nothing can be written there is no error, as long as
    the images fit into the memory. Any number of processes may do this at once: one decodes, and
    the others wait for it.

    Args:
        paths:
            The files.
        size:
            Height and width for all.
        mode:
            Whether they are grey or in colour.
        resampling:
            How they are brought to this size.

    Raises:
        DataError: If one can't be read, with its path; or if all are too many to be in memory.
        ImportError: If Pillow is not installed.
    """
    files = _Files.of(paths)
    shape = (len(paths), channels_of(mode), *size)
    key = files.key(list(size), mode, resampling)
    n_bytes = int(np.prod(shape, dtype=np.int64))

    def chunks() -> Iterator[Array]:
        return _decoded(paths, size, mode, resampling)

    if files.n_bytes + n_bytes < _WORTH_BYTES:
        return DecodedImages(_in_memory(chunks(), shape), key)
    try:
        path = cache_folder() / f"{_name(key)}.npy"
        return DecodedImages(_from_file(path, shape, chunks), key)
    except (OSError, RuntimeError) as error:  # the latter of a user without a home folder
        why = (getattr(error, "strerror", None) or str(error)).rstrip(".").lower()
    if n_bytes > _MOST_SHARE * memory_bytes():
        raise DataError(
            f"{len(paths):,} images of {size[0]}x{size[1]} take {n_bytes / 1e9:.1f} GB, which is "
            f"too much for the memory of this machine, and they can't be kept in a file ({why}); "
            "make room, name another folder by XDG_CACHE_HOME, or take a smaller size."
        )
    return DecodedImages(_in_memory(chunks(), shape), key, why)


@dataclass(frozen=True)
class _Files:
    """Files with their sizes and times."""

    lines: list[str]
    n_bytes: int

    @classmethod
    def of(cls, paths: Iterable[Path]) -> _Files:
        lines, n_bytes = [], 0
        for path in paths:
            try:
                found = path.stat()
            except OSError:
                raise DataError(f"there is no image {str(path)!r}.") from None
            lines.append(f"{os.path.abspath(path)}\0{found.st_size}\0{found.st_mtime_ns}\0")
            n_bytes += found.st_size
        return cls(lines, n_bytes)

    def key(self, *how: Any) -> str:
        """A hash of them, and of what is done to them."""
        digest = hashlib.sha256(repr((_FORMAT, how)).encode())
        for line in self.lines:
            digest.update(line.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()[:_DIGITS]


def _name(key: str) -> str:
    return f"images-{_FORMAT}-{key}"


def _decoded(
    paths: Sequence[Path], size: tuple[int, int], mode: Mode, resampling: Resampling
) -> Iterator[Array]:
    """The pixels of some images after the other, in their order."""
    # As many as there are cores for this process: decoders let other threads run.
    n_threads, done = len(usable_cores()), 0
    waiting: deque[Any] = deque()
    with decoders_silenced(), ThreadPoolExecutor(n_threads) as pool:
        for begin in range(0, len(paths) + 2 * n_threads * _AT_ONCE, _AT_ONCE):
            some = list(paths[begin : begin + _AT_ONCE])
            if some:
                waiting.append(pool.submit(pixels_of, some, size, mode, resampling))
            # Not more ahead of who writes them than keeps all threads at work.
            if waiting and (not some or len(waiting) > 2 * n_threads):
                pixels = waiting.popleft().result()
                done += len(pixels)
                report_loaded(done, len(paths))
                yield pixels


def _in_memory(chunks: Iterator[Array], shape: tuple[int, ...]) -> Array:
    pixels, begin = np.empty(shape, dtype=np.uint8), 0
    for chunk in chunks:
        pixels[begin : begin + len(chunk)] = chunk
        begin += len(chunk)
    return pixels


def _from_file(path: Path, shape: tuple[int, ...], chunks: Any) -> Array:
    """The pixels in a file, which is written where there is none, or a damaged one.

    Raises:
        OSError: If it can't be written.
    """
    pixels = _mapped(path, shape)
    if pixels is not None:
        return pixels
    path.parent.mkdir(parents=True, exist_ok=True)
    with needing("reading images"):
        from filelock import FileLock
    try:
        lock = FileLock(path.with_name(f".{path.stem}.lock"))
        lock.acquire()
    except NotImplementedError as error:  # a file system without locks
        raise OSError(errno.ENOLCK, "files can't be locked there") from error
    try:
        pixels = _mapped(path, shape)  # another process may have been faster
        if pixels is None:
            if shutil.disk_usage(path.parent).free < np.prod(shape, dtype=np.int64):
                raise OSError(errno.ENOSPC, "no space left on device")
            _write(path, shape, chunks())
            pixels = _mapped(path, shape)
    finally:
        lock.release()
    if pixels is None:
        raise OSError(errno.EIO, "what was written can't be read")
    return pixels


def _write(path: Path, shape: tuple[int, ...], chunks: Iterator[Array]) -> None:
    # NOTE: written, not filled by way of a map, in which a full disk ends the process. Renamed
    # into place once all is on the disk, so that no process ever reads half a file.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            npy.write_array_header_1_0(
                file, {"descr": "|u1", "fortran_order": False, "shape": shape}
            )
            checked, begin, check = _checked(shape[0]), 0, 0
            for chunk in chunks:
                file.write(chunk.data)
                for i in range(len(chunk)):
                    if begin + i in checked:
                        check = zlib.crc32(chunk[i].data, check)
                begin += len(chunk)
            file.write(_MARK + check.to_bytes(4, "big"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _mapped(path: Path, shape: tuple[int, ...]) -> Array | None:
    """The pixels in a file; None if it is not there, or damaged."""
    end = len(_MARK) + 4
    try:
        with path.open("rb") as file:
            if npy.read_magic(file) != (1, 0):
                return None
            found, fortran, dtype = npy.read_array_header_1_0(file)
            offset = file.tell()
            length = file.seek(0, os.SEEK_END)
            if found != shape or fortran or dtype != np.uint8:
                return None
            if length != offset + int(np.prod(shape, dtype=np.int64)) + end:
                return None
            file.seek(-end, os.SEEK_END)
            mark, check = file.read(len(_MARK)), int.from_bytes(file.read(4), "big")
        pixels = np.memmap(path, dtype=np.uint8, mode="r", offset=offset, shape=shape)
        own = 0
        for i in sorted(_checked(shape[0])):
            own = zlib.crc32(pixels[i].data, own)
    except (OSError, ValueError):
        return None
    return np.asarray(pixels) if (mark, check) == (_MARK, own) else None


def _checked(n: int) -> set[int]:
    """The numbers of the images whose pixels are checked."""
    return set(np.linspace(0, n - 1, min(n, _CHECKED)).round().astype(int).tolist())
