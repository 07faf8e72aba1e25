"""Processes that freeze themselves, as a machine that swaps or a user freezes them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from typing_extensions import Self


_UNIGNORED = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


class Frozen:
    """A process that has stopped itself by SIGSTOP; none outlives the ``with`` block.

    Args:
        code:
            What it runs.
        arguments:
            Its ``sys.argv[1:]``.
    """

    def __init__(self, code: str, *arguments: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        self._process = subprocess.Popen(
            # What a shell starts in the background ignores this signal.
            [sys.executable, "-c", _UNIGNORED + code, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        _, status = os.waitpid(self._process.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            self._process.returncode = os.waitstatus_to_exitcode(status)
            raise RuntimeError(f"it did not freeze:\n{self._process.communicate()[0]}")

    def go_on(self, ending: signal.Signals | None = None) -> int:
        """Resumes it, with a signal to handle at once; returns its exit code."""
        if ending is not None:
            self._process.send_signal(ending)
        self._process.send_signal(signal.SIGCONT)
        self.said = self._process.communicate(timeout=60)[0]
        return self._process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()
