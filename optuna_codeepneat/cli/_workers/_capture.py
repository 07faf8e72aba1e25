"""How what a worker process prints gets to the parent process."""

from __future__ import annotations

import os
import sys
import warnings
from multiprocessing.connection import Connection
from typing import Any

import optuna


def capture(pipe: Connection[Any, Any] | None) -> None:
    """Sends all that this process prints into a pipe, what libraries in it print included.

    None leaves it where it goes: to the terminal of the command.
    """
    if pipe is not None:
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(pipe.fileno(), number)
            # Lines go at once, as a process that is killed writes nothing any more.
            stream = open(number, "w", 1, "utf-8", "backslashreplace", closefd=False)
            setattr(sys, name, stream)
        pipe.close()
    # The user's log is shown, but Optuna's is about trials, of which the command tells itself.
    optuna.logging.disable_default_handler()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


def flush() -> None:
    """Sends what lies in buffers, those of C included."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # none, or closed by the user's code
            pass
    try:
        import ctypes

        ctypes.CDLL(None).fflush(None)
    except (AttributeError, OSError, TypeError):  # Windows has several C libraries
        pass


def drop() -> None:
    """Drops all that this process prints from now on: nobody reads it any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
