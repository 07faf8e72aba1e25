from __future__ import annotations

import re
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat import _attributes
from optuna_codeepneat._attributes import TITLE
from optuna_codeepneat._attributes import Baseline
from optuna_codeepneat._attributes import FinalNetwork
from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat._attributes import Searched
from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat._attributes import count_in
from optuna_codeepneat._attributes import store_baseline
from optuna_codeepneat._attributes import store_final_network
from optuna_codeepneat._attributes import store_test_score
from optuna_codeepneat._attributes import stored_baselines
from optuna_codeepneat._attributes import stored_final_networks
from optuna_codeepneat._attributes import stored_test_scores
from optuna_codeepneat.visualization import write_report


HEIR = {"from": 3, "share": 0.6113, "steps": 158, "line_steps": 2408}
FOUNDER = {"from": None, "share": 0.0, "steps": 1250, "line_steps": 1250}
COUNTS = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("attributes", "steps"),
    [
        ({"inheritance": HEIR}, (158, 2408)),
        ({"inheritance": FOUNDER}, (1250, 1250)),
        ({"inheritance": {"from": 3}}, None),
        ({"inheritance": {**HEIR, "share": "much"}}, None),
        ({"inheritance": {**HEIR, "from": "home"}}, None),
        ({"inheritance": {**HEIR, "steps": True}}, None),
        ({"inheritance": {**HEIR, "steps": -1}}, None),
        ({"inheritance": {**HEIR, "line_steps": 10**400}}, None),
        ({"inheritance": {**HEIR, "share": float("nan")}}, None),
        ({"inheritance": {**HEIR, "share": 10**400}}, None),
        ({"inheritance": "a house"}, None),
        ({}, None),
    ],
)
def test_what_trials_say(attributes: dict[str, Any], steps: tuple[int, int] | None) -> None:
    said = Inherited.of(create_trial(value=1.0, user_attrs=attributes))
    assert (None if said is None else (said.steps, said.line_steps)) == steps


STOPPED = {"trial": 0, "step": 100, "of": 900, "values": [0.7, 1234]}


@pytest.mark.parametrize(
    ("change", "values"),
    [
        ({}, (0.7, 1234.0)),
        ({"trial": 1}, None),  # a retried trial has the attributes of the one before
        ({"trial": None}, None),
        ({"step": -1}, None),
        ({"of": 0.5}, None),
        ({"values": "many"}, None),
        ({"values": [0.7, "much"]}, None),
        ({"values": [0.7, float("nan")]}, None),
    ],
)
def test_what_stopped_trials_say(change: dict[str, Any], values: tuple[float, ...] | None) -> None:
    said = StoppedEarly.from_json({**STOPPED, **change})
    study = optuna.create_study(directions=["maximize", "minimize"])
    for state in (TrialState.PRUNED, TrialState.COMPLETE):
        study.add_trial(
            create_trial(
                state=state,
                values=[1, 2] if state == TrialState.COMPLETE else None,
                user_attrs={"stopped_early": {**STOPPED, **change}},
            )
        )
    pruned, complete = study.get_trials()
    found = StoppedEarly.of(pruned)
    assert (None if found is None else found.values) == values
    assert found is None or said == found
    assert StoppedEarly.of(complete) is None
    assert StoppedEarly.from_json("soon") is None
    assert said is None or StoppedEarly.from_json(said.to_json()) == said


@given(st.none() | COUNTS, st.integers(0, 10_000), COUNTS, COUNTS)
def test_round_trip(donor: int | None, share: int, steps: int, line_steps: int) -> None:
    said = Inherited(donor, share / 10_000, steps, line_steps)
    assert Inherited.from_json(said.to_json()) == said


def test_only_scores_are_read() -> None:
    attrs = {
        "codeepneat:test score of trial 3": 0.9,
        "codeepneat:test score of trial x": 1.0,
        "codeepneat:test score of trial 4": True,
        "codeepneat:test score of trial 5": "lost",
        "codeepneat:test score of trial 6": 10**400,
        "codeepneat:problem": "toy",
        "final:7": {"score": 0.5},  # the user's own
    }
    assert stored_test_scores(attrs) == {3: 0.9}


OLD_SETTINGS = {"sampler": "lemonade", "seed": 1, "population_size": None, "space": "abc"}
OLD = {"problem": "toy", "settings": OLD_SETTINGS, "target": 20, "final:3": {"score": 0.9}}
NEW = {"codeepneat:problem": "new", "codeepneat:settings": {"seed": 2}, "codeepneat:target": 5}


def test_studies_of_the_first_version_are_read() -> None:
    assert Searched.of(OLD) == Searched("toy", OLD_SETTINGS, 20)
    assert stored_test_scores(OLD) == {3: 0.9}
    # One that goes on in this version.
    scores = {3: 0.8, 4: 1.0}
    named = {f"codeepneat:test score of trial {number}": score for number, score in scores.items()}
    later = named | OLD | NEW
    assert Searched.of(later) == Searched("new", {"seed": 2}, 5)
    assert stored_test_scores(later) == scores


@pytest.mark.parametrize("value", ["mine", 3, None, [1], {}, {"sampler": 5}, True, 10**400])
def test_attributes_of_the_users_own_are_theirs(value: Any) -> None:
    own = {"problem": value, "settings": value, "target": value, "final:3": {"score": 0.9}}
    assert Searched.of(own) == Searched(None, None, 0)
    assert Searched.of(NEW | {TITLE: "A title"}).title == "A title"
    assert Searched.of(NEW | {TITLE: 3}).title is None
    assert Searched.of(own | NEW) == Searched("new", {"seed": 2}, 5)
    assert stored_test_scores(own | NEW) == {}


