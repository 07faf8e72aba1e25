"""Networks of every preset that have seen some examples, as trained ones have."""

from __future__ import annotations

import torch

from optuna_codeepneat import SearchSpace
from optuna_codeepneat import build_network
from optuna_codeepneat.network import Network
from optuna_codeepneat.search_space import Architecture
from tests.network.texts import with_padding


_SMALL = {"max_module_nodes": 2, "max_blueprint_nodes": 2}

PRESETS = {
    "conv1d": SearchSpace.conv1d(input_shape=(2, 11), num_outputs=3, **_SMALL),
    "conv2d": SearchSpace.conv2d(input_shape=(1, 7, 5), num_outputs=3, **_SMALL),
    "sequence": SearchSpace.sequence(input_shape=(4, 5), num_outputs=2, **_SMALL),
    "text": SearchSpace.sequence(input_shape=(4, 5), num_outputs=2, vocab_size=9, **_SMALL),
    "masked": SearchSpace(
        layers=("conv1d", "lstm", "gru", "self_attention", "squeeze_excitation"),
        input_shape=(4, 6),
        num_outputs=2,
        vocab_size=9,
        padding_index=0,
        **_SMALL,
    ),
    "dense": SearchSpace.dense(input_shape=(6,), num_outputs=3),
    "wikidetox": SearchSpace.wikidetox(input_shape=(4, 4), vocab_size=9, min_pooling=1, **_SMALL),
    "chest_xray": SearchSpace.chest_xray(input_shape=(1, 9, 9), **_SMALL),
    "cifar10": SearchSpace.cifar10(input_shape=(3, 7, 7), **_SMALL),
    "lemonade": SearchSpace.lemonade(input_shape=(3, 7, 7), num_outputs=4, **_SMALL),
}


def inputs_of(architecture: Architecture, n: int = 8, seed: int = 0) -> torch.Tensor:
    """Random inputs."""
    generator = torch.Generator().manual_seed(seed)
    shape, tokens = architecture.input_shape, architecture.vocab_size
    if tokens is not None:
        inputs = torch.randint(tokens, (n, *shape[1:]), generator=generator)
        return with_padding(inputs, architecture.padding_index)
    return torch.randn(n, *shape, generator=generator)


def trained(architecture: Architecture, seed: int = 0) -> Network:
    """A network whose normalisations have statistics of their own."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        network = build_network(architecture).train()
        for step in range(2):
            network(inputs_of(architecture, 16, step))
    return network.eval()
