"""What is taken out of a network, and under which names."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from optuna_codeepneat import SearchSpace
from optuna_codeepneat import build_network
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.testing import random_architecture


SPACES = {
    "conv1d": SearchSpace.conv1d(input_shape=(2, 16), num_outputs=3),
    "conv2d": SearchSpace.conv2d(input_shape=(2, 8, 8), num_outputs=3),
    "sequence": SearchSpace.sequence(input_shape=(4, 12), num_outputs=3),
    "dense": SearchSpace.dense(input_shape=(5,), num_outputs=3),
}


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES.keys())
@settings(max_examples=10)
@given(seed=st.integers(0, 999))
def test_every_number_of_a_network_is_there_once(space: SearchSpace, seed: int) -> None:
    network = build_network(random_architecture(space, seed))
    weights, state = weights_of(network), network.state_dict()
    assert len(weights) == len(state)
    mine, theirs = (sorted(all.values(), key=_content) for all in (weights, state))
    in_order = zip(mine, theirs, strict=True)
    assert all(torch.equal(mine, theirs) for mine, theirs in in_order)


def _content(tensor: torch.Tensor) -> tuple[str, str]:
    return str(tuple(tensor.shape)), str(tensor.tolist())


def test_names_say_innovation_ids_and_not_positions() -> None:
    architecture = SPACES["conv1d"].architecture(
        blueprint=[Node("p", "A"), Node("q", "A", inputs=["p"])],
        modules={"A": [Node("x", "conv1d", genes={"width": 16, "norm": "batch"})]},
    )
    names = set(weights_of(build_network(architecture)))
    assert names >= {"p.x/core.weight", "q.x/core.weight", "q.x/norm.running_mean"}
    assert names >= {"out/linear.weight", "out/linear.bias"}


def test_weights_are_copies_that_share_no_memory() -> None:
    architecture = random_architecture(SPACES["conv1d"], 3)
    network = build_network(architecture)
    before = weights_of(network)
    kept = {name: tensor.clone() for name, tensor in before.items()}
    with torch.no_grad():
        for tensor in network.state_dict().values():
            tensor.add_(1)
    assert all(torch.equal(before[name], kept[name]) for name in before)
    assert not any(tensor.requires_grad for tensor in before.values())
    assert all(tensor.is_contiguous() for tensor in before.values())
    storages = {tensor.untyped_storage().data_ptr() for tensor in before.values()}
    assert len(storages) == len(before)
