"""Tasks that are known beforehand, worked off by the worker processes of a command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat.cli._workers._messages import FinishedBaseline
from optuna_codeepneat.cli._workers._messages import Tested
from optuna_codeepneat.cli._workers._pool import Crashed


if TYPE_CHECKING:
    from optuna_codeepneat.cli._workers._messages import Task
    from optuna_codeepneat.cli._workers._pool import Event
    from optuna_codeepneat.cli._workers._pool import WorkerPool

_TICK_SECONDS = 0.2
_MOST_TRIES = 2


@dataclass(frozen=True)
class Abandoned:
    """A task that ended its worker process again and again: the reason in words."""

    task: Task
    reason: str


def reports_on(
    tasks: Iterable[Task], pool: WorkerPool, tick: Callable[[], None]
) -> Iterator[tuple[int, Event | Abandoned]]:
    """What workers report of tasks, until each of them has ended.

    A task whose process dies is given to another one, once.

    Args:
        tasks:
            The tasks, in the order in which they are begun.
        pool:
            The worker processes. What they still report of other tasks is left out.
        tick:
            Called several times a second; raises if the command has to stop.

    Yields:
        The number of a worker, from 1, and its report.
    """
    waiting = list(tasks)
    tries: Counter[Task] = Counter()
    under_way: set[Task] = set()
    while waiting or under_way:
        while waiting and pool.give(waiting[0]):
            task = waiting.pop(0)
            under_way.add(task)
            tries[task] += 1
        for worker, event in pool.events(_TICK_SECONDS):
            report: Event | Abandoned = event
            if isinstance(event, Tested | FinishedBaseline | Crashed):
                if event.task is None or event.task not in under_way:
                    continue
                under_way.remove(event.task)
                if isinstance(event, Crashed) and tries[event.task] < _MOST_TRIES:
                    waiting.append(event.task)
                elif isinstance(event, Crashed):
                    report = Abandoned(event.task, f"a worker process {event.reason}")
            yield worker, report
        tick()
