from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.problems import stratified_split


@given(
    labels=st.lists(st.integers(0, 4), min_size=2, max_size=80),
    share=st.floats(0.0, 1.0),
    seed=st.integers(0, 5),
)
def test_a_split_is_a_partition_with_every_class_in_proportion(
    labels: list[int], share: float, seed: int
) -> None:
    n_validation = min(max(1, round(share * len(labels))), len(labels) - 1)

    train, validation = stratified_split(labels, n_validation=n_validation, seed=seed)

    assert len(validation) == n_validation
    assert sorted([*train, *validation]) == list(range(len(labels)))
    for label in set(labels):
        expected = labels.count(label) * n_validation / len(labels)
        assert abs(np.array(labels)[validation].tolist().count(label) - expected) < 1


def test_a_split_is_the_same_each_time() -> None:
    labels = np.arange(50) % 3

    _, first = stratified_split(labels, n_validation=10)
    _, again = stratified_split(labels, n_validation=10)
    _, other = stratified_split(labels, n_validation=10, seed=1)

    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


@pytest.mark.parametrize("n_validation", [0, 4, -1])
def test_neither_part_is_empty(n_validation: int) -> None:
    with pytest.raises(ValueError, match=f"`n_validation` must be .* 3, .* got {n_validation}"):
        stratified_split([0, 1, 0, 1], n_validation=n_validation)
