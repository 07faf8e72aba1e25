"""The shapes that flow through a network of genomes."""

from __future__ import annotations

import pytest

from optuna_codeepneat.sampler._lemonade._flow import flows
from tests.sampler.lemonade.networks import random_network
from tests.search_space.spaces import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_shapes_are_those_of_the_architecture(name: str) -> None:
    space = PRESETS[name]
    for seed in range(30):
        network = random_network(space, seed)
        architecture = network.architecture(space)
        shapes = {architecture.innovation_id(op.name): op.shape for op in architecture.operations}
        found = flows(network, architecture)
        (whole,) = found[None]
        assert list(whole) == ["in", *(node.id for node in network.blueprint.nodes)]
        # The output reads what the sinks return.
        (read,) = architecture.operations[-1].input_shapes
        if len(network.blueprint.sinks) == 1:
            assert whole[network.blueprint.sinks[0]] == read
        for slot, module in network.modules.items():
            places = [node for node in network.blueprint.nodes if node.kind == slot]
            for place, flow in zip(places, found[slot], strict=True):
                for node in module.nodes:
                    assert flow[node.id] == shapes[f"{place.id}.{node.id}"]
                if len(place.inputs) == 1:
                    assert flow["in"] == whole[place.inputs[0]]
