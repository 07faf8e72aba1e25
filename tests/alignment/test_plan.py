"""What a plan adds up to."""

from __future__ import annotations

import dataclasses

import pytest

from optuna_codeepneat.alignment import Plan
from optuna_codeepneat.alignment import Step
from optuna_codeepneat.alignment._plan import CHANGES
from optuna_codeepneat.alignment._plan import Change


def step(change: Change, num_params: int, inherited: int) -> Step:
    return Step(
        operation="0.0",
        parent=None,
        change=change,
        exact=True,
        num_params=num_params,
        inherited=inherited,
    )


def test_shares_and_counts() -> None:
    steps = (step("deepened", 30, 0), step("copied", 50, 50), step("copied", 20, 10))
    plan = Plan(steps, True, ())
    assert (plan.num_params, plan.inherited, plan.share) == (100, 60, 0.6)
    assert plan.changes == {**dict.fromkeys(CHANGES, 0), "copied": 2, "deepened": 1}
    assert list(plan.changes) == list(CHANGES)


def test_nothing_is_inherited_by_nothing() -> None:
    plan = Plan((), False, ())
    assert (plan.num_params, plan.inherited, plan.share) == (0, 0, 0.0)


def test_plans_are_values() -> None:
    assert Plan((), True, ("a",)) == Plan((), True, ("a",))
    with pytest.raises(dataclasses.FrozenInstanceError):
        Plan((), True, ()).exact = False  # type: ignore[misc]
