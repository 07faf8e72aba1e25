"""`weights_of`: all numbers that training changes in a network, under historical markings."""

from __future__ import annotations

from torch import Tensor

from optuna_codeepneat.network import Network
from optuna_codeepneat.network._network import part_name


def weights_of(network: Network) -> dict[str, Tensor]:
    """The weights of a network, named so that its descendants find theirs.

    Args:
        network:
            The network.

    Returns:
        Copies on the CPU of parameters and buffers, such as the statistics of a normalisation.
        A name is that of an operation by its markings, then that within its part of the network:
        ``"<marking of the blueprint's node>.<marking of the module's node>/core.weight"``. No
        two share memory.

    Example:
        >>> from optuna_codeepneat import SearchSpace, build_network
        >>> from optuna_codeepneat.morphism import weights_of
        >>> space = SearchSpace.dense(input_shape=(4,), num_outputs=2)
        >>> sorted(weights_of(build_network(space.smallest())))[-1]
        'out/linear.weight'
    """
    architecture = network.architecture
    weights: dict[str, Tensor] = {}
    for operation in architecture.operations:
        name = part_name(operation.name)
        if name not in network.parts:  # it does nothing
            continue
        marking = architecture.marking(operation.name)
        for within, tensor in network.parts[name].state_dict().items():
            copy = tensor.detach().to("cpu", copy=True).contiguous()
            weights[f"{marking}/{within}"] = copy
    return weights
