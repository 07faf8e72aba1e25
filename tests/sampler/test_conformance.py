"""Optuna's own public suites for samplers, which every sampler of Optuna passes.

`RelativeSamplerTestCase` asks for a value of every parameter from `sample_relative`; that holds
here too, although `infer_relative_search_space` is empty. `SingleOnlySamplerTestCase` does not
apply: it wants samplers that refuse several objectives.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from optuna.samplers import BaseSampler
from optuna.testing.pytest_samplers import BasicSamplerTestCase
from optuna.testing.pytest_samplers import MultiObjectiveSamplerTestCase
from optuna.testing.pytest_samplers import RelativeSamplerTestCase

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from tests.sampler.studies import SPACE


FACTORIES = {
    "hyperparameters": lambda: CoDeepNEATSampler(seed=1, assembled_population_size=4),
    "networks": lambda: CoDeepNEATSampler(SPACE, assembled_population_size=4),
    "lemonade": lambda: LemonadeSampler(SPACE, children_per_generation=4, n_proposals=2),
}


class TestConformance(
    BasicSamplerTestCase, MultiObjectiveSamplerTestCase, RelativeSamplerTestCase
):
    @pytest.fixture(params=FACTORIES)
    def sampler(self, request: pytest.FixtureRequest) -> Callable[[], BaseSampler]:
        return FACTORIES[request.param]
