"""Whoever writes to the database does not say what code is run here, nor what is ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest

from optuna_codeepneat._attributes import PROBLEM
from optuna_codeepneat._attributes import SPACE
from optuna_codeepneat.cli import main
from optuna_codeepneat.cli._commands._dashboard import open_places
from optuna_codeepneat.cli._commands._dashboard import studies_shown
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study import open_search


URL = "sqlite:///study.db"
TRAP = """
open("sprung", "w").close()

def trap():
    open("sprung", "w").close()
"""
READING = ("front", "show 0", "report", "verify")


def searched(problem: str, **attributes: Any) -> optuna.Study:
    """A study as a search leaves it, whose attributes others have changed."""
    sampler, toy = SamplerName.random, "toy_problem:toy"
    search = open_search(SearchOptions(problem=toy, storage=URL, sampler=sampler, seed=1))
    search.study.optimize(search.problem.objective, n_trials=2)
    for name, value in {PROBLEM: problem, **attributes}.items():
        search.study.set_user_attr(name, value)
    return search.study


@pytest.mark.parametrize("command", [*READING, "worker --wait 0"])
@pytest.mark.parametrize("problem", ["trap:trap", "trap.py"])
def test_no_command_runs_what_the_database_names(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, problem: str
) -> None:
    Path("trap.py").write_text(TRAP)
    searched(problem)
    status = main([*command.split(), "--storage", URL])
    err = capsys.readouterr().err
    assert not Path("sprung").exists()
    assert "Traceback" not in err
    if command.startswith("worker"):
        assert status == 1
        assert f"name it too, `worker {problem} --storage ...`, or add `--trust-problem`" in err


def test_the_dashboard_runs_nothing_either(folder: Path) -> None:
    Path("trap.py").write_text(TRAP)
    searched("trap:trap")
    _, studies = studies_shown(None, URL, None)
    open_places(studies, None)
    assert not Path("sprung").exists()


@pytest.mark.parametrize("space", [None, 3, {"layers": 5}, [1], "x"])
def test_a_damaged_space_is_said_to_be(
    folder: Path, capsys: pytest.CaptureFixture[str], space: Any
) -> None:
    study = searched("toy_problem:toy")
    assert main(["show", "0", "--storage", URL]) == 0
    whole = capsys.readouterr()
    assert whole.err == ""
    assert "multiply-adds" in whole.out  # the space is the study's
    study.set_user_attr(SPACE, space)
    assert main(["show", "0", "--storage", URL]) == 0
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    assert "multiply-adds" not in out
    assert ("cannot be rebuilt" in err) == (space is not None)


def test_what_the_command_line_names_is_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = searched("toy_problem:toy")
    named = ("--storage", URL, "--study-name", study.study_name)
    assert main(["front", "toy_problem:toy", *named]) == 0
    assert "multiply-adds" in capsys.readouterr().out


@pytest.mark.parametrize("command", [*READING, "worker --wait 0"])
@pytest.mark.parametrize(
    "value",
    [
        "mine:mine",
        *(
            pytest.param(v, marks=[pytest.mark.long, pytest.mark.soak])
            for v in (3, {"sampler": 5})
        ),
    ],
)
def test_attributes_of_the_users_own_are_no_concern_of_commands(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, value: Any
) -> None:
    study = optuna.create_study(study_name="own", storage=URL, directions=["minimize"] * 2)

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        for name in ("generation", "network", "num_params", "inheritance", "failure"):
            trial.set_user_attr(name, value)
        return trial.suggest_float("x", 0, 1), 1.0

    study.optimize(objective, n_trials=3)
    for name in ("problem", "settings", "target", "final:1"):
        study.set_user_attr(name, value)
    status = main([*command.split(), "--storage", URL])
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert status == (0 if command in ("front", "report") else 1), err
    if command.startswith("worker"):
        assert "the study 'own' is of no search; waited 0 s" in err
