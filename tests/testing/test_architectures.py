from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.testing import architectures
from optuna_codeepneat.testing import random_architecture


SPACE = SearchSpace.conv1d(
    input_shape=(2, 16),
    num_outputs=3,
    hyperparameters={
        "lr": FloatDistribution(1e-4, 1e-1, log=True),
        "momentum": FloatDistribution(0.5, 0.9, step=0.1),
        "batch_size": IntDistribution(16, 128, step=16),
    },
)
CAPPED = SearchSpace.conv1d(input_shape=(2, 16), num_outputs=3, max_params=3_000)


@given(seed=st.integers(0, 999))
def test_a_random_architecture_is_in_the_space_and_follows_from_its_seed(seed: int) -> None:
    for space in (SPACE, CAPPED):
        architecture = random_architecture(space, seed)
        assert space.decode(space.encode(architecture)) == architecture
        assert random_architecture(space, seed) == architecture


def test_seeds_differ() -> None:
    assert len({random_architecture(SPACE, seed) for seed in range(10)}) == 10


def test_hardly_any_network_within_the_caps_leaves_the_smallest() -> None:
    smallest = SearchSpace.conv1d(input_shape=(2, 16), num_outputs=3).smallest()
    space = SearchSpace.conv1d(input_shape=(2, 16), num_outputs=3, max_params=smallest.num_params)
    assert space.excess(random_architecture(space, 1)) is None


@given(data=st.data(), space=st.sampled_from((SPACE, CAPPED)))
def test_the_strategy_draws_architectures_of_the_space(data: Any, space: SearchSpace) -> None:
    architecture = data.draw(architectures(space))
    assert space.decode(space.encode(architecture)) == architecture


@pytest.mark.parametrize("absent", ["torch", "hypothesis"])
def test_importing_needs_neither_torch_nor_hypothesis(absent: str) -> None:
    code = f"import sys; sys.modules[{absent!r}] = None; from optuna_codeepneat.testing import *"
    subprocess.run([sys.executable, "-c", code], check=True)
