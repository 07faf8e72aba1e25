"""What a worker does with networks that fail, in this process."""

from __future__ import annotations

import logging
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path

import optuna
import pytest
from optuna.artifacts import get_all_artifact_meta
from optuna.trial import TrialState

from optuna_codeepneat._attributes import HAND_MADE
from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat.cli._options import PrunerName
from optuna_codeepneat.cli._options import RunOptions
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._signals import StopSignal
from optuna_codeepneat.cli._study._names import default_storage
from optuna_codeepneat.cli._study._studies import load_problem
from optuna_codeepneat.cli._study._studies import open_search
from optuna_codeepneat.cli._workers import _worker
from optuna_codeepneat.cli._workers._messages import Broken
from optuna_codeepneat.cli._workers._messages import Decoded
from optuna_codeepneat.cli._workers._messages import Finished
from optuna_codeepneat.cli._workers._messages import Message
from optuna_codeepneat.cli._workers._messages import Started
from optuna_codeepneat.cli._workers._messages import TrainNext
from optuna_codeepneat.cli._workers._messages import WorkerOrder
from optuna_codeepneat.cli._workers._worker import _Worker
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems._loading import report_loaded


TOY = "toy_problem:toy"
URL = "sqlite:///study.db"


class Bench:
    """A worker without a process of its own."""

    def __init__(
        self,
        trial_timeout: float | None = None,
        min_score: float | None = None,
        problem: str = TOY,
    ) -> None:
        url = default_storage(problem, load_problem)
        search = open_search(
            SearchOptions(
                problem=problem,
                storage=url,
                sampler=SamplerName.random,
                seed=1,
                trials=9,
                min_score=min_score,
            )
        )
        self.study, settings = search.study, search.settings
        order = WorkerOrder(
            problem=problem,
            storage=url,
            study_name=self.study.study_name,
            settings=settings,
            options=RunOptions(trial_timeout=trial_timeout),
            diagrams=settings.artifacts,
        )
        self._ours, theirs = Pipe()
        self._worker = _Worker(order, "cpu", 0, theirs, StopSignal())

    def close(self) -> None:
        """Ends the worker."""
        self._worker.close()

    def train(self) -> list[Message]:
        """What the worker says while it takes one more trial."""
        self._worker.run(TrainNext())
        said = []
        while self._ours.poll():
            said.append(self._ours.recv())
        return said


@pytest.fixture
def bench(
    folder: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Bench]:
    monkeypatch.setenv("TOY_FAILS", request.param or "never")
    bench = Bench()
    yield bench
    bench.close()


@pytest.mark.parametrize(
    ("bench", "state", "reason"),
    [
        ("always", TrialState.FAIL, "RuntimeError: the lab is on fire (.*toy_problem.py:"),
        ("memory", TrialState.FAIL, "out of memory: MemoryError: all of it"),
        ("nan", TrialState.FAIL, "the objective returned (nan, 1.0)"),
        ("diverged", TrialState.PRUNED, "the loss is not finite"),
    ],
    indirect=["bench"],
)
def test_reason_is_kept_in_the_study(bench: Bench, state: TrialState, reason: str) -> None:
    started, finished = bench.train()
    assert started == Started(0)
    assert isinstance(finished, Finished)
    [trial] = bench.study.trials
    assert trial.state == state
    kept = trial.user_attrs["failure"]
    assert all(part in kept for part in reason.split(".*"))
    assert finished.error == (kept if state == TrialState.FAIL else None)
    assert not finished.spent


@pytest.mark.parametrize("bench", [""], indirect=True)
def test_a_hand_made_network_that_two_commands_begin_with_is_trained_once(bench: Bench) -> None:
    for name in ("linear", "linear", "wide"):
        bench.study.enqueue_trial({}, user_attrs={HAND_MADE: name})
    for _ in range(3):
        bench.train()
    states = [trial.state for trial in bench.study.trials]
    assert states == [TrialState.COMPLETE, TrialState.PRUNED, TrialState.COMPLETE]
    assert bench.study.trials[1].user_attrs["failure"] == (
        "trial 0 is of the same hand-made network."
    )


