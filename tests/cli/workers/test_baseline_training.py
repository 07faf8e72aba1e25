"""Hand-made networks that are no trials of a search are trained beside it, each once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest

from optuna_codeepneat._attributes import store_baseline
from optuna_codeepneat._attributes import stored_baselines
from optuna_codeepneat.cli._study import Search
from optuna_codeepneat.cli._workers._baseline_training import BaselineTraining
from optuna_codeepneat.cli._workers._messages import Broken
from optuna_codeepneat.cli._workers._messages import TrainBaseline
from optuna_codeepneat.cli._workers._pool import Crashed
from optuna_codeepneat.problems import Problem
from tests.cli.small_study import InlinePool
from tests.cli.small_study import Notes
from tests.cli.small_study import searched


pytest.importorskip("torch")

NAMES = ["linear", "one layer of 64", "two layers of 64"]


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Search:
    monkeypatch.chdir(tmp_path)
    return searched(2)


def trained(search: Search, pool: Any, *, finally_: bool = False) -> list[str]:
    """What is noted while the hand-made networks are trained."""
    notes = Notes()
    BaselineTraining(
        search.study,
        search.problem.baselines,
        pool=pool,
        check=lambda: None,
        tell=lambda worker, what, trace: notes.note(what),
        progress=notes,
        finally_=finally_,
    ).run()
    return notes.texts


def test_those_that_a_search_began_with_are_not_trained_again(search: Search) -> None:
    study, problem = search.study, search.problem
    begun = problem.enqueue_baselines(study)
    assert begun == ("one layer of 64", "two layers of 64")
    study.optimize(problem.objective, n_trials=1)
    pool = InlinePool(search, finals=None)
    assert trained(search, pool) == []
    assert pool.tasks == [TrainBaseline(name) for name in NAMES if name != "one layer of 64"]
    found = stored_baselines(study.user_attrs)["one layer of 64"]
    assert found.values == tuple(study.trials[2].values)
    assert found.num_params == problem.baselines["one layer of 64"].num_params


def test_each_is_trained_once_and_tested_once(search: Search) -> None:
    pool = InlinePool(search, finals=None)
    assert trained(search, pool, finally_=True) == []  # before that there is nothing to test
    assert trained(search, pool) == trained(search, pool) == []
    assert pool.tasks == [TrainBaseline(name) for name in NAMES]
    found = stored_baselines(search.study.user_attrs)
    assert list(found) == NAMES
    for name, baseline in found.items():
        network = search.problem.baselines[name]
        seed = search.settings.seed
        assert baseline.values == search.problem.evaluate(network, device="cpu", seed=seed)
        assert (baseline.num_params, baseline.macs) == (network.num_params, network.macs)
        assert baseline.test_score is None
    pool.tasks.clear()
    assert trained(search, pool, finally_=True) == trained(search, pool, finally_=True) == []
    assert pool.tasks == [TrainBaseline(name, finally_=True) for name in NAMES]
    for baseline in stored_baselines(search.study.user_attrs).values():
        assert baseline.test_score is not None and baseline.low is not None
        assert baseline.low <= baseline.test_score
    assert len(search.study.trials) == 2


def test_one_that_has_changed_is_trained_again(search: Search) -> None:
    trained(search, InlinePool(search, finals=None))
    old = stored_baselines(search.study.user_attrs)["linear"]
    store_baseline(search.study, replace(old, signature="of another version", values=(0.1, 1.0)))
    pool = InlinePool(search, finals=None)
    trained(search, pool)
    assert pool.tasks == [TrainBaseline("linear")]
    assert stored_baselines(search.study.user_attrs)["linear"] == old


def test_one_that_diverges_is_kept_as_such(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(self: Problem, *args: Any, **options: Any) -> Any:
        raise optuna.TrialPruned("the loss was not finite after 3 steps.")

    monkeypatch.setattr(Problem, "evaluate", diverge)
    pool = InlinePool(search, finals=None)
    noted = trained(search, pool)
    assert noted[0] == (
        "The hand-made network 'linear' failed: the loss was not finite after 3 steps."
    )
    baseline = stored_baselines(search.study.user_attrs)["linear"]
    assert baseline.values is None and "not finite" in (baseline.failure or "")
    assert trained(search, pool) == trained(search, pool, finally_=True) == []
    assert len(pool.tasks) == 3


def test_another_failure_is_noted_and_tried_again(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Problem, *args: Any, **options: Any) -> Any:
        raise RuntimeError("no memory")

    with monkeypatch.context() as patched:
        patched.setattr(Problem, "evaluate", fail)
        noted = trained(search, InlinePool(search, finals=None))
    assert sum("failed: RuntimeError: no memory" in text for text in noted) == 3
    assert stored_baselines(search.study.user_attrs) == {}
    assert trained(search, InlinePool(search, finals=None)) == []
    assert len(stored_baselines(search.study.user_attrs)) == 3


class CrashingPool:
    """A pool whose worker dies of the linear model, and does nothing else."""

    def __init__(self, inner: InlinePool) -> None:
        self.inner = inner
        self.crashed: list[Any] = []

    def give(self, task: Any) -> bool:
        if task.name == "linear":
            self.crashed.append(Crashed(task, None, -9))
            return True
        return self.inner.give(task)

    def events(self, seconds: float) -> Iterator[tuple[int, Any]]:
        while self.crashed:
            yield 1, self.crashed.pop()
        yield from self.inner.events(seconds)


def test_one_that_kills_its_worker_is_tried_twice(search: Search) -> None:
    noted = trained(search, CrashingPool(InlinePool(search, finals=None)))
    assert noted == [
        "The hand-made network 'linear' failed: a worker process was killed by SIGKILL."
    ]
    assert sorted(stored_baselines(search.study.user_attrs)) == NAMES[1:]


class BrokenPool:
    def give(self, task: Any) -> bool:
        return True

    def events(self, seconds: float) -> Iterator[tuple[int, Any]]:
        yield 1, Broken("the database is gone")


def test_a_search_has_its_result_without_them(search: Search) -> None:
    assert trained(search, BrokenPool()) == ["No hand-made networks: the database is gone."]
