"""Which searches train hand-made networks beside their own."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import optuna
import pytest

from optuna_codeepneat.cli._commands._by_hand import begin_by_hand
from optuna_codeepneat.cli._commands._by_hand import wants_baselines
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study import Search
from optuna_codeepneat.cli._study import SearchSettings
from optuna_codeepneat.cli._workers import Run
from optuna_codeepneat.search_space import SearchSpace
from tests.cli.small_problem import small
from tests.cli.small_study import Notes


@pytest.mark.parametrize(
    ("said", "n_finished", "expected"),
    [(None, 29, False), (None, 30, True), (True, 2, True), (False, 300, False)],
)
def test_they_are_trained_where_they_are_few(
    said: bool | None, n_finished: int, expected: bool
) -> None:
    options = SearchOptions(problem="mine", baselines=said)
    assert wants_baselines(options, n_finished) == expected


def test_code_that_makes_none_is_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(space: SearchSpace) -> Any:
        raise KeyError("width")

    notes = Notes()
    run: Any = SimpleNamespace(_problem=replace(small, make_baselines=fail), _progress=notes)
    Run.train_baselines(run)
    (text,) = notes.texts
    assert text.startswith("No hand-made networks: KeyError: 'width'")
    study = optuna.create_study()
    settings = SearchSettings(sampler="random", seed=0, population_size=None, space="")
    search = Search(study, "", "mine", run._problem, settings)
    assert begin_by_hand(search, SearchOptions(problem="mine")) is search
    assert "begins without hand-made networks: KeyError: 'width'" in capsys.readouterr().err
