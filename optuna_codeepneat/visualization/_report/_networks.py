"""What a report says of one network: where it comes from, and the code that builds it again."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._attributes import FAILURE
from optuna_codeepneat._attributes import INHERITANCE
from optuna_codeepneat._attributes import LEARNING_CURVE
from optuna_codeepneat._attributes import NETWORK
from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat._text import cut
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import ancestry_of
from optuna_codeepneat.search_space import graph_values_of


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import SearchSpace

_HIDDEN = (INHERITANCE, FAILURE, LEARNING_CURVE, NETWORK)  # which stand elsewhere, or in a figure
_MOST_CHARACTERS = 200
_WIDTH = 88
_MADE = {
    "assembly": "assembled from the populations",
    "archive": "an earlier network with a component replaced",
    "enqueued": "enqueued by the user",
}


@dataclass(frozen=True)
class AncestorLink:
    """A trial that a network owes something to."""

    number: int
    role: str  # what it is to the network


@dataclass(frozen=True)
class Story:
    """A network in words."""

    number: int
    origin: str  # how it was made, empty where nobody said it
    ancestors: list[AncestorLink]
    training: str  # how long, and from what; empty where nobody said it
    hyperparameters: dict[str, str]  # parameters beside the architecture
    attributes: dict[str, str]
    code: str  # builds it again; empty where the search space is unknown


def architectures_of(
    trials: Collection[FrozenTrial], space: SearchSpace | None
) -> dict[int, Architecture]:
    """The networks of trials by their numbers, without those that are not of the space."""
    found: dict[int, Architecture] = {}
    if space is None:
        return found
    for trial in trials:
        try:
            found[trial.number] = space.decode(trial.params)
        except ValueError:
            continue
    return found


def story_of(
    trial: FrozenTrial, architecture: Architecture | None, *, shown: Collection[str] = ()
) -> Story:
    """A network in words, but for the user attributes in `shown`, which stand elsewhere."""
    origin, ancestors = _origin(trial)
    own = {} if architecture is None else graph_values_of(architecture)
    hyperparameters = {name: value for name, value in trial.params.items() if name not in own}
    attributes = {
        name: _said(value)
        for name, value in trial.user_attrs.items()
        if name not in shown and name not in _HIDDEN and not name.startswith("artifacts:")
    }
    violations = {
        f"constraint {name}": f"{value:.4g}{' (violated)' if value > 0 else ''}"
        for name, value in trial.constraints.items()
    }
    return Story(
        trial.number,
        origin,
        ancestors,
        _training(trial),
        {name: _said(value) for name, value in hyperparameters.items()},
        attributes | violations,
        _code(architecture, hyperparameters) if architecture is not None else "",
    )


def _origin(trial: FrozenTrial) -> tuple[str, list[AncestorLink]]:
    try:
        ancestry = ancestry_of(trial)
    except StoredStateError as error:
        return str(error), []
    if ancestry is None:
        return "", []
    made = _MADE.get(ancestry.origin, ancestry.origin.replace("_", " "))
    ancestors = []
    if ancestry.parent is not None:
        ancestors.append(AncestorLink(ancestry.parent, "made from"))
    if ancestry.donor is not None:
        ancestors.append(AncestorLink(ancestry.donor, "weights from"))
    return f"{made}, for generation {ancestry.generation}", ancestors


def _training(trial: FrozenTrial) -> str:
    """What a trial says of inherited weights and training steps."""
    said = Inherited.of(trial)
    if said is None:
        return ""
    if said.donor is None:
        return f"from random weights, for {said.steps:,} steps"
    return (
        f"with {said.share:.0%} of its parameters inherited from trial {said.donor}, for "
        f"{said.steps:,} steps; {said.line_steps:,} with its ancestors"
    )


def _code(architecture: Architecture, hyperparameters: Mapping[str, Any]) -> str:
    lines = [
        "from optuna_codeepneat import Architecture, build_network",
        "",
        f"architecture = Architecture.from_json({_literal(architecture.to_json())})",
        "network = build_network(architecture)  # a torch.nn.Module",
    ]
    if hyperparameters:
        lines.append(f"hyperparameters = {_literal(dict(hyperparameters))}")
    return "\n".join(lines)


def _literal(value: Any, indent: int = 1) -> str:
    """A value as Python writes it, over several lines where it is long."""
    text = repr(value)
    # A node, ["0", "conv1d", ...], is read as one line.
    is_node = isinstance(value, list) and value and isinstance(value[0], str)
    if len(text) + 4 * indent <= _WIDTH or not isinstance(value, dict | list) or is_node:
        return text
    if isinstance(value, dict):
        parts = [f"{key!r}: {_literal(item, indent + 1)}" for key, item in value.items()]
    else:
        parts = [_literal(item, indent + 1) for item in value]
    begin, end = ("{", "}") if isinstance(value, dict) else ("[", "]")
    inner = "".join(f"{'    ' * indent}{part},\n" for part in parts)
    return f"{begin}\n{inner}{'    ' * (indent - 1)}{end}"


def _said(value: Any) -> str:
    return cut(f"{value:.6g}" if isinstance(value, float) else str(value), _MOST_CHARACTERS)
