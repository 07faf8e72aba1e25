"""The options of `search` and `worker` as values."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING
from dataclasses import fields
from typing import Any

import pytest

from optuna_codeepneat.cli._commands import search
from optuna_codeepneat.cli._commands import worker
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import ClassWeights
from optuna_codeepneat.cli._options import RunOptions
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._options import TaskName
from optuna_codeepneat.cli._options import WorkerOptions


@pytest.mark.parametrize(
    ("command", "options"), [(search, SearchOptions), (worker, WorkerOptions)]
)
def test_a_command_has_the_parameters_of_its_options(
    command: Callable[..., None], options: type[RunOptions]
) -> None:
    parameters = {
        name: MISSING if parameter.default is parameter.empty else parameter.default
        for name, parameter in inspect.signature(command).parameters.items()
    }
    assert parameters == {field.name: field.default for field in fields(options)}


def test_report_and_no_report() -> None:
    assert SearchOptions(problem="mnist1d", no_report=True).report is None
    with pytest.raises(CommandError, match="exclude each other") as caught:
        SearchOptions(problem="mnist1d", report="here.html", no_report=True)
    assert caught.value.status == 2


@pytest.mark.parametrize(
    "make", [RunOptions, lambda **given: SearchOptions(problem="mnist1d", **given)]
)
def test_workers_are_counted_in_one_way(make: Callable[..., RunOptions]) -> None:
    make(workers_per_gpu=2, device="cuda")
    with pytest.raises(CommandError, match="not both"):
        make(workers=1, workers_per_gpu=2, device="cuda")


def test_options_of_a_problem_become_a_part_of_its_name() -> None:
    options = SearchOptions(problem="mine.py:make?a=1", settings=["size=14", "text=x=y z"])
    assert options.problem_name == "mine.py:make?a=1&size=14&text=x%3Dy z"
    assert SearchOptions(problem="what?", settings=[]).problem_name == "what?"


@pytest.mark.parametrize(
    ("problem", "settings", "message"),
    [
        ("mnist1d", ["size"], "`--set` must be NAME=VALUE, got 'size'"),
        ("mnist1d", ["a b=1"], "`--set` must be NAME=VALUE, got 'a b=1'"),
        ("mnist1d", ["size=1", "size=2"], "`--set size=...` may be given once"),
        ("x?size=1", ["size=2"], r"the problem 'x\?size=1' has the option 'size' twice"),
        (None, ["size=1"], "`--set` goes with a PROBLEM, and data have options"),
    ],
)
def test_what_is_wrong_with_set(problem: str | None, settings: list[str], message: str) -> None:
    data = "a.csv" if problem is None else None
    with pytest.raises(CommandError, match=message) as caught:
        SearchOptions(problem=problem, settings=settings, data=data)
    assert caught.value.status == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "name the PROBLEM to search, or your own data"),
        ({"problem": "mnist1d", "data": "a.csv"}, "either `--data` or a PROBLEM, not both"),
        ({"problem": "mnist1d", "target": ["price"]}, "`--target` goes with `--data`"),
        ({"problem": "mnist1d", "size": 3}, "`--size` goes with `--data`"),
    ],
)
def test_a_problem_or_data(given: dict[str, Any], said: str) -> None:
    with pytest.raises(CommandError, match=said) as caught:
        SearchOptions(**given)
    assert caught.value.status == 2


def test_data_are_a_problem_with_a_name() -> None:
    options = SearchOptions(
        data="my data.csv", target=["a", "b?"], drop=[], task=TaskName.labels, steps=9
    )

    assert options.problem_name == "data:my data.csv?target=a&target=b%3F&task=labels&steps=9"
    options = SearchOptions(
        data="a.csv",
        test=0.1,
        split_seed=0,
        class_weights=ClassWeights.balanced,
    )
    assert options.problem_name == "data:a.csv?test=0.1&split-seed=0&class-weights=balanced"
    assert SearchOptions(problem="mnist1d").problem_name == "mnist1d"
