"""The networks that LEMONADE begins with."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._lemonade import _first_networks
from optuna_codeepneat.sampler._lemonade._first_networks import first_networks
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.testing import random_architecture
from tests.sampler.genomes import GLOBAL
from tests.sampler.lemonade.networks import check_network
from tests.search_space.spaces import PRESETS


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=10)
@given(seed=st.integers(0, 1000), n=st.integers(1, 6))
def test_as_many_small_networks_of_the_space_as_are_asked_for(
    name: str, seed: int, n: int
) -> None:
    space = PRESETS[name]
    found = first_networks(space, (), n, GLOBAL, seed)
    again = first_networks(space, (), n, GLOBAL, seed)
    assert [network.to_json() for network in found] == [network.to_json() for network in again]
    assert len(found) == n
    sizes = []
    for network in found:
        check_network(network, space)
        assert len(network.blueprint.nodes) <= 2
        assert all(len(module.nodes) <= 2 for module in network.modules.values())
        assert set(GLOBAL) <= set(network.blueprint.genes)
        sizes.append(network.architecture(space).num_params)
    assert sizes == sorted(sizes)


def test_given_networks_come_first_and_unchanged() -> None:
    space = PRESETS["conv1d"]
    given = [random_architecture(space, seed) for seed in range(3)]
    found = first_networks(space, given, 5, {}, 1)
    assert [network.architecture(space) for network in found[:3]] == given
    assert len(found) == 5
    assert len(first_networks(space, given, 2, {}, 1)) == 3


def test_caps_hold_from_the_beginning() -> None:
    capped = SearchSpace.conv1d(input_shape=(2, 23), num_outputs=3, max_params=400)
    for network in first_networks(capped, (), 6, {}, 0):
        assert network.architecture(capped).num_params <= 400


def test_where_chance_finds_nothing_the_smallest_is_taken() -> None:
    smallest = PRESETS["dense"].smallest().num_params
    tiny = SearchSpace.dense(input_shape=(6,), num_outputs=4, max_params=smallest)
    found = first_networks(tiny, (), 3, GLOBAL, 0)
    assert {network.architecture(tiny).num_params for network in found} == {smallest}
    assert all(set(GLOBAL) <= set(network.blueprint.genes) for network in found)


def test_many_first_networks_are_no_more_than_half_of_what_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    n_drawn = 0
    draw = _first_networks._random

    def counted(*args: Any) -> NetworkGenome:
        nonlocal n_drawn
        n_drawn += 1
        return draw(*args)

    monkeypatch.setattr(_first_networks, "_random", counted)
    assert len(first_networks(PRESETS["conv1d"], (), 20, GLOBAL, 0)) == 20
    assert n_drawn == 160
    n_drawn = 0
    assert len(first_networks(PRESETS["conv1d"], (), 500, GLOBAL, 0)) == 500
    assert n_drawn == 2000
