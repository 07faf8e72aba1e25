"""The command that replays a search."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import optuna
import pytest

from optuna_codeepneat._attributes import SETTINGS
from optuna_codeepneat.cli import main
from optuna_codeepneat.cli._options import Inherit
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study._studies import open_search
from optuna_codeepneat.sampler._generations._records import RECORD
from tests.cli.toy_problem import toy


TOY = "tests.cli.toy_problem:toy"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> optuna.Study:
    """Two generations and a bit."""
    monkeypatch.chdir(tmp_path)
    study = open_search(
        SearchOptions(
            problem=TOY,
            storage=f"sqlite:///{tmp_path}/study.db",
            study_name="toy",
            seed=1,
            population_size=4,
            trials=9,
        )
    ).study
    study.optimize(toy.objective, n_trials=9)
    return study


def arguments(*more: str) -> list[str]:
    return ["verify", "--storage", "sqlite:///study.db", *more]


def test_honest_search(study: optuna.Study, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments()) == 0
    out, err = capsys.readouterr()
    assert [line.split()[-1] for line in out.splitlines()] == ["3", "3", "9", "8", "0"]
    assert "12/12 records and trials checked" in err
    assert main(arguments("--quiet")) == 0
    assert capsys.readouterr() == (out, "")


def test_what_differs_is_named(study: optuna.Study, capsys: pytest.CaptureFixture[str]) -> None:
    trial = study.ask()
    # The first generation's record, as if the second window had begun another evolution.
    first = study.get_trials(deepcopy=False)[0].system_attrs[RECORD]
    study._storage.set_trial_system_attr(trial._trial_id, RECORD, first.replace(" ", " 0", 1))
    study.tell(trial, (1.0, 1.0))
    assert main(arguments("--quiet")) == 0  # a copy of another trial's record is none
    number = study.ask()
    forged = study.get_trials(deepcopy=False)[4].system_attrs[RECORD]
    # Elsewhere: the study's own storage writes later what it is told of a trial that runs.
    storage = optuna.storages.RDBStorage("sqlite:///study.db")
    storage.set_trial_system_attr(number._trial_id, "codeepneat:assignment", forged)
    assert main(arguments("--quiet")) == 1
    out, err = capsys.readouterr()
    assert "the assignment of trial 10 is damaged." in out
    assert err.startswith("Error: the study does not replay to what is stored in it; ")


def test_repaired_study_begins_anew(
    study: optuna.Study, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect("study.db") as database:
        database.execute(
            "UPDATE trial_system_attributes SET value_json = '\"1 nonsense\"' "
            "WHERE key = ? AND trial_id = 5",
            [RECORD],
        )
    assert main(arguments("--quiet")) == 1
    assert "the generation record on trial 4 is damaged" in capsys.readouterr().out
    assert main(arguments("--repair")) == 0
    assert "begins anew with the next trial" in capsys.readouterr().out
    assert (
        main(
            [
                "search",
                TOY,
                "--storage",
                "sqlite:///study.db",
                "--study-name",
                "toy",
                "--trials",
                "14",
                "--workers",
                "1",
                "--quiet",
            ]
        )
        == 0
    )
    capsys.readouterr()
    main(arguments("--quiet"))
    out = capsys.readouterr().out
    values = [int(line.split()[-1]) for line in out.splitlines()[:5]]
    assert values[0] >= 1 and values[3] >= 9  # whatever had finished is evidence


def test_both_samplers_of_a_study_are_replayed(
    study: optuna.Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = open_search(
        SearchOptions(
            problem=TOY,
            storage=f"sqlite:///{tmp_path}/study.db",
            study_name="toy",
            sampler=SamplerName.lemonade,
            inherit=Inherit.off,
            trials=14,
        )
    )
    search.study.optimize(toy.objective, n_trials=5)
    assert main(arguments("--quiet")) == 0
    out = capsys.readouterr().out
    assert [int(line.split()[-1]) for line in out.splitlines()] == [4, 4, 14, 9, 0]


def test_nothing_to_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path}/study.db"
    plain = optuna.create_study(storage=url, study_name="plain")
    assert main(["verify", "--storage", url]) == 1
    assert capsys.readouterr().err == "Error: the study 'plain' holds no evolution yet.\n"
    optuna.delete_study(storage=url, study_name=plain.study_name)
    open_search(
        SearchOptions(
            problem=TOY,
            storage=url,
            study_name="toy",
            sampler=SamplerName.random,
            seed=1,
            trials=1,
        )
    )
    assert main(["verify", "--storage", url]) == 1
    assert capsys.readouterr().err == "Error: the study 'toy' holds no evolution yet.\n"


def test_newer_settings_are_named(study: optuna.Study, capsys: pytest.CaptureFixture[str]) -> None:
    study.set_user_attr(SETTINGS, {**study.user_attrs[SETTINGS], "zeal": 3})
    for command in ("verify", "worker"):
        assert main([command, "--storage", "sqlite:///study.db"]) == 1
        assert "newer version of optuna-codeepneat, with the setting 'zeal'" in (
            capsys.readouterr().err
        )
