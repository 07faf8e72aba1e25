"""Finished trials -> results: the only place that translates Optuna's trials into genomes."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any

from optuna.logging import get_logger
from optuna.trial import TrialState

from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat._ranking import Score
from optuna_codeepneat._ranking import partial_score
from optuna_codeepneat._ranking import score_of
from optuna_codeepneat.exceptions import DamagedStateError
from optuna_codeepneat.sampler._generations._confirmation import Confirmation
from optuna_codeepneat.sampler._generations._confirmation import confirmed
from optuna_codeepneat.sampler._generations._ledger import assignment_of
from optuna_codeepneat.sampler._generations._ledger import network_assigned
from optuna_codeepneat.sampler._generations._records import ASSIGNMENT
from optuna_codeepneat.sampler._generations._records import Assignment
from optuna_codeepneat.sampler._genetics import Key
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Position
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import network_genome
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import plain


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import StudyDirection
    from optuna.trial import FrozenTrial

_logger = get_logger(f"optuna.{__name__}")


def global_params(params: Mapping[str, Any], space: SearchSpace | None) -> dict[str, Any]:
    """The parameters beside the architecture: values of the global genes."""
    if space is None:
        return dict(params)
    return {name: v for name, v in params.items() if name not in space.architecture_parameters}


def network_of(params: Mapping[str, Any], space: SearchSpace | None) -> NetworkGenome | None:
    """The genomes of a network that was not bred here; None if `params` describe none."""
    genes = Genes(global_params(params, space))
    if space is None:
        return NetworkGenome(Graph((), genes=genes), {})
    try:
        architecture = space.decode(params)
    except ValueError:
        return None
    return network_genome(architecture, genes)


def params_hash(params: Mapping[str, Any], space: SearchSpace | None) -> str:
    """Content hash of the parameters that describe an architecture; empty without a space."""
    if space is None:
        return ""
    own = space.architecture_parameters
    return content_hash({name: plain(value) for name, value in params.items() if name in own})


def proposal_of(assignment: Assignment, space: SearchSpace | None) -> Proposal | None:
    """The network that a trial was assigned.

    None if it is damaged, or not of the space: it may have come with a trial from elsewhere.
    """
    try:
        proposal = Proposal.of(assignment.network, space)
        return proposal if proposal.signature == assignment.signature else None
    except (DamagedStateError, ValueError, TypeError, LookupError, AttributeError):
        return None


def result_of(
    trial: FrozenTrial,
    position: Position,
    space: SearchSpace | None,
    directions: Sequence[StudyDirection],
    key: Key | None,
    assigned: Callable[[Assignment, SearchSpace | None], Proposal | None] = proposal_of,
) -> Result:
    """What a finished trial tells the evolution.

    A trial that evaluated what it was assigned counts for the genomes that it carries, with their
    innovation ids; any other (enqueued, or of another sampler) for genomes made from its
    parameters. The key is its `evaluated_key`; `assigned` is `proposal_of`, or remembers what
    that made.
    """
    network: NetworkGenome | None = None
    assignment = assignment_of(trial)
    if assignment is not None:
        proposal = assigned(assignment, space)
        if proposal is not None and _evaluated_as_assigned(trial, assignment, space):
            network = proposal.network
    if network is None and ASSIGNMENT in trial.system_attrs and network_assigned(trial) is None:
        _logger.warning(
            f"The assignment of trial {trial.number} is damaged; the trial counts for its "
            "parameters alone."
        )
    network = network or network_of(trial.params, space)
    score = score_of(trial, directions) or _score_when_stopped(trial, directions)
    if network is None:
        return Result(position, score, None, {}, None, key)
    values = _asked(trial, space)
    completed = replace(network.blueprint, genes=network.blueprint.genes | values)
    if space is None:
        # The genes are all there is: a genome that had to draw some is another one with them.
        network = replace(network, blueprint=completed)
    return Result(position, score, network.blueprint, network.modules, completed, key)


def _score_when_stopped(trial: FrozenTrial, directions: Sequence[StudyDirection]) -> Score | None:
    """The score of a trial that a pruner of this package stopped, by its last report.

    It ranks below all that finished and violates no constraint, see `ranking`. Other pruned trials
    have none: their networks were too large, or diverged.
    """
    said = StoppedEarly.of(trial)
    if said is None or len(said.values) != len(directions):
        return None
    return partial_score(trial, said.values, directions, stopped=True)


def evaluated_key(trial: FrozenTrial, space: SearchSpace | None) -> Key | None:
    """The key by which a finished trial's network is not evaluated again.

    None for a trial that failed: its worker may have been killed, and the network be good.
    """
    if trial.state == TrialState.FAIL:
        return None
    values = _asked(trial, space)
    if space is None:
        return Key.of("", values) if values else None
    assignment = assignment_of(trial)
    if assignment is not None and _evaluated_as_assigned(trial, assignment, space):
        return Key.of(assignment.signature, values)
    try:
        return Key.of(space.decode(trial.params).signature, values)
    except ValueError:
        return None


def global_genes_of(
    trials: Iterable[FrozenTrial], space: SearchSpace | None
) -> dict[str, BaseDistribution]:
    """Ranges of the parameters beside the architecture, the last trial's where they differ."""
    genes: dict[str, BaseDistribution] = {}
    for trial in trials:
        said = confirmed(trial, space)
        for name, distribution in (said.ranges if said else trial.distributions).items():
            own = space is not None and name in space.architecture_parameters
            if not own and not distribution.single():
                genes[name] = distribution
    return {name: genes[name] for name in sorted(genes)}


def confirmation_of(trial: FrozenTrial, space: SearchSpace | None) -> Confirmation | None:
    """What a trial may confirm that is about to end; None if it did not do what it was assigned.

    Without a search space there is nothing but parameters, which it would repeat.
    """
    assignment = assignment_of(trial)
    if space is None or assignment is None:
        return None
    if assignment.params != params_hash(trial.params, space):
        return None
    values = global_params(trial.params, space)
    return Confirmation(values, {name: trial.distributions[name] for name in values})


def _asked(trial: FrozenTrial, space: SearchSpace | None) -> Mapping[str, Any]:
    """The parameters beside the architecture that a finished trial asked for."""
    said = confirmed(trial, space)
    return global_params(trial.params, space) if said is None else said.values


def _evaluated_as_assigned(
    trial: FrozenTrial, assigned: Assignment, space: SearchSpace | None
) -> bool:
    if space is None or confirmed(trial, space) is not None:
        return True
    if assigned.params == params_hash(trial.params, space):
        return True
    try:
        space.decode(trial.params)
    except ValueError:
        # It ended before all was suggested, so it was on the way to what it had been assigned.
        return True
    return False
