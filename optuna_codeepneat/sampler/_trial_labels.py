"""What Optuna Dashboard shows of a trial."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat import _attributes
from optuna_codeepneat._text import cut
from optuna_codeepneat.sampler._generations import Task
from optuna_codeepneat.sampler._genetics import ARCHIVE
from optuna_codeepneat.sampler._genetics import Origin
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import TrialNumber
from optuna_codeepneat.sampler._genetics import genome_id


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


_MOST_CHARACTERS = 78  # the dashboard's page of a trial breaks no lines


def labels(task: Task, proposal: Proposal, origin: Origin[TrialNumber]) -> dict[str, Any]:
    """What Optuna Dashboard shows of a trial: what it is made of, and how large it is.

    Few attributes, since each costs a commit.
    """
    network, blueprints = proposal.network, task.state.blueprints.individuals
    blueprint = genome_id(network.blueprint)
    species = [own.species for own in blueprints if own.id == blueprint] or ["new"]
    parts = [f"{_origin_in_words(origin)}: blueprint {blueprint[:4]}"]
    if blueprints:
        parts[0] += f" (species {species[-1]})"
    parts += [f"{slot} {genome_id(genome)[:4]}" for slot, genome in network.modules.items()]
    labels: dict[str, Any] = {
        _attributes.GENERATION: task.record.generation,
        _attributes.COMPONENTS: ", ".join(parts),
    }
    if proposal.architecture is not None:
        labels[_attributes.NUM_PARAMS] = proposal.architecture.num_params
    return labels


def violated(trial: FrozenTrial) -> str:
    """The constraints that a trial violates, and by how much; empty if none."""
    words = [f"{name} by {value:.4g}" for name, value in trial.constraints.items() if value > 0]
    return cut(", ".join(words), _MOST_CHARACTERS)


def _origin_in_words(origin: Origin[TrialNumber]) -> str:
    if origin.parent is None:
        return origin.how
    if origin.how == ARCHIVE:
        return f"from trial {origin.parent}"
    return f"{origin.how} of trial {origin.parent}"
