"""Diagrams of a search whose store and workers are lost: nothing of it can fail a network."""

from __future__ import annotations

import os
import shutil
import signal

import optuna
import pytest
from optuna.artifacts import get_all_artifact_meta

from integration_tests.command import DATABASE
from integration_tests.command import Command
from integration_tests.command import searching
from integration_tests.command import until
from integration_tests.command import workers_of


@pytest.mark.long
@pytest.mark.soak
def test_lost_store_and_killed_worker(command: Command) -> None:
    place = command.folder / "toy-artifacts"
    process = command.start(
        *searching(40, "--sampler", "random", "--final", "0"), TOY_SECONDS="0.2"
    )
    until(lambda: place.is_dir() and len(list(place.iterdir())) >= 4)
    shutil.rmtree(place)
    place.touch()  # a folder that nobody can write to, not even root
    begun = command.states["COMPLETE"]
    until(lambda: command.states["COMPLETE"] >= begun + 4)
    os.kill(workers_of(process)[0], signal.SIGKILL)
    begun = command.states["COMPLETE"]
    until(lambda: command.states["COMPLETE"] >= begun + 4)
    place.unlink()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert command.states["COMPLETE"] == 40
    # What the killed worker had not stored is lost with it, and a trial that it was in failed.
    assert command.states["FAIL"] <= 1
    assert err.count("is not stored yet: ") == 1
    assert "Diagrams could not be stored at once" in err
    url = f"sqlite:///{command.folder / DATABASE}"
    study = optuna.load_study(study_name="toy", storage=url)
    stored = {path.name for path in place.iterdir()}
    late = [trial for trial in study.trials[-8:] if trial.state.is_finished()]
    links = [get_all_artifact_meta(trial, storage=study._storage) for trial in late]
    assert [len(found) for found in links] == [1] * len(late)
    assert {found[0].artifact_id for found in links} <= stored
    assert all(trial.user_attrs["network"] for trial in late)


def test_place_that_is_none(command: Command) -> None:
    (command.folder / "place").touch()
    status, _, err = command.search(3, "--artifacts", "place", "--sampler", "random")
    assert status == 0, err
    assert err.count("Networks get no diagrams, as `--artifacts` can't be used: ") == 1
    assert command.states == {"COMPLETE": 3}
