"""The floor that hand-made networks set."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from math import nan

import pytest

from optuna_codeepneat.problems._floor import floor_by_hand
from tests.cli.small_problem import small


@pytest.mark.parametrize(
    ("scores", "chance", "maximize", "floor"),
    [
        ([0.8, 0.868], 0.12, True, 0.79),
        ([0.8, nan, inf], 0.12, True, 0.73),
        # Of an error, the most; rounded towards guessing as well.
        ([120.0, 34.6], 500.0, False, 90.0),
        ([0.0012], 0.0096, False, 0.0021),
        ([-3.0], -5.0, True, -3.2),
        ([0.1, 0.12], 0.12, True, None),
        ([600.0], 500.0, False, None),
        ([0.9], None, True, None),
        ([], 0.12, True, None),
    ],
)
def test_nine_tenths_of_what_hand_made_networks_gain(
    scores: list[float], chance: float | None, maximize: bool, floor: float | None
) -> None:
    assert floor_by_hand(scores, chance=chance, maximize=maximize) == floor


def test_a_problem_that_has_its_own_keeps_it() -> None:
    pytest.importorskip("torch")
    assert small.floor_by_hand([0.95]) == pytest.approx(0.9, abs=0.05)
    assert replace(small, min_score=0.7).floor_by_hand([0.95]) is None
    assert replace(small, min_score=None).floor_by_hand([0.95]) is None


def test_another_floor_loads_nothing_again() -> None:
    pytest.importorskip("torch")
    loaded = []

    def load() -> object:
        loaded.append(1)
        assert small.load_splits is not None
        return small.load_splits()

    problem = replace(small, load_splits=load)
    problem.check(device="cpu")
    other = problem.with_floor(0.75)
    other.check(device="cpu")
    assert (other.floor, len(loaded)) == (0.75, 1)
    assert problem.floor != 0.75
    with pytest.raises(ValueError, match="`min_score` must be a finite number"):
        problem.with_floor(nan)
