"""Finished trials -> results: the only place that translates Optuna's trials into genomes."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any

from optuna.trial import TrialState

from optuna_codeepneat.sampler import _genome
from optuna_codeepneat.sampler._assembly import Network
from optuna_codeepneat.sampler._population import Key
from optuna_codeepneat.sampler._population import Result
from optuna_codeepneat.sampler._ranking import score_of
from optuna_codeepneat.sampler._records import ASSIGNMENT
from optuna_codeepneat.sampler._records import Assignment
from optuna_codeepneat.sampler._records import signature_of
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space._parameters import is_architecture_parameter


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import StudyDirection
    from optuna.trial import FrozenTrial


def global_params(params: Mapping[str, Any], space: SearchSpace | None) -> dict[str, Any]:
    """The parameters beside the architecture: values of the global genes."""
    if space is None:
        return dict(params)
    return {name: v for name, v in params.items() if not is_architecture_parameter(name)}


def network_of(params: Mapping[str, Any], space: SearchSpace | None) -> Network | None:
    """The genomes of a network that was not bred here; None if `params` describe none."""
    genes = Genes(global_params(params, space))
    if space is None:
        return Network(Graph((), genes=genes), {}, "enqueued")
    try:
        architecture = space.decode(params)
    except ValueError:
        return None
    blueprint = _genome.mark(architecture.blueprint)
    modules = {slot: _genome.mark(graph) for slot, graph in architecture.modules.items()}
    whole = replace(blueprint, genes=blueprint.genes | genes)
    return Network(whole, modules, "enqueued")


def result_of(
    trial: FrozenTrial, space: SearchSpace | None, directions: Sequence[StudyDirection]
) -> Result:
    """What a finished trial tells the evolution.

    A trial that evaluated what it was assigned counts for the genomes that it carries, markings
    included; any other (enqueued, or of another sampler) for genomes made from its parameters.
    """
    network: Network | None = None
    if ASSIGNMENT in trial.system_attrs:
        assigned = Assignment.unpack(trial.system_attrs[ASSIGNMENT], trial.number).network
        if _evaluated_as_assigned(trial, assigned, space):
            network = assigned
    network = network or network_of(trial.params, space)
    score = score_of(trial, directions) if trial.state == TrialState.COMPLETE else None
    key = evaluated_key(trial, space)
    if network is None:
        return Result(trial.number, score, None, {}, None, key)
    values = global_params(trial.params, space)
    completed = replace(network.blueprint, genes=network.blueprint.genes | values)
    if space is None:
        # The genes are all there is: a genome that had to draw some is another one with them.
        network = replace(network, blueprint=completed)
    return Result(trial.number, score, network.blueprint, network.modules, completed, key)


def evaluated_key(trial: FrozenTrial, space: SearchSpace | None) -> Key | None:
    """The key by which a finished trial's network is not evaluated again.

    None for a trial that failed: its worker may have been killed, and the network be good.
    """
    if trial.state == TrialState.FAIL:
        return None
    return _key(trial, global_params(trial.params, space), space)


def running_key(trial: FrozenTrial, space: SearchSpace | None) -> Key | None:
    """The key of what a running trial evaluates, also before it has asked for all parameters."""
    values = global_params(trial.params, space)
    if ASSIGNMENT in trial.system_attrs:
        assigned = Assignment.unpack(trial.system_attrs[ASSIGNMENT], trial.number).network
        values = assigned.global_genes(space) | values
    return _key(trial, values, space)


def _key(trial: FrozenTrial, values: Mapping[str, Any], space: SearchSpace | None) -> Key | None:
    attrs = trial.system_attrs
    if space is None:
        return Key.of("", values) if values else None
    if ASSIGNMENT in attrs and "fixed_params" not in attrs:
        return Key.of(signature_of(attrs[ASSIGNMENT]), values)
    try:
        return Key.of(space.decode(trial.params).signature, values)
    except ValueError:
        return None


def global_genes_of(
    trials: Iterable[FrozenTrial], space: SearchSpace | None
) -> dict[str, BaseDistribution]:
    """Ranges of the parameters beside the architecture, the newest trial's where they differ."""
    genes: dict[str, BaseDistribution] = {}
    for trial in sorted(trials, key=lambda trial: trial.number):
        for name, distribution in trial.distributions.items():
            own = space is not None and is_architecture_parameter(name)
            if not own and not distribution.single():
                genes[name] = distribution
    return {name: genes[name] for name in sorted(genes)}


def _evaluated_as_assigned(
    trial: FrozenTrial, assigned: Network, space: SearchSpace | None
) -> bool:
    if space is None:
        return True
    try:
        # Equal up to the positions of nodes, which the parameters hold and the markings do not.
        return space.decode(trial.params) == assigned.architecture(space)
    except ValueError:
        # It ended before all was suggested, so it was on the way to what it had been assigned.
        return True
