"""The options of `search` and `worker` as values."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING
from dataclasses import fields

import pytest

from optuna_codeepneat.cli._commands import search
from optuna_codeepneat.cli._commands import worker
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import DATA_OPTIONS
from optuna_codeepneat.cli._options import RunOptions
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._options import WorkerOptions
from optuna_codeepneat.cli._options import problem_of


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
    given = {"problem": "mine.py:make?a=1", "set_": ["size=14", "text=x=y z"], "data": None}
    given |= dict.fromkeys(DATA_OPTIONS)
    assert problem_of(given) == {"problem": "mine.py:make?a=1&size=14&text=x%3Dy z"}


@pytest.mark.parametrize(
    ("problem", "settings", "message"),
    [
        ("mnist1d", ["size"], "`--set` must be NAME=VALUE, got 'size'"),
        ("mnist1d", ["a b=1"], "`--set` must be NAME=VALUE, got 'a b=1'"),
        ("mnist1d", ["size=1", "size=2"], "`--set size=...` may be given once"),
        ("x?size=1", ["size=2"], r"the problem 'x\?size=1' has the option 'size' twice"),
        (None, ["size=1"], "`--set` goes with a PROBLEM; data of your own have"),
    ],
)
def test_what_is_wrong_with_set(problem: str | None, settings: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as caught:
        problem_of({"problem": problem, "set_": settings, "data": None})
    assert caught.value.status == 2
