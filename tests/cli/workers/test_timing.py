"""How long networks take: measured once, and then a number of steps for all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest

from optuna_codeepneat._attributes import SETTINGS
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study import load_problem
from optuna_codeepneat.cli._study import open_search
from optuna_codeepneat.cli._study import open_study
from optuna_codeepneat.cli._workers import StepMeasurement
from optuna_codeepneat.cli._workers import _timing
from optuna_codeepneat.cli._workers._timing import _timed
from optuna_codeepneat.cli._workers._timing import middle_sized
from optuna_codeepneat.cli._workers._timing import step_time
from optuna_codeepneat.problems import Splits
from optuna_codeepneat.training import Examples
from tests.cli.small_problem import small
from tests.cli.small_study import PROBLEM
from tests.cli.small_study import URL


pytest.importorskip("torch")


def options(**more: Any) -> SearchOptions:
    given = {"problem": PROBLEM, "storage": URL, "study_name": "small", "seed": 1, **more}
    return SearchOptions(**given)


def no_measurement(problem: str, seconds: float) -> int:
    raise AssertionError("it is measured once")


def test_steps_that_take_so_long() -> None:
    found = StepMeasurement(num_params=100, step=0.01, score=0.5)
    assert found.steps_in(2.5) == 200
    assert found.steps_in(0.1) == 1


def test_a_middle_sized_network_is_timed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_timing, "_SECONDS", 0.05)
    space = load_problem(PROBLEM).space

    found = step_time(PROBLEM, "cpu")

    assert 0.0 < found.step < 1.0 and 0.0 < found.score < 1.0
    assert found.num_params == middle_sized(space).num_params > space.smallest().num_params
    with pytest.raises(CommandError, match="the data of ChestX-ray14 are not here"):
        monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", str(folder))
        step_time("chest_xray", "cpu")


def test_it_learns_from_what_networks_of_a_search_learn_from() -> None:
    """Whatever types the numbers have that a problem loads."""
    given = small.load()

    def load() -> Splits:
        train, validation = (
            Examples(part.inputs.double(), part.targets.int())
            for part in (given.train, given.validation)
        )
        return Splits(train=train, validation=validation, test=given.test)

    problem = replace(small, load_splits=load)
    assert _timed(problem, problem.space.smallest(), "cpu").step > 0


def test_all_of_a_study_do_the_same_steps(folder: Path) -> None:
    asked: list[tuple[str, float]] = []

    def steps_for(problem: str, seconds: float) -> int:
        asked.append((problem, seconds))
        return 40

    first = open_search(options(time_per_network=1.5), steps_for)
    assert asked == [(PROBLEM, 1.5)]
    # The recipes of the problem have 10 and 3 steps.
    assert first.problem.search_recipe.steps == 40 and first.problem.final_recipe.steps == 12
    for again in (options(time_per_network=1.5), options()):
        assert open_search(again, no_measurement).settings == first.settings
    seen = open_study(PROBLEM, URL, "small")[1]
    assert seen is not None and seen.search_recipe.steps == 40
    for other in ({"time_per_network": 3.0}, {"steps": 41}):
        with pytest.raises(CommandError, match="was begun with `--time-per-network 1.5`; netw"):
            open_search(options(**other))


def test_a_number_of_steps(folder: Path) -> None:
    first = open_search(options(steps=20))
    assert first.problem.search_recipe.steps == 20 and first.problem.final_recipe.steps == 6
    assert open_search(options(steps=20)).settings == first.settings
    with pytest.raises(CommandError, match="was begun with `--steps 20`; networks that are"):
        open_search(options(steps=21))
    with pytest.raises(CommandError, match="was begun with `--steps 20`"):
        open_search(options(time_per_network=2.0), no_measurement)
    with pytest.raises(CommandError, match="was begun without that"):
        open_search(options(study_name="other"))
        open_search(options(study_name="other", steps=21))


def test_what_has_no_steps(folder: Path) -> None:
    with pytest.raises(CommandError, match="trains networks in a way of its own; leave `--steps`"):
        open_search(
            SearchOptions(problem="tests.cli.toy_problem:toy", storage=URL, time_per_network=1.0),
            no_measurement,
        )
    with pytest.raises(CommandError, match="either `--steps` or `--time-per-network`, not both"):
        options(steps=3, time_per_network=1.0)


def test_what_is_said_of_data(folder: Path) -> None:
    pytest.importorskip("pandas")
    rows = [f"{i % 7},{'ab'[i % 2]}" for i in range(60)]
    Path("sides.csv").write_text("x,side\n" + "\n".join(rows))
    search = open_search(
        SearchOptions(data="sides.csv", target=["side"], time_per_network=2.0), lambda *_: 50
    )
    assert search.problem.findings["recipe"] == (
        "50 steps of 16 examples for each network, 250 at the end"
    )
    study: optuna.Study = search.study
    assert study.user_attrs[SETTINGS]["time_per_network"] == 2.0
