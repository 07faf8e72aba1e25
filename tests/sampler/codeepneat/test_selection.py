"""Selection: who survives, who breeds, and how many children a species has."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.sampler import Score
from optuna_codeepneat.sampler import Selection


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
    st.integers(0, 100),
    st.integers(1, 5),
    st.data(),
)
def test_sizes_sum_exactly_and_no_species_empties(
    merits: list[float], more: int, min_size: int, data: st.DataObject
) -> None:
    """Population sizes that drift by rounding are a known bug of other implementations."""
    names = [f"{i}" for i in range(len(merits))]
    stagnant = {name: data.draw(st.booleans()) for name in names}
    total = len(names) + more
    sizes = Selection(min_size=min_size).sizes(
        total, dict(zip(names, merits, strict=True)), stagnant
    )
    assert sum(sizes.values()) == total and set(sizes) == set(names)
    assert min(sizes.values()) >= min(min_size, total // len(names)) >= 1


def test_sizes_are_in_proportion_to_merit() -> None:
    sizes = Selection(min_size=2).sizes(36, {"A": 0.1, "B": 0.2, "C": 0.3}, {})
    assert sizes == {"A": 2 + 5, "B": 2 + 10, "C": 2 + 15}


def test_stagnant_species_keep_their_least_size() -> None:
    merits = {"A": 0.5, "B": 0.1, "C": 0.1}
    assert Selection(min_size=2).sizes(20, merits, {"A": True}) == {"A": 2, "B": 9, "C": 9}


def test_if_all_stagnate_none_is_punished() -> None:
    merits = {"A": 0.5, "B": 0.5}
    assert Selection().sizes(20, merits, {"A": True, "B": True}) == {"A": 10, "B": 10}


def test_elites_and_parents_are_at_least_one() -> None:
    selection = Selection(elitism=0.3, truncation=0.6)
    assert [selection.n_elites(n) for n in (1, 3, 10)] == [1, 1, 3]
    assert [selection.n_parents(n) for n in (1, 2, 10)] == [1, 1, 4]


def test_ranks_by_the_asked_order() -> None:
    scores = [Score((1.0, 3.0)), Score((3.0, 1.0)), Score((2.0, 2.0))]
    assert Selection(front_order="primary").rank(scores) == [1, 2, 0]
    assert Selection(front_order="secondary").rank(scores) == [0, 2, 1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"elitism": 1.0}, "`elitism` must be from 0 to below 1, got 1.0"),
        ({"truncation": -0.5}, "`truncation` must be from 0 to below 1, got -0.5"),
        ({"front_order": "third"}, "`front_order` must be .*, got 'third'"),
        ({"stagnation": 0}, "`stagnation` must be at least 1, got 0"),
        ({"min_size": 0}, "`min_size` must be at least 1, got 0"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Selection(**arguments)
