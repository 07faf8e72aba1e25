"""Joining a search with nothing but its storage's URL, and what is said where that can't be."""

from __future__ import annotations

import time
from pathlib import Path

import optuna
import pytest

from optuna_codeepneat._attributes import PROBLEM
from optuna_codeepneat._attributes import SETTINGS
from optuna_codeepneat._attributes import TARGET
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import Interrupted
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._options import WorkerOptions
from optuna_codeepneat.cli._signals import StopNote
from optuna_codeepneat.cli._study._joining import wait_for_search
from optuna_codeepneat.cli._study._studies import Search
from optuna_codeepneat.cli._study._studies import open_search
from optuna_codeepneat.cli._terminal._snapshot import Progress


TOY = "toy_problem:toy"
URL = "sqlite:///study.db"


class Notes(Progress):
    """Keeps what is noted."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        self.texts.append(text)


def begin(name: str = "first", target: int = 5) -> optuna.Study:
    return open_search(
        SearchOptions(
            problem=TOY,
            storage=URL,
            study_name=name,
            sampler=SamplerName.random,
            seed=3,
            trials=target,
        )
    ).study


def join(
    name: str | None = None,
    patience: float = 0.0,
    url: str = URL,
    *,
    problem: str | None = None,
    trust: bool = True,
) -> Search:
    options = WorkerOptions(
        problem=problem, trust_problem=trust, storage=url, study_name=name, wait=patience
    )
    return wait_for_search(options, stop=StopNote(), progress=Notes())


def test_everything_is_in_the_study(folder: Path) -> None:
    begin()
    joined = join()
    assert joined.study.study_name == "first"
    assert joined.problem_name == TOY
    assert joined.problem.name == "toy"
    assert (joined.settings.sampler, joined.settings.seed) == ("random", 3)
    assert type(joined.study.sampler) is optuna.samplers.RandomSampler


def test_target_only_grows(folder: Path) -> None:
    assert begin(target=5).user_attrs[TARGET] == 5
    assert begin(target=8).user_attrs[TARGET] == 8
    assert begin(target=6).user_attrs[TARGET] == 8


def test_nothing_there(folder: Path) -> None:
    with pytest.raises(CommandError, match=r"no study database 'study.db' .*; waited 0 s for"):
        join()
    assert not Path("study.db").exists()


def test_empty_file(folder: Path) -> None:
    Path("study.db").touch()
    with pytest.raises(CommandError, match="the storage holds no study; waited 0 s"):
        join()


def test_no_such_study(folder: Path) -> None:
    begin()
    with pytest.raises(CommandError, match="no study 'second' in the storage; it holds first; w"):
        join("second")


def test_several_studies_are_not_waited_for(folder: Path) -> None:
    begin("first")
    begin("second")
    with pytest.raises(CommandError, match=r"2 studies \(first, second\): name one"):
        join(patience=600)
    assert join("second").study.study_name == "second"


def test_study_of_the_users_own(folder: Path) -> None:
    optuna.create_study(storage=URL, study_name="own")
    with pytest.raises(CommandError, match="the study 'own' is of no search"):
        join()


def test_problem_that_is_not_here(folder: Path) -> None:
    begin().set_user_attr(PROBLEM, "my_module:toy")
    with pytest.raises(CommandError) as caught:
        join(patience=600)
    assert str(caught.value) == (
        "the problem 'my_module:toy' can't be loaded: importing 'my_module' failed with "
        "ModuleNotFoundError: No module named 'my_module'"
    )


def test_code_is_not_run_on_the_word_of_the_database(folder: Path) -> None:
    begin().set_user_attr(PROBLEM, "trap:trap")
    Path("trap.py").write_text("open('sprung', 'w')")
    with pytest.raises(CommandError, match="would be run here; name it too, `worker trap:"):
        join(patience=600, trust=False)
    with pytest.raises(CommandError, match="is of the problem 'trap:trap', not 'toy_problem:toy'"):
        join(patience=600, problem=TOY)
    assert not Path("sprung").exists()
    with pytest.raises(CommandError, match="has no 'trap'"):
        join(patience=600, problem="trap:trap", trust=False)
    assert Path("sprung").exists()


def test_a_file_may_be_named_in_several_ways(folder: Path) -> None:
    name = "./toy_problem.py:toy"
    open_search(SearchOptions(problem=name, storage=URL, sampler=SamplerName.random, seed=1))
    for again in (TOY, "toy_problem.py:toy", f"{folder}/toy_problem.py:toy", name):
        joined = join(problem=again, trust=False)
        assert joined.problem_name == TOY
        assert joined.problem.name == "toy"


def test_problem_that_is_another_here(folder: Path) -> None:
    study = begin()
    study.set_user_attr(SETTINGS, study.user_attrs[SETTINGS] | {"space": "another"})
    with pytest.raises(CommandError, match="has another search space here than in the study"):
        join(patience=600)


def test_wrong_url_is_not_waited_for(folder: Path) -> None:
    with pytest.raises(CommandError, match="'nonsense' is no URL of a storage, such as"):
        join(patience=600, url="nonsense")


def test_search_that_begins_meanwhile(folder: Path) -> None:
    class Beginning(Notes):
        def note(self, text: str) -> None:
            super().note(text)
            begin()

    notes = Beginning()
    joined = wait_for_search(
        WorkerOptions(problem=TOY, storage=URL, wait=60.0), stop=StopNote(), progress=notes
    )
    assert joined.study.study_name == "first"
    [text] = notes.texts
    assert text.startswith(
        "Waiting up to 1:00 for a search: there is no study database 'study.db'"
    )


def test_waiting_can_be_stopped(folder: Path) -> None:
    stop = StopNote()
    stop.number = 15
    start = time.monotonic()
    with pytest.raises(Interrupted, match="Stopped before a search began") as caught:
        wait_for_search(WorkerOptions(storage=URL, wait=600.0), stop=stop, progress=Notes())
    assert caught.value.status == 143
    assert time.monotonic() - start < 10
