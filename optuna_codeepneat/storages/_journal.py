"""Journal files that survive killed and frozen writers, and full disks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator
from typing import Any

from optuna.logging import get_logger
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal import JournalFileOpenLock

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages._lock import JournalLock


_logger = get_logger(f"optuna.{__name__}")

_BLOCK = 1 << 16
_BEGINNING = b'{"op_code":'  # of every line
_CANCEL = b"\x18\n"  # ends a line that was not finished: no JSON holds such a character


class WholeLinesBackend(JournalFileBackend):
    """Optuna's journal file, which only ever grows, by whole lines.

    A writer that is killed, or whose disk is full, leaves a part of a line behind, to which Optuna
    would append the next one: no process could read the file again. Here the next writer ends
    that part so that readers pass it over. Nothing is ever removed: a process that was frozen for
    so long that others took over its lock would remove what they have written since. Its own
    line, which the system appends as a whole, merely comes late.

    Optuna's backend may use the file at the same time, until a line remains unfinished.
    """

    def __init__(self, path: str) -> None:
        path = os.path.abspath(path)
        # Windows has neither locks nor symbolic links that every user may have.
        lock = JournalFileOpenLock(path) if sys.platform == "win32" else JournalLock(path)
        super().__init__(path, lock_obj=lock)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Appends logs; after an error they may be there or not, but none in part."""
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs).encode()
        self._lock.acquire()
        try:
            file = os.open(self._file_path, os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0))
            try:
                while not self._append(file, lines):
                    pass
                os.fsync(file)
            finally:
                os.close(file)
        finally:
            self._lock.release()

    def _append(self, file: int, lines: bytes) -> bool:
        """Writes lines at once; whether they are whole, and begin where a line ends.

        They do not if the disk had room for a part, or if a process that took over the lock
        meanwhile has been killed too. What comes of that is passed over.
        """
        unfinished = not _ends_line(file, os.fstat(file).st_size)
        if unfinished:
            self._check_unfinished(file)
        text = _CANCEL + lines if unfinished else lines
        if os.write(file, text) < len(text):
            return False
        return unfinished or _ends_line(file, os.lseek(file, 0, os.SEEK_CUR) - len(text))

    def _check_unfinished(self, file: int) -> None:
        """Warns of what follows the last whole line; StorageError if it is none of Optuna's."""
        begin = _end_of_last_line(file)
        os.lseek(file, begin, os.SEEK_SET)
        if not _is_ours(os.read(file, _BLOCK)):
            raise StorageError(f"the file {self._file_path} is no journal of Optuna's.")
        _logger.warning(
            f"Passing over an unfinished line at the end of {self._file_path}: a process was "
            "killed while it wrote, or the disk was full."
        )

    def read_logs(self, log_number_from: int) -> Generator[dict[str, Any], None, None]:
        """Reads the logs from that number on; lines that were not finished are none."""
        offsets = self._log_number_offset  # where each log is looked for
        number = min(log_number_from, len(offsets) - 1)
        damage: ValueError | None = None
        with open(self._file_path, "rb") as file:
            position = file.seek(offsets[number])
            for line in file:
                if damage is not None:
                    raise damage
                if not line.endswith(b"\n"):  # it may still be being written
                    return
                position += len(line)
                try:
                    log = _decoded(line)
                except ValueError as error:  # network folders may show the last line in part
                    damage = error
                    continue
                if log is None:
                    continue
                number += 1
                offsets[number] = position
                if number > log_number_from:
                    yield log


def _decoded(line: bytes) -> dict[str, Any] | None:
    """What a line says; None for one that was not finished, ValueError for a damaged one."""
    try:
        log: dict[str, Any] = json.loads(line)
    except ValueError:
        # The next line follows at once if its writer did not see that this one needs an end.
        next_line = line.find(_BEGINNING, 1)
        unfinished = line.endswith(_CANCEL) or next_line > 0
        if unfinished and _is_ours(line if line.endswith(_CANCEL) else line[:next_line]):
            return None
        raise
    return log


def _is_ours(text: bytes) -> bool:
    """Whether it may be a part of a journal's line; zeros are from a power cut."""
    return _BEGINNING.startswith(text.strip(b"\0" + _CANCEL)[: len(_BEGINNING)])


def _ends_line(file: int, position: int) -> bool:
    """Whether a line ends there, or none has begun."""
    if position == 0:
        return True
    os.lseek(file, position - 1, os.SEEK_SET)
    return os.read(file, 1) == b"\n"


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
