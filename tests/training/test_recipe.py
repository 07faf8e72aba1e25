from __future__ import annotations

from typing import Any

import pytest

from optuna_codeepneat.training import Recipe


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("steps", 2.5),
        ("steps", True),
        ("batch_size", -1),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("weight_decay", -1e-3),
        ("momentum", 1.0),
        ("label_smoothing", -0.1),
        ("warmup", 1.5),
        ("gradient_clip", 0.0),
        ("optimizer", "adamax"),
        ("schedule", "linear"),
        ("precision", "float16"),
    ],
)
def test_wrong_values_are_named(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^`{name}` must be .*got .*{value}"):
        Recipe(**{name: value})


def test_replace_changes_only_what_it_is_given() -> None:
    recipe = Recipe(steps=300, weight_decay=0.5)

    changed = recipe.replace(steps=3000)

    assert changed == Recipe(steps=3000, weight_decay=0.5)
    assert recipe.steps == 300


def test_replace_validates() -> None:
    with pytest.raises(ValueError, match="`steps`"):
        Recipe().replace(steps=0)
    with pytest.raises(ValueError, match="a recipe has no `epochs`; it has steps, batch_size"):
        Recipe().replace(epochs=3)


@pytest.mark.parametrize("name", ["augmentation", "plateau"])
def test_settings_are_of_their_kind(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^`{name}` must be an? `.*got 'shift'"):
        Recipe(**{name: "shift"})  # type: ignore[arg-type]
