"""Commands on studies that no search made: the user's own, with a sampler of this package."""

from __future__ import annotations

import re
from pathlib import Path

import optuna
import pytest
from optuna.distributions import IntDistribution

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import Layer
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat import SearchSpace
from optuna_codeepneat import register_layer
from optuna_codeepneat.cli._terminal import network_table
from optuna_codeepneat.sampler import EvolutionarySampler
from optuna_codeepneat.search_space import _registry
from tests.cli.test_main import run
from tests.visualization.report.reading import Reading


URL = "sqlite:///study.db"
SPACE = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
HINT = "name it with `--space module:attribute`"
MODULE = """
from optuna_codeepneat import SearchSpace
space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
other = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10, n_module_slots=1)
make = lambda: space
number = 3
"""


@pytest.fixture(autouse=True)
def module(folder: Path) -> None:
    (folder / "their_space.py").write_text(MODULE)


def own_study(
    sampler: optuna.samplers.BaseSampler, space: SearchSpace = SPACE, n_trials: int = 24
) -> optuna.Study:
    """A study as the README makes it."""

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        architecture = space.suggest(trial)
        rate = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
        return 1 - rate - 1 / architecture.num_params, float(architecture.num_params)

    directions = ["maximize", "minimize"]
    study = optuna.create_study(directions=directions, sampler=sampler, storage=URL)
    study.optimize(objective, n_trials=n_trials)
    return study


@pytest.mark.parametrize(
    "sampler",
    [
        CoDeepNEATSampler(SPACE, seed=1, assembled_population_size=8),
        pytest.param(
            LemonadeSampler(SPACE, seed=1, cheap=["num_params"], children_per_generation=4),
            marks=[pytest.mark.long, pytest.mark.soak],
        ),
    ],
    ids=lambda sampler: type(sampler).__name__,
)
def test_all_commands_find_the_space(
    capsys: pytest.CaptureFixture[str], folder: Path, sampler: EvolutionarySampler
) -> None:
    study = own_study(sampler)
    best = study.best_trials[0]
    architecture = SPACE.decode(best.params)
    where = ("--storage", URL)
    status, out, err = run(capsys, "front", *where)
    assert (status, err) == (0, "")
    heading = "trial objective 0 objective 1 parameters multiply-adds depth"
    assert " ".join(out.splitlines()[0].split()).startswith(heading)
    assert f"{architecture.num_params:,}" in out
    number = str(best.number)
    status, out, err = run(capsys, "show", number, *where, "--svg", "net.svg")
    assert (status, err) == (0, "")
    assert out.startswith(network_table(architecture, None))
    assert "<svg" in (folder / "net.svg").read_text("utf-8")
    status, out, err = run(capsys, "verify", *where, "--quiet")
    assert (status, err) == (0, "")
    assert out.splitlines()[-1].split() == ["problems", "0"]
    assert run(capsys, "report", *where, "--output", "x.html")[0] == 0
    details = Reading.of(folder / "x.html").details(best.number)
    assert any(tag == "svg" for tag, _ in details.tags)
    assert "Architecture.from_json" in details.text


def test_named_objectives_have_their_names(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    study = own_study(CoDeepNEATSampler(SPACE, seed=1), n_trials=4)
    study.set_metric_names(["accuracy", "num_params"])
    out = run(capsys, "front", "--storage", URL)[1]
    assert out.split()[:4] == ["trial", "accuracy", "parameters", "multiply-adds"]


def test_a_space_that_the_study_does_not_hold_is_named(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    study = own_study(optuna.samplers.RandomSampler(seed=1), n_trials=6)
    number, where = str(study.best_trials[0].number), ("--storage", URL)
    status, out, err = run(capsys, "show", number, *where)
    assert status == 0
    assert HINT in err
    # What is known is said all the same.
    assert f"  lr  {study.best_trials[0].params['lr']!r}\n" in out
    assert "network  blueprint: " in out
    status, _, err = run(capsys, "show", number, *where, "--svg")
    assert (status, err) == (
        1,
        f"Error: the network of trial {number} can't be drawn: the study doesn't hold its search "
        f"space; {HINT}.\n",
    )
    for name in ("their_space:space", "their_space:make"):
        status, out, err = run(capsys, "show", number, *where, "--space", name)
        assert (status, err) == (0, "")
        assert out.startswith(network_table(SPACE.decode(study.best_trials[0].params), None))
    assert "depth" not in run(capsys, "front", *where)[1].splitlines()[0]
    out = run(capsys, "front", *where, "--space", "their_space:space")[1]
    assert "depth" in out.splitlines()[0]
    assert (
        run(capsys, "report", *where, "--space", "their_space:space", "--output", "x.html")[0] == 0
    )
    assert any(tag == "svg" for tag, _ in Reading.of(folder / "x.html").details(int(number)).tags)
    status, _, err = run(capsys, "verify", *where, "--space", "their_space:space", "--quiet")
    assert status == 1
    assert err.endswith("holds no evolution yet.\n")


def test_a_network_outside_of_the_space_is_said(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    study = own_study(optuna.samplers.RandomSampler(seed=1), n_trials=6)
    number = next(t.number for t in study.trials if "C" in t.params.values())
    other = ("--storage", URL, "--space", "their_space:other")
    status, out, err = run(capsys, "show", str(number), *other)
    assert status == 0
    assert re.match(
        "No layers and sizes: the network is not of the search space, which has no `blueprint", err
    )
    assert "network  blueprint: " in out


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("their_space", 2, "must be module:attribute, got 'their_space'"),
        ("no_such_module:space", 1, "failed with ModuleNotFoundError: No module named"),
        ("their_space:no", 1, "failed with AttributeError: "),
        ("their_space:number", 1, "must be a `SearchSpace`, .* got int"),
    ],
)
def test_a_space_that_is_none(
    capsys: pytest.CaptureFixture[str], folder: Path, name: str, status: int, sentence: str
) -> None:
    own_study(optuna.samplers.RandomSampler(seed=1), n_trials=2)
    for command in ("front", "report", "verify"):
        got, out, err = run(capsys, command, "--storage", URL, "--space", name)
        assert (got, out) == (status, "")
        assert re.search(rf"Error: `--space.*{sentence}", err), err


def test_layers_that_are_not_registered_are_said(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_registry, "_REGISTRY", dict(_registry._REGISTRY))
    register_layer(
        Layer(
            name="twist",
            rank=1,
            genes={"turns": IntDistribution(1, 3)},
            output_shape=lambda shape, genes: shape,
            num_params=lambda shape, genes: 0,
            macs=lambda shape, genes: 0,
            build="nowhere:build",
        )
    )
    space = SearchSpace(layers=["twist"], input_shape=(1, 40), num_outputs=10)
    own_study(CoDeepNEATSampler(space, seed=1), space, n_trials=3)
    del _registry._REGISTRY["twist"]
    status, out, err = run(capsys, "front", "--storage", URL)
    assert status == 0
    assert "unknown layer 'twist'" in err
    assert "`--space`" in err
    status, _, err = run(capsys, "verify", "--storage", URL, "--quiet")
    assert status == 1
    assert "unknown layer 'twist'" in err
