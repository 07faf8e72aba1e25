"""`weights_of`: all numbers that training changes in a network, under innovation ids."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping

from torch import Tensor
from torch import nn

from optuna_codeepneat.network import Network
from optuna_codeepneat.network import part_name


def weights_of(network: Network) -> dict[str, Tensor]:
    """The weights of a network, named so that its descendants find theirs.

    Args:
        network:
            The network.

    Returns:
        Copies on the CPU of parameters and buffers, such as the statistics of a normalisation.
        A name is the innovation id of an operation, then the name within that part of the network:
        ``"<id of the blueprint's node>.<id of the module's node>/core.weight"``. No
        two share memory.

    Example:
        >>> from optuna_codeepneat import SearchSpace, build_network
        >>> from optuna_codeepneat.morphism import weights_of
        >>> space = SearchSpace.dense(input_shape=(4,), num_outputs=2)
        >>> sorted(weights_of(build_network(space.smallest())))[-1]
        'out/linear.weight'
    """
    return {
        f"{innovation_id}/{within}": tensor.detach().to("cpu", copy=True).contiguous()
        for innovation_id, part in _marked_parts(network)
        for within, tensor in part.state_dict().items()
    }


def load_weights(network: Network, weights: Mapping[str, Tensor]) -> None:
    """Gives a network the weights that `weights_of` told of one with the same innovation ids."""
    for innovation_id, part in _marked_parts(network):
        part.load_state_dict(
            {name: weights[f"{innovation_id}/{name}"] for name in part.state_dict()}
        )


def _marked_parts(network: Network) -> Iterator[tuple[str, nn.Module]]:
    architecture = network.architecture
    for operation in architecture.operations:
        name = part_name(operation.name)
        if name in network.parts:  # else it does nothing
            yield architecture.innovation_id(operation.name), network.parts[name]
