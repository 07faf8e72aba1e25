"""What an objective may suggest beside the network of its search space."""

from __future__ import annotations

import enum
import math
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.samplers import RandomSampler

from optuna_codeepneat.sampler._base import EvolutionarySampler
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.storages import open_storage
from tests.sampler.studies import lemonade
from tests.sampler.studies import sampler


DENSE = SearchSpace.dense(input_shape=(4,), num_outputs=2)
SMALL = SearchSpace.dense(
    input_shape=(4,), num_outputs=2, n_module_slots=1, max_blueprint_nodes=1, max_module_nodes=1
)
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
    study.optimize(objective, n_trials=50)
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

    study = optuna.create_study(sampler=SAMPLERS[sampler](DENSE, seed=2))
    study.optimize(objective, n_trials=120)
    sizes = [other.decode(trial.params, prefix="encoder").num_params for trial in study.trials]
    assert median(sizes[-40:]) < 0.75 * median(sizes[:10])
    assert all(DENSE.decode(trial.params).num_outputs == 2 for trial in study.trials)
    assert study.sampler.verify(study).problems == ()


# -- values ----------------------------------------------------------------------------------


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class Word(str, enum.Enum):
    ONE = "one"
    TWO = "two"


CHOICES: dict[str, tuple[Any, ...]] = {
    "tuples": ((1, 2), (3, 4), (5, 6), ()),
    "NaN": (math.nan, 1.0, 2.0, None),
    "dicts": ({"a": 1}, {"a": 2}, {"b": [1, 2]}),
    "words": (Word.ONE, Word.TWO, "three"),
    "numbers": (1, 1.5, "1", False),
}
UNSTORABLE: dict[str, tuple[Any, ...]] = {
    "NumPy": (np.int64(1), np.float32(0.5), np.bool_(True), np.str_("x")),
    "Enum": (*Colour, Colour),
    "classes": (int, float, np.ndarray),
    "functions": (len, max, lambda x: x, lambda x: 2 * x),
    "bytes": (b"a", b"b", object()),
}


def of_choices(choices: tuple[Any, ...]) -> Any:
    """An objective that prefers the first choice, and counts on getting what it offers."""

    def objective(trial: optuna.Trial) -> float:
        SMALL.suggest(trial)
        value = trial.suggest_categorical("choice", choices)
        assert any(value is choice for choice in choices)
        return float(value is not choices[0]) + trial.suggest_float("x", 0.0, 1.0)

    return objective


@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
@pytest.mark.parametrize(
    "sampler", ["codeepneat", pytest.param("lemonade", marks=[pytest.mark.long, pytest.mark.soak])]
)
@pytest.mark.parametrize("kind", CHOICES)
def test_choices_of_any_kind_evolve_the_same_on_every_storage(
    sampler: str, kind: str, tmp_path: Path
) -> None:
    numbers = []
    for storage in (None, open_storage(f"sqlite:///{tmp_path / 'study.db'}")):
        study = optuna.create_study(sampler=evolving(sampler, SMALL), storage=storage)
        study.optimize(of_choices(CHOICES[kind]), n_trials=35)
        assert study.sampler.verify(study).problems == ()
        numbers.append([trial.value for trial in study.trials])
    assert numbers[0] == numbers[1]
    assert sum(value < 1.0 for value in numbers[0][-20:]) > 11


@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("kind", UNSTORABLE)
def test_choices_that_no_storage_can_hold_evolve_in_memory(sampler: str, kind: str) -> None:
    study = optuna.create_study(sampler=evolving(sampler, SMALL))
    study.optimize(of_choices(UNSTORABLE[kind]), n_trials=35)
    assert sum(value < 1.0 for value in (trial.value for trial in study.trials[-20:])) > 11
    assert study.sampler.verify(study).problems == ()


@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_what_is_enqueued_is_suggested_as_under_other_samplers(sampler: str) -> None:
    network = {name: np.array(v)[()] for name, v in SMALL.encode(SMALL.smallest()).items()}
    enqueued = {**network, "n": np.int64(3), "x": np.float32(0.5), "kind": Colour.GREEN}

    def objective(trial: optuna.Trial) -> float:
        SMALL.suggest(trial)
        got = [trial.suggest_int("n", 1, 9), trial.suggest_float("x", 0.0, 1.0)]
        seen.append([*got, trial.suggest_categorical("kind", tuple(Colour))])
        return got[1]

    firsts = []
    for one in (RandomSampler(seed=1), evolving(sampler, SMALL)):
        seen: list[Any] = []
        study = optuna.create_study(sampler=one)
        study.enqueue_trial(enqueued)
        study.optimize(objective, n_trials=12)
        firsts.append(seen[0])
    assert firsts[0] == firsts[1] == [3, 0.5, Colour.GREEN]
    assert SMALL.decode(study.trials[0].params) == SMALL.smallest()
    assert study.trials[0].user_attrs["components"].startswith("enqueued")
    assert study.sampler.verify(study).problems == ()


@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_spaces_own_tuples_evolve_on_a_database(sampler: str, tmp_path: Path) -> None:
    betas = CategoricalDistribution(((0.9, 0.99), (0.9, 0.999), (0.5, 0.9)))
    own = {"max_blueprint_nodes": 1, "max_module_nodes": 1, "hyperparameters": {"betas": betas}}
    space = SearchSpace.dense(input_shape=(4,), num_outputs=2, **own)
    study = optuna.create_study(
        sampler=evolving(sampler, space), storage=open_storage(f"sqlite:///{tmp_path / 'a.db'}")
    )

    def objective(trial: optuna.Trial) -> float:
        first = space.suggest(trial).hyperparameters["betas"][0]
        # There is always something to gain yet, so that no model looks elsewhere.
        return abs(first - 0.5) + 0.1 * trial.suggest_float("x", 0.0, 1.0)

    study.optimize(objective, n_trials=25)
    assert study.sampler.verify(study).problems == ()
    assert sum(trial.value < 0.2 for trial in study.trials[-20:]) > 11


def test_settings_of_numpys_numbers_are_the_same_settings() -> None:
    integer, share, yes = np.int64(5), np.float32(0.5), np.True_
    for make, ours, theirs in (
        (
            sampler,
            {"assembled_population_size": 5, "elite_assembly_rate": 0.5, "allow_duplicates": True},
            {
                "assembled_population_size": integer,
                "elite_assembly_rate": share,
                "allow_duplicates": yes,
            },
        ),
        (
            lemonade,
            {"children_per_generation": 5, "sigma": 0.5, "n_initial": 5, "density": True},
            {
                "children_per_generation": integer,
                "sigma": share,
                "n_initial": integer,
                "density": yes,
            },
        ),
    ):
        study = optuna.create_study(sampler=make(SMALL, **theirs))
        study.optimize(lambda trial: SMALL.suggest(trial).num_params, n_trials=6)
        study.sampler = make(SMALL, **ours)
        study.optimize(lambda trial: SMALL.suggest(trial).num_params, n_trials=6)
        assert study.sampler.verify(study).problems == ()
