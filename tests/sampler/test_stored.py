from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import Crossover
from optuna_codeepneat.sampler import Density
from optuna_codeepneat.sampler import EvolutionarySampler
from optuna_codeepneat.sampler import Mutation
from optuna_codeepneat.sampler import Score
from optuna_codeepneat.sampler import Selection
from optuna_codeepneat.sampler import Surrogate
from optuna_codeepneat.sampler import stored_samplers
from optuna_codeepneat.sampler import stored_space
from optuna_codeepneat.sampler._codeepneat._settings import CoDeepNEATSettings
from optuna_codeepneat.search_space import Layer
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import _registry
from optuna_codeepneat.search_space import register_layer
from tests.make_assets import ASSETS
from tests.make_assets import open_study
from tests.sampler.studies import SPACE
from tests.sampler.studies import network_objective


MAKERS: dict[str, Callable[[], EvolutionarySampler]] = {
    "codeepneat": lambda: CoDeepNEATSampler(SPACE),
    "leaf": lambda: CoDeepNEATSampler.leaf("wikidetox", SPACE, seed=3),
    "settings": lambda: CoDeepNEATSampler(
        SPACE,
        seed=2,
        assembled_population_size=4,
        credit="mean",
        module_mutation=Mutation(sigma=0.3),
        selection=Selection(front_order="spread"),
        inheritance="exact",
        reproducible=True,
    ),
    "lemonade": lambda: LemonadeSampler(SPACE),
    "lemonade settings": lambda: LemonadeSampler(
        SPACE,
        cheap=["macs", "num_params"],
        exact_morphisms={"widen": 2.0},
        density=False,
        children_per_generation=3,
    ),
    "lemonade surrogate": lambda: LemonadeSampler(SPACE, surrogate=Surrogate(n_candidates=9)),
    "lemonade without": lambda: LemonadeSampler(SPACE, surrogate=None),
    "codeepneat surrogate": lambda: CoDeepNEATSampler(SPACE, surrogate=Surrogate(n_initial=3)),
    "lemonade density": lambda: LemonadeSampler(SPACE, density=Density(background=0.1)),
}


def begun(sampler: EvolutionarySampler, n_trials: int = 9) -> optuna.Study:
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)
    study.optimize(network_objective, n_trials=n_trials)
    study.sampler = optuna.samplers.RandomSampler()
    return study


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_study_tells_what_it_was_begun_with(make: Callable[[], EvolutionarySampler]) -> None:
    study = begun(make())

    space = stored_space(study)
    (own,) = stored_samplers(study)

    assert space is not None and space.fingerprint == SPACE.fingerprint
    assert own.verify(study).problems == ()
    study.sampler = own
    study.optimize(network_objective, n_trials=3)


def test_hyperparameters_alone_have_no_space() -> None:
    study = optuna.create_study(sampler=CoDeepNEATSampler(assembled_population_size=3))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5)

    (own,) = stored_samplers(study)

    assert stored_space(study) is None
    assert own.verify(study).n_assigned == 5


def test_study_of_an_earlier_release_goes_on_as_it_was_begun(tmp_path: Path) -> None:
    path = tmp_path / "study.log"
    shutil.copy(ASSETS / "0.1.0" / "hyperparameters.log", path)
    study = open_study(path, "hyperparameters")
    (own,) = stored_samplers(study)
    settings = own._algorithm.settings
    assert isinstance(settings, CoDeepNEATSettings)
    assert settings.crossover == Crossover(blend=None)
    assert settings.blueprint_mutation == Mutation(redraw_prob=0.0)
    assert own.verify(study).problems == ()
    explicit = CoDeepNEATSampler(
        seed=1, assembled_population_size=4, crossover=Crossover(blend=None)
    )
    assert explicit.verify(study).problems == ()


def test_study_goes_on_with_the_settings_that_it_stored() -> None:
    study = optuna.create_study(
        sampler=CoDeepNEATSampler(
            seed=1, assembled_population_size=4, crossover=Crossover(blend=0.5)
        )
    )
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=10)
    (own,) = stored_samplers(study)
    assert own.verify(study).problems == ()
    with pytest.raises(ValueError, match="was begun with `crossover`=.*'blend': 0.5"):
        CoDeepNEATSampler(assembled_population_size=4).verify(study)


@pytest.mark.parametrize("surrogate", [True, False, Surrogate(n_candidates=3, n_initial=5)])
def test_a_model_goes_on_as_it_was_begun(surrogate: Surrogate | bool) -> None:
    more: dict[str, Any] = {"surrogate": surrogate, "assembled_population_size": 4}
    study = begun(CoDeepNEATSampler(SPACE, cheap=("macs",), **more))
    study.optimize(network_objective, n_trials=9)
    (own,) = stored_samplers(study)
    assert own.verify(study).problems == ()
    study.sampler = own
    study.optimize(network_objective, n_trials=3)


def test_study_of_another_sampler_tells_nothing() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler())
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)

    assert stored_space(study) is None
    assert stored_samplers(study) == []


def test_samplers_that_took_turns_are_all_told() -> None:
    study = begun(LemonadeSampler(SPACE, n_proposals=5))
    study.sampler = CoDeepNEATSampler(SPACE, founders=7)
    study.optimize(network_objective, n_trials=9)

    samplers = stored_samplers(study)

    assert [type(own) for own in samplers] == [LemonadeSampler, CoDeepNEATSampler]
    assert all(own.verify(study).problems == () for own in samplers)


def worst(scores: list[Score]) -> Score:
    return min(scores, key=lambda score: score.values)


def test_parts_of_the_users_own_are_named() -> None:
    study = begun(CoDeepNEATSampler(SPACE, credit=worst))

    with pytest.raises(StoredStateError, match="`credit` of its user's own"):
        stored_samplers(study)
    assert stored_space(study) is not None


def test_layer_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(_registry, "_REGISTRY", dict(_registry._REGISTRY))
        same: Any = {"output_shape": lambda shape, genes: shape, "build": "torch.nn:Identity"}
        none: Any = {"num_params": lambda *_: 0, "macs": lambda *_: 0}
        register_layer(Layer(name="passing", rank=0, genes={}, **same, **none))
        space = SearchSpace(layers=["dense", "passing"], input_shape=(4,), num_outputs=2)
        study = optuna.create_study(sampler=CoDeepNEATSampler(space))
        study.optimize(lambda trial: float(space.suggest(trial).depth), n_trials=1)

    with pytest.raises(StoredStateError, match="cannot be rebuilt: unknown layer 'passing'"):
        stored_space(study)
