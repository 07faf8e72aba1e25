"""What an objective may suggest beside the network of its search space."""

from __future__ import annotations

import optuna
import pytest

from optuna_codeepneat.sampler._base import EvolutionarySampler
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.studies import lemonade
from tests.sampler.studies import sampler


DENSE = SearchSpace.dense(input_shape=(4,), num_outputs=2)
SAMPLERS = {"codeepneat": sampler, "lemonade": lemonade}


def evolving(name: str, space: SearchSpace = DENSE) -> EvolutionarySampler:
    return SAMPLERS[name](space)


# -- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize(
    "name", ["lr", "module.dropout", "blueprint.lr", "module.A.dropout", "head.pool"]
)
def test_a_parameter_evolves_whatever_its_name(sampler: str, name: str) -> None:
    def objective(trial: optuna.Trial) -> float:
        DENSE.suggest(trial)
        return trial.suggest_float(name, 0.0, 1.0)

    study = optuna.create_study(sampler=evolving(sampler))
    study.optimize(objective, n_trials=60)
    values = [trial.params[name] for trial in study.trials]
    assert sum(values[-20:]) / 20 < 0.2
    assert any(value in values[:i] for i, value in enumerate(values))  # inherited, not drawn


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("network_first", [False, True])
def test_a_name_of_the_network_with_another_range_is_refused(
    sampler: str, network_first: bool
) -> None:
    def objective(trial: optuna.Trial) -> float:
        if network_first:
            DENSE.suggest(trial)
        return trial.suggest_float("module.C.2.dense.width", 0.0, 1.0)

    study = optuna.create_study(sampler=evolving(sampler))
    with pytest.raises(ValueError, match=r"'module.C.2.dense.width' is the search space's"):
        study.optimize(objective, n_trials=40)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_network_with_a_prefix_evolves_as_hyperparameters(sampler: str) -> None:
    other = SearchSpace.conv1d(input_shape=(1, 12), num_outputs=2, max_blueprint_nodes=2)

    def objective(trial: optuna.Trial) -> float:
        network = DENSE.suggest(trial)
        return network.num_params + other.suggest(trial, prefix="encoder").num_params

    study = optuna.create_study(sampler=evolving(sampler))
    study.optimize(objective, n_trials=60)
    sizes = [other.decode(trial.params, prefix="encoder").num_params for trial in study.trials]
    assert sum(sizes[-20:]) < sum(sizes[:20]) / 2
    assert all(DENSE.decode(trial.params).num_outputs == 2 for trial in study.trials)
    assert study.sampler.verify(study).problems == ()
