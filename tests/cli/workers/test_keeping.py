from __future__ import annotations

from pathlib import Path

import optuna
import pytest
import torch

from optuna_codeepneat import build_network
from optuna_codeepneat.cli._workers._keeping import checkpoint_of
from optuna_codeepneat.cli._workers._keeping import keep
from optuna_codeepneat.cli._workers._keeping import seed_of
from optuna_codeepneat.morphism import UnusableWeightsError
from optuna_codeepneat.morphism import fetch_weights
from optuna_codeepneat.sampler import SavedWeights
from optuna_codeepneat.storages import open_artifacts
from optuna_codeepneat.training import Measurement
from optuna_codeepneat.training._checkpoint import TrainingState
from tests.cli.small_problem import small
from tests.cli.toy_problem import toy


SCORE = Measurement(score=0.5, low=0.4, high=0.6, n_examples=20)


def test_the_weights_are_those_of_the_network(tmp_path: Path) -> None:
    study, network = optuna.create_study(), build_network(small.space.smallest())
    kept = keep(study, 7, network, small, SCORE, place=str(tmp_path), seed=3)
    assert not isinstance(kept, str)
    assert kept.artifact.startswith("final-") and "-7-" in kept.artifact
    saved, store = SavedWeights(kept.artifact, kept.sha256, kept.size, 0), open_artifacts(tmp_path)
    found = fetch_weights(store, saved).build()
    x = torch.randn(5, 4)
    assert torch.equal(found.eval()(x), network.eval()(x))
    (tmp_path / kept.artifact).write_bytes(b"")
    with pytest.raises(UnusableWeightsError, match="cut off after 0"):
        fetch_weights(store, saved)


def test_why_weights_are_not_kept(tmp_path: Path) -> None:
    study, network = optuna.create_study(), build_network(small.space.smallest())
    with torch.no_grad():
        next(network.parameters()).fill_(float("nan"))
    for given, problem, place, why in [
        (network, small, str(tmp_path), "they are not finite"),
        (network, small, None, "there is no place for them"),
        (toy.space.smallest(), toy, str(tmp_path), "its problem trains no network of"),
        (torch.nn.Linear(4, 2), small, str(tmp_path), "its problem trains no network of"),
    ]:
        found = keep(study, 0, given, problem, SCORE, place=place, seed=0)
        assert isinstance(found, str) and found.startswith(why)


def test_a_training_that_was_ended_finds_its_state(tmp_path: Path) -> None:
    study = optuna.create_study()
    place = str(tmp_path / "weights")
    first, again, other = (checkpoint_of(study, 7, k, place) for k in (0, 0, 1))
    assert first is not None and again is not None and other is not None
    first.save("key", TrainingState(20, {"weight": torch.ones(3)}, {}))
    found = again.load("key")
    assert found is not None and found.steps == 20
    assert torch.equal(found.tensors["weight"], torch.ones(3))
    assert again.load("another") is None
    assert other.load("key") is None
    assert checkpoint_of(study, 7, 0, None) is None


def test_each_training_has_its_seed() -> None:
    assert seed_of(5, 0) == 5
    assert len({seed_of(5, training) for training in range(10)}) == 10
    assert seed_of(5, 1) == seed_of(5, 1) != seed_of(6, 1)
