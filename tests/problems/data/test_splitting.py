"""Parts that share no example, of the sizes that were asked for, the same each time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data._splitting import MOST_JUDGED
from optuna_codeepneat.problems._data._splitting import Split
from optuna_codeepneat.problems._data._splitting import as_given
from optuna_codeepneat.problems._data._splitting import by_chance
from optuna_codeepneat.problems._data._splitting import by_groups
from optuna_codeepneat.problems._data._splitting import held_out
from optuna_codeepneat.problems._data._splitting import strata_of_numbers


SHARES: dict[str, Any] = {"validation": 0.2, "test": 0.2, "seed": 0}


def place(i: int) -> str:
    return f"row {i}"


def sizes(split: Split) -> tuple[int, ...]:
    return tuple(len(indices) for _, indices in split.parts)


def check_parts(split: Split, n: int) -> None:
    assert sorted(np.concatenate([part for _, part in split.parts])) == list(range(n))
    assert min(sizes(split)) > 0


@given(counts=st.lists(st.integers(1, 40), min_size=1, max_size=6), seed=st.integers(0, 9))
@settings(max_examples=50, deadline=None)
def test_all_classes_in_proportion(counts: list[int], seed: int) -> None:
    strata = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    if len(strata) < 3:
        return

    split = by_chance(strata, validation=0.2, test=0.2, seed=seed, how="")

    check_parts(split, len(strata))
    again = by_chance(strata, validation=0.2, test=0.2, seed=seed, how="")
    assert all((a == b).all() for (_, a), (_, b) in zip(split.parts, again.parts, strict=True))
    if max(counts) >= 3:
        for stratum, count in enumerate(counts):
            in_train = int((strata[split.train] == stratum).sum())
            assert in_train >= 1  # what is rare is there to be learnt
            if count >= 10:
                assert 0.4 * count <= in_train <= 0.8 * count


def test_sizes() -> None:
    assert sizes(by_chance(np.zeros(1000, dtype=int), how="", **SHARES)) == (600, 200, 200)
    assert sizes(by_chance(np.zeros(3, dtype=int), how="", **SHARES)) == (1, 1, 1)
    many = by_chance(np.zeros(80_000, dtype=int), how="", **SHARES)
    assert sizes(many) == (60_000, MOST_JUDGED, MOST_JUDGED)
    with pytest.raises(DataError, match="2 examples, too few for three parts"):
        by_chance(np.zeros(2, dtype=int), how="", **SHARES)


def test_the_test_examples_do_not_depend_on_the_share_for_validation() -> None:
    strata = np.arange(100) % 3
    few = by_chance(strata, validation=0.1, test=0.2, seed=1, how="")
    many = by_chance(strata, validation=0.4, test=0.2, seed=1, how="")

    assert (few.test == many.test).all()


def test_a_given_split_is_kept() -> None:
    names = ["train", " Test", "VAL", "training", "valid", "holdout", "dev"]

    split = as_given(names, np.zeros(7, dtype=int), place=place, **SHARES)

    assert [indices.tolist() for _, indices in split.parts] == [[0, 3], [2, 4, 6], [1, 5]]
    assert split.how == "as given"


def test_what_a_split_leaves_out_is_cut_off_the_training_examples() -> None:
    names = ["train"] * 50 + ["test"] * 10

    split = as_given(names, np.arange(60) % 2, place=place, **SHARES)

    assert sizes(split) == (40, 10, 10)
    assert split.test.tolist() == list(range(50, 60))
    assert "but for the validation examples" in split.how


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["train", "tset"], "row 1 is in the part 'tset'"),
        (["train", None], "row 1 is in the part None"),
        (["test", "val"], "no training examples"),
        (["train", "val"], "1 training examples, which is too few"),
    ],
)
def test_splits_that_are_none(names: list[Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        as_given(names, np.zeros(len(names), dtype=int), place=place, **SHARES)


@given(
    groups=st.lists(st.integers(0, 12), min_size=6, max_size=120),
    classes=st.integers(1, 3),
    seed=st.integers(0, 5),
)
@settings(max_examples=60, deadline=None)
def test_no_group_is_in_two_parts(groups: list[int], classes: int, seed: int) -> None:
    if len(set(groups)) < 3:
        return
    strata = np.arange(len(groups)) % classes

    split = by_groups(groups, strata, validation=0.2, test=0.2, seed=seed, place=place)

    check_parts(split, len(groups))
    parts = [{groups[i] for i in indices} for _, indices in split.parts]
    assert sum(map(len, parts)) == len(set(groups))


def test_groups_of_one_size_give_the_sizes_that_were_asked_for() -> None:
    groups = [f"g{i // 4}" for i in range(400)]
    strata = np.repeat(np.arange(100) % 2, 4)

    split = by_groups(groups, strata, place=place, **SHARES)

    assert sizes(split) == (240, 80, 80)
    assert [int(strata[indices].sum()) for _, indices in split.parts] == [120, 40, 40]


@pytest.mark.parametrize(
    ("groups", "said"), [([1, None, 2, 3], "row 1 has no group"), ([1, 1, 2, 2], "2 groups")]
)
def test_groups_that_are_none(groups: list[Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        by_groups(groups, np.zeros(4, dtype=int), place=place, **SHARES)


def test_numbers_are_divided_from_the_least_to_the_largest() -> None:
    numbers = np.random.default_rng(0).normal(size=200)

    strata = strata_of_numbers(numbers)

    assert (np.bincount(strata) == 20).all()
    assert numbers[strata == 0].max() < numbers[strata == 1].min()
    assert strata_of_numbers(np.arange(5.0)).tolist() == [0] * 5


def test_a_share_is_held_out_in_proportion() -> None:
    strata = np.arange(100) % 4
    learnt, judges = held_out(strata, 0.2, seed=0)

    assert sorted([*learnt, *judges]) == list(range(100))
    assert np.bincount(strata[judges]).tolist() == [5, 5, 5, 5]
    assert not np.array_equal(judges, held_out(strata, 0.2, seed=1)[1])
    assert len(held_out(np.zeros(3, dtype=int), 0.01, seed=0)[1]) == 1
    assert len(held_out(np.zeros(3, dtype=int), 0.99, seed=0)[0]) == 1
    with pytest.raises(DataError, match="there are 2 examples, too few"):
        held_out(strata[:2], 0.5, seed=0)
