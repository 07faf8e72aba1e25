"""The `search` command at work: hands out networks, counts them, trains the best finally."""

from __future__ import annotations

import time
import warnings
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna.trial import TrialState

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import Interrupted
from optuna_codeepneat.cli._finals import Outcome
from optuna_codeepneat.cli._finals import choose_finals
from optuna_codeepneat.cli._finals import train_finally
from optuna_codeepneat.cli._front import Front
from optuna_codeepneat.cli._messages import Broken
from optuna_codeepneat.cli._messages import Finished
from optuna_codeepneat.cli._messages import Started
from optuna_codeepneat.cli._messages import TrainNext
from optuna_codeepneat.cli._pool import Crashed
from optuna_codeepneat.cli._pool import WorkerPool
from optuna_codeepneat.cli._progress import Snapshot
from optuna_codeepneat.cli._signals import StopNote
from optuna_codeepneat.cli._tables import decoded
from optuna_codeepneat.cli._tables import metric
from optuna_codeepneat.cli._watch import Watch


if TYPE_CHECKING:
    from collections.abc import Sequence

    import optuna

    from optuna_codeepneat.cli._messages import WorkerOrder
    from optuna_codeepneat.cli._progress import Progress
    from optuna_codeepneat.problems import Problem

_TICK_SECONDS = 0.2
_POLL_SECONDS = 1.0
_MOST_FAILURES_BEFORE_A_SUCCESS = 10
_MOST_FAILURES_IN_A_ROW = 50


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a search shall do.

    Args:
        total:
            Finished networks that the study shall have in the end.
        timeout:
            Seconds after which no further network begins, or None.
        n_finals:
            How many networks are trained finally and tested.
        n_workers:
            Processes.
        devices:
            Their devices, shared in turn.
        threads:
            Threads of each process.
    """

    total: int
    timeout: float | None
    n_finals: int
    n_workers: int
    devices: Sequence[str]
    threads: int


class Search:
    """One run of the `search` command.

    Args:
        study:
            The study, new or resumed.
        problem:
            Its problem.
        order:
            What worker processes need to know.
        plan:
            What to do.
        progress:
            Where to show how far it is.
    """

    def __init__(
        self,
        study: optuna.Study,
        problem: Problem,
        *,
        order: WorkerOrder,
        plan: Plan,
        progress: Progress,
    ) -> None:
        self._study = study
        self._problem = problem
        self._order = order
        self._plan = plan
        self._progress = progress
        self._watch = Watch(study)
        self._n_before = self._watch.n_finished
        self._pool: WorkerPool | None = None
        self._stop = StopNote()
        self._begin = time.monotonic()
        self._first_start: float | None = None
        self._failures: list[str] = []
        self._failures_in_a_row = 0
        self._succeeded = False
        self._best: tuple[int, str] | None = None

    def run(self) -> Outcome:
        """Searches, then trains members of the front finally and tests them.

        Raises:
            Interrupted: If SIGINT or SIGTERM came.
            CommandError: If networks or workers keep failing.
        """
        with self._stop:
            try:
                with ExitStack() as stack:
                    stack.callback(self._end_workers)
                    self._search()
                    chosen = choose_finals(self.front, self._problem.space, self._plan.n_finals)
                    return train_finally(
                        self._study,
                        chosen,
                        workers=self._workers,
                        check=self._check,
                        progress=self._progress,
                    )
            except _Stopped:
                self._watch.refresh()
                assert self._stop.number is not None
                done, total = self._watch.n_finished, self._plan.total
                raise Interrupted(
                    self._stop.number,
                    f"Stopped with {done} of {total} networks finished. The same command resumes:",
                ) from None

    @property
    def failures(self) -> str | None:
        """One sentence about the networks that failed, None if none did."""
        if not self._failures:
            return None
        count, first = len(self._failures), self._failures[0]
        return f"{count} network{'s' * (count > 1)} failed, the first with {first}"

    @property
    def front(self) -> Front:
        """The front, as far as it is known."""
        return self._watch.front

    # -- search --------------------------------------------------------------------------------

    def _search(self) -> None:
        if not self._wants_more():
            return
        while self._wants_more() or (self._pool is not None and self._pool.tasks):
            pool = self._workers()
            while self._wants_more() and pool.give(TrainNext()):
                pass
            for event in pool.events(_TICK_SECONDS):
                if isinstance(event, Finished):
                    self._count(event)
                elif isinstance(event, Started):
                    self._first_start = self._first_start or time.monotonic()
                elif isinstance(event, Broken):
                    if event.fatal:
                        raise CommandError(event.error)
                    self._fail(event.error)
                elif isinstance(event, Crashed):
                    self._crash(event)
            self._check()
            self._watch.refresh(_POLL_SECONDS)
            self._progress.update(self._snapshot())
        self._watch.refresh()
        self._progress.finish(self._snapshot())

    def _wants_more(self) -> bool:
        if self._plan.timeout is not None and self._elapsed >= self._plan.timeout:
            return False
        running = 0 if self._pool is None else len(self._pool.tasks)
        return self._watch.n_finished + running < self._plan.total

    def _count(self, event: Finished) -> None:
        if event.error is not None:
            self._fail(event.error)
            return
        self._succeeded = True
        self._failures_in_a_row = 0
        self._watch.tell(event.number)

    def _fail(self, error: str) -> None:
        self._failures.append(error)
        self._failures_in_a_row += 1
        most = _MOST_FAILURES_IN_A_ROW if self._succeeded else _MOST_FAILURES_BEFORE_A_SUCCESS
        if self._failures_in_a_row >= most:
            raise CommandError(
                f"the search stopped after {self._failures_in_a_row} failures in a row, "
                f"the first of {len(self._failures)} with {self._failures[0]}"
            )

    def _crash(self, event: Crashed) -> None:
        if event.number is not None:
            self._tell_failed(event.number)
        if self._stop.number is None:  # else it stopped because it was told to
            where = "" if event.number is None else f" while it trained network {event.number}"
            self._progress.note(f"A worker process {event.reason}{where}.")
            self._fail(f"a worker process that {event.reason}")

    def _check(self) -> None:
        if self._stop.number is not None:
            raise _Stopped
        if self._pool is None:
            return
        self._pool.replace_lost()
        if self._pool.n_alive == 0:
            raise CommandError("all worker processes were lost, again and again")

    def _snapshot(self) -> Snapshot:
        done = self._watch.n_finished
        fresh = done - self._n_before
        rate = None
        if fresh > 0 and self._first_start is not None:
            rate = fresh / (time.monotonic() - self._first_start)
        left = None if rate is None else max(0, self._plan.total - done) / rate
        if self._plan.timeout is not None:
            most = max(0.0, self._plan.timeout - self._elapsed)
            left = most if left is None else min(left, most)
        several = len(self._study.directions) > 1
        return Snapshot(
            done=done,
            total=self._plan.total,
            per_minute=None if rate is None else 60 * rate,
            seconds_left=left,
            front=len(self.front) if several else None,
            best=self._best_in_words(),
            failed=len(self._failures),
        )

    def _best_in_words(self) -> str | None:
        best = self.front.best
        if best is None:
            return None
        if self._best is None or self._best[0] != best.number:
            names = self._study.metric_names or ["value"]
            words = metric(names[0], best.values[0])
            architecture = decoded(best, self._problem.space)
            if architecture is not None:
                words += f" with {architecture.num_params:,} parameters"
            self._best = (best.number, words)
        return self._best[1]

    # -- workers and signals -------------------------------------------------------------------

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._begin

    def _workers(self) -> WorkerPool:
        if self._pool is None:
            missing = self._plan.total - self._watch.n_finished
            self._pool = WorkerPool(
                self._order,
                n_workers=max(1, min(self._plan.n_workers, max(missing, self._plan.n_finals))),
                devices=self._plan.devices,
                threads=self._plan.threads,
            )
        return self._pool

    def _end_workers(self) -> None:
        if self._pool is not None:
            for number in self._pool.stop():
                self._tell_failed(number)

    def _tell_failed(self, number: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._study.tell(number, state=TrialState.FAIL, skip_if_finished=True)


class _Stopped(Exception):
    """A signal came."""
