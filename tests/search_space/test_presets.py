from __future__ import annotations

from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space import SearchSpace
from tests.search_space.spaces import PRESETS


optuna.logging.set_verbosity(optuna.logging.WARNING)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_typical_network_needs_few_parameters_of_a_trial(preset: str) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    trials = [study.ask() for _ in range(50)]
    for trial in trials:
        PRESETS[preset].suggest(trial)
    needed = sorted(len(trial.params) for trial in trials)
    assert 15 <= needed[25] <= 50


def test_what_a_preset_sets_can_be_set_otherwise() -> None:
    space = SearchSpace.conv1d(
        input_shape=(1, 40),
        num_outputs=10,
        layers={"conv1d": {"kernel": 5}},
        n_module_slots=1,
        max_params=500,
    )
    assert list(space.layers) == ["conv1d"]
    assert space.layers["conv1d"]["kernel"] == CategoricalDistribution((5,))
    assert space.slots == ("A",)
    assert space.max_params == 500


def test_genes_of_a_layer_may_be_ranges_or_fixed_or_left_out() -> None:
    space = SearchSpace(
        layers={"conv1d": {"kernel": 5, "width": IntDistribution(1, 3)}},
        input_shape=(1, 40),
        num_outputs=10,
    )
    assert space.layers["conv1d"]["width"] == IntDistribution(1, 3)
    assert space.layers["conv1d"]["dilation"] == CategoricalDistribution((1, 2, 4, 8))


def test_images_are_pooled_at_least_once_where_they_can_be() -> None:
    assert SearchSpace.conv2d(input_shape=(1, 28, 28), num_outputs=10).min_pooling == 1
    assert SearchSpace.conv2d(input_shape=(1, 1, 1), num_outputs=10).min_pooling == 0
    space = SearchSpace.conv2d(input_shape=(1, 28, 28), num_outputs=10, min_pooling=3)
    assert space.min_pooling == 3


@pytest.mark.parametrize("preset", ["conv1d", "conv2d", "sequence", "dense"])
@pytest.mark.parametrize("shape", [(), 5, (2, 3, 4, 5), ("a", 8)])
def test_a_wrong_shape_is_named(preset: str, shape: Any) -> None:
    with pytest.raises(ValueError, match="`input_shape` must be"):
        getattr(SearchSpace, preset)(input_shape=shape, num_outputs=3)


@pytest.mark.parametrize(
    ("preset", "shape", "noun"),
    [("conv1d", (5,), "sequences"), ("conv2d", (1, 40), "images"), ("dense", (1, 40), "vectors")],
)
def test_data_of_another_kind_are_named(preset: str, shape: tuple[int, ...], noun: str) -> None:
    with pytest.raises(ValueError, match=f"takes {noun}, the input is one of"):
        getattr(SearchSpace, preset)(input_shape=shape, num_outputs=3)


def test_an_unknown_argument_is_refused() -> None:
    with pytest.raises(TypeError, match="n_slots"):
        SearchSpace.dense(input_shape=(4,), num_outputs=2, n_slots=3)
