"""What trials say of inherited weights, in words."""

from __future__ import annotations

from typing import Any

import pytest

from optuna_codeepneat.cli._terminal._tables import readable


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
