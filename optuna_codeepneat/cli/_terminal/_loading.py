"""How far the reading of data is, once it takes so long that one wonders."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager

from optuna_codeepneat.cli._terminal._progress import progress
from optuna_codeepneat.cli._terminal._snapshot import Progress
from optuna_codeepneat.cli._terminal._snapshot import Snapshot
from optuna_codeepneat.problems import loading_heard


_PATIENCE = 1.0


@contextmanager
def loading_shown(shown: Progress | None = None, *, quiet: bool = False) -> Iterator[None]:
    """A stretch in which it is shown how many images are decoded.

    Args:
        shown:
            Where to show it; None for a progress of its own, once there is something to show.
        quiet:
            Whether that is to show nothing.
    """
    begin = time.monotonic()
    with ExitStack() as stack:

        def hear(done: int, total: int) -> None:
            nonlocal shown
            seconds = time.monotonic() - begin
            if seconds < _PATIENCE:
                return
            if shown is None:
                shown = stack.enter_context(progress(quiet=quiet))
            snapshot = Snapshot(
                done=done,
                total=total,
                noun="images decoded",
                seconds=seconds,
                seconds_left=seconds / done * (total - done) if done < total else None,
            )
            (shown.update if done < total else shown.finish)(snapshot)

        with loading_heard(hear):
            yield
