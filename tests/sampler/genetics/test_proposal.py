"""Which networks are not to be evaluated again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optuna.distributions import FloatDistribution

from optuna_codeepneat.sampler._genetics._network_genome import NetworkGenome
from optuna_codeepneat.sampler._genetics._population import Key
from optuna_codeepneat.sampler._genetics._population import Population
from optuna_codeepneat.sampler._genetics._population import State
from optuna_codeepneat.sampler._genetics._proposal import Evaluated
from optuna_codeepneat.sampler._genetics._proposal import Proposal
from optuna_codeepneat.sampler._genetics._proposal import Seen
from optuna_codeepneat.search_space import Genes
from tests.sampler.lemonade.networks import random_network
from tests.search_space.spaces import PRESETS


SPACE = PRESETS["conv1d"]
RATE = {"lr": FloatDistribution(1e-4, 1e-1, log=True)}


def state(evaluated: set[Key] | None = None, global_genes: Mapping[str, Any] = RATE) -> State:
    nobody = Population((), {}, {}, 0.0)
    return State(1, nobody, nobody, (), global_genes, frozenset(evaluated or ()))


def proposal(seed: int = 0, **genes: Any) -> Proposal:
    network = random_network(SPACE, seed)
    own = Genes({**network.blueprint.genes, **genes})
    return Proposal.of(replace(network, blueprint=replace(network.blueprint, genes=own)), SPACE)


def known_by(own: State, **seen: Any) -> Evaluated:
    return Evaluated(own, Seen(**seen))


def test_what_was_evaluated_is_known() -> None:
    known = proposal(lr=0.01)
    for knows in (known_by(state({known.key})), known_by(state(), finished={known.key})):
        assert knows.has(proposal(lr=0.01))
        assert not knows.has(proposal(lr=0.02))
        assert not knows.has(proposal(1, lr=0.01))


def test_genes_that_an_objective_never_asked_for_make_no_difference() -> None:
    """It asked for the learning rate alone, and got this one."""
    asked = Key.of(proposal().signature, {"lr": 0.01})
    knows = known_by(state({asked}))
    assert knows.has(proposal(lr=0.01, momentum=0.9))
    assert not knows.has(proposal(momentum=0.9))  # it would draw a learning rate of its own


def test_what_others_are_about_to_evaluate_is_known_where_nothing_is_left_to_draw() -> None:
    running = proposal(lr=0.01)
    assert known_by(state(), running={running.key.digest}).has(proposal(lr=0.01))
    unsettled = proposal()
    assert not known_by(state(), running={unsettled.key.digest}).has(proposal())
    assert known_by(state(global_genes={}), running={unsettled.key.digest}).has(proposal())


def test_hyperparameters_alone() -> None:
    blueprint = replace(random_network(SPACE, 0).blueprint, genes=Genes({"lr": 0.01}))
    settled = Proposal.of(NetworkGenome(blueprint, {}), None)
    assert known_by(state(), running={settled.key.digest}).has(settled)
    # Nothing is known of what the objective asks, so nothing can be the same.
    assert not known_by(state(global_genes={}), running={settled.key.digest}).has(settled)
