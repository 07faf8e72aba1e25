"""Searches as papers did them, with hand-made networks beside their own."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import optuna
import pytest

from integration_tests.command import Command
from optuna_codeepneat._attributes import stored_baselines
from optuna_codeepneat.cli import main
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study import open_search
from tests.cli.conftest import verbosity as verbosity


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")

SHORT = ("--workers", "1", "--no-report", "--seed", "1", "--final", "0")


def write_images(folder: Path) -> None:
    """Images that are bright on the left, or on the right."""
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    x = rng.normal(size=(60, 1, 8, 8)).astype(np.float32)
    x[y == 0, :, :, :4] += 1.0
    np.savez(folder / "sides.npz", x=x, y=y)


def test_a_search_as_a_paper_did_it_beside_hand_made_networks(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_images(command.folder)
    monkeypatch.chdir(command.folder)
    searched = ("search", "--data", "sides.npz", *SHORT)

    status, _, err = command.run(
        *searched, "--profile", "lemonade", "--baselines", "--trials", "2"
    )

    assert status == 0, err
    assert "as in the profile lemonade" in err and "2/2 networks" in err
    assert re.search("The front dominates [0-3] of 3 hand-made networks.*; where '", err)
    study = optuna.load_study(study_name="sides", storage="sqlite:///sides.db")
    by_hand = stored_baselines(study.user_attrs)
    assert len(by_hand) == 3 and len(study.trials) == 2
    assert all(baseline.values is not None for baseline in by_hand.values())
    # Weights are inherited, and each is trained for 20 epochs of 36 examples, 16 at once.
    assert {trial.user_attrs["inheritance"]["steps"] for trial in study.trials} == {45}

    capsys.readouterr()
    assert main(["front", "sides"]) == 0
    out, err = capsys.readouterr()
    assert out.count("by hand: ") == 3 and "hand-made networks" in err

    assert main([*searched, "--trials", "3", "--sampler", "tpe"]) == 2
    assert "`--sampler tpe` contradicts the profile lemonade" in capsys.readouterr().err
    # It goes on as it was begun.
    again = open_search(SearchOptions(data="sides.npz", trials=3))
    assert again.settings.profile == "lemonade" and again.problem.search_recipe.steps == 45
    again.study.optimize(again.problem.objective, n_trials=1)
    assert again.study.trials[2].user_attrs["generation"] == 0
