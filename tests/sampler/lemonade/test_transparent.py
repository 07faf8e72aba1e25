"""Layers that can be inserted anywhere, because they pass on what they are given."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler._lemonade._transparent import is_transparent
from optuna_codeepneat.sampler._lemonade._transparent import transparent_layer
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space import register_layer
from optuna_codeepneat.search_space._ranges import contains
from tests.search_space.spaces import PRESETS


@pytest.mark.parametrize("name", PRESETS)
@given(seed=st.integers(0, 10_000), channels=st.integers(1, 40))
def test_it_has_room_for_all_that_it_is_given(name: str, seed: int, channels: int) -> None:
    space = PRESETS[name]
    shapes = [(channels, *space.input_shape[1:])]
    found = transparent_layer(space, shapes, rng_for(seed), None)
    assert found == transparent_layer(space, shapes, rng_for(seed), None)
    if found is None:
        return
    kind, genes = found
    ranges = space.layers[kind]
    assert set(genes) <= set(ranges)
    assert all(contains(ranges[gene], value) for gene, value in genes.items())
    (passed,) = [get_layer(kind).shape(shape, genes) for shape in shapes]
    assert passed[1:] == shapes[0][1:]
    assert passed[0] >= channels
    # Nothing lies behind a rectifier here.
    plain = genes.get("activation", "linear") == "linear" and genes.get("norm", "none") == "none"
    assert genes.get("residual") or (plain and passed[0] >= channels)


def test_half_of_the_time_it_repeats_the_layer_that_it_is_put_behind() -> None:
    space = SearchSpace.conv1d(input_shape=(2, 16), num_outputs=3)
    smallest = space.smallest().modules["A"].nodes[0]
    genes = smallest.genes | {"width": 24, "kernel": 5, "activation": "selu", "residual": True}
    behind = Node("a", "conv1d", genes=genes)
    found = [transparent_layer(space, [(24, 16)], rng_for(i), behind) for i in range(60)]
    n_same = sum(layer == ("conv1d", genes) for layer in found)
    assert 15 <= n_same <= 45


def test_a_rectifier_passes_on_only_what_a_rectifier_returned() -> None:
    space = SearchSpace(
        layers={"dense": {"width": get_layer("dense").genes["width"], "residual": _only(False)}},
        input_shape=(6,),
        num_outputs=3,
    )
    genes = Genes({"width": 12, "residual": False, "norm": "none", "activation": "relu"})
    rectifier = Node("a", "dense", genes=genes)
    others = [replace(rectifier, genes=genes | {"activation": "selu"}), None]
    for behind, active in ((rectifier, {"linear", "relu"}), *((o, {"linear"}) for o in others)):
        found = [transparent_layer(space, [(12,)], rng_for(i), behind) for i in range(40)]
        assert {layer[1].get("activation", "linear") for layer in found if layer} <= active


def test_there_may_be_none() -> None:
    """No layer of this space is as wide as what it would be given."""
    space = SearchSpace(layers={"dense": {"width": _only(4)}}, input_shape=(6,), num_outputs=3)
    assert transparent_layer(space, [(12,)], rng_for(0), None) is None


def test_a_layer_of_a_user_says_whether_it_can_pass_on() -> None:
    """None of its genes is `residual`, so what counts is the identity that it declares."""
    dense = get_layer("dense")
    genes = {"width": dense.genes["width"], "activation": dense.genes["activation"]}
    rule = dense.inheritance
    assert rule is not None
    for name, own in (("able", rule), ("unable", replace(rule, identity=None))):
        register_layer(replace(dense, name=f"{name}_dense", genes=genes, inheritance=own))
        space = SearchSpace(layers=[f"{name}_dense"], input_shape=(12,), num_outputs=3)
        found = transparent_layer(space, [(12,)], rng_for(0), None)
        assert (found is not None) == (name == "able")


def _only(value: object) -> object:
    from optuna.distributions import CategoricalDistribution

    return CategoricalDistribution((value,))  # type: ignore[arg-type]


def test_modules_that_pass_on_their_input_are_chains_of_residual_layers() -> None:
    def layer(id: str, *inputs: str, **genes: object) -> Node:
        own = {"width": 8, "residual": True, **genes}
        return Node(id, "dense", inputs, Genes(own))  # type: ignore[arg-type]

    chain = Graph((layer("a", "in"), layer("b", "a", width=9)))
    assert is_transparent(chain, [(8,)])
    assert is_transparent(chain, [(5,), (8,)])
    assert not is_transparent(chain, [(9,)])  # the first layer is narrower
    assert not is_transparent(chain, [(5,), (9,)])
    assert not is_transparent(Graph((layer("a", "in", residual=False),)), [(8,)])
    fork = Graph((layer("a", "in"), layer("b", "in")), "sum")
    assert not is_transparent(fork, [(8,)])
