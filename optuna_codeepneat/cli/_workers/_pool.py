"""Worker processes of one command, seen from the parent process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any

from optuna_codeepneat.cli._signals import WORKER_SIGNAL
from optuna_codeepneat.cli._signals import signals_held_back
from optuna_codeepneat.cli._workers._bindings import Binding
from optuna_codeepneat.cli._workers._messages import Decoded
from optuna_codeepneat.cli._workers._messages import Finished
from optuna_codeepneat.cli._workers._messages import Message
from optuna_codeepneat.cli._workers._messages import Progressed
from optuna_codeepneat.cli._workers._messages import Started
from optuna_codeepneat.cli._workers._messages import Task
from optuna_codeepneat.cli._workers._messages import WorkerOrder
from optuna_codeepneat.cli._workers._output import WorkerOutput
from optuna_codeepneat.cli._workers._starting import begin
from optuna_codeepneat.cli._workers._worker import run_worker


# Of one worker, between two networks that don't fail.
_MOST_RESTARTS = 3
_STOP_SECONDS = 2.5
# NOTE: a pipe of Windows takes no writes as a file does; there the terminal gets it all.
_CAN_CAPTURE = os.name == "posix"


@dataclass(frozen=True)
class Crashed:
    """A worker process died: with which task, in which trial, and how."""

    task: Task | None
    number: int | None
    exit_code: int | None
    overdue: bool = False

    @property
    def reason(self) -> str:
        """How the process ended, in words."""
        if self.overdue:
            return "was ended, as its network went on beyond `--trial-timeout`"
        if self.exit_code is not None and self.exit_code < 0:
            return f"was killed by {signal.Signals(-self.exit_code).name}"
        return f"ended with status {self.exit_code}"


Event = Message | Crashed


class _Process:
    """One process, the task that it has, and the trial that it is in since when."""

    task: Task | None
    number: int | None
    since: float

    def __init__(
        self,
        context: BaseContext,
        order: WorkerOrder,
        index: int,
        binding: Binding,
        output: WorkerOutput,
    ) -> None:
        self.context = context
        self.order = order
        self.output = output
        self.index = index
        self.binding = binding
        self.restarts = 0
        self.start()

    def start(self) -> None:
        self.pipe: Connection[Task, Message]
        self.pipe, theirs = self.context.Pipe()
        printing = self.output.connect(self.index + 1) if _CAN_CAPTURE else None
        self.process = self.context.Process(  # type: ignore[attr-defined]  # of each context
            # No daemon: those may not start processes, as a data loader does.
            target=_run,
            args=(self.binding, self.order, self.binding.device, self.index, theirs, printing),
        )
        with signals_held_back(), self.binding.inherited():
            self.process.start()
        theirs.close()
        if printing is not None:
            printing.close()
        self.overdue = False
        self._idle()

    @property
    def alive(self) -> bool:
        return not self.pipe.closed

    def hear(self, message: Message) -> None:
        """Follows what the process says of itself."""
        if isinstance(message, Started):
            self.number, self.since = message.number, time.monotonic()
            return
        if isinstance(message, Decoded | Progressed):
            return
        self._idle()
        if isinstance(message, Finished) and message.error is None:
            self.restarts = 0
        if isinstance(message, Finished) and message.spent:
            self.process.kill()
            self.end()
            self.start()

    def stop(self) -> None:
        """Tells the process to give up what it does."""
        if self.process.exitcode is None and self.process.pid is not None:
            os.kill(self.process.pid, WORKER_SIGNAL)

    def end(self) -> Crashed:
        """Buries the process; says what died with it."""
        self.pipe.close()
        self.process.join()
        crashed = Crashed(self.task, self.number, self.process.exitcode, self.overdue)
        self._idle()
        return crashed

    def _idle(self) -> None:
        self.task = self.number = None
        self.since = 0.0


def _run(binding: Binding, *args: Any) -> None:
    """What a process does from its first line on."""
    binding.take()
    run_worker(*args)


class WorkerPool:
    """Processes that take tasks, started as they are needed.

    One that crashes is started again, but only a few times without a success in between.

    Args:
        order:
            What the processes work on.
        bindings:
            What each may use of this machine: there are at most as many.
        output:
            Where all goes that they print.
    """

    def __init__(
        self, order: WorkerOrder, bindings: Sequence[Binding], output: WorkerOutput
    ) -> None:
        self._context = begin()
        self._order = order
        self._bindings = bindings
        self._output = output
        self._workers: list[_Process] = []
        self._closed = False

    def __len__(self) -> int:
        """How many processes were started, those that were lost included."""
        return len(self._workers)

    @property
    def n_alive(self) -> int:
        """How many processes there are."""
        return sum(worker.alive for worker in self._workers)

    @property
    def tasks(self) -> list[Task]:
        """The tasks being worked on."""
        return [worker.task for worker in self._workers if worker.task is not None]

    def close(self) -> None:
        """Takes no more tasks."""
        self._closed = True

    def give(self, task: Task) -> bool:
        """Gives a task to an idle worker; False where there is none."""
        worker = None if self._closed else self._idle_worker()
        if worker is None:
            return False
        worker.task = task
        try:
            worker.pipe.send(task)
        except BrokenPipeError:
            pass  # it has just died, which the next `events` tells
        return True

    def events(self, seconds: float) -> Iterator[tuple[int, Event]]:
        """What workers report, waiting for at most some seconds for the first of them.

        Yields:
            The number of a worker, from 1, and its report.
        """
        by_pipe = {worker.pipe: worker for worker in self._workers if worker.alive}
        if not by_pipe:
            time.sleep(seconds)
        for pipe in connection.wait(list(by_pipe), seconds):
            assert isinstance(pipe, Connection)
            worker = by_pipe[pipe]
            try:
                message: Message = pipe.recv()
            except (EOFError, OSError):
                yield worker.index + 1, worker.end()
                continue
            worker.hear(message)
            yield worker.index + 1, message

    def end_overdue(self, seconds: float) -> None:
        """Kills workers that are in one trial for longer; the next `events` tells of them."""
        for worker in self._workers:
            if worker.number is not None and time.monotonic() - worker.since > seconds:
                worker.overdue = True
                worker.process.kill()

    def replace_lost(self) -> None:
        """Starts workers again that were lost, unless that was of no use."""
        for worker in self._workers:
            if not worker.alive and not self._closed:
                if worker.overdue:  # which is no fault of the process
                    worker.start()
                elif worker.restarts < _MOST_RESTARTS:
                    worker.restarts += 1
                    worker.start()

    def stop(self) -> list[int]:
        """Ends all processes, within seconds.

        Returns:
            The trials that a process could not tell any more: they may still be running for the
            storage.
        """
        self.close()
        stopping = [worker for worker in self._workers if worker.alive]
        for worker in stopping:
            worker.stop()
        deadline = time.monotonic() + _STOP_SECONDS
        for worker in stopping:
            self._drain(worker, deadline)
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.exitcode is None:
                worker.process.kill()
        ended = [worker.end() for worker in stopping]
        return [crashed.number for crashed in ended if crashed.number is not None]

    def _idle_worker(self) -> _Process | None:
        for worker in self._workers:
            if worker.alive and worker.task is None:
                return worker
        index = len(self._workers)
        if index == len(self._bindings):
            return None
        process = _Process(self._context, self._order, index, self._bindings[index], self._output)
        self._workers.append(process)
        return self._workers[-1]

    def _drain(self, worker: _Process, deadline: float) -> None:
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
