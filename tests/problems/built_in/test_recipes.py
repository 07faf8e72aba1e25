from __future__ import annotations

import pytest

from optuna_codeepneat.problems import available_problems
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems import options_of
from optuna_codeepneat.problems._built_in._recipes import search_steps


def test_a_search_on_a_cpu_takes_no_longer_than_a_minute_a_network() -> None:
    assert search_steps("cpu", 5_000, passes=3, batch_size=100) == 150
    assert search_steps("cpu", 50_000, passes=3, batch_size=100) == 600
    assert search_steps("gpu", 50_000, passes=8, batch_size=250) == 1_600
    assert search_steps("gpu", 10, passes=8, batch_size=250) == 100


@pytest.mark.parametrize("name", [n for n in available_problems() if "recipe" in options_of(n)])
def test_problems_have_recipes_for_both(name: str) -> None:
    cpu, gpu = get_problem(name, recipe="cpu"), get_problem(name, recipe="gpu")
    assert cpu is get_problem(name)
    assert cpu.search_recipe.precision == "float32"
    for problem in (cpu, gpu):
        assert problem.final_recipe.steps > problem.search_recipe.steps
    examples = [p.search_recipe.steps * p.search_recipe.batch_size for p in (cpu, gpu)]
    assert examples[1] > examples[0]
    with pytest.raises(ValueError, match="`recipe` must be one of cpu, gpu, got 'tpu'"):
        get_problem(name, recipe="tpu")
