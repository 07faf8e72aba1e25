"""Numbers of NumPy as arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat._scalars import scalar
from optuna_codeepneat._scalars import whole
from optuna_codeepneat._scalars import whole_or_none
from optuna_codeepneat.problems import Reference
from optuna_codeepneat.sampler import Crossover
from optuna_codeepneat.sampler import Mutation
from optuna_codeepneat.training import Recipe


@pytest.mark.parametrize(
    ("given", "python"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.float64(0.5), 0.5),
        (np.True_, True),
        (np.str_("a"), "a"),
        (np.array(3), 3),
        (3, 3),
        ("a", "a"),
        (None, None),
    ],
)
def test_scalars_are_pythons(given: Any, python: Any) -> None:
    assert scalar(given) == python
    assert type(scalar(given)) is type(python)


def test_arrays_stay_arrays() -> None:
    given = np.zeros(2)
    assert scalar(given) is given


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), np.array(3)])
def test_whole_numbers(value: Any) -> None:
    for number in (whole("n", value, 1), whole("n", value, 3, 3), whole_or_none("n", value, 0)):
        assert (number, type(number)) == (3, int)
    assert whole_or_none("n", None, 0) is None


@pytest.mark.parametrize("value", [0, 5, 3.0, np.float64(3), True, np.True_, "3", None, [3]])
def test_other_values_are_named_with_the_bounds(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^`n` must be a whole number from 1 to 4, got"):
        whole("n", value, 1, 4)
    if value not in (None, 5):
        with pytest.raises(ValueError, match=r"^`n` must be a whole number from 1 or None, got"):
            whole_or_none("n", value, 1)


def test_fields_of_a_frozen_dataclass() -> None:
    @dataclass(frozen=True)
    class Sizes:
        n: int
        share: float
        name: str = "a"

        def __post_init__(self) -> None:
            in_python_scalars(self)

    sizes = Sizes(np.int64(3), np.float32(0.5))  # type: ignore[arg-type]
    assert sizes == Sizes(3, 0.5)
    assert (type(sizes.n), type(sizes.share)) == (int, float)


def test_settings_take_numpys_numbers() -> None:
    recipe = Recipe(steps=np.int64(9), learning_rate=np.float32(0.5))  # type: ignore[arg-type]
    reference = Reference(name="a", score=np.float32(0.5), source="b", num_params=np.int64(3))  # type: ignore[arg-type]
    for one, other in (
        (recipe, Recipe(steps=9, learning_rate=0.5)),
        (reference, Reference(name="a", score=0.5, source="b", num_params=3)),
        (Mutation(sigma=np.float32(0.5)), Mutation(sigma=0.5)),  # type: ignore[arg-type]
        (Crossover(prob=np.float64(0.5)), Crossover(prob=0.5)),
    ):
        assert repr(one) == repr(other)
