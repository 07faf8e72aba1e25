"""The samplers that settings stand for."""

from __future__ import annotations

import warnings
from typing import Any

import optuna
import pytest

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._study._samplers import make_evolution
from optuna_codeepneat.cli._study._samplers import make_sampler
from optuna_codeepneat.cli._study._settings import EVOLUTIONARY
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.sampler import CoDeepNEATSampler
from optuna_codeepneat.sampler import LemonadeSampler
from optuna_codeepneat.sampler import Surrogate
from optuna_codeepneat.training import Latency
from tests.cli.toy_problem import make
from tests.cli.toy_problem import toy


def settings_of(sampler: str, **more: Any) -> SearchSettings:
    given: dict[str, Any] = {"seed": 3, "population_size": None, "space": ""}
    if sampler in EVOLUTIONARY:
        given |= {"evolution": sampler, "inherit": "off"}
    return SearchSettings(sampler=sampler, **(given | more))


def test_each_process_of_a_random_search_draws_its_own() -> None:
    for name in {sampler.value for sampler in SamplerName} - {*EVOLUTIONARY}:
        drawn = set()
        for stream in ((0, 0), (0, 1), (7, 0), (0, 0)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                sampler = make_sampler(settings_of(name), toy, *stream)
            trial = optuna.create_study(sampler=sampler).ask()
            drawn.add(trial.suggest_float("x", 0, 1))
        assert len(drawn) == 3


@pytest.mark.parametrize(
    ("name", "kind"), [("codeepneat", CoDeepNEATSampler), ("lemonade", LemonadeSampler)]
)
def test_each_process_of_an_evolution_has_the_same(name: str, kind: type[Any]) -> None:
    settings = settings_of(name, population_size=6, inherit="noisy", reproducible=True)
    sampler: Any = make_sampler(settings, toy, 7, 1)
    assert type(sampler) is kind
    algorithm = sampler._algorithm
    assert (sampler._seed, algorithm.settings.generation_size) == (3, 6)
    assert (algorithm.settings.inheritance, algorithm.settings.reproducible) == ("noisy", True)
    assert make_sampler(settings, toy, 0, 0)._algorithm == algorithm  # type: ignore[attr-defined]
    assert (
        make_evolution(settings_of("tpe", evolution=name), toy)._algorithm.settings.generation_size
        != 6
    )


@pytest.mark.parametrize("name", EVOLUTIONARY)
def test_a_model_chooses_unless_told_otherwise(name: str) -> None:
    with_model = make_evolution(settings_of(name), toy)._algorithm.settings
    without = make_evolution(settings_of(name, surrogate=False), toy)._algorithm.settings
    assert (with_model.surrogate, without.surrogate) == (Surrogate(), None)


def test_cheap_objectives_are_those_of_the_problem() -> None:
    def cheap(**objectives: str) -> Any:
        problem = make("cheap", {"accuracy": "maximize", **objectives})
        sampler: Any = make_sampler(settings_of("lemonade"), problem, device="meta")
        return sampler._algorithm.settings.cheap

    assert cheap() == ("num_params",)
    assert cheap(depth="minimize", macs="minimize") == ("depth", "macs")
    macs, latency = cheap(latency="minimize", macs="minimize")
    assert macs == "macs"
    assert isinstance(latency, Latency)
    assert latency.device.type == "meta"


def test_latency_is_not_reproducible() -> None:
    problem = make("slow", {"accuracy": "maximize", "latency": "minimize"})
    with pytest.raises(CommandError, match="which is measured, with `reproducible`"):
        make_sampler(settings_of("lemonade", reproducible=True), problem)


def test_unknown_sampler() -> None:
    with pytest.raises(CommandError, match="must be one of codeepneat, lemonade, nsgaii"):
        make_sampler(settings_of("magic"), toy)
