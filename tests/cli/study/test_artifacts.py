"""Where the networks of a search keep their weights, on this machine and on others."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study._artifacts import absolute_artifacts
from optuna_codeepneat.cli._study._artifacts import check_passes_on_weights
from optuna_codeepneat.cli._study._artifacts import default_artifacts
from optuna_codeepneat.cli._study._artifacts import diagrams_place
from optuna_codeepneat.cli._study._artifacts import is_ours
from optuna_codeepneat.cli._study._artifacts import mark_folder
from optuna_codeepneat.cli._study._artifacts import open_checkpoints
from optuna_codeepneat.cli._study._artifacts import open_weights
from optuna_codeepneat.cli._study._artifacts import settings_here
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.cli._study._studies import open_search
from optuna_codeepneat.cli._terminal._snapshot import Progress
from optuna_codeepneat.morphism import Checkpoints
from optuna_codeepneat.problems import Problem
from tests.cli.toy_problem import toy


SETTINGS = SearchSettings(
    sampler="lemonade",
    seed=1,
    population_size=None,
    space="",
    evolution="lemonade",
    inherit="exact",
)


class Notes(Progress):
    """Keeps what is noted."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        self.texts.append(text)


def test_default_is_a_folder_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_artifacts("my-data") == f"{tmp_path}/my-data-artifacts"


def test_place_is_opened_where_something_is_inherited(tmp_path: Path) -> None:
    place = tmp_path / "weights"
    settings = replace(SETTINGS, artifacts=str(place))
    for idle in (replace(settings, inherit="off"), replace(settings, sampler="tpe")):
        assert open_weights(idle) is None
        assert open_checkpoints(idle) is None
    assert not place.exists()
    store: Any = open_weights(settings)
    store.write("a", io.BytesIO(b"a"))
    assert (place / "a").exists()
    assert isinstance(open_checkpoints(settings), Checkpoints)


def test_a_place_that_cannot_be_used_is_not_remembered(folder: Path) -> None:
    def search(place: str | None) -> SearchSettings:
        options = SearchOptions(problem="toy_problem:toy", artifacts=place, trials=1)
        given = open_search(options)
        stored = SearchSettings.recorded(given.study)
        assert stored is not None
        assert replace(given.settings, artifacts=stored.artifacts) == stored
        return stored

    assert search("toy_problem.py").artifacts is None
    assert search(None).artifacts == f"{folder}/toy-artifacts"
    assert search("toy_problem.py/below").artifacts == f"{folder}/toy-artifacts"
    assert search("elsewhere").artifacts == f"{folder}/elsewhere"


def test_what_is_no_place_is_one_sentence() -> None:
    with pytest.raises(CommandError, match="^`--artifacts`: artifacts can't be kept in .*no f"):
        open_weights(replace(SETTINGS, artifacts=__file__))
    with pytest.raises(CommandError, match="^`--artifacts`: 'file://x/y' is no URL"):
        absolute_artifacts("file://x/y")


def test_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mark_folder(str(tmp_path / "shared"))
    settings = replace(SETTINGS, artifacts=str(tmp_path / "shared"))
    notes = Notes()
    assert settings_here(settings, None, notes) == settings
    there = settings_here(settings, "mounted", notes)
    assert there == replace(settings, artifacts=str(tmp_path / "mounted"))
    assert not notes.texts
    settings = replace(settings, artifacts=str(tmp_path / "elsewhere"))
    assert settings_here(settings, None, notes) == replace(settings, artifacts=None)
    [text] = notes.texts
    assert text.startswith(f"The search keeps its weights in {tmp_path}/elsewhere, which is not h")
    assert not (tmp_path / "elsewhere").exists()
    idle = replace(settings, sampler="random")
    there = settings_here(idle, "unused", notes)
    assert there == replace(idle, artifacts=str(tmp_path / "unused"))
    assert len(notes.texts) == 1
    assert not (tmp_path / "unused").exists()


def test_a_folder_that_only_the_study_names_needs_the_mark_of_a_search(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "beach.jpg").touch()
    settings = replace(SETTINGS, artifacts=str(photos))
    notes = Notes()
    assert settings_here(settings, None, notes).artifacts is None
    assert diagrams_place(settings, notes, joins=True) is None
    idle = replace(settings, sampler="random")
    assert diagrams_place(idle, notes, joins=True) is None
    for text in notes.texts:
        assert f"in {photos}, which is here, but not marked as the folder of a search: " in text
        assert text.endswith("unless `--artifacts` names that folder.")
    assert len(notes.texts) == 2
    assert [path.name for path in photos.iterdir()] == ["beach.jpg"]

    named = str(photos)  # by the user
    assert settings_here(settings, named, notes).artifacts == named
    assert diagrams_place(settings, notes, joins=True, place=named) == named
    (photos / "weights-toy-3-a.safetensors").touch()  # of a search of version 0.1.0
    assert settings_here(settings, None, notes) == settings
    assert diagrams_place(settings, notes, joins=True) == named
    assert len(notes.texts) == 2


def test_a_search_marks_what_the_user_chose_and_nothing_else(folder: Path) -> None:
    def search(place: str | None) -> str:
        options = SearchOptions(problem="toy_problem:toy", artifacts=place, trials=1)
        artifacts = open_search(options).settings.artifacts
        assert artifacts is not None
        return artifacts

    assert is_ours(search(None))  # the folder of this name, here
    assert (folder / "toy-artifacts" / ".codeepneat").read_text().startswith("Searches of optuna-")
    assert is_ours(search("chosen"))
    (folder / "photos").mkdir()
    study = open_search(SearchOptions(problem="toy_problem:toy", trials=1)).study
    known = SearchSettings.recorded(study)
    assert known is not None
    replace(known, artifacts=str(folder / "photos")).record(study)
    assert not is_ours(search(None))
    assert not list((folder / "photos").iterdir())
    assert is_ours("s3://bucket/folder")


def test_problem_that_takes_no_checkpoints() -> None:
    class Mine(Problem):
        def objective(self, trial: Any, *, device: str, seed: int) -> Any:  # type: ignore[override]
            return 1.0, 1.0

    check_passes_on_weights(toy, "toy")
    mine = Mine(name="mine", title="", make_space=toy.make_space, load_splits=toy.load_splits)
    with pytest.raises(CommandError, match="'mine:mine' can't inherit weights, as its `objective"):
        check_passes_on_weights(mine, "mine:mine")
