"""What a study remembers of its search, and what can still be changed."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import optuna
import pytest

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import Inherit
from optuna_codeepneat.cli._options import ProfileName
from optuna_codeepneat.cli._options import PrunerName
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.cli._study._settings import settled
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems import get_profile


def told(before: SearchSettings | None, **given: Any) -> SearchSettings:
    """The settings after a command line that says this and no more."""
    for name, kind in (
        ("sampler", SamplerName),
        ("inherit", Inherit),
        ("profile", ProfileName),
        ("pruner", PrunerName),
    ):
        if name in given:
            given[name] = kind(given[name])
    options = SearchOptions(problem="mine", **given)
    name = options.profile or (before and before.profile)
    return settled(
        before,
        options,
        space="space",
        default_artifacts="/here/artifacts",
        profile=None if name is None else get_profile(name),
        steps=None if name is None else 7,
    )


def begun(**given: Any) -> SearchSettings:
    return told(None, seed=1, **given)


def test_new_study_has_the_defaults() -> None:
    settings = told(None)
    assert settings.sampler == settings.evolution == "codeepneat"
    assert (settings.inherit, settings.inheritance, settings.inherits) == ("off", None, False)
    assert settings.artifacts == "/here/artifacts"
    assert settings.seed != told(None).seed


@pytest.mark.parametrize(
    ("given", "inheritance", "artifacts"),
    [
        ({"sampler": "lemonade"}, "exact", "/here/artifacts"),
        ({"sampler": "lemonade", "inherit": "fresh"}, "fresh", "/here/artifacts"),
        ({"sampler": "lemonade", "inherit": "off", "artifacts": "s3://b"}, None, "s3://b"),
        ({"inherit": "noisy", "artifacts": "s3://b"}, "noisy", "s3://b"),
        ({"sampler": "tpe"}, None, "/here/artifacts"),
        ({"sampler": "tpe", "inherit": "off", "artifacts": "s3://b"}, None, "s3://b"),
    ],
)
def test_what_is_inherited(given: dict[str, Any], inheritance: str | None, artifacts: str) -> None:
    settings = begun(**given)
    assert (settings.inheritance, settings.artifacts) == (inheritance, artifacts)
    assert settings.inherits == (inheritance is not None)
    assert told(settings) == settings
    assert told(settings, artifacts="/there").artifacts == "/there"


def test_the_floor_may_be_changed_and_is_kept() -> None:
    assert begun().min_score is None
    settings = begun(min_score=0.5)
    assert told(settings).min_score == 0.5
    assert told(settings, min_score=0.0).min_score == 0.0


def test_a_floor_that_is_no_number() -> None:
    problem = get_problem("mnist1d")
    assert begun(min_score=0.5).applied_to(problem).floor == 0.5
    assert begun().applied_to(problem) is problem
    with pytest.raises(CommandError, match="`min_score` must be a finite number, .* got nan"):
        begun(min_score=float("nan")).applied_to(problem)


@pytest.mark.parametrize("sampler", ["nsgaii", "tpe", "random"])
def test_only_evolution_inherits(sampler: str) -> None:
    with pytest.raises(CommandError, match=f"must be off with `--sampler {sampler}`.*got exact"):
        begun(sampler=sampler, inherit="exact")


@pytest.mark.parametrize(
    ("first", "then", "sentence"),
    [
        ({"sampler": "lemonade"}, {"inherit": "off"}, "with `--inherit exact`;"),
        ({"inherit": "noisy"}, {"inherit": "exact"}, "with `--inherit noisy`;"),
        ({}, {"inherit": "exact"}, "with `--inherit off`;"),
        ({}, {"reproducible": True}, "without `--reproducible`;"),
        ({"reproducible": True}, {"reproducible": False}, "with `--reproducible`;"),
        ({}, {"surrogate": False}, "with `--surrogate`;"),
        (
            {"sampler": "lemonade", "surrogate": False},
            {"surrogate": True},
            "with `--no-surrogate`;",
        ),
    ],
)
def test_evolution_goes_on_as_it_was_begun(
    first: dict[str, Any], then: dict[str, Any], sentence: str
) -> None:
    settings = begun(**first)
    for before in (settings, told(settings, sampler="random")):  # another may take turns
        with pytest.raises(CommandError, match=f"^the study 'mine' was begun {sentence}"):
            told(before, **{"sampler": settings.sampler, **then})


def test_generations_keep_their_size() -> None:
    settings = begun(sampler="lemonade")
    with pytest.raises(CommandError, match="was begun without `--population-size`, .* got 8"):
        told(settings, population_size=8)


def test_another_sampler_takes_its_turn() -> None:
    settings = begun(sampler="lemonade", inherit="noisy", artifacts="s3://b")
    random = told(settings, sampler="random")
    assert not random.inherits
    assert random.inheritance == "noisy"  # of the evolution, which can be replayed
    assert told(random, sampler="lemonade") == settings


def test_the_two_evolutions_take_turns() -> None:
    """Each comes back to the settings that it began with, which it has to keep."""
    first = begun(sampler="codeepneat", population_size=6, surrogate=False)
    second = told(first, sampler="lemonade")
    assert (second.evolution, second.inherit, second.population_size) == (
        "lemonade",
        "exact",
        None,
    )
    assert [own.evolution for own in second.evolutions] == ["lemonade", "codeepneat"]
    assert [own.population_size for own in second.evolutions] == [None, 6]
    assert [own.surrogate for own in second.evolutions] == [True, False]
    third = told(told(second, sampler="tpe"), sampler="codeepneat")
    assert (third.evolution, third.inherit, third.population_size) == ("codeepneat", "off", 6)
    assert told(third, sampler="lemonade") == second
    with pytest.raises(CommandError, match="was begun with `--inherit exact`;"):
        told(third, sampler="lemonade", inherit="noisy")


def test_evolution_may_begin_late() -> None:
    random = begun(sampler="random")
    assert random.evolution is None
    assert told(random, sampler="lemonade").inheritance == "exact"
    assert told(random, sampler="codeepneat", inherit="exact").inheritance == "exact"


def test_settings_of_earlier_versions() -> None:
    study = optuna.create_study()
    earlier = {"sampler": "codeepneat", "seed": 1, "population_size": None, "space": "space"}
    study.set_user_attr("problem", "toy")
    study.set_user_attr("settings", earlier)
    settings = SearchSettings.recorded(study)
    assert settings is not None
    assert settings.artifacts is None
    assert told(settings) == begun()
    study.set_user_attr("settings", {**earlier, "sampler": "tpe", "reproducible": True})
    settings = SearchSettings.recorded(study)
    assert settings is not None
    assert (settings.evolution, settings.inherit, settings.reproducible) == (None, None, True)


def test_settings_are_remembered() -> None:
    study = optuna.create_study()
    assert SearchSettings.recorded(study) is None
    settings = begun(sampler="lemonade", population_size=4)
    settings.record(study)
    assert SearchSettings.recorded(study) == settings
    assert study.user_attrs["codeepneat:settings"] == asdict(settings)


def test_a_pruner_is_remembered_and_may_be_another_later() -> None:
    assert begun().pruner == begun(pruner="none").pruner == "none"
    settings = begun(pruner="halving")
    assert told(settings).pruner == "halving"
    assert told(settings, pruner="size-class").pruner == "size-class"
    assert told(settings, pruner="none").pruner == "none"
    study = optuna.create_study()
    older = {name: value for name, value in asdict(settings).items() if name != "pruner"}
    study.set_user_attr("codeepneat:settings", older)
    assert SearchSettings.recorded(study) == begun()
    study.set_user_attr("codeepneat:settings", {**older, "pruner": 3})
    with pytest.raises(CommandError, match="`pruner` must be a text or null, got 3"):
        SearchSettings.recorded(study)


def test_a_pruner_and_the_same_for_any_number_of_workers_exclude_each_other() -> None:
    for before in (None, begun(reproducible=True)):
        with pytest.raises(CommandError, match="`--pruner halving` goes by which") as caught:
            told(before, pruner="halving", reproducible=True)
        assert caught.value.status == 2


def test_a_profile_settles_sampler_and_inheritance_for_good() -> None:
    settings = begun(profile="lemonade")
    assert (settings.sampler, settings.evolution, settings.inherit) == ("lemonade",) * 2 + (
        "exact",
    )
    assert (settings.surrogate, settings.steps) == (False, 7)
    assert told(settings) == told(settings, sampler="lemonade", surrogate=False) == settings
    assert told(settings, reproducible=False, min_score=0.5).min_score == 0.5
    leaf = begun(profile="leaf-chest-xray")
    assert (leaf.sampler, leaf.inherit, leaf.surrogate) == ("codeepneat", "off", False)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"sampler": "tpe"},
            "`--sampler tpe` contradicts the profile lemonade, whose is lemonade",
        ),
        ({"inherit": "off"}, "`--inherit off` contradicts the profile lemonade, which has exact"),
        ({"population_size": 9}, "`--population-size 9` contradicts the profile lemonade"),
        ({"surrogate": True}, "`--surrogate` contradicts the profile lemonade"),
        ({"pruner": "halving"}, "`--pruner halving` contradicts the profile lemonade"),
        ({"settings": ["preset=conv2d"]}, "`--set preset=...` contradicts the profile lemonade"),
    ],
)
def test_what_contradicts_a_profile_is_one_sentence(given: dict[str, Any], sentence: str) -> None:
    for before in (None, begun(profile="lemonade")):
        with pytest.raises(CommandError, match=re.escape(sentence)) as caught:
            told(before, **(given if before else {**given, "profile": "lemonade"}))
        assert caught.value.status == 2
