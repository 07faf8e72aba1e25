"""`LemonadeSampler` in whole studies: what a user of Optuna sees."""

from __future__ import annotations

import copy
import math
import pickle
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat.sampler import Density
from optuna_codeepneat.sampler import NetworkGenome
from optuna_codeepneat.sampler import ancestry_of
from optuna_codeepneat.sampler import donors_of
from optuna_codeepneat.sampler._genetics import Origin
from optuna_codeepneat.sampler._genetics import TrialNumber
from optuna_codeepneat.sampler._lemonade._algorithm import Lemonade
from optuna_codeepneat.sampler._lemonade._morphisms import widen
from optuna_codeepneat.sampler._lemonade._operators import APPROXIMATE
from optuna_codeepneat.sampler._lemonade._operators import EXACT
from optuna_codeepneat.sampler._lemonade._settings import LemonadeSettings
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.studies import SPACE
from tests.sampler.studies import assignments
from tests.sampler.studies import audit
from tests.sampler.studies import lemonade
from tests.sampler.studies import lemonade_study
from tests.sampler.studies import network_objective
from tests.sampler.studies import params
from tests.sampler.studies import records
from tests.sampler.studies import sampler
from tests.sampler.studies import state_of
from tests.sampler.studies import stored


def population(study: optuna.Study) -> list[int]:
    """Numbers of the trials in the population behind the newest record, with one worker."""
    return [r.position for r in state_of(study, study.sampler, records(study)[-1]).archive]


def networks(study: optuna.Study) -> list[NetworkGenome]:
    return [assignment.network for assignment in assignments(study)]


def origins(study: optuna.Study) -> list[Origin[TrialNumber]]:
    return [assignment.origin for assignment in assignments(study)]


def test_population_is_the_pareto_front_of_the_study() -> None:
    study = lemonade_study(n_trials=41)
    best = optuna.create_study(directions=study.directions)
    best.add_trials(study.trials[:40])
    assert sorted(population(study)) == sorted(trial.number for trial in best.best_trials)
    audit(study, lemonade())


@pytest.mark.parametrize("inheritance", ["exact", "noisy", "fresh"])
def test_child_inherits_from_its_parent_in_the_front(inheritance: str) -> None:
    study = lemonade_study(n_trials=10, inheritance=inheritance)
    parents = set(population(study))
    trial = study.ask()
    ancestry, (*_, origin) = ancestry_of(trial), origins(study)
    assert ancestry is not None and ancestry.inheritance == origin.inheritance == inheritance
    assert ancestry.donor == origin.donor == origin.parent
    study.tell(trial, network_objective(trial))
    assert origin.parent in parents | set(population(study))
    assert all(o.donor is None and o.how == "initial" for o in origins(study)[:5])
    assert all(o.donor is not None for o in origins(study)[5:])


def test_without_inheritance_a_child_knows_its_parent() -> None:
    study = lemonade_study(n_trials=10, inheritance=None)
    assert all(o.donor is None and o.inheritance is None for o in origins(study))
    assert all(o.parent is not None for o in origins(study)[5:])


def test_children_are_their_parents_after_one_to_three_morphisms() -> None:
    study = lemonade_study(n_trials=60, surrogate=None)
    names: Counter[str] = Counter()
    for origin in origins(study)[5:]:
        morphisms = origin.how.split("+")
        assert 1 <= len(morphisms) <= 3
        names.update(morphisms)
    assert 1 <= names.pop("continuation") <= 20
    assert set(names) <= {*EXACT, *APPROXIMATE} and len(names) >= 8
    exact = sum(names[name] for name in EXACT) / names.total()
    assert 0.45 < exact < 0.8


def test_single_objective_keeps_a_small_elite() -> None:
    study = optuna.create_study(direction="maximize", sampler=lemonade(elite_size=4))
    study.optimize(lambda trial: SPACE.suggest(trial).depth, n_trials=31)
    values = sorted((trial.value for trial in study.trials[:30]), reverse=True)
    assert [study.trials[n].value for n in population(study)] == values[:4]


def test_five_objectives_with_constraints() -> None:
    def objective(trial: optuna.Trial) -> list[float]:
        a = SPACE.suggest(trial)
        trial.set_constraint("size", a.num_params - 400)
        return [a.depth, a.num_params, a.macs, len(a.operations), a.num_params % 7]

    directions = ["maximize", "minimize", "minimize", "minimize", "maximize"]
    study = optuna.create_study(
        directions=directions, sampler=lemonade(cheap=("num_params", "macs", "depth"))
    )
    study.optimize(objective, n_trials=31)
    best = optuna.create_study(directions=directions)
    best.add_trials(study.trials[:30])
    assert sorted(population(study)) == sorted(trial.number for trial in best.best_trials)


