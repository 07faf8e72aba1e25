"""Worker processes of one command, seen from the parent process."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from multiprocessing import connection
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from optuna_codeepneat.cli._messages import Finished
from optuna_codeepneat.cli._messages import Message
from optuna_codeepneat.cli._messages import Started
from optuna_codeepneat.cli._messages import Task
from optuna_codeepneat.cli._messages import WorkerOrder
from optuna_codeepneat.cli._signals import signals_held_back
from optuna_codeepneat.cli._worker import run_worker


_MOST_RESTARTS = 3
_GRACE_SECONDS = 2.5


@dataclass(frozen=True)
class Crashed:
    """A worker process died: with which task, in which trial, and how."""

    task: Task | None
    number: int | None
    exit_code: int | None

    @property
    def reason(self) -> str:
        """How the process ended, in words."""
        if self.exit_code is not None and self.exit_code < 0:
            return f"was killed by {signal.Signals(-self.exit_code).name}"
        return f"ended with status {self.exit_code}"


Event = Message | Crashed


class _Worker:
    """One process, the task that it has, and the trial that it is in."""

    def __init__(self, order: WorkerOrder, index: int, threads: int) -> None:
        self.order = order
        self.index = index
        self.threads = threads
        self.restarts = 0
        self.task: Task | None = None
        self.number: int | None = None
        self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe: Connection[Task, Message]
        self.pipe, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(
            # No daemon: those may not start processes, as a data loader does.
            target=run_worker,
            args=(self.order, self.index, theirs),
        )
        with signals_held_back(), _threads(self.threads):
            self.process.start()
        theirs.close()
        self.task = self.number = None

    @property
    def alive(self) -> bool:
        return not self.pipe.closed

    def end(self) -> Crashed:
        """Buries the process; says what died with it."""
        self.pipe.close()
        self.process.join()
        crashed = Crashed(self.task, self.number, self.process.exitcode)
        self.task = self.number = None
        return crashed


class WorkerPool:
    """Processes that take tasks; one that crashes is started again, a few times.

    Args:
        order:
            What the processes work on.
        n_workers:
            How many there are.
        devices:
            Their devices; processes share them in turn.
        threads:
            Threads that each may compute with.
    """

    def __init__(
        self, order: WorkerOrder, *, n_workers: int, devices: Sequence[str], threads: int
    ) -> None:
        resource_tracker.ensure_running()  # now, as it would unblock signals
        self._workers = [
            _Worker(replace(order, device=devices[i % len(devices)]), i, threads)
            for i in range(n_workers)
        ]

    @property
    def n_alive(self) -> int:
        """How many processes there are."""
        return sum(worker.alive for worker in self._workers)

    @property
    def tasks(self) -> list[Task]:
        """The tasks being worked on."""
        return [worker.task for worker in self._workers if worker.task is not None]

    def give(self, task: Task) -> bool:
        """Gives a task to an idle worker; False where there is none."""
        for worker in self._workers:
            if worker.alive and worker.task is None:
                worker.task = task
                try:
                    worker.pipe.send(task)
                except BrokenPipeError:
                    pass  # it has just died, which the next `events` tells
                return True
        return False

    def events(self, seconds: float) -> Iterator[Event]:
        """What workers report, waiting for at most some seconds for the first of them."""
        by_pipe = {worker.pipe: worker for worker in self._workers if worker.alive}
        if not by_pipe:
            time.sleep(seconds)
        for pipe in connection.wait(list(by_pipe), seconds):
            assert isinstance(pipe, Connection)
            worker = by_pipe[pipe]
            try:
                message: Message = pipe.recv()
            except (EOFError, OSError):
                yield worker.end()
                continue
            if isinstance(message, Started):
                worker.number = message.number
            else:
                worker.task = worker.number = None
            yield message

    def replace_lost(self) -> None:
        """Starts crashed workers again, each a few times."""
        for worker in self._workers:
            if not worker.alive and worker.restarts < _MOST_RESTARTS:
                worker.restarts += 1
                worker.start()

    def stop(self) -> list[int]:
        """Ends all processes, within seconds.

        Returns:
            The trials that a process could not tell any more: they may still be running for the
            storage.
        """
        stopping = [worker for worker in self._workers if worker.alive]
        for worker in stopping:
            worker.process.terminate()
        deadline = time.monotonic() + _GRACE_SECONDS
        for worker in stopping:
            self._drain(worker, deadline)
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.exitcode is None:
                worker.process.kill()
        ended = [worker.end() for worker in stopping]
        return [crashed.number for crashed in ended if crashed.number is not None]

    def _drain(self, worker: _Worker, deadline: float) -> None:
        """Reads what a worker says to the last, so that it never waits for a reader."""
        try:
            while worker.pipe.poll(max(0.0, deadline - time.monotonic())):
                message = worker.pipe.recv()
                if isinstance(message, Started):
                    worker.number = message.number
                elif isinstance(message, Finished):
                    worker.number = None
        except (EOFError, OSError):
            pass


@contextmanager
def _threads(threads: int) -> Iterator[None]:
    """Starts a process whose numerical libraries use so many threads."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(threads)
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before
