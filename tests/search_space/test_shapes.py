from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.search_space._shapes import checked_shape
from optuna_codeepneat.search_space._shapes import head_features
from optuna_codeepneat.search_space._shapes import merge_cost
from optuna_codeepneat.search_space._shapes import merged
from optuna_codeepneat.search_space._shapes import pooled
from optuna_codeepneat.search_space._shapes import rank
from optuna_codeepneat.search_space._shapes import smallest


def test_rank() -> None:
    assert [rank(shape) for shape in [(5,), (5, 40), (5, 28, 28)]] == [0, 1, 2]


@given(size=st.integers(1, 500), times=st.integers(0, 6))
def test_pooling_by_a_power_of_two_is_halving_as_often(size: int, times: int) -> None:
    halved = (3, size)
    for _ in range(times):
        halved = pooled(halved, 2)
    assert pooled((3, size), 2**times) == halved
    assert halved[1] >= 1


def test_tensors_meet_at_the_smallest_of_each_size() -> None:
    shapes = [(4, 9, 5), (6, 3, 8)]
    assert smallest(shapes) == (3, 5)
    assert merged("sum", shapes) == (6, 3, 5)
    assert merged("concat", shapes) == (10, 3, 5)
    assert merged("scaled_sum", shapes) == merged("convex", shapes) == (6, 3, 5)


def test_only_a_sum_of_different_widths_costs_something() -> None:
    shapes = [(4, 9), (6, 3), (6, 5)]
    assert merge_cost("concat", shapes) == (0, 0)
    assert merge_cost("sum", shapes) == (4 * 6, 4 * 6 * 3)
    assert merge_cost("sum", shapes[1:]) == (0, 0)
    assert merge_cost("sum", [(4,), (6,), (5,)]) == (4 * 6 + 5 * 6, 4 * 6 + 5 * 6)


def test_learned_scales_are_parameters_but_no_multiply_adds() -> None:
    shapes = [(4, 9), (6, 3), (6, 5)]
    assert merge_cost("scaled_sum", shapes) == (4 * 6 + 3, 4 * 6 * 3)
    assert merge_cost("convex", shapes) == (4 * 6 + 2, 4 * 6 * 3)
    assert merge_cost("convex", shapes[1:]) == (1, 0)


def test_head_features() -> None:
    assert head_features("mean", (8, 5)) == 8
    assert head_features("mean+max", (8, 5, 5)) == 16
    assert head_features("flatten", (8, 5, 5)) == 200
    assert head_features("mean+max", (8,)) == head_features("flatten", (8,)) == 8


def test_a_shape_may_be_any_sequence_of_whole_numbers() -> None:
    assert checked_shape([1, 40]) == (1, 40)
    assert checked_shape(np.zeros((3, 8, 8)).shape) == (3, 8, 8)
    assert checked_shape(np.array([3, 8])) == (3, 8)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [(), (0,), (1, -40), (1, 2, 3, 4), 5, None, "ab", (1.5,)])
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="`input_shape` must be .features,., .*, got"):
        checked_shape(value)
