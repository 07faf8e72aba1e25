"""Networks that have been trained, and how far two of them are apart."""

from __future__ import annotations

import copy
from functools import lru_cache

import torch

from optuna_codeepneat import SearchSpace
from optuna_codeepneat import build_network
from optuna_codeepneat.network import Network
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import fit
from optuna_codeepneat.training import seeded
from tests.network.texts import with_padding


def inputs_for(architecture: Architecture, n: int = 24, seed: int = 0) -> torch.Tensor:
    """Random examples, ``(n, ...)``."""
    generator = torch.Generator().manual_seed(seed)
    shape = architecture.input_shape
    if architecture.vocab_size is not None:
        tokens = torch.randint(architecture.vocab_size, (n, *shape[1:]), generator=generator)
        return with_padding(tokens, architecture.padding_index)
    return torch.randn(n, *shape, generator=generator)


def trained(architecture: Architecture, seed: int = 0, steps: int = 12) -> Network:
    """The network after some steps of training: no weight, scale or statistic is initial."""
    return copy.deepcopy(_trained(architecture, seed, steps))


@lru_cache(maxsize=1)  # as several checks of one example begin with the same network
def _trained(architecture: Architecture, seed: int, steps: int) -> Network:
    with seeded(seed):
        network = build_network(architecture)
    inputs = inputs_for(architecture, 48, seed)
    targets = torch.arange(len(inputs)) % max(architecture.num_outputs, 2)
    targets = targets.clamp(max=architecture.num_outputs - 1)
    recipe = Recipe(steps=steps, batch_size=24, learning_rate=0.01)
    fit(network, Examples(inputs, targets), recipe, seed=seed)
    return network


def without_noise(network: Network) -> Network:
    """The network without dropout, which is no function of its input."""
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return network


def difference(one: Network, other: Network, *, train: bool, seed: int = 1) -> float:
    """The largest difference of two networks' outputs, in units of the largest output.

    Outputs below 1 count as 1. Statistics of normalisations stay as they were.
    """
    inputs = inputs_for(one.architecture, seed=seed)
    outputs = []
    for network in (one, other):
        without_noise(network).train(train)
        kept = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        with torch.no_grad():
            outputs.append(network(inputs))
        network.load_state_dict(kept)
    scale = max(1.0, float(outputs[0].abs().max()))
    return float((outputs[0] - outputs[1]).abs().max()) / scale


def check_trains(heir: Network, steps: int = 3) -> None:
    """Checks that every weight receives gradient within a few steps."""
    assert not without_gradient(heir, steps)


def without_gradient(network: Network, steps: int = 3) -> set[str]:
    """The names of the weights that receive no gradient within a few steps; it is trained."""
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05)
    waiting = {name for name, _ in network.named_parameters()}
    inputs = inputs_for(network.architecture)
    network.train()
    for _ in range(steps):
        if not waiting:
            break
        optimizer.zero_grad()
        network(inputs).square().sum(1).sub(1.0).square().mean().backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        waiting -= {
            name
            for name, parameter in network.named_parameters()
            if parameter.grad is not None and parameter.grad.abs().max() > 0
        }
        optimizer.step()
    return waiting


def sequence_space(**more: object) -> SearchSpace:
    """Every layer and merge over sequences, all genes free."""
    layers = (
        *("conv1d", "separable_conv1d", "lstm", "gru", "self_attention", "squeeze_excitation"),
        *("dropout", "identity"),
    )
    merges = ("sum", "concat", "scaled_sum", "convex")
    arguments = {"layers": layers, "input_shape": (3, 12), "num_outputs": 4, "merges": merges}
    return SearchSpace(**{**arguments, **more})  # type: ignore[arg-type]
