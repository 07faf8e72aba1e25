"""Tasks that worker processes work off: each to its end, by this or by another process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from optuna_codeepneat.cli._workers import _messages
from optuna_codeepneat.cli._workers._messages import Broken
from optuna_codeepneat.cli._workers._messages import FinishedBaseline
from optuna_codeepneat.cli._workers._messages import TrainBaseline
from optuna_codeepneat.cli._workers._messages import TrainFinally
from optuna_codeepneat.cli._workers._pool import Crashed
from optuna_codeepneat.cli._workers._pool import _Process
from optuna_codeepneat.cli._workers._tasks import Abandoned
from optuna_codeepneat.cli._workers._tasks import reports_on


class OneWorker:
    """A pool of one worker, which reports of its task what a test says."""

    def __init__(self, *reports: Any) -> None:
        self.reports = list(reports)
        self.given: list[Any] = []
        self.is_idle = True

    def give(self, task: Any) -> bool:
        if not self.is_idle:
            return False
        self.given.append(task)
        self.is_idle = False
        return True

    def events(self, seconds: float) -> Iterator[tuple[int, Any]]:
        report = self.reports.pop(0)
        self.is_idle = isinstance(report, _messages.Tested | FinishedBaseline | Crashed)
        yield 1, report


def reported(tasks: list[Any], pool: Any) -> list[Any]:
    return [report for _, report in reports_on(tasks, pool, lambda: None)]


def test_a_task_whose_process_dies_is_begun_again_behind_the_others() -> None:
    first, second = TrainFinally(3), TrainFinally(5)
    crash, tested = Crashed(first, None, -9), _messages.Tested(second, 0.5)
    pool = OneWorker(crash, tested, crash)
    abandoned = Abandoned(first, "a worker process was killed by SIGKILL")
    assert reported([first, second], pool) == [crash, tested, abandoned]
    assert pool.given == [first, second, first]


def test_what_comes_late_of_other_tasks_ends_none() -> None:
    """As of hand-made networks that one worker still trained when another could not begin."""
    task, late = TrainBaseline("linear", finally_=True), FinishedBaseline(TrainBaseline("linear"))
    done = FinishedBaseline(task)
    assert reported([task], OneWorker(late, Crashed(None, None, 1), done)) == [done]


@pytest.mark.parametrize("message", [_messages.Tested(TrainFinally(1), 0.5), Broken("no memory")])
def test_a_process_that_had_a_success_may_be_lost_again(
    message: _messages.Tested | Broken,
) -> None:
    process = object.__new__(_Process)
    process.restarts = 2
    process.hear(message)
    assert process.restarts == (0 if isinstance(message, _messages.Tested) else 2)