def test_no_network_is_evaluated_twice() -> None:
    study = lemonade_study(n_trials=100)
    keys = {(SPACE.decode(t.params).signature, t.params["lr"]) for t in stored(study)}
    assert len(keys) == 100


def test_caps_are_met() -> None:
    space = SearchSpace.conv1d(input_shape=(1, 12), num_outputs=2, max_params=300)

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        architecture = space.suggest(trial)  # would prune
        return architecture.depth, architecture.num_params

    study = optuna.create_study(directions=["maximize", "minimize"], sampler=lemonade(space))
    study.optimize(objective, n_trials=40)
    assert all(trial.state == optuna.trial.TrialState.COMPLETE for trial in stored(study))


def test_tiny_space_is_exhausted_and_goes_on() -> None:
    space = SearchSpace(
        layers={"dense": {"width": 4, "norm": "none", "activation": "relu", "dropout": 0.0}},
        input_shape=(4,),
        num_outputs=2,
        n_module_slots=1,
        max_module_nodes=1,
        max_blueprint_nodes=1,
    )
    study = optuna.create_study(direction="minimize", sampler=lemonade(space, n_proposals=2))
    study.optimize(lambda trial: space.suggest(trial).num_params, n_trials=25)
    audit(study, study.sampler)


# -- the first networks ------------------------------------------------------------------------


def test_given_networks_come_first_and_then_their_children() -> None:
    given = [SPACE.smallest(), SPACE.decode(lemonade_study(n_trials=12).trials[-1].params)]
    study = lemonade_study(n_trials=12, initial=given)
    decoded = [SPACE.decode(trial.params) for trial in stored(study)]
    assert decoded[:2] == given
    assert [o.how for o in origins(study)[:2]] == ["initial"] * 2
    # Before any result has counted, children have no donor.
    assert all(o.parent is None and o.donor is None for o in origins(study)[:5])
    assert all(o.parent is not None for o in origins(study)[5:])


def test_more_networks_to_begin_with_than_a_generation_has() -> None:
    study = lemonade_study(n_trials=14, n_initial=12)
    assert [o.how == "initial" for o in origins(study)] == [True] * 12 + [False] * 2


def test_first_networks_are_small_and_of_different_sizes() -> None:
    # Where every position is read, few modules, with few pools, are not the smaller networks.
    pools = {"global_pools": ["mean", "max"]}
    space = SearchSpace.conv2d(input_shape=(3, 32, 32), num_outputs=10, **pools)
    study = optuna.create_study(
        directions=["maximize", "minimize"], sampler=lemonade(space, children_per_generation=8)
    )

    def size(trial: optuna.Trial) -> tuple[float, float]:
        architecture = space.suggest(trial)
        return architecture.depth, architecture.num_params

    study.optimize(size, n_trials=8)
    sizes = sorted(trial.values[1] for trial in study.trials)
    assert len(set(sizes)) == 8 and sizes[-1] > 5 * sizes[0]
    at_random = optuna.create_study(
        directions=["maximize", "minimize"], sampler=optuna.samplers.RandomSampler(seed=0)
    )
    at_random.optimize(size, n_trials=50)
    assert sizes[-1] < sorted(trial.values[1] for trial in at_random.trials)[40]


# -- density -----------------------------------------------------------------------------------


def test_density_spreads_the_sizes() -> None:
    """Without it children crowd where their parents do."""

    def spread(density: bool) -> float:
        logs = []
        for seed in range(3):
            study = optuna.create_study(
                directions=["maximize", "minimize"],
                sampler=lemonade(seed=seed, density=density, surrogate=None),
            )
            study.optimize(network_objective, n_trials=50)
            front = [math.log(trial.values[1]) for trial in study.best_trials]
            logs.append(max(front) - min(front))
        return sum(logs) / 3

    assert spread(True) > 0.9 * spread(False)


def test_cheap_objectives_of_a_user() -> None:
    calls = []

    def layers(architecture: Architecture) -> float:
        calls.append(architecture)
        return len(architecture.operations)

    study = lemonade_study(n_trials=8, cheap=(layers, "macs"))
    assert len(calls) > 8
    study.sampler = lemonade(cheap=("macs",))
    with pytest.raises(ValueError, match="begun with `cheap`="):
        study.ask()


