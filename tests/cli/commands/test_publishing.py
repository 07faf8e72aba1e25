"""What a search leaves for the dashboard, if there is one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import optuna
import pytest
from optuna_dashboard import get_note

from optuna_codeepneat.cli._commands._report import publish_figures
from optuna_codeepneat.cli._study._studies import load_problem
from optuna_codeepneat.problems import Problem


TOY = "toy_problem:toy"


@pytest.fixture
def study() -> optuna.Study:
    study = optuna.create_study(directions=["maximize", "minimize"], study_name="mine")
    study.add_trials([optuna.create_trial(values=[i / 10, i]) for i in range(1, 5)])
    return study


@pytest.fixture
def toy(folder: Path) -> Problem:
    return load_problem(TOY)


def test_figures_and_a_note(study: optuna.Study, toy: Problem) -> None:
    publish_figures(study, toy)
    assert get_note(study).startswith("# mine\n")
    attrs = study._storage.get_study_system_attrs(study._study_id)
    assert "human" in "".join(str(value) for value in attrs.values())  # to compare with


def test_without_the_dashboard_nothing(
    study: optuna.Study, toy: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "optuna_codeepneat.cli._commands._report.find_spec",
        lambda name: None if name == "optuna_dashboard" else found(name),
    )
    publish_figures(study, toy)
    assert get_note(study) == ""


def test_it_never_fails_a_search_and_says_why(
    study: optuna.Study,
    toy: Problem,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(*args: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(study._storage, "set_study_system_attr", full)
    publish_figures(study, toy)
    said = capsys.readouterr().err
    assert said.startswith("No figures for Optuna Dashboard: OSError: no space left on device")
    assert said.count("\n") == 1
    monkeypatch.setitem(sys.modules, "optuna_codeepneat.visualization._dashboard._publish", None)
    publish_figures(study, toy)
