"""Where tensors meet: also the places where a merge might be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.alignment._ancestry import joins_of
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.lemonade.networks import random_network
from tests.search_space.spaces import PRESETS


@given(name=st.sampled_from(sorted(PRESETS)), seed=st.integers(0, 10_000))
def test_merges_of_a_network_are_places_with_several_arrivals(name: str, seed: int) -> None:
    architecture = random_network(PRESETS[name], seed).architecture(PRESETS[name])
    joins = joins_of(architecture)
    merges = {op.name: op.inputs for op in architecture.operations if len(op.inputs) > 1}
    assert {place: names for place, names in joins.items() if len(names) > 1} == merges
    # All that arrives anywhere exists, and each layer has a place in front of it.
    existing = {operation.name for operation in architecture.operations}
    assert {name for names in joins.values() for name in names} <= existing
    layers = {op.name for op in architecture.operations if op.slot and len(op.inputs) == 1}
    assert {f"{layer}.merge" for layer in layers} <= set(joins)


def test_every_place_has_a_name() -> None:
    space = SearchSpace.conv1d(input_shape=(1, 12), num_outputs=2)
    architecture = space.architecture(
        [Node("x", "A", genes={"pool": True}), Node("y", "A", ("in", "x"), merge="concat")],
        {"A": [Node("a", "conv1d"), Node("b", "conv1d", ("a",))]},
    )
    joins = joins_of(architecture)
    assert list(joins) == [
        *("0.merge", "0.0.merge", "0.1.merge", "0.out"),
        *("1.merge", "1.0.merge", "1.1.merge", "1.out"),
        "merge",
    ]
    assert joins["1.merge"] == ("in", "0.pool")
    assert joins["1.0.merge"] == ("1.merge",)
    assert joins["merge"] == ("1.1",)
