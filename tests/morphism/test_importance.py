"""Which units of a layer matter."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat import build_network
from optuna_codeepneat.morphism import importance_of
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Node
from tests.morphism.networks import sequence_space
from tests.sampler.lemonade.networks import random_network
from tests.search_space.spaces import PRESETS


SPACE = sequence_space()


def single(kind: str, **genes: object) -> Architecture:
    node = Node("a", kind, genes={"width": 8, "residual": False, **genes})  # type: ignore[arg-type]
    return SPACE.architecture([Node("x", "A")], {"A": [node]})


@given(name=st.sampled_from(sorted(PRESETS)), seed=st.integers(0, 1000))
def test_every_unit_has_a_number(name: str, seed: int) -> None:
    architecture = random_network(PRESETS[name], seed).architecture(PRESETS[name])
    importance = importance_of(architecture, weights_of(build_network(architecture)))
    layers = {
        op.name: op.genes["width"]
        for op in architecture.operations
        if op.slot and len(op.inputs) == 1 and "width" in op.genes
    }
    assert {name: len(values) for name, values in importance.items()} == layers
    assert all(value >= 0 for values in importance.values() for value in values)


def test_behind_a_normalisation_it_is_its_gain() -> None:
    architecture = single("conv1d", norm="batch")
    network = build_network(architecture)
    gains = [1.0, -3.0, 0.5, 0.0, 2.0, -0.1, 4.0, 0.7]
    with torch.no_grad():
        network.parts["0_0"].norm.weight.copy_(torch.tensor(gains))  # type: ignore[union-attr,operator]
    importance = importance_of(architecture, weights_of(network))["0.0"]
    assert importance == pytest.approx([abs(gain) for gain in gains])


@pytest.mark.parametrize(
    ("kind", "genes"),
    [
        ("conv1d", {"norm": "none"}),
        ("separable_conv1d", {"norm": "none"}),
        ("lstm", {"bidirectional": False}),
        ("gru", {"bidirectional": True}),
        ("self_attention", {"norm": "none", "heads": 3}),
    ],
)
def test_units_without_weights_matter_least(kind: str, genes: dict[str, object]) -> None:
    architecture = single(kind, **genes)
    weights = weights_of(build_network(architecture))
    idle = [1, 4]
    for name, tensor in weights.items():
        # A row for each unit, or for each unit of each gate.
        rows_of_units = ("core.weight", "pointwise.weight", "write.weight")
        if name.endswith(rows_of_units) or "weight_ih" in name:
            rows = tensor.view(-1, 8, *tensor.shape[1:])
            rows[:, idle] = 0.0
    importance = importance_of(architecture, weights)["0.0"]
    assert sorted(range(8), key=lambda unit: importance[unit])[:2] == idle
    assert [importance[unit] for unit in idle] == [0.0, 0.0]


def test_layers_without_weights_are_left_out() -> None:
    architecture = SPACE.architecture([Node("x", "A")], {"A": [Node("a", "identity")]})
    assert importance_of(architecture, weights_of(build_network(architecture))) == {}
