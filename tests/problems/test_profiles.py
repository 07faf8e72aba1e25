"""Profiles say what papers did, as a whole, for any problem with such data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import optuna
import pytest

from optuna_codeepneat.cli._options import ProfileName
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import available_profiles
from optuna_codeepneat.problems import get_profile


torch = pytest.importorskip("torch")

WORDS = "good bad plain red blue ship road tree".split()


def images(size: int = 16) -> Problem:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 60)
    return Problem.from_arrays(rng.normal(size=(60, 1, size, size)) + y[:, None, None, None], y)


def texts(length: int = 32) -> Problem:
    pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    rows = [" ".join(rng.choice(WORDS, 40)) for _ in range(60)]
    data = {"text": rows, "kind": [int("good" in row.split()[:8]) for row in rows]}
    return Problem.from_text(data, text="text", target="kind", length=length)


MAKE = {"images": images, "texts": texts}


@pytest.mark.parametrize("name", available_profiles())
def test_a_profile_replaces_sampler_space_and_training_and_keeps_the_rest(name: str) -> None:
    profile = get_profile(name)
    problem = MAKE[profile.reads]()
    with_profile = profile.applied_to(problem)
    n_train = len(problem.load().train)
    recipe = with_profile.search_recipe
    assert recipe.steps == round(profile.epochs * n_train / recipe.batch_size)
    assert recipe.batch_size == problem.search_recipe.batch_size
    assert recipe.optimizer == ("adamw" if name.startswith("leaf") else "sgd")
    assert with_profile.space.num_outputs == problem.space.num_outputs
    assert with_profile.space.input_shape == problem.space.input_shape
    assert with_profile.space.fingerprint != problem.space.fingerprint
    assert with_profile.objectives == problem.objectives
    assert str(recipe.steps) in with_profile.findings["recipe"]
    assert with_profile.findings["split"] == problem.findings["split"]
    # What was counted before is not counted again.
    known = profile.applied_to(problem, steps=recipe.steps)
    assert known.search_recipe == recipe
    assert known.final_recipe == with_profile.final_recipe


@pytest.mark.parametrize("name", available_profiles())
def test_its_networks_are_proposed_and_trained(name: str) -> None:
    profile = get_profile(name)
    problem = profile.applied_to(MAKE[profile.reads](), steps=1)
    sampler = profile.make_sampler(problem.space, seed=1)
    study = optuna.create_study(directions=problem.directions, sampler=sampler)
    study.optimize(problem.objective, n_trials=1)
    (trial,) = study.get_trials()
    assert problem.space.decode(trial.params).num_params == trial.values[1]
    assert set(problem.hyperparameters) <= set(trial.params)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("leaf-wikidetox", {"module_population_size": 56, "blueprint_population_size": 22}),
        ("leaf-chest-xray", {"module_population_size": 56, "assembled_population_size": 100}),
        ("codeepneat-2017", {"module_population_size": 45, "blueprint_population_size": 25}),
        ("lemonade", {"continuation_rate": 0.0, "inheritance": "exact"}),
    ],
)
def test_what_is_published(name: str, expected: dict[str, Any]) -> None:
    profile = get_profile(name)
    sampler = profile.make_sampler(profile.space_for(MAKE[profile.reads]()), seed=1)
    settings: Any = sampler._algorithm.settings
    assert {key: getattr(settings, key) for key in expected} == expected
    assert settings.surrogate is None


def test_epochs_and_rates_of_leaf() -> None:
    """Liang et al. 2019, sections 4.1 and 4.2, tables 2 and 3."""
    wikidetox, xray = get_profile("leaf-wikidetox"), get_profile("leaf-chest-xray")
    assert (wikidetox.epochs, wikidetox.final_epochs, xray.epochs) == (3.0, 3.0, 8.0)
    space = xray.space_for(images())
    settings: Any = xray.make_sampler(space)._algorithm.settings
    module, blueprint = settings.module_mutation, settings.blueprint_mutation
    assert (module.add_node_prob, module.add_connection_prob) == (0.08, 0.08)
    assert (blueprint.add_node_prob, blueprint.add_connection_prob) == (0.16, 0.12)
    assert (space.min_pooling, space.weight_sharing, len(space.slots)) == (4, True, 4)


def test_the_morphisms_of_lemonade_are_tried_equally_often() -> None:
    profile = get_profile("lemonade")
    settings: Any = profile.make_sampler(profile.space_for(images()))._algorithm.settings
    exact, approximate = settings.exact_morphisms, settings.approximate_morphisms
    assert "alter" not in approximate
    assert {*exact.values(), *approximate.values()} == {1.0}
    rate = settings.approximate_rate
    assert rate / len(approximate) == pytest.approx((1 - rate) / len(exact))


def test_data_of_another_kind_are_one_sentence() -> None:
    x = np.random.default_rng(0).normal(size=(60, 4))
    table = Problem.from_arrays(x, x[:, 0] > 0)
    with pytest.raises(ValueError, match=r"is for texts, and the problem .* has tables; there"):
        get_profile("leaf-wikidetox").applied_to(table)
    with pytest.raises(ValueError, match=r"is for texts, .* has images; for these .*lemonade\.$"):
        get_profile("leaf-wikidetox").applied_to(images())
    with pytest.raises(ValueError, match=r"leaf-chest-xray.* doesn't fit .*`min_pooling`=4"):
        get_profile("leaf-chest-xray").applied_to(images(8))
    own = replace(images(), objective=lambda trial: (0.5, 1.0))
    with pytest.raises(ValueError, match=r"has an objective of its own\.$"):
        get_profile("lemonade").applied_to(own)


def test_unknown_names_are_one_sentence() -> None:
    with pytest.raises(ValueError, match="there is no profile 'leaf-xray'; the closest"):
        get_profile("leaf-xray")


def test_the_command_line_has_all_of_them() -> None:
    assert [name.value for name in ProfileName] == list(available_profiles())
