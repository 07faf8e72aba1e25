from __future__ import annotations

import optuna
import pytest

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat import SearchSpace
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import ancestry_of
from optuna_codeepneat.sampler import census_of


SPACE = SearchSpace.dense(input_shape=(4,), num_outputs=2)


def searched(sampler: optuna.samplers.BaseSampler, n_trials: int = 30) -> optuna.Study:
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        architecture = SPACE.suggest(trial)
        return architecture.depth, architecture.num_params

    study.optimize(objective, n_trials=n_trials)
    return study


@pytest.fixture(scope="module")
def evolved() -> optuna.Study:
    return searched(CoDeepNEATSampler(SPACE, seed=1, assembled_population_size=10))


def test_ancestries_agree_with_what_the_dashboard_shows(evolved: optuna.Study) -> None:
    for trial in evolved.trials:
        ancestry = ancestry_of(trial)
        assert ancestry is not None
        assert ancestry.generation == trial.user_attrs["generation"]
        shown = trial.user_attrs["components"]
        assert f"blueprint {ancestry.blueprint[:4]}" in shown
        assert all(f"{slot} {id[:4]}" in shown for slot, id in ancestry.modules.items())
        if ancestry.parent is not None:
            assert f"trial {ancestry.parent}" in shown


def test_parents_are_earlier_networks() -> None:
    study = searched(LemonadeSampler(SPACE, seed=1))
    origins = [ancestry_of(trial) for trial in study.trials]
    named = [(i, d.parent) for i, d in enumerate(origins) if d and d.parent is not None]
    assert named
    assert all(parent < number for number, parent in named)


def test_other_trials_say_nothing(evolved: optuna.Study) -> None:
    study = searched(optuna.samplers.RandomSampler(seed=1), 2)
    assert [ancestry_of(trial) for trial in study.trials] == [None, None]
    assert census_of(study) == []


def test_damaged_assignments_say_nothing_and_newer_ones_are_refused(
    evolved: optuna.Study,
) -> None:
    trial = evolved.trials[3]
    trial.system_attrs["codeepneat:assignment"] = "1 nonsense"
    assert ancestry_of(trial) is None
    trial.system_attrs["codeepneat:assignment"] = "99 nonsense"
    with pytest.raises(StoredStateError, match="newer version"):
        ancestry_of(trial)


def test_a_census_counts_everybody(evolved: optuna.Study) -> None:
    counted = census_of(evolved)
    assert [census.generation for census in counted] == [0, 1, 2]
    assert set(counted[0].modules) == set(SPACE.slots)
    assert [sum(census.blueprints.values()) for census in counted[1:]] == [3, 3]
    assert [sum(census.modules.values()) for census in counted[1:]] == [6 * len(SPACE.slots)] * 2


def test_lemonade_has_no_species() -> None:
    counted = census_of(searched(LemonadeSampler(SPACE, seed=1)))
    assert counted
    assert all(not census.modules and not census.blueprints for census in counted)