@pytest.mark.parametrize("bench", ["always"], indirect=True)
def test_one_that_failed_is_trained_by_the_other_command(bench: Bench) -> None:
    for _ in range(2):
        bench.study.enqueue_trial({}, user_attrs={HAND_MADE: "linear"})
        bench.train()
    assert {trial.state for trial in bench.study.trials} == {TrialState.FAIL}


@pytest.mark.parametrize("bench", ["none"], indirect=True)
def test_how_many_images_are_decoded_is_told_now_and_then(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(self: object, **kwargs: object) -> None:
        for done in (64, 128, 192, 200):
            report_loaded(done, 200)

    monkeypatch.setattr(Problem, "check", check)
    monkeypatch.setattr(_worker, "_REPORT_SECONDS", 3600.0)
    said = bench.train()
    assert said[0] == Decoded(200, 200) and said[1] == Started(0)


@pytest.mark.parametrize("bench", ["none"], indirect=True)
def test_good_networks_have_no_failure(bench: Bench) -> None:
    assert bench.train() == [Started(0), Finished(0)]
    assert "failure" not in bench.study.trials[0].user_attrs


@pytest.mark.parametrize("bench", ["stale"], indirect=True)
def test_trial_that_another_process_ended(bench: Bench) -> None:
    for number in range(2):  # and the worker goes on
        started, finished = bench.train()
        assert started == Started(number)
        assert isinstance(finished, Finished)
        assert finished.error is not None
        assert "another process had ended the trial" in finished.error
        assert bench.study.trials[number].state == TrialState.FAIL


@pytest.mark.parametrize("bench", ["cuda"], indirect=True)
def test_broken_gpu_needs_a_new_process(bench: Bench) -> None:
    _, finished = bench.train()
    assert isinstance(finished, Finished)
    assert finished.spent
    assert bench.study.trials[0].user_attrs["failure"].startswith("RuntimeError: CUDA error:")


@pytest.mark.parametrize("bench", ["none"], indirect=True)
def test_database_that_fails_for_good(bench: Bench) -> None:
    bench.train()
    with sqlite3.connect("toy.db") as database:
        database.execute("DROP TABLE trial_params")
    *_, broken = bench.train()
    assert isinstance(broken, Broken)
    assert broken.fatal
    assert broken.error.startswith("the database failed: no such table: trial_params")
    assert "\n" not in broken.error


def test_networks_inherit_from_the_recorded_place(folder: Path) -> None:
    small = "tests.cli.small_problem:small"
    search = open_search(
        SearchOptions(
            problem=small,
            storage=URL,
            study_name="small",
            sampler=SamplerName.lemonade,
            seed=1,
            population_size=2,
            trials=9,
            artifacts="weights",
        )
    )
    study, settings = search.study, search.settings
    assert settings.artifacts == str(folder / "weights")
    order = WorkerOrder(
        problem=small, storage=URL, study_name="small", settings=settings, options=RunOptions()
    )
    ours, theirs = Pipe()
    logger = logging.getLogger("optuna.optuna_codeepneat.morphism")
    level = logger.level
    worker = _Worker(order, "cpu", 0, theirs, StopSignal())
    try:
        for _ in range(6):
            worker.run(TrainNext())
        donors = [trial.user_attrs["inheritance"]["from"] for trial in study.trials]
        assert any(donor is not None for donor in donors)
        for path in (folder / "weights").iterdir():
            path.write_bytes(b"")
        for _ in range(3):
            worker.run(TrainNext())
    finally:
        worker.close()
        logger.setLevel(level)
    finished = []
    while ours.poll():
        message = ours.recv()
        if isinstance(message, Finished):
            finished.append(message)
    assert [message.error for message in finished] == [None] * 9
    warnings = [warned.text for message in finished for warned in message.warnings]
    assert any("starts afresh" in text and "they are cut off" in text for text in warnings)


def test_trainings_are_stopped_as_the_study_says(folder: Path) -> None:
    small = "tests.cli.small_problem:small"
    options = SearchOptions(
        problem=small,
        storage=URL,
        sampler=SamplerName.random,
        seed=1,
        trials=8,
        pruner=PrunerName.halving,
    )
    search = open_search(options)
    order = WorkerOrder(
        problem=small,
        storage=URL,
        study_name="small",
        settings=search.settings,
        options=RunOptions(),
    )
    ours, theirs = Pipe()
    worker = _Worker(order, "cpu", 0, theirs, StopSignal())
    for _ in range(8):
        worker.run(TrainNext())
    worker.close()
    while ours.poll():
        message = ours.recv()
        assert isinstance(message, Started) or message.error is None
    stopped = [t for t in search.study.trials if t.state == TrialState.PRUNED]
    assert len(stopped) >= 3
    for trial in stopped:
        assert StoppedEarly.of(trial) is not None
        assert re.match(
            r"stopped early, after \d+ of 10 training steps", trial.user_attrs["failure"]
        )


@pytest.mark.parametrize("bench", ["", "diverged", "nan"], indirect=True)
def test_each_network_gets_its_diagram(bench: Bench, folder: Path) -> None:
    for _ in range(2):
        bench.train()
    bench.close()
    stored = {path.name for path in (folder / "toy-artifacts").glob("[!.]*")}
    linked = set()
    for trial in bench.study.trials:
        [link] = get_all_artifact_meta(trial, storage=bench.study._storage)
        assert link.filename == "network.svg"
        linked.add(link.artifact_id)
        assert trial.user_attrs["network"]
    assert stored == linked
    assert len(stored) == 2


@pytest.mark.parametrize("bench", [""], indirect=True)
def test_place_that_is_lost_costs_the_diagrams_alone(bench: Bench, folder: Path) -> None:
    bench.train()
    place, end = folder / "toy-artifacts", time.monotonic() + 10
    while not list(place.glob("[!.]*")) and time.monotonic() < end:  # a thread stores it
        time.sleep(0.01)
    shutil.rmtree(place)
    place.touch()
    said = [message for _ in range(3) for message in bench.train()]
    finished = [message for message in said if isinstance(message, Finished)]
    assert [message.error for message in finished] == [None] * 3
    end, warnings = time.monotonic() + 10, [m for message in finished for m in message.warnings]
    while not warnings and time.monotonic() < end:  # a thread tells of it
        time.sleep(0.01)
        warnings += bench._worker._warnings.take()
    assert warnings[0].text.startswith("The diagram of trial 1 is not stored yet: ")
    bench.close()
    assert {trial.state for trial in bench.study.trials} == {TrialState.COMPLETE}


def test_deadline_is_the_objectives(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float | None] = []
    toy = type(load_problem(TOY))

    def objective(self: object, trial: optuna.Trial, **kwargs: float) -> tuple[float, float]:
        given.append(kwargs.get("deadline"))
        return 0.5, 1.0

    monkeypatch.setattr(toy, "objective", objective)
    Bench().train()
    begin = time.monotonic()
    Bench(trial_timeout=7.5).train()
    assert given[0] is None
    assert given[1] is not None
    assert begin + 7.5 <= given[1] <= time.monotonic() + 7.5


def test_a_score_below_the_floor_is_marked_also_where_the_objective_is_the_users(
    folder: Path,
) -> None:
    bench = Bench(min_score=0.999)
    assert bench.train() == [Started(0), Finished(0)]
    [trial] = bench.study.trials
    assert trial.constraints == {"min_score": pytest.approx(0.999 - trial.values[0])}
    bench.close()


FAULTY = """
import torch
from torch.nn import functional
from optuna_codeepneat import SearchSpace
from optuna_codeepneat.problems import Problem, Splits
from optuna_codeepneat.training import Examples

examples = Examples(torch.rand(50, 4), torch.rand(50))
faulty = Problem(
    name="faulty",
    title="Faulty",
    make_space=lambda: SearchSpace.dense(input_shape=(4,), num_outputs=1),
    load_splits=lambda: Splits(train=examples, validation=examples, test=examples),
    objectives={"error": "minimize", "num_params": "minimize"},
    loss=functional.mse_loss,
    metric=lambda outputs, targets: float(functional.mse_loss(outputs, targets)),
)
"""


def test_data_that_do_not_fit_end_the_search_before_the_first_network(folder: Path) -> None:
    (folder / "faulty_problem.py").write_text(FAULTY)
    bench = Bench(problem="faulty_problem:faulty")
    [broken] = bench.train()
    assert isinstance(broken, Broken)
    assert broken.fatal
    assert broken.error.startswith("the loss 'mse_loss' broadcasts outputs (50, 1) and targets")
    assert not bench.study.trials
    bench.close()
