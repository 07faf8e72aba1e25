"""Where a search keeps diagrams, and what it does where it can't."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._study._artifacts import diagrams_place
from optuna_codeepneat.cli._study._artifacts import mark_folder
from optuna_codeepneat.cli._study._artifacts import open_diagrams
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.visualization import Diagrams
from tests.cli.study.test_artifacts import Notes


SETTINGS = SearchSettings(sampler="random", seed=1, population_size=None, space="")


def test_a_folder_is_made_and_used(tmp_path: Path) -> None:
    notes, place = Notes(), str(tmp_path / "new")
    assert diagrams_place(replace(SETTINGS, artifacts=place), notes) == place
    assert Path(place).is_dir()
    assert isinstance(open_diagrams(place), Diagrams)
    assert not notes.texts


def test_studies_of_versions_without_diagrams_have_none() -> None:
    assert diagrams_place(SETTINGS, Notes()) is None
    assert open_diagrams(None) is None


@pytest.mark.parametrize(
    ("place", "reason"),
    [(__file__, "it is no folder"), ("ftp://host", "'ftp://host' is no place for artifacts")],
)
def test_a_place_that_is_none_is_a_note(place: str, reason: str) -> None:
    notes = Notes()
    assert diagrams_place(replace(SETTINGS, artifacts=place), notes) is None
    [text] = notes.texts
    assert text.startswith("Networks get no diagrams, as `--artifacts` can't be used: ")
    assert reason in text


def test_nobody_waits_for_a_bucket() -> None:
    # It isn't there, which only the thread that stores diagrams comes to know.
    settings = replace(SETTINGS, artifacts="s3://nowhere")
    assert diagrams_place(settings, Notes()) == "s3://nowhere"
    assert isinstance(open_diagrams("s3://nowhere"), Diagrams)


def test_whoever_joins_makes_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    notes, settings = Notes(), replace(SETTINGS, artifacts=str(tmp_path / "there"))
    assert diagrams_place(settings, notes, joins=True) is None
    [text] = notes.texts
    assert text.startswith(f"The search keeps its diagrams in {tmp_path}/there, which is not here")
    assert not (tmp_path / "there").exists()
    heir = replace(settings, sampler="lemonade", evolution="lemonade", inherit="exact")
    assert diagrams_place(heir, notes, joins=True) is None
    assert len(notes.texts) == 1  # of the weights more has been said
    here = diagrams_place(settings, notes, joins=True, place="mine")
    assert here == str(tmp_path / "mine")
    assert (tmp_path / "mine").is_dir()
    mark_folder(str(tmp_path / "there"))
    assert diagrams_place(settings, notes, joins=True) == settings.artifacts
    with pytest.raises(CommandError, match="`--artifacts`: 's3:bucket' is no place"):
        diagrams_place(settings, notes, place="s3:bucket")
