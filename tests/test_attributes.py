from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import create_trial

from optuna_codeepneat import _attributes
from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat._attributes import store_test_score
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
        ({"inheritance": "a house"}, None),
        ({}, None),
    ],
)
def test_what_trials_say(attributes: dict[str, Any], steps: tuple[int, int] | None) -> None:
    said = Inherited.of(create_trial(value=1.0, user_attrs=attributes))
    assert (None if said is None else (said.steps, said.line_steps)) == steps


@given(st.none() | COUNTS, st.integers(0, 10_000), COUNTS, COUNTS)
def test_round_trip(donor: int | None, share: int, steps: int, line_steps: int) -> None:
    said = Inherited(donor, share / 10_000, steps, line_steps)
    assert Inherited.from_json(said.to_json()) == said


def test_only_scores_are_read() -> None:
    attrs = {
        "final:3": {"score": 0.9},
        "final:x": {"score": 1.0},
        "final:5": "lost",
        "problem": "toy",
    }
    assert stored_test_scores(attrs) == {3: 0.9}


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


def test_keys_stay_as_studies_hold_them() -> None:
    held = {name: value for name, value in vars(_attributes).items() if name.isupper()}
    assert held == {
        "COMPONENTS": "components",
        "FAILURE": "failure",
        "GENERATION": "generation",
        "INHERITANCE": "inheritance",
        "NETWORK": "network",
        "NUM_PARAMS": "num_params",
        "PROBLEM": "problem",
        "SETTINGS": "settings",
        "TARGET": "target",
        "TYPE_CHECKING": False,
        "VIOLATED": "violated",
        "_FINAL": "final:",
    }
