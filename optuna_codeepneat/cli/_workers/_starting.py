"""How processes are started that load torch: forked from one that has it, where that can be."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext

from optuna_codeepneat.cli._signals import signals_held_back


_IMAGE = "optuna_codeepneat.cli._workers._image"

# NOTE: macOS can fork, but its system libraries don't survive it.
_CAN_FORK = sys.platform == "linux"

_SINGLE = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""So that NumPy's linear algebra has no threads, which would not be there after a fork."""


def begin() -> BaseContext:
    """The context of such processes, whose common image loads from now on.

    Loading torch takes seconds; a process that is forked from the image has it at once, and
    shares its memory with the others.
    """
    resource_tracker.ensure_running()  # now, as it would unblock signals
    if not _CAN_FORK:
        return get_context("spawn")
    from multiprocessing import forkserver  # here: other systems need not have it

    context = get_context("forkserver")
    context.set_forkserver_preload([_IMAGE])
    # Signals are held back in the server, and so in processes before they are ready for them.
    with signals_held_back(), _environment(_SINGLE):
        forkserver.ensure_running()  # again, should it have been killed
    return context


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
