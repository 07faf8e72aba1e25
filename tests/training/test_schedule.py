from __future__ import annotations

from typing import Any

import pytest

from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import learning_rates


torch = pytest.importorskip("torch")


def rates_of_torch(scheduler: str, recipe: Recipe, **options: Any) -> list[float]:
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=recipe.learning_rate)
    schedule = getattr(torch.optim.lr_scheduler, scheduler)(optimizer, **options)
    rates = []
    for _ in range(recipe.steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(rates) < recipe.steps:
            schedule.step()
    return rates


@pytest.mark.parametrize("steps", [11, 97, 1000])  # torch divides by zero at 10 * 0.1
@pytest.mark.parametrize("warmup", [0.1, 0.3, 0.5])
def test_one_cycle_is_torchs(steps: int, warmup: float) -> None:
    recipe = Recipe(steps=steps, learning_rate=0.03, schedule="one_cycle", warmup=warmup)

    expected = rates_of_torch(
        "OneCycleLR", recipe, max_lr=0.03, total_steps=steps, pct_start=warmup
    )

    assert learning_rates(recipe) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("steps", [1, 2, 97])
def test_cosine_is_torchs(steps: int) -> None:
    recipe = Recipe(steps=steps, learning_rate=0.03, schedule="cosine")

    expected = rates_of_torch("CosineAnnealingLR", recipe, T_max=steps)

    assert learning_rates(recipe) == pytest.approx(expected, rel=1e-6)


def test_wsd_rises_stays_and_falls_like_one_minus_a_root() -> None:
    recipe = Recipe(steps=100, learning_rate=0.5, schedule="wsd", warmup=0.1, decay=0.2)
    rates = learning_rates(recipe)
    assert rates[:10] == pytest.approx([0.05 * (i + 1) for i in range(10)])
    assert rates[10:80] == [0.5] * 70
    fall = [0.5 * (1 - ((i + 0.5) / 20) ** 0.5) for i in range(20)]
    assert rates[80:] == pytest.approx(fall)


def test_until_it_falls_wsd_is_that_of_a_longer_training() -> None:
    short = Recipe(steps=100, schedule="wsd", warmup=0.1)
    long = Recipe(steps=1000, schedule="wsd", warmup=0.01)
    assert learning_rates(short)[:80] == pytest.approx(learning_rates(long)[:80])


@pytest.mark.parametrize("schedule", ["one_cycle", "cosine", "constant", "wsd"])
@pytest.mark.parametrize("steps", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("warmup", [0.0, 0.3, 1.0])
def test_every_length_has_its_rates(schedule: Any, steps: int, warmup: float) -> None:
    recipe = Recipe(steps=steps, learning_rate=0.5, schedule=schedule, warmup=warmup)

    rates = learning_rates(recipe)

    assert len(rates) == steps
    assert all(0.0 < rate <= 0.5 * (1 + 1e-12) for rate in rates)
