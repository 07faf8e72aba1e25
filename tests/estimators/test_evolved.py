from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import check_estimator

from optuna_codeepneat.estimators import EvolvedClassifier
from optuna_codeepneat.estimators import EvolvedRegressor
from optuna_codeepneat.search_space import SearchSpace


RNG = np.random.default_rng(0)
X = RNG.normal(size=(240, 4)).astype(np.float32)
SIDES = np.where(X[:, 0] > X[:, 1], "right", "left")
QUICK: dict[str, Any] = {"n_trials": 4, "steps": 60, "random_state": 0}

FLOAT32 = "torch adds up in another order for another number of examples: float32"


# Fifty fits each, most of which the tests below do as well.
@pytest.mark.long
@pytest.mark.soak
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (EvolvedClassifier, "check_methods_sample_order_invariance"),
        (EvolvedRegressor, "check_methods_subset_invariance"),
    ],
)
def test_checks_of_scikit_learn(estimator: type[Any], expected: str) -> None:
    own = estimator(n_trials=1, steps=25, random_state=0)
    passed = check_estimator(
        own, expected_failed_checks={expected: FLOAT32}, on_skip=None, on_fail="raise"
    )
    assert sum(check["status"] == "passed" for check in passed) > 45


def test_classes_are_named_as_they_came() -> None:
    model = EvolvedClassifier(**QUICK).fit(X, SIDES)
    assert model.score(X, SIDES) > 0.9
    assert 0.7 < model.test_score_ <= 1.0
    assert model.predict_proba(X).sum(axis=1) == pytest.approx(np.ones(len(X)))
    assert list(model.classes_) == ["left", "right"]
    sizes = [member.num_params for member in model.front_]
    assert sizes == sorted(sizes)
    scores = [member.score for member in model.front_]
    assert scores == sorted(scores)
    assert sum(p.numel() for p in model.network_.parameters()) == model.member_.num_params


def test_another_network_of_the_front() -> None:
    model = EvolvedClassifier(**{**QUICK, "n_trials": 8}).fit(X, SIDES)
    smallest = model.front_[0]
    assert model.choose(max_params=smallest.num_params).member_ == smallest
    assert model.choose(trial=model.front_[-1].trial).member_ == model.front_[-1]
    with pytest.raises(ValueError, match="the front has no network with at most 1 parameters; it"):
        model.choose(max_params=1)
    with pytest.raises(ValueError, match="the front has no network with trial 99; it has the"):
        model.choose(trial=99)


def test_numbers_one_and_several() -> None:
    y = np.stack([3.0 * X[:, 0] + 10.0, X[:, 1] - 5.0], axis=1)
    single = EvolvedRegressor(**QUICK).fit(X, y[:, 0])
    assert single.predict(X).shape == (240,)
    assert single.score(X, y[:, 0]) > 0.8
    both = EvolvedRegressor(**QUICK).fit(X, y)
    assert both.predict(X).shape == (240, 2)
    assert both.predict(X).mean(axis=0) == pytest.approx(y.mean(axis=0), abs=0.5)


def test_sequences_with_a_space_of_ones_own() -> None:
    sequences = RNG.normal(size=(120, 1, 12)).astype(np.float32)
    sequences[:60, :, :4] += 3.0
    y = np.repeat([0, 1], 60)
    model = EvolvedClassifier(space=SearchSpace.conv1d, **QUICK).fit(sequences, y)
    assert model.architecture_.input_shape == (1, 12)
    assert model.score(sequences, y) > 0.8


def test_the_same_seed_gives_the_same_network() -> None:
    first, second = (EvolvedClassifier(**QUICK).fit(X, SIDES) for _ in range(2))
    assert first.member_ == second.member_
    for a, b in zip(first.network_.parameters(), second.network_.parameters(), strict=True):
        assert torch.equal(a, b)


def test_what_is_pickled_predicts_and_knows_no_examples() -> None:
    model = EvolvedClassifier(**QUICK).fit(X, SIDES)
    text = pickle.dumps(model)
    assert X[:3].tobytes() not in text
    again = pickle.loads(text)
    assert (again.predict(X) == model.predict(X)).all()
    with pytest.raises(ValueError, match="was pickled, without its examples"):
        again.choose(max_params=10_000)


def test_a_study_of_a_name_is_resumed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'study.db'}"
    more = {**QUICK, "storage": url, "study_name": "sides"}
    EvolvedClassifier(**{**more, "n_trials": 2}).fit(X, SIDES)
    model = EvolvedClassifier(**more).fit(X, SIDES)
    assert len(model.study_.trials) == 4
    assert len(optuna.load_study(study_name="sides", storage=url).trials) == 4


def test_it_is_a_part_of_scikit_learns_tools() -> None:
    model = EvolvedClassifier(**{**QUICK, "n_trials": 1})
    assert clone(model).get_params() == model.get_params()
    assert cross_val_score(model, X, SIDES, cv=2).shape == (2,)


@pytest.mark.parametrize("method", ["predict", "choose"])
def test_before_it_is_fitted(method: str) -> None:
    model = EvolvedRegressor()
    with pytest.raises(NotFittedError):
        model.predict(X) if method == "predict" else model.choose()


def test_bad_examples_in_one_sentence() -> None:
    with pytest.raises(ValueError, match="only one class is present: 'left'"):
        EvolvedClassifier(**QUICK).fit(X, ["left"] * len(X))
    with pytest.raises(ValueError, match="Found array with dim 5, while dim <= 4 is required"):
        EvolvedClassifier(**QUICK).fit(X.reshape(240, 1, 2, 2, 1), SIDES)
    with pytest.raises(ValueError, match="`metric`"):
        EvolvedClassifier(metric="beauty", **QUICK).fit(X, SIDES)


def test_it_begins_with_hand_made_networks_where_they_are_few() -> None:
    X = np.random.default_rng(0).normal(size=(60, 3))
    model = EvolvedClassifier(n_trials=30, steps=1, random_state=0, device="cpu")
    begun = [
        trial.user_attrs.get("hand_made") for trial in model.fit(X, X[:, 0] > 0).study_.trials[:3]
    ]
    assert begun == ["one layer of 64", "two layers of 64", None]
    few = EvolvedClassifier(n_trials=2, steps=1, random_state=0, device="cpu")
    assert not any(
        "hand_made" in trial.user_attrs for trial in few.fit(X, X[:, 0] > 0).study_.trials
    )