def test_what_is_damaged_is_no_count() -> None:
    for value in (-1, True, 2**63, "3", None, [3], 1.0):
        assert count_in({"generation": value}, "generation") is None
    assert count_in({"generation": 0}, "generation") == 0


def test_what_is_stored_is_read_and_what_is_not_finite_was_tested_too(tmp_path: Path) -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    store_test_score(study, 0, 0.9)
    store_test_score(study, 1, float("nan"))
    scores = stored_test_scores(study.user_attrs)
    assert scores[0] == 0.9
    assert isnan(scores[1])
    page = write_report(study, tmp_path / "report.html").read_text()
    assert ">0.9<" in page.replace(" ", "").replace("\n", "")
    assert ">nan<" not in page


FINAL = FinalNetwork(
    artifact="final-x-1",
    sha256="ab",
    size=3,
    place="/there",
    seed=1,
    steps=None,
    score=0.9,
    low=0.8,
    high=0.95,
)


def test_final_networks_are_read_as_they_were_stored() -> None:
    study = optuna.create_study()
    store_final_network(study, 12, FINAL, 1)
    store_final_network(study, 3, replace(FINAL, steps=7, n_test=20, preprocessing="x"))
    store_final_network(study, 12, replace(FINAL, score=float("nan"), low=None, high=None))
    found = stored_final_networks(study.user_attrs)
    assert list(found) == [3, 12] and list(found[12]) == [0, 1]
    assert found[12][1] == FINAL
    wide = replace(FINAL, widen=2.0, inherited=0.5, num_params=9, macs=7, schedule="plateau")
    wide = replace(wide, augmentation="flip", copies=20, plain=0.8)
    store_final_network(study, 4, wide)
    assert stored_final_networks(study.user_attrs)[4][0] == wide
    assert found[3][0] == replace(FINAL, steps=7, n_test=20, preprocessing="x")
    assert isnan(found[12][0].score)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"artifact": "../x"},
        {"artifact": None},
        {"sha256": 3},
        {"size": -1},
        {"seed": "1"},
        {"steps": 1.5},
        {"score": None},
        {"low": "0"},
        {"place": ["/"]},
        {"preprocessing": 1},
        {"augmentation": ["flip"]},
        {"copies": -1},
        {"widen": "2"},
        {"num_params": 1.5},
    ],
)
def test_what_is_damaged_is_no_final_network(change: dict[str, Any]) -> None:
    key = "codeepneat:final network of trial 3.0"
    assert stored_final_networks({key: FINAL.to_json()}) == {3: {0: FINAL}}
    assert stored_final_networks({key: FINAL.to_json() | change}) == {}


def test_other_keys_and_values_are_no_final_networks() -> None:
    key, value = "codeepneat:final network of trial ", FINAL.to_json()
    attrs = {f"{key}{number}": value for number in ("", "3", "3.", ".0", "x.0", "3.-1", "².0")}
    assert stored_final_networks(attrs | {f"{key}3.0": "lost"}) == {}


BY_HAND = Baseline(
    name="one layer",
    signature="ab",
    num_params=30,
    macs=40,
    depth=2,
    values=(0.9, 30.0),
    test_score=0.8,
    low=0.7,
    high=0.9,
)


def test_hand_made_networks_are_kept_the_smallest_first() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    failed = replace(BY_HAND, name="two", values=None, failure="diverged", test_score=None)
    small = replace(BY_HAND, name="a: b", num_params=3)
    for baseline in (failed, BY_HAND, small):
        store_baseline(study, baseline)
    assert list(stored_baselines(study.user_attrs).values()) == [small, BY_HAND, failed]


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"signature": None},
        {"num_params": "30"},
        {"depth": -1},
        {"values": 0.5},
        {"values": [None, 1.0]},
        {"failure": 1},
        {"test_score": "0.8"},
        {"low": True},
    ],
)
def test_what_is_damaged_is_no_hand_made_network(change: dict[str, Any]) -> None:
    key = "codeepneat:baseline one layer"
    assert stored_baselines({key: BY_HAND.to_json()}) == {"one layer": BY_HAND}
    assert stored_baselines({key: BY_HAND.to_json() | change, f"{key} 2": "lost"}) == {}


def test_keys_stay_as_studies_hold_them() -> None:
    held = {name: value for name, value in vars(_attributes).items() if name.isupper()}
    assert held == {
        "COMPONENTS": "components",
        "FAILURE": "failure",
        "GENERATION": "generation",
        "HAND_MADE": "hand_made",
        "INHERITANCE": "inheritance",
        "LEARNING_CURVE": "learning_curve",
        "NETWORK": "network",
        "NUM_PARAMS": "num_params",
        "PROBLEM": "codeepneat:problem",
        "SETTINGS": "codeepneat:settings",
        "SPACE": "codeepneat:space",
        "STOPPED_EARLY": "stopped_early",
        "TARGET": "codeepneat:target",
        "TITLE": "codeepneat:title",
        "TYPE_CHECKING": False,
        "VIOLATED": "violated",
        "_ARTIFACT": re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*"),
        "_BASELINE": "codeepneat:baseline ",
        "_BASELINE_FORMAT": 1,
        "_FINAL_FORMAT": 1,
        "_FINAL_NETWORK": "codeepneat:final network of trial ",
        "_MOST": 2**63 - 1,
        "_OLD_TEST_SCORE": "final:",
        "_PLACE": re.compile(r"[0-9]{1,18}"),
        "_TEST_SCORE": "codeepneat:test score of trial ",
    }