@pytest.mark.parametrize(
    "cheap",
    [
        lambda architecture: None,
        lambda architecture: math.log(architecture.depth - 2) if architecture.depth > 2 else None,
        lambda architecture: math.nan if architecture.depth > 2 else 1.0,
    ],
)
def test_a_cheap_objective_that_may_be_no_number_is_refused_at_once(cheap: Any) -> None:
    with pytest.raises(ValueError, match=r"`cheap` .* a finite number, .* returned (None|nan)"):
        lemonade(cheap=(cheap,))
    with pytest.raises(ValueError, match="math domain error"):  # the user's own
        lemonade(cheap=(lambda architecture: math.log(architecture.depth - 2),))


def test_cheap_objectives_may_be_zero_or_negative() -> None:
    study = lemonade_study(
        n_trials=30,
        cheap=(lambda architecture: architecture.depth - 3, lambda architecture: 0),
        n_proposals=4,
    )
    depths = {SPACE.decode(trial.params).depth for trial in study.trials}
    assert min(depths) < 3 < max(depths)
    assert study.sampler.verify(study).problems == ()


# -- other samplers, resuming --------------------------------------------------------------------


def test_the_two_samplers_take_turns() -> None:
    """Each has generations of its own; what the other one finished is evidence."""
    study = lemonade_study(n_trials=12)
    turns = [sampler(SPACE), lemonade(), sampler(SPACE)]
    for own in turns:
        study.sampler = own
        study.optimize(network_objective, n_trials=11)
    for own in turns:
        found = own.verify(study)
        assert found.problems == ()
        assert found.n_counted > 25
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE}
    signatures = [SPACE.decode(trial.params).signature for trial in study.trials]
    lrs = [trial.params["lr"] for trial in study.trials]
    assert len(set(zip(signatures, lrs, strict=True))) == len(study.trials)


def test_weights_stay_while_another_sampler_takes_turns() -> None:
    study = lemonade_study(n_trials=12)
    study.sampler = sampler(SPACE)
    study.optimize(network_objective, n_trials=6)
    study.sampler = lemonade()
    assert donors_of(study) is None


def test_verification_by_the_other_sampler_alone_is_refused() -> None:
    study = lemonade_study(n_trials=2)
    with pytest.raises(ValueError, match="evolved by LemonadeSampler, this is CoDeepNEATSampler"):
        sampler(SPACE).verify(study)


def test_trials_of_other_samplers_and_enqueued_ones_may_be_parents() -> None:
    study = optuna.create_study(
        directions=["maximize", "minimize"], sampler=optuna.samplers.RandomSampler(seed=0)
    )
    study.optimize(network_objective, n_trials=6)
    study.sampler = lemonade(n_initial=1)
    study.enqueue_trial({**SPACE.encode(SPACE.smallest()), "lr": 0.03})
    study.optimize(network_objective, n_trials=24)
    parents = {origin.parent for origin in origins(study)}
    assert parents & set(range(6)) and 6 in parents
    assert origins(study)[0] == Origin("enqueued")
    audit(study, lemonade(n_initial=1))


def conditional(trial: optuna.Trial) -> tuple[float, float]:
    """Parameters beside the architecture: in one branch only, and with ranges that move."""
    architecture = SPACE.suggest(trial)
    n = trial.suggest_int("n", 1, 5)
    loss = trial.suggest_float("x", 0.0, n)
    if trial.suggest_categorical("optimizer", ("sgd", "adam")) == "sgd":
        loss += trial.suggest_float("momentum", 0.0, 0.99)
    return architecture.depth - loss, architecture.num_params


def test_children_keep_conditional_and_dynamic_hyperparameters() -> None:
    sampler = lemonade(continuation_rate=0.0)
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)
    study.optimize(conditional, n_trials=60)
    kept, new = 0, 0
    for trial, origin in zip(study.trials, origins(study), strict=True):
        assert 0 <= trial.params["x"] <= trial.params["n"]
        if origin.parent is not None:
            parent = study.trials[origin.parent].params
            for name in ("n", "optimizer", "momentum"):
                if name in trial.params and name in parent:
                    same = trial.params[name] == parent[name]
                    kept, new = kept + same, new + (not same)
    assert kept > 3 * new > 0


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_copies_and_resumed_studies_go_on_like_the_original(clone: Callable[[Any], Any]) -> None:
    study = lemonade_study(n_trials=7)
    study.sampler = clone(study.sampler)
    study.optimize(network_objective, n_trials=6)
    study.sampler = lemonade(seed=77)  # a study keeps the seed that it was begun with
    study.optimize(network_objective, n_trials=6)
    assert params(study) == params(lemonade_study(n_trials=19))
    assert params(study) != params(lemonade_study(n_trials=19, seed=2))


