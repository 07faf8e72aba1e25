"""What trials say of inherited weights, in words."""

from __future__ import annotations

from typing import Any

import pytest
from optuna.trial import create_trial

from optuna_codeepneat.cli._inheritance import line_steps_of
from optuna_codeepneat.cli._inheritance import readable
from optuna_codeepneat.cli._inheritance import steps_of


HEIR = {"from": 3, "share": 0.6113, "steps": 158, "line_steps": 2408}
FOUNDER = {"from": None, "share": 0.0, "steps": 1250, "line_steps": 1250}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (
            "inheritance",
            HEIR,
            "61% of the parameters from trial 3, trained for 158 steps, 2,408 with its ancestors",
        ),
        ("inheritance", FOUNDER, "none, trained for 1,250 steps"),
        ("inheritance", {"from": 3}, {"from": 3}),
        ("inheritance", {**HEIR, "share": "much"}, {**HEIR, "share": "much"}),
        ("inheritance", "a house", "a house"),
        ("generation", 4, 4),
    ],
)
def test_attributes_are_readable(name: str, value: Any, text: Any) -> None:
    assert readable(name, value) == text


@pytest.mark.parametrize(
    ("attributes", "steps"),
    [
        ({"inheritance": HEIR}, (158, 2408)),
        ({"inheritance": FOUNDER}, (1250, 1250)),
        ({"inheritance": {"from": 3}}, (None, None)),
        ({"inheritance": "a house"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_steps(attributes: dict[str, Any], steps: tuple[int | None, int | None]) -> None:
    trial = create_trial(value=1.0, user_attrs=attributes)
    assert (steps_of(trial), line_steps_of(trial)) == steps
