"""The names of what networks are compared by."""

from __future__ import annotations

import warnings

import optuna
import pytest

from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat._objectives import objective_names
from optuna_codeepneat.search_space import Architecture


@pytest.mark.parametrize(
    ("n", "expected"), [(1, ["objective"]), (2, ["objective 0", "objective 1"])]
)
def test_objectives_without_names(n: int, expected: list[str]) -> None:
    assert objective_names(optuna.create_study(directions=["minimize"] * n)) == expected


def test_names_of_the_study_go_first() -> None:
    study = optuna.create_study()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study.set_metric_names(["accuracy"])
    assert objective_names(study) == ["accuracy"]


def test_sizes_are_attributes_of_an_architecture() -> None:
    assert all(hasattr(Architecture, name) for name in SIZES)