def test_user_attributes_show_the_parent_and_the_morphisms() -> None:
    study = lemonade_study(n_trials=12)
    for trial, origin in zip(study.trials, origins(study), strict=True):
        shown = trial.user_attrs["components"]
        if origin.parent is None:
            assert shown.startswith("initial: blueprint ")
        else:
            assert re.match(rf"[a-z_+]+ of trial {origin.parent}: blueprint [0-9a-f]+, ", shown)


def test_failed_first_generation() -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        values = network_objective(trial)
        if trial.number < 12:
            raise ZeroDivisionError
        return values

    study = optuna.create_study(directions=["maximize", "minimize"], sampler=lemonade())
    study.optimize(objective, n_trials=30, catch=(ZeroDivisionError,))
    audit(study, lemonade())
    assert all(number >= 12 for number in population(study))


def only_wider(network: NetworkGenome, rng: Any, space: SearchSpace) -> NetworkGenome:
    return widen(network, rng, space)


def test_morphisms_are_replaceable() -> None:
    changes = {
        "continuation_rate": 0.0,
        "exact_morphisms": {only_wider: 2.0, "deepen": 0.0},
        "approximate_morphisms": {},
        "density": Density(min_bandwidth=1.0),
    }
    study = lemonade_study(n_trials=12, **changes)
    names = {name for o in origins(study)[5:] for name in o.how.split("+")}
    assert names == {"only_wider"}
    audit(study, lemonade(**changes))
    del changes["exact_morphisms"]
    study.sampler = lemonade(**changes)
    with pytest.raises(ValueError, match="begun with `exact_morphisms`="):
        study.ask()


class Measured:
    is_measured = True

    def __call__(self, architecture: Architecture) -> float:
        return 1.0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"seed": 0.5}, "`seed` must be a whole number or None, got 0.5"),
        ({"children_per_generation": 0}, "`children_per_generation` must be .* from 1, got 0"),
        ({"n_proposals": 1.5}, "`n_proposals` must be a whole number from 1, got 1.5"),
        ({"max_morphisms": 0}, "`max_morphisms` must be .* from 1, got 0"),
        ({"elite_size": 0}, "`elite_size` must be .* from 1, got 0"),
        ({"max_population": True}, "`max_population` must be .* from 1, got True"),
        ({"approximate_rate": 1.5}, "`approximate_rate` must be from 0 to 1, got 1.5"),
        ({"gene_prob": math.nan}, "`gene_prob` must be from 0 to 1, got nan"),
        ({"sigma": -1.0}, "`sigma` must be from 0, got -1.0"),
        ({"density": 3}, "`density` must be a Density, True or False, got 3"),
        ({"surrogate": 3}, "`surrogate` must be a Surrogate, True, False or None, got 3"),
        ({"inheritance": "all"}, "`inheritance` must be one of exact, noisy, fresh or None"),
        ({"cheap": "macs"}, "`cheap` must be a sequence of objectives, got 'macs'"),
        ({"cheap": ()}, r"`cheap` must hold an objective at least, got \(\)"),
        ({"cheap": ("size",)}, "`cheap` must hold num_params, macs, depth or functions"),
        ({"cheap": (Measured(),), "reproducible": True}, "which is measured"),
        ({"n_initial": 0}, "`n_initial` must be a whole number from 1, got 0"),
        ({"initial": [SPACE.smallest()] * 2, "n_initial": 1}, "`n_initial` must be .* from 2"),
        ({"initial": ["x"]}, r"`initial\[0\]` is not in the search space"),
        ({"exact_morphisms": ["widen"]}, "`exact_morphisms` must be a mapping to weights"),
        ({"exact_morphisms": {"narrow": 1}}, "`exact_morphisms` must hold deepen, .*'narrow'"),
        ({"approximate_morphisms": {"alter": -1}}, r"`approximate_morphisms\['alter'\]` must be"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        LemonadeSampler(SPACE, **arguments)


def test_space_is_required() -> None:
    with pytest.raises(ValueError, match="`space` must be a SearchSpace, got None"):
        LemonadeSampler(None)  # type: ignore[arg-type]
    assert LemonadeSampler(SPACE, cheap=(Measured(),))


def test_settings_are_described_as_they_are_read_again() -> None:
    own = lemonade(cheap=(Measured(), "macs"), density=False, initial=[SPACE.smallest()])
    assert isinstance(own._algorithm, Lemonade)
    described = own._algorithm.settings.to_json()
    assert set(described) == set(LemonadeSettings.__dataclass_fields__)
    assert described["cheap"] == [f"{__name__}.Measured", "macs"]
    assert described["density"] is None and len(described["initial"]) == 1
