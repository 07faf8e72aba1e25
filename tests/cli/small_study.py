"""A study of small networks that are really trained, and final trainings of it in this process."""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing import Pipe
from typing import Any

import optuna

from optuna_codeepneat._attributes import FinalNetwork
from optuna_codeepneat.cli._options import RunOptions
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._signals import StopSignal
from optuna_codeepneat.cli._study import Search
from optuna_codeepneat.cli._study import load_problem
from optuna_codeepneat.cli._study import open_search
from optuna_codeepneat.cli._terminal import Progress
from optuna_codeepneat.cli._workers._final_settings import FinalSettings
from optuna_codeepneat.cli._workers._final_training import FinalTraining
from optuna_codeepneat.cli._workers._final_training import Outcome
from optuna_codeepneat.cli._workers._messages import Task
from optuna_codeepneat.cli._workers._messages import TrainBaseline
from optuna_codeepneat.cli._workers._messages import TrainFinally
from optuna_codeepneat.cli._workers._messages import WorkerOrder
from optuna_codeepneat.cli._workers._worker import _Worker


PROBLEM = "tests.cli.small_problem:small"
URL = "sqlite:///small.db"
NAMED = (PROBLEM, "--storage", URL)
"""How commands are told of the study."""


def searched(n_trials: int = 4) -> Search:
    """A search that has just ended."""
    search = open_search(
        SearchOptions(
            problem=PROBLEM,
            storage=URL,
            study_name="small",
            sampler=SamplerName.random,
            seed=1,
            trials=n_trials,
        )
    )
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    search.study.optimize(load_problem(PROBLEM).objective, n_trials=n_trials)
    return search


class InlinePool:
    """A pool whose only worker works in this process, as soon as it has a task."""

    def __init__(
        self, search: Search, *, finals: str | None, finally_by: FinalSettings | None = None
    ) -> None:
        order = WorkerOrder(
            problem=search.problem_name,
            storage=search.storage,
            study_name=search.study.study_name,
            settings=search.settings,
            options=RunOptions(),
            finals=finals,
            finally_by=finally_by or FinalSettings(),
        )
        self._ours, theirs = Pipe()
        self._worker = _Worker(order, "cpu", 0, theirs, StopSignal())
        self.tasks: list[TrainFinally | TrainBaseline] = []

    def give(self, task: Task) -> bool:
        assert isinstance(task, TrainFinally | TrainBaseline)
        self.tasks.append(task)
        self._worker.run(task)
        return True

    def events(self, seconds: float) -> Iterator[tuple[int, Any]]:
        while self._ours.poll():
            yield 1, self._ours.recv()


class Notes(Progress):
    """Keeps what is noted."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        self.texts.append(text)


def trained_finally(
    search: Search, chosen: list[int], pool: Any, notes: Notes | None = None, **options: Any
) -> Outcome:
    """What final trainings in this process come to."""
    return FinalTraining(
        search.study,
        chosen,
        pool=pool,
        check=lambda: None,
        tell=lambda worker, what, trace: None,
        progress=notes or Notes(),
        **options,
    ).run()


NETWORK = FinalNetwork(
    artifact="final-x-1",
    sha256="ab" * 32,
    size=3,
    place="/there",
    seed=1,
    steps=20,
    score=0.9,
    low=0.8,
    high=0.95,
    n_train=40,
    n_test=20,
)
