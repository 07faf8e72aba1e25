"""Network morphisms: what a child computes is what its parent computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import IntDistribution

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.sampler import NetworkGenome
from optuna_codeepneat.sampler._genetics._genome import with_innovation_ids
from optuna_codeepneat.sampler._lemonade._morphisms import add_module
from optuna_codeepneat.sampler._lemonade._morphisms import connect
from optuna_codeepneat.sampler._lemonade._morphisms import deepen
from optuna_codeepneat.sampler._lemonade._morphisms import split_module
from optuna_codeepneat.sampler._lemonade._morphisms import widen
from optuna_codeepneat.sampler._lemonade._operators import EXACT
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.lemonade.networks import applied
from tests.sampler.lemonade.networks import changed
from tests.sampler.lemonade.networks import check_network
from tests.sampler.lemonade.networks import random_network
from tests.search_space.spaces import PRESETS


@pytest.mark.parametrize("operator", EXACT)
@given(name=st.sampled_from(sorted(PRESETS)), seed=st.integers(0, 10_000))
def test_morphism_is_exact_and_only_adds(operator: str, name: str, seed: int) -> None:
    space = PRESETS[name]
    parent = random_network(space, seed)
    child = applied(EXACT[operator], parent, (seed, operator), space)
    if not changed(child, parent):
        return
    check_network(child, space)
    old, new = parent.architecture(space), child.architecture(space)
    assert plan(old, new).exact and not plan(old, new).lost
    assert new.num_params > old.num_params or operator == "connect"


@pytest.mark.parametrize("operator", EXACT)
@pytest.mark.parametrize("name", ["conv1d", "conv2d", "dense", "sequence", "lemonade"])
def test_morphism_is_often_possible(operator: str, name: str) -> None:
    parents = [random_network(PRESETS[name], seed) for seed in range(20)]
    children = [EXACT[operator](p, rng_for(0, operator), PRESETS[name]) for p in parents]
    n = sum(changed(*pair) for pair in zip(children, parents, strict=True))
    assert n >= 5, n


def chain(space: SearchSpace, n: int, slots: str = "A", **genes: object) -> NetworkGenome:
    """Modules of one layer each in a row, the slots in turn."""
    kind = next(iter(space.layers))
    nodes = [
        Node(str(i), slots[i % len(slots)], (str(i - 1),) if i else ("in",)) for i in range(n)
    ]
    modules = {slot: Graph((Node("0", kind, genes=genes),)) for slot in slots}  # type: ignore[arg-type]
    architecture = space.architecture(nodes, modules)
    marked = {slot: with_innovation_ids(graph) for slot, graph in architecture.modules.items()}
    return NetworkGenome(with_innovation_ids(architecture.blueprint), marked)


PLAIN = SearchSpace.dense(input_shape=(6,), num_outputs=4)


def children(
    operator: Callable[[NetworkGenome, np.random.Generator, SearchSpace], NetworkGenome],
    network: NetworkGenome,
    space: SearchSpace,
) -> list[NetworkGenome]:
    found = [operator(network, rng_for(seed), space) for seed in range(40)]
    return [child for child in found if changed(child, network)]


def test_inserted_layer_is_residual_or_linear_or_a_rectifier_behind_a_rectifier() -> None:
    parent = chain(PLAIN, 2, width=16, activation="relu", residual=False, norm="none")
    kinds = set()
    for child in children(deepen, parent, PLAIN):
        (module,) = child.modules.values()
        first, second = module.nodes
        old = next(iter(parent.modules.values())).nodes[0]
        new = second if first.id == old.id else first
        if not new.genes["residual"]:
            assert new.genes["norm"] == "none" and new.genes["dropout"] == 0.0
            # In front of the module the input may be negative.
            assert new.genes["activation"] == "linear" or new is second
            assert new.genes["width"] == 16
        kinds.add((bool(new.genes["residual"]), new.genes["activation"] == "relu", new is second))
    assert {(True, True, True), (False, True, True)} <= kinds
    assert (False, True, False) not in kinds


def test_layer_becomes_1_25_to_2_times_as_wide_as_far_as_its_range_goes() -> None:
    for width, most, n in ((40, 80, 6), (100, 128, 1)):
        parent = chain(PLAIN, 1, width=width)
        wider = [c.modules["A"].nodes[0].genes["width"] for c in children(widen, parent, PLAIN)]
        assert len(set(wider)) >= n
        assert 1.25 * width <= min(wider) and max(wider) <= most
    assert children(widen, chain(PLAIN, 1, width=128), PLAIN) == []


def test_heads_become_more_as_channels_do() -> None:
    layers = {"self_attention": {"width": 16, "heads": IntDistribution(1, 8)}}
    space = SearchSpace(layers=layers, input_shape=(3, 9), num_outputs=2)
    parent = chain(space, 1, heads=4)
    heads = {c.modules["A"].nodes[0].genes["heads"] for c in children(widen, parent, space)}
    assert heads == {6, 7, 8}


def test_an_output_layer_comes_to_read_every_position_of_a_mean() -> None:
    space = SearchSpace.conv2d(input_shape=(1, 9, 9), num_outputs=2)
    heads = {}
    for pool in ("mean", "max", "flatten"):
        parent = chain(space, 1, width=64, kernel=5)
        genes = parent.blueprint.genes | {"head.pool": pool}
        parent = replace(parent, blueprint=replace(parent.blueprint, genes=genes))
        found = children(widen, parent, space)
        heads[pool] = {child.blueprint.genes["head.pool"] for child in found}
        before = parent.architecture(space)
        assert all(plan(before, child.architecture(space)).exact for child in found)
    assert heads == {"mean": {"flatten"}, "max": set(), "flatten": set()}


def test_kernel_grows_by_two_where_the_map_is_large_enough() -> None:
    pooled: dict[str, Any] = {"num_outputs": 2, "global_pools": ["mean"]}
    space = SearchSpace.conv2d(input_shape=(1, 9, 9), **pooled)
    parent = chain(space, 1, width=64, kernel=3)
    kernels = [c.modules["A"].nodes[0].genes["kernel"] for c in children(widen, parent, space)]
    assert set(kernels) == {5}
    tiny = SearchSpace.conv2d(input_shape=(1, 3, 3), **pooled)
    assert children(widen, chain(tiny, 1, width=64, kernel=5), tiny) == []
    small = chain(tiny, 1, width=64, kernel=3)
    assert {c.modules["A"].nodes[0].genes["kernel"] for c in children(widen, small, tiny)} == {5}


def test_plain_sum_is_only_joined_by_what_is_narrower() -> None:
    space = SearchSpace.dense(input_shape=(6,), num_outputs=4, merges=("sum",))
    wide = chain(space, 3, width=16)
    joined = children(connect, wide, space)
    # The input has 6 channels, all modules 16.
    assert {tuple(n.inputs for n in c.blueprint.nodes if len(n.inputs) > 1) for c in joined} == {
        (("in", wide.blueprint.nodes[0].id),),
        (("in", wide.blueprint.nodes[1].id),),
    }
    narrow = chain(space, 3, width=8)
    same = SearchSpace.dense(input_shape=(8,), num_outputs=4, merges=("sum",))
    assert children(connect, narrow, same) == []


def test_node_gets_a_module_of_its_own() -> None:
    parent = chain(PLAIN, 2, width=16)
    for child in children(split_module, parent, PLAIN):
        assert [node.id for node in child.blueprint.nodes] == [
            node.id for node in parent.blueprint.nodes
        ]
        assert len(child.modules) == 2 and child.modules["A"] == parent.modules["A"]
    assert len(children(split_module, parent, PLAIN)) > 20
    assert children(split_module, chain(PLAIN, 3, "ABC", width=16), PLAIN) == []


def test_module_is_added_that_the_network_has_or_a_new_one() -> None:
    parent = chain(PLAIN, 2, width=16, residual=True)
    grown = children(add_module, parent, PLAIN)
    assert {len(c.blueprint.nodes) for c in grown} == {3}
    assert {len(c.modules) for c in grown} == {1, 2}
    full = chain(PLAIN, PLAIN.max_blueprint_nodes, width=16, residual=True)
    assert children(add_module, full, PLAIN) == []
