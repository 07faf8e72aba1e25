"""Journal files that survive killed writers and full disks."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from optuna.logging import get_logger
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal import JournalFileOpenLock

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages._lock import JournalLock


_logger = get_logger(f"optuna.{__name__}")

_BLOCK = 1 << 16
_BEGINNING = b'{"op_code":'  # of every line


class WholeLinesBackend(JournalFileBackend):
    """Optuna's journal file, in which every line is whole.

    A writer that is killed leaves a part of a line behind, to which Optuna would append the next
    one: no process could read the file again. Here the next writer removes that part, and a
    writer whose disk is full removes its own. Optuna's backend may use the file at the same time.
    """

    def __init__(self, path: str) -> None:
        path = os.path.abspath(path)
        # Windows has neither locks nor symbolic links that every user may have.
        lock = JournalFileOpenLock(path) if sys.platform == "win32" else JournalLock(path)
        super().__init__(path, lock_obj=lock)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Appends all of the logs, or none and raises an error."""
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs).encode()
        self._lock.acquire()
        try:
            file = os.open(self._file_path, os.O_RDWR | os.O_APPEND)
            try:
                end = self._cut_unfinished_line(file)
                try:
                    _write(file, lines)
                except BaseException:
                    os.ftruncate(file, end)
                    raise
            finally:
                os.close(file)
        finally:
            self._lock.release()

    def _cut_unfinished_line(self, file: int) -> int:
        """Removes what follows the last whole line; returns where that ends."""
        end = _end_of_last_line(file)
        os.lseek(file, end, os.SEEK_SET)
        rest = os.read(file, len(_BEGINNING))
        if not rest:
            return end
        if not _BEGINNING.startswith(rest) and rest.strip(b"\0"):  # zeros are from a power cut
            raise StorageError(f"the file {self._file_path} is no journal of Optuna's.")
        _logger.warning(
            f"Removing an unfinished line from the end of {self._file_path}: a process was killed "
            "while it wrote."
        )
        os.ftruncate(file, end)
        return end


def _end_of_last_line(file: int) -> int:
    """Where the last line ends, be it that more follows."""
    end = os.fstat(file).st_size
    while end > 0:
        start = max(0, end - _BLOCK)
        os.lseek(file, start, os.SEEK_SET)
        newline = os.read(file, end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _write(file: int, lines: bytes) -> None:
    rest = memoryview(lines)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fsync(file)
