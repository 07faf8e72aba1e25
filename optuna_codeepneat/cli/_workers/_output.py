"""What worker processes print: read at once, kept in a file, handed out for the terminal."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from datetime import datetime
from multiprocessing import connection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from optuna_codeepneat._recent import Recent
from optuna_codeepneat.cli._signals import STOP_SIGNALS


# Of what a terminal shows; the file has all of it.
_LINES_PER_SECOND = 20
_MOST_LINES_AT_ONCE = 100
_LINES_REMEMBERED = 10_000
_LONGEST_LINE = 4_000
_CHUNK = 65_536
_LARGEST_FILE = 256 * 2**20
_TICK_SECONDS = 0.1
_CLOSING_SECONDS = 1.0
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, movements of the cursor
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles, links
    r"|[\x00-\x08\x0a-\x1f\x7f-\x9f]"
)


class WorkerOutput:
    """All that the worker processes of one command print, by Python or not.

    A thread reads their pipes, so that no process ever waits for this one to be idle. On a
    terminal a line is shown once, however often it comes, and no more than somebody can read.

    Args:
        path:
            The file that all of it is appended to; it is made when there is something to write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._streams: dict[Connection[Any, Any], _Stream] = {}
        self._lock = threading.Lock()  # of all below
        self._file: int | None = None
        self.is_kept = False
        """Whether anything has been written to the file."""
        self._room = _LARGEST_FILE
        self._problem: str | None = None
        self._shown: Recent[str, None] = Recent(_LINES_REMEMBERED)
        self._waiting: list[str] = []
        self._allowance, self._since = float(_MOST_LINES_AT_ONCE), time.monotonic()
        self._n_left_out = 0
        self._closing_at: float | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)

    def connect(self, worker: int) -> Connection[Any, Any]:
        """A pipe for a new process, which is to be closed here once the process has it."""
        ours, theirs = get_context("spawn").Pipe(duplex=False)
        _enlarge(ours)
        with self._lock:
            self._streams[ours] = _Stream(worker)
        if not self._thread.is_alive():
            self._thread.start()
        return theirs

    def take(self) -> list[str]:
        """Lines for the terminal that came since this was last called."""
        with self._lock:
            lines, self._waiting = self._waiting, []
            if self._problem is not None:
                lines.append(self._problem)
                self._problem = None
        return lines

    def keep(self, worker: int, text: str) -> None:
        """Appends text to the file that a process did not print."""
        with self._lock:
            self._write(worker, text.splitlines())

    @property
    def n_left_out(self) -> int:
        """Lines that are in the file alone."""
        return self._n_left_out

    def close(self) -> None:
        """Reads what processes that have ended left behind."""
        self._closing_at = time.monotonic() + _CLOSING_SECONDS
        if self._thread.is_alive():
            self._thread.join()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    # -- the thread ----------------------------------------------------------------------------

    def _read(self) -> None:
        if hasattr(signal, "pthread_sigmask"):  # they are for the main thread, which waits
            signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        while True:
            closing_at = self._closing_at
            with self._lock:
                pipes = list(self._streams)
            ready = connection.wait(pipes, _TICK_SECONDS if closing_at is None else 0)
            if not pipes and closing_at is None:
                time.sleep(_TICK_SECONDS)
            for pipe in ready:
                assert isinstance(pipe, Connection)
                self._read_some(pipe)
            # What a process has left running may print for ever.
            if closing_at is not None and (not ready or time.monotonic() >= closing_at):
                for pipe in list(self._streams):
                    self._end(pipe)
                return

    def _read_some(self, pipe: Connection[Any, Any]) -> None:
        try:
            chunk = os.read(pipe.fileno(), _CHUNK)
        except OSError:
            chunk = b""
        if not chunk:
            self._end(pipe)
            return
        stream = self._streams[pipe]
        self._add(stream.worker, stream.lines(chunk))

    def _end(self, pipe: Connection[Any, Any]) -> None:
        with self._lock:
            stream = self._streams.pop(pipe)
        pipe.close()
        self._add(stream.worker, stream.lines(b"\n") if stream.rest else [])

    def _add(self, worker: int, lines: list[str]) -> None:
        with self._lock:
            self._write(worker, lines)
            shown = [line for line in lines if line.strip()]
            # Of lines that came together all are shown, or none: a traceback stays whole.
            if all(line in self._shown for line in shown):
                self._n_left_out += len(shown)
                return
            now = time.monotonic()
            more = (now - self._since) * _LINES_PER_SECOND
            self._allowance = min(_MOST_LINES_AT_ONCE, self._allowance + more)
            self._since = now
            for line in shown:
                self._shown[line] = None
                if self._allowance >= 1:
                    self._allowance -= 1
                    self._waiting.append(f"worker {worker}: {line}")
                else:
                    self._n_left_out += 1

    def _write(self, worker: int, lines: list[str]) -> None:
        if not lines or self._room <= 0:
            return
        begin = f"{datetime.now():%Y-%m-%d %H:%M:%S} worker {worker}:"
        text = "".join(f"{begin} {line}".rstrip() + "\n" for line in lines).encode()
        self._room -= len(text)
        try:
            if self._file is None:
                how = os.O_WRONLY | os.O_CREAT | os.O_APPEND
                self._file = os.open(self.path, how, 0o666)
            os.write(self._file, text)
            self.is_kept = True
        except OSError as error:  # nothing that is printed is worth a network
            self._room = 0
            reason = error.strerror or str(error)
            self._problem = f"What workers print can't be kept in {self.path}: {reason}."
            return
        if self._room <= 0:
            self._problem = (
                f"No more of what workers print is kept in {self.path}: it is too much."
            )


class _Stream:
    """Bytes of one process, cut into lines as a terminal would show them."""

    def __init__(self, worker: int) -> None:
        self.worker = worker
        self.rest = b""

    def lines(self, chunk: bytes) -> list[str]:
        """The lines that a chunk completes."""
        *whole, rest = (self.rest + chunk).split(b"\n")
        while len(rest) > _LONGEST_LINE:
            whole.append(rest[:_LONGEST_LINE])
            rest = rest[_LONGEST_LINE:]
        # A progress bar goes back to the beginning of its line again and again.
        self.rest = rest[:-1].rpartition(b"\r")[2] + rest[-1:]
        return [_readable(line) for line in whole]


def _readable(line: bytes) -> str:
    text = line.rstrip(b"\r").rpartition(b"\r")[2][:_LONGEST_LINE].decode("utf-8", "replace")
    return _CONTROL.sub("", text).expandtabs()


def _enlarge(pipe: Connection[Any, Any]) -> None:
    """Gives a pipe more room, for as long as this process is stopped; on Linux alone."""
    try:
        import fcntl

        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, 2**20)
    except (ImportError, AttributeError, OSError):
        pass
