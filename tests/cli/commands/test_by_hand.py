"""A search begins with networks made by hand, and later ones are held to what these come to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from optuna_codeepneat._attributes import HAND_MADE
from optuna_codeepneat._attributes import stored_baselines
from optuna_codeepneat.cli import main
from optuna_codeepneat.cli._commands._by_hand import begin_by_hand
from optuna_codeepneat.cli._commands._by_hand import settle_floor
from optuna_codeepneat.cli._commands._by_hand import wait_for_floor
from optuna_codeepneat.cli._errors import Interrupted
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study import BY_HAND
from optuna_codeepneat.cli._study import Search
from optuna_codeepneat.cli._study import SearchSettings
from optuna_codeepneat.cli._study import open_search
from tests.cli.small_study import NAMED
from tests.cli.small_study import PROBLEM
from tests.cli.small_study import URL
from tests.cli.small_study import Notes


pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))


def begun(**said: Any) -> Search:
    options = SearchOptions(problem=PROBLEM, storage=URL, study_name="small", seed=1, **said)
    return begin_by_hand(open_search(options), options)


def recorded(study: optuna.Study) -> float | str | None:
    settings = SearchSettings.recorded(study)
    assert settings is not None
    return settings.min_score


def test_the_floor_is_to_come_until_the_hand_made_networks_are_trained() -> None:
    search = begun(trials=30)
    assert search.settings.min_score == recorded(search.study) == BY_HAND
    # Meanwhile it is what the problem says.
    problem = search.settings.applied_to(search.problem)
    assert problem.min_score == "chance"
    assert len(search.study.trials) == 2
    # It goes on so, unless somebody says a number.
    assert begun(trials=30).settings.min_score == BY_HAND
    assert begun(trials=30, min_score=0.25).settings.min_score == 0.25


@pytest.mark.parametrize(
    ("said", "n_by_hand"),
    [({"trials": 29}, 0), ({"trials": 30, "baselines": False}, 0), ({"min_score": 0.5}, 2)],
)
def test_other_searches_have_the_floor_of_the_problem(said: Any, n_by_hand: int) -> None:
    search = begun(**said)
    assert recorded(search.study) == said.get("min_score")
    assert len(search.study.trials) == n_by_hand


def test_nobody_is_told_of_a_place_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "small-artifacts").write_text("a file in the place of the folder")
    search = begun(trials=30)
    settings = SearchSettings.recorded(search.study)
    assert settings is not None
    assert (settings.artifacts, settings.min_score) == (None, BY_HAND)


def test_a_floor_that_somebody_says_meanwhile_stays() -> None:
    search = begun(trials=30)
    run: Any = SimpleNamespace(n_finished=0, train_networks=lambda most: None)

    def train_baselines() -> None:
        for trial in search.study.get_trials(deepcopy=False):
            search.study._storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)
        begun(trials=30, min_score=0.25).settings.record(search.study)

    run.train_baselines = train_baselines
    settle_floor(search, run, Notes())
    assert recorded(search.study) == 0.25


def found_by(n_workers: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> optuna.Study:
    folder.mkdir()
    monkeypatch.chdir(folder)
    command = ("search", *NAMED, "--study-name", "small", "--baselines", "--trials", "8")
    more = ("--final", "0", "--no-report", "--seed", "3", "--reproducible")
    assert main([*command, *more, "--workers", str(n_workers)]) == 0
    return optuna.load_study(study_name="small", storage=URL)


def test_a_search_sets_its_floor_for_any_number_of_workers(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    study = found_by(1, tmp_path / "one", monkeypatch)
    by_hand = [trial for trial in study.trials if HAND_MADE in trial.user_attrs]
    assert [trial.number for trial in by_hand] == [0, 1]
    scores = [
        each.values[0] for each in stored_baselines(study.user_attrs).values() if each.values
    ]
    floor = recorded(study)
    assert isinstance(floor, float)
    assert 0.5 < floor < max(scores)
    assert f"networks count whose accuracy is at least {floor:g}" in capfd.readouterr().err
    for trial in study.trials[2:]:
        assert trial.constraints["min_score"] == pytest.approx(floor - trial.values[0])
    others = found_by(2, tmp_path / "two", monkeypatch).trials
    assert [trial.params for trial in others] == [trial.params for trial in study.trials]
    assert [trial.constraints for trial in others] == [trial.constraints for trial in study.trials]


def test_who_joins_waits_for_a_floor_that_all_networks_shall_have() -> None:
    search = begun(trials=30, reproducible=True)

    class Stop:
        number = 2

    notes = Notes()
    with pytest.raises(Interrupted):
        wait_for_floor(search, Stop(), notes)  # type: ignore[arg-type]  # all that it reads
    assert notes.texts == ["Waiting for the hand-made networks with which the search begins."]
    replace(search.settings, min_score=0.75).record(search.study)
    wait_for_floor(search, Stop(), notes)  # type: ignore[arg-type]  # as above
