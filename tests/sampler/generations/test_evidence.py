"""What finished trials tell the evolution."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial
from optuna.trial import TrialState

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler import Score
from optuna_codeepneat.sampler._generations._evidence import evaluated_key
from optuna_codeepneat.sampler._generations._evidence import global_genes_of
from optuna_codeepneat.sampler._generations._evidence import global_params
from optuna_codeepneat.sampler._generations._evidence import network_of
from optuna_codeepneat.sampler._generations._evidence import result_of
from optuna_codeepneat.sampler._generations._records import ASSIGNMENT
from optuna_codeepneat.sampler._genetics._genes import draw
from optuna_codeepneat.sampler._genetics._network_genome import NetworkGenome
from optuna_codeepneat.sampler._genetics._population import Key
from optuna_codeepneat.sampler._genetics._population import Result
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.genomes import CONV1D
from tests.sampler.genomes import assigned_text
from tests.sampler.genomes import random_genome


MAXIMIZE = [StudyDirection.MAXIMIZE]
LR = FloatDistribution(1e-4, 1e-1, log=True)


def random_params(seed: int) -> tuple[dict[str, Any], dict[str, BaseDistribution]]:
    """Parameters of a network of another sampler, with a learning rate."""
    rng, params, distributions = rng_for(seed), {}, {}

    def choose(name: str, distribution: BaseDistribution) -> Any:
        distributions[name] = distribution
        params[name] = draw(distribution, rng)
        return params[name]

    CONV1D.walk(choose)
    choose("lr", LR)
    return params, distributions


def foreign(seed: int = 0, **changes: Any) -> FrozenTrial:
    params, distributions = random_params(seed)
    more = {"state": TrialState.COMPLETE, "value": 1.0, **changes}
    return optuna.create_trial(params=params, distributions=distributions, **more)


def assigned(network: NetworkGenome, signature: str, **changes: Any) -> FrozenTrial:
    """A trial that was assigned a network and evaluated it, with a learning rate drawn for it."""
    params = CONV1D.encode(network.architecture(CONV1D)) | {"lr": 0.01}
    distributions: dict[str, BaseDistribution] = {"lr": LR}

    def choose(name: str, distribution: BaseDistribution) -> Any:
        distributions[name] = distribution
        return params[name]

    CONV1D.walk(choose)
    changes = {"value": 1.0, **changes}
    attrs = {ASSIGNMENT: assigned_text(network, CONV1D, signature)}
    attrs |= changes.pop("system_attrs", {})
    params |= changes.pop("params", {})
    return optuna.create_trial(
        params=params, distributions=distributions, system_attrs=attrs, **changes
    )


def told(trial: FrozenTrial, space: SearchSpace | None = CONV1D) -> Result:
    """What a trial tells the evolution, as the first of all."""
    return result_of(trial, 0, space, MAXIMIZE, evaluated_key(trial, space))


def bred(seed: int) -> NetworkGenome:
    """A network with innovation ids and without a learning rate."""
    blueprint = random_genome(CONV1D, "blueprint", seed)
    own = {name: blueprint.genes[name] for name in CONV1D.graph_genes}
    blueprint = replace(blueprint, genes=Genes(own))
    modules = {n.kind: random_genome(CONV1D, "module", seed + 1) for n in blueprint.nodes}
    return NetworkGenome(blueprint, modules)


@given(st.integers(0, 1000))
def test_parameters_of_any_sampler_become_genomes(seed: int) -> None:
    params, _ = random_params(seed)
    network = network_of(params, CONV1D)
    assert network is not None
    assert network.architecture(CONV1D) == CONV1D.decode(params)
    assert network.global_genes(CONV1D) == {"lr": params["lr"]}
    network.blueprint.lint()


def test_incomplete_parameters_are_no_network() -> None:
    params, _ = random_params(0)
    assert network_of({"lr": 0.1}, CONV1D) is None
    del params["blueprint.0.module"]
    assert network_of(params, CONV1D) is None


def test_without_a_space_all_parameters_are_genes() -> None:
    network = network_of({"x": 1.0, "blueprint.x": 2}, None)
    assert network is not None and network.blueprint.genes == {"x": 1.0, "blueprint.x": 2}
    assert global_params({"x": 1.0, "module.A.0.layer": "y"}, None) == {
        "x": 1.0,
        "module.A.0.layer": "y",
    }
    assert global_params({"x": 1.0, "module.A.0.layer": "y"}, CONV1D) == {"x": 1.0}


@given(st.integers(0, 1000))
def test_trial_that_did_as_assigned_counts_for_its_genomes(seed: int) -> None:
    network = bred(seed)
    signature = network.architecture(CONV1D).signature
    result = told(assigned(network, signature))
    assert result.blueprint == network.blueprint and result.modules == network.modules
    assert result.completed.genes == network.blueprint.genes | {"lr": 0.01}
    assert result.score == Score((1.0,))
    assert result.key == Key.of(signature, {"lr": 0.01})


def test_trial_that_did_something_else_counts_for_what_it_did() -> None:
    network = bred(3)
    signature = network.architecture(CONV1D).signature
    other = "max" if network.blueprint.genes["head.pool"] != "max" else "mean"
    trial = assigned(
        network,
        signature,
        params={"head.pool": other},
        system_attrs={"fixed_params": {"head.pool": other}},
    )
    result = told(trial)
    assert result.blueprint.genes["head.pool"] == other
    assert result.key == Key.of(CONV1D.decode(trial.params).signature, {"lr": 0.01})
    assert result.key != Key.of(signature, {"lr": 0.01})


def test_foreign_trial_counts_for_genomes_made_from_its_parameters() -> None:
    trial = foreign(1)
    result = told(trial)
    architecture = CONV1D.decode(trial.params)
    assert CONV1D.architecture(result.blueprint, result.modules) == architecture
    assert result.completed == result.blueprint
    assert result.key == Key.of(architecture.signature, {"lr": trial.params["lr"]})


@pytest.mark.parametrize("state", [TrialState.FAIL, TrialState.PRUNED])
def test_failed_and_pruned_trials_have_no_score(state: TrialState) -> None:
    # A pruned trial may carry values: they are of a network that was not trained to the end.
    trial = foreign(1, state=state, value=None)
    result = told(trial)
    assert result.score is None and result.blueprint is not None
    # What failed may be tried again, its worker may have been killed.
    assert (result.key is None) == (state == TrialState.FAIL)


def stopped(**changes: Any) -> dict[str, Any]:
    """What a pruner leaves on a trial that was made by hand, whose number is 0."""
    return {"stopped_early": {"trial": 0, "step": 3, "of": 9, "values": [0.7], **changes}}


def test_a_trial_that_was_stopped_early_counts_with_its_last_report() -> None:
    trial = foreign(1, state=TrialState.PRUNED, value=None, user_attrs=stopped())
    trial.number = 0
    result = told(trial)
    assert result.score == Score((0.7,), stopped=True) and not result.is_scored
    assert result.key == told(foreign(1)).key  # it is not trained again
    violating = optuna.create_trial(
        state=TrialState.PRUNED,
        user_attrs=stopped(),
        system_attrs={"constraints:params": 2.0},
    )
    violating.number = 0
    assert told(violating).score == Score((0.7,), 2.0, stopped=True)


@pytest.mark.parametrize(
    "attrs",
    [
        {},
        {"learning_curve": {"trial": 0, "metrics": ["a"], "reports": [[1, 0.7]]}},
        stopped(trial=5),
        stopped(values=[0.7, 0.8]),
        stopped(values=[]),
    ],
    ids=["nothing", "a curve", "of another trial", "of other objectives", "of none"],
)
def test_other_pruned_trials_have_no_score(attrs: dict[str, Any]) -> None:
    values = {1: 0.7}  # as another pruner leaves them
    trial = foreign(
        1, state=TrialState.PRUNED, value=None, user_attrs=attrs, intermediate_values=values
    )
    trial.number = 0
    assert told(trial).score is None
    complete = foreign(1, user_attrs=stopped())  # its objective went on all the same
    assert told(complete).score == Score((1.0,))


def test_trial_that_ended_before_all_was_suggested_counts_as_assigned() -> None:
    network = bred(2)
    attrs = {ASSIGNMENT: assigned_text(network, CONV1D)}
    trial = optuna.create_trial(state=TrialState.PRUNED, system_attrs=attrs)
    result = told(trial)
    assert result.blueprint == network.blueprint
    assert result.key == Key.of(network.architecture(CONV1D).signature, {})


def test_trial_of_another_kind_of_objective_says_nothing() -> None:
    trial = optuna.create_trial(params={"lr": 0.1}, distributions={"lr": LR}, value=1.0)
    result = told(trial)
    assert result.blueprint is None and result.completed is None and result.key is None


def test_without_a_space_drawn_values_belong_to_the_genome() -> None:
    network = NetworkGenome(random_genome(CONV1D, "hyperparameters", 1), {})
    attrs = {ASSIGNMENT: assigned_text(network, None)}
    distribution = FloatDistribution(0, 1)
    trial = optuna.create_trial(
        params={"x": 0.5}, distributions={"x": distribution}, value=1.0, system_attrs=attrs
    )
    result = told(trial, None)
    assert result.blueprint == result.completed and result.blueprint.genes["x"] == 0.5
    assert result.key == Key.of("", {"x": 0.5})


def test_damaged_network_counts_for_its_parameters(caplog: pytest.LogCaptureFixture) -> None:
    network = bred(5)
    optuna.logging.enable_propagation()
    try:
        for text in ("1 nonsense", assigned_text(network, CONV1D)[:-9]):
            trial = assigned(network, "x", system_attrs={ASSIGNMENT: text})
            caplog.clear()
            result = told(trial)
            architecture = CONV1D.decode(trial.params)
            assert CONV1D.architecture(result.blueprint, result.modules) == architecture
            assert "The assignment of trial -1 is damaged" in caplog.text
    finally:
        optuna.logging.disable_propagation()


def test_ranges_of_global_genes_are_the_newest() -> None:
    def trial(number: int, **distributions: BaseDistribution) -> FrozenTrial:
        rng = rng_for(number)
        params = {name: draw(distributions[name], rng) for name in distributions}
        made = optuna.create_trial(params=params, distributions=distributions, value=0.0)
        made.number = number
        return made

    old, new = FloatDistribution(0, 1), FloatDistribution(0, 2)
    fixed, pool = CategoricalDistribution(("adam",)), CategoricalDistribution(("mean", "max"))
    trials = [
        trial(0, x=old, a=old, optimizer=fixed),
        trial(1, x=new, b=old),
        trial(2, **{"head.pool": pool}),
    ]
    genes = global_genes_of(trials, CONV1D)
    assert genes == {"a": old, "b": old, "x": new}
    assert list(genes) == sorted(genes)
    assert list(global_genes_of(trials, None)) == ["a", "b", "head.pool", "x"]


def test_spaces_hyperparameters_are_global_genes() -> None:
    space = SearchSpace.dense(input_shape=(4,), num_outputs=1, hyperparameters={"lr": LR})
    trial = optuna.trial.FixedTrial(space.encode(space.smallest()) | {"lr": 0.05})
    architecture = space.suggest(trial)
    assert architecture.hyperparameters == {"lr": 0.05}
    network = network_of(trial.params, space)
    assert network.global_genes(space) == {"lr": 0.05}
    assert network.architecture(space) == architecture
