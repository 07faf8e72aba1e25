"""`Surrogate` as a setting of a study."""

from __future__ import annotations

from typing import Any

import pytest

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat.sampler._surrogate import Surrogate
from tests.sampler.studies import SPACE
from tests.sampler.studies import audit
from tests.sampler.studies import network_study
from tests.sampler.studies import params
from tests.sampler.studies import records
from tests.sampler.studies import sampler


def settings_of(own: CoDeepNEATSampler) -> Any:
    return own._algorithm.settings


def test_a_study_begun_without_a_model_goes_on_without() -> None:
    """Whether it was to be without, or an earlier version knew none."""
    study = network_study(n_trials=12, surrogate=None)
    study.sampler = sampler(SPACE, surrogate=Surrogate())
    study.optimize(lambda trial: [SPACE.suggest(trial).depth, trial.number], n_trials=12)
    audit(study, sampler(SPACE, surrogate=Surrogate()))
    without = network_study(n_trials=12, surrogate=None)
    without.sampler = sampler(SPACE, surrogate=None)
    without.optimize(lambda trial: [SPACE.suggest(trial).depth, trial.number], n_trials=12)
    assert params(study) == params(without)
    root = records(study)[0].root
    assert root is not None and not {"surrogate", "cheap"} & root["settings"].keys()


@pytest.mark.parametrize("other", [Surrogate(), None, Surrogate(n_candidates=4, model="ridge")])
def test_a_study_refuses_other_settings(other: Surrogate | None) -> None:
    study = network_study(n_trials=3, surrogate=Surrogate(n_candidates=4))
    study.sampler = sampler(SPACE, surrogate=other)
    with pytest.raises(ValueError, match="was begun with `surrogate`=.*'n_candidates': 4"):
        study.ask()
    study.sampler = sampler(SPACE, surrogate=Surrogate(n_candidates=4))
    study.ask()


def test_a_study_refuses_other_cheap_objectives() -> None:
    study = network_study(n_trials=3, cheap=("macs",))
    study.sampler = sampler(SPACE)
    with pytest.raises(ValueError, match=r"was begun with `cheap`=\['macs'\], this .* None"):
        study.ask()


def test_the_paper_has_none() -> None:
    assert settings_of(CoDeepNEATSampler.leaf("wikidetox")).surrogate is None
    assert settings_of(CoDeepNEATSampler()).surrogate == Surrogate()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"n_initial": 2}, "`n_initial` must be a whole number from 3, got 2"),
        ({"n_candidates": 1.5}, "`n_candidates` must be a whole number from 2, got 1.5"),
        ({"max_results": 5}, "`max_results` must be a whole number from 20, got 5"),
        ({"edit_rate": 1.5}, "`edit_rate` must be from 0 to 1, got 1.5"),
        ({"fresh_rate": -0.1}, "`fresh_rate` must be from 0 to 1, got -0.1"),
        ({"edit_rate": 0.7, "fresh_rate": 0.7}, "`edit_rate` and `fresh_rate` must not exceed 1"),
        ({"model": "trees"}, '`model` must be "gp" or "ridge", got \'trees\''),
    ],
)
def test_wrong_settings_are_named(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Surrogate(**arguments)


class Measured:
    is_measured = True

    def __call__(self, own: Any) -> float:
        return 0.0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"surrogate": 3}, "`surrogate` must be a Surrogate, True, False or None, got 3"),
        ({"cheap": "macs"}, "`cheap` must be a sequence of objectives, got 'macs'"),
        ({"cheap": ("size",)}, "`cheap` must hold num_params, macs, depth or functions"),
        ({"cheap": (Measured(),), "reproducible": True}, "which is measured"),
        ({"cheap": (lambda own: float("nan"),)}, "return a finite number"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        sampler(SPACE, **arguments)


def test_sizes_are_no_cheap_objectives_of_hyperparameters() -> None:
    with pytest.raises(ValueError, match="`cheap` must hold functions, got 'macs'"):
        sampler(cheap=("macs",))


def test_on_and_off() -> None:
    assert settings_of(sampler(surrogate=True)).surrogate == Surrogate()
    assert settings_of(sampler(surrogate=False)).surrogate is None
    assert settings_of(sampler(surrogate=None)).surrogate is None
