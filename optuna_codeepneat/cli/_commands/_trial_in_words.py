"""What `show` says of a trial below its network: all that it takes to train it again."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._attributes import NETWORK
from optuna_codeepneat.cli._terminal import broken
from optuna_codeepneat.cli._terminal import properties
from optuna_codeepneat.cli._terminal import readable
from optuna_codeepneat.search_space import is_architecture_parameter
from optuna_codeepneat.visualization import format_metric
from optuna_codeepneat.visualization import network_in_words


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import SearchSpace


def holds_network(trial: FrozenTrial) -> bool:
    """Whether the parameters of a trial describe a network."""
    return any(map(is_architecture_parameter, trial.params))


def network_of(trial: FrozenTrial, space: SearchSpace | None) -> tuple[Architecture | None, str]:
    """The network of a trial that holds one; where it can't be read, None and the reason."""
    if space is None:
        reason = "the study doesn't hold its search space; name it with `--space module:attribute`"
        return None, reason
    params = _Read(trial.params)
    try:
        architecture = space.decode(params)
    except ValueError as error:
        return None, f"the network is not of the search space: {str(error).rstrip('.')}"
    # A space that asks for less makes another network of it.
    for name in filter(is_architecture_parameter, trial.params):
        if name not in params.names:
            return None, f"the network is not of the search space, which has no `{name}`"
    return architecture, ""


class _Read(dict[str, Any]):
    """Parameters that remember which of them were read."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)


def trial_in_words(
    trial: FrozenTrial,
    names: Sequence[str],
    training: Sequence[str],
    written: Mapping[str, str],
    width: int | None,
) -> str:
    """What a trial says beside the table of its network, in lines.

    Args:
        trial:
            The trial.
        names:
            The names of the objectives.
        training:
            How networks are trained, a sentence each.
        written:
            The files that its network was drawn into, by their formats.
        width:
            The columns that there are, None for any number.
    """
    results = {"state": trial.state.name.lower()}
    if trial.values is not None:
        results |= {
            name: format_metric(name, value)
            for name, value in zip(names, trial.values, strict=True)
        }
    # In full: a learning rate that is rounded trains another network.
    hyperparameters = {
        name: value for name, value in trial.params.items() if not is_architecture_parameter(name)
    }
    attributes = {name: readable(name, value) for name, value in trial.user_attrs.items()}
    # The attribute is cut to what a page has room for.
    network = "; ".join(network_in_words(trial.params))
    if network:
        attributes[NETWORK] = network
    blocks = [properties(results, width=width)]
    for title, values in (("hyperparameters", hyperparameters), ("attributes", attributes)):
        if values:
            blocks.append(f"{title}\n{properties(values, width=width, indent=2)}")
    if training:
        lines = [
            line for sentence in training for line in broken(f"  {sentence}", width, indent=2)
        ]
        blocks.append("\n".join(["training", *lines]))
    if written:
        blocks.append(properties(written))
    return "\n\n".join(blocks)
