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
from optuna_codeepneat.cli._options import RunOptions
from optuna_codeepneat.cli._options import SearchOptions
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
