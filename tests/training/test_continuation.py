"""How long a network is trained that begins with inherited weights."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.training import Continuation
from optuna_codeepneat.training import Recipe


RECIPE = Recipe(steps=400, learning_rate=0.1, warmup=0.2)
shares = st.floats(0.0, 1.0)


@given(steps=st.floats(0.01, 1.0), share=shares, more=shares)
def test_the_more_is_inherited_the_shorter_it_is_trained(
    steps: float, share: float, more: float
) -> None:
    continuation = Continuation(steps=steps, learning_rate=0.5)
    low, high = sorted([share, more])
    few, many = continuation.recipe(RECIPE, high), continuation.recipe(RECIPE, low)
    assert 1 <= few.steps <= many.steps <= RECIPE.steps
    assert few.steps >= int(steps * RECIPE.steps)
    assert few.learning_rate <= many.learning_rate <= RECIPE.learning_rate
    assert few.learning_rate >= 0.5 * RECIPE.learning_rate


def test_a_fresh_network_is_trained_as_the_recipe_says() -> None:
    continuation = Continuation(steps=0.1, learning_rate=0.1, warmup=0.0)
    assert continuation.recipe(RECIPE, 0.0) == RECIPE


def test_the_ends() -> None:
    continuation = Continuation(steps=0.25, learning_rate=0.1, warmup=0.0)
    recipe = continuation.recipe(RECIPE, 1.0)
    assert (recipe.steps, recipe.warmup) == (100, 0.0)
    assert recipe.learning_rate == pytest.approx(0.01)
    assert Continuation().recipe(RECIPE, 1.0).warmup == RECIPE.warmup
    assert Continuation(steps=1e-6).recipe(RECIPE, 1.0).steps == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0.0),
        ("steps", 1.1),
        ("learning_rate", -0.1),
        ("warmup", 2.0),
        ("distillation", -0.1),
        ("distillation", float("nan")),
    ],
)
def test_values_out_of_bounds_are_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be from .* to 1, got {value}"):
        Continuation(**{name: value})
