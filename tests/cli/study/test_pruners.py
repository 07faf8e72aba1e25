"""What stops the trainings that settings stand for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import PrunerName
from optuna_codeepneat.cli._study._pruners import make_pruner
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.pruning import ParetoHalvingPruner
from optuna_codeepneat.pruning import SizeClassPruner
from optuna_codeepneat.training import Recipe
from tests.cli.small_problem import small


def settings_of(pruner: str) -> SearchSettings:
    return SearchSettings(sampler="random", seed=3, population_size=None, space="", pruner=pruner)


def test_each_name_is_a_rule_over_the_steps_of_the_search() -> None:
    problem = replace(small, search_recipe=Recipe(steps=900), objective=None)
    made = {name: make_pruner(settings_of(name), problem) for name in PrunerName}
    kinds = {name: type(pruner) for name, pruner in made.items()}
    assert kinds == {
        "none": type(None),
        "halving": ParetoHalvingPruner,
        "size-class": SizeClassPruner,
    }
    rungs = {name: pruner.rungs for name, pruner in made.items() if pruner is not None}
    assert rungs == {"halving": (100, 300), "size-class": (225, 450)}


def test_impossible_pruners() -> None:
    def objective(trial: Any) -> tuple[float, float]:
        return 1.0, 2.0

    with pytest.raises(CommandError, match="'small' takes no `pruner`") as caught:
        make_pruner(settings_of("halving"), replace(small, objective=objective))
    assert caught.value.status == 2
    single = replace(small, search_recipe=Recipe(steps=1), objective=None)
    with pytest.raises(CommandError, match="`--pruner size-class` is impossible: `min_resource`"):
        make_pruner(settings_of("size-class"), single)
    with pytest.raises(CommandError, match="must be one of none, halving, size-class, got 'some'"):
        make_pruner(settings_of("some"), small)
