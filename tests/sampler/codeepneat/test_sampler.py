"""`CoDeepNEATSampler` in whole studies: what a user of Optuna sees."""

from __future__ import annotations

import copy
import math
import pickle
import statistics
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.samplers import NSGAIISampler
from optuna.samplers import RandomSampler
from optuna.samplers import TPESampler
from optuna.trial import TrialState

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat.sampler import Crossover
from optuna_codeepneat.sampler import GenomeSpace
from optuna_codeepneat.sampler import Mutation
from optuna_codeepneat.sampler import Selection
from optuna_codeepneat.sampler import _base
from optuna_codeepneat.sampler._generations import _states
from optuna_codeepneat.sampler._genetics import _genes
from optuna_codeepneat.sampler._genetics import _genome
from optuna_codeepneat.sampler._genetics import _mutation
from optuna_codeepneat.sampler._surrogate import Surrogate
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.storages import open_storage
from tests.sampler.studies import SPACE
from tests.sampler.studies import assignments
from tests.sampler.studies import audit
from tests.sampler.studies import colleague
from tests.sampler.studies import network_objective
from tests.sampler.studies import network_study
from tests.sampler.studies import params
from tests.sampler.studies import records
from tests.sampler.studies import sampler
from tests.sampler.studies import sphere
from tests.sampler.studies import sphere_study
from tests.sampler.studies import state_of
from tests.sampler.studies import stored


def archive(study: optuna.Study) -> list[int]:
    """The numbers of the archived trials behind the newest record, with one worker."""
    return [r.position for r in state_of(study, study.sampler, records(study)[-1]).archive]


# -- random draws ----------------------------------------------------------------------------

GROWING = SearchSpace.conv1d(
    input_shape=(1, 40), num_outputs=10, max_module_nodes=8, max_blueprint_nodes=8
)


def growing(trial: optuna.Trial) -> tuple[float, float]:
    """Networks of up to 8 modules of up to 8 layers, with hyperparameters."""
    architecture = GROWING.suggest(trial)
    lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    momentum = trial.suggest_float("momentum", 0.6, 0.99)
    batch_size = trial.suggest_int("batch_size", 16, 256, log=True)
    loss = abs(architecture.depth - 6) + abs(math.log10(lr) + 2) + momentum / batch_size
    return -loss, architecture.num_params


class Draws:
    """Counts values that are drawn at random, while it is on."""

    def __init__(self) -> None:
        self.count, self.on = 0, False

    def counting(self, function: Callable[..., Any], values: int = 1) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.count += values * self.on
            return function(*args, **kwargs)

        return counted

    def share(self, own: optuna.samplers.BaseSampler, size: int) -> float:
        """Random draws per suggested value, from the second generation on."""
        study = optuna.create_study(directions=["maximize", "minimize"], sampler=own)
        study.optimize(growing, n_trials=size)
        self.on = True
        study.optimize(growing, n_trials=4 * size)
        return self.count / sum(len(trial.params) for trial in stored(study)[size:])


def test_fewer_than_15_percent_of_values_are_drawn_at_random(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The heart of the matter: a child has its parents' values, also in a space that grows.

    Counted are all draws from the second generation on, at breeding (also of children that never
    become part of a trial) and at sampling: genes, merges, layers and inputs of new nodes, new
    inputs of old ones. For NSGA-II they are the calls of `sample_independent`, which has a random
    sampler draw.
    """
    size, ours, theirs = 24, Draws(), Draws()
    for module in (_genome, _base):
        monkeypatch.setattr(module, "draw", ours.counting(_genes.draw))
    for owner, name, values in (
        (GenomeSpace, "draw_merge", 1),
        (GenomeSpace, "draw_node", 2),
        (_mutation, "add_connection", 1),
        (_mutation, "change_kind", 1),
    ):
        monkeypatch.setattr(owner, name, ours.counting(getattr(owner, name), values))
    # A model has many more bred than it chooses, which would all count.
    share = ours.share(CoDeepNEATSampler(GROWING, seed=0, surrogate=None), size)
    nsga = NSGAIISampler(population_size=size, seed=0)
    monkeypatch.setattr(nsga, "sample_independent", theirs.counting(nsga.sample_independent))
    share_of_nsga = theirs.share(nsga, size)
    print(f"drawn at random: {share:.1%}, by NSGA-II: {share_of_nsga:.1%}")
    assert 0.01 < share < 0.15
    assert share_of_nsga > 0.5


# -- hyperparameters alone ----------------------------------------------------------------------


def sphere_of_five(trial: optuna.Trial) -> float:
    return sum(trial.suggest_float(f"x{i}", -5, 5) ** 2 for i in range(5))


@pytest.mark.parametrize(
    ("surrogate", "n_trials", "share"),
    [(None, 300, 0.5), (Surrogate(), 60, 0.2)],
    ids=["bred", "chosen"],
)
def test_beats_random_search_on_the_sphere(
    surrogate: Surrogate | None, n_trials: int, share: float
) -> None:
    def median(make: Callable[[int], optuna.samplers.BaseSampler]) -> float:
        values = []
        for seed in range(5):
            study = optuna.create_study(sampler=make(seed))
            study.optimize(sphere_of_five, n_trials=n_trials)
            values.append(study.best_value)
        return statistics.median(values)

    ours = median(lambda seed: CoDeepNEATSampler(seed=seed, surrogate=surrogate))
    theirs = median(lambda seed: RandomSampler(seed=seed))
    print(f"ours: {ours:.2g}, random search's: {theirs:.2g}")
    assert ours < share * theirs


def conditional(trial: optuna.Trial) -> float:
    """Floats, whole numbers and categories, some of them only in one branch."""
    loss = trial.suggest_float("lr", 1e-5, 1.0, log=True) - trial.suggest_int(
        "units", 8, 64, step=8
    )
    if trial.suggest_categorical("optimizer", ("sgd", "adam")) == "sgd":
        return loss + trial.suggest_float("momentum", 0.0, 0.99)
    return loss + trial.suggest_float("beta", 0.8, 0.999) + trial.suggest_int("warmup", 0, 9)


def test_child_keeps_its_parents_values_in_a_conditional_space() -> None:
    swapping = Crossover(blend=None)  # so that a number that is inherited stays the same
    own = sampler(assembled_population_size=10, crossover=swapping, surrogate=None)
    study = optuna.create_study(sampler=own)
    study.optimize(conditional, n_trials=100)
    seen: dict[str, set[Any]] = {}
    old, new = 0, 0
    for trial in stored(study):
        for name, value in trial.params.items():
            if isinstance(value, float) and trial.number >= 20:
                known = value in seen.get(name, set())
                old, new = old + known, new + (not known)
            seen.setdefault(name, set()).add(value)
    # A third is perturbed or, rarely, drawn; a random sampler never repeats a real number.
    assert old > new


def test_dynamic_ranges_are_respected() -> None:
    def objective(trial: optuna.Trial) -> float:
        n = trial.suggest_int("n", 1, 10)
        return trial.suggest_float("x", 0, n) + trial.suggest_int("k", n, 2 * n)

    study = optuna.create_study(sampler=sampler())
    study.optimize(objective, n_trials=40)
    for trial in stored(study):
        n = trial.params["n"]
        assert 0 <= trial.params["x"] <= n <= trial.params["k"] <= 2 * n


def test_no_hyperparameters_are_evaluated_twice() -> None:
    study = sphere_study(n_trials=150, assembled_population_size=15)
    assert len({tuple(p.items()) for p in params(study)}) == 150


def test_conditional_branches_are_hardly_evaluated_twice() -> None:
    """A genome holds genes of the branch that is not taken; they make no other trial."""
    study = optuna.create_study(sampler=sampler(assembled_population_size=15))
    study.optimize(conditional, n_trials=150)
    assert len({tuple(sorted(p.items())) for p in params(study)}) > 140


def test_objective_without_parameters_runs() -> None:
    study = optuna.create_study(sampler=sampler())
    study.optimize(lambda trial: 1.0, n_trials=12)
    assert all(trial.state == TrialState.COMPLETE for trial in stored(study))


@pytest.mark.parametrize("n_blueprint_species", [1, 3])
def test_species_of_hyperparameters(n_blueprint_species: int) -> None:
    study = sphere_study(
        n_trials=40, assembled_population_size=8, n_blueprint_species=n_blueprint_species
    )
    audit(study, study.sampler)


# -- networks --------------------------------------------------------------------------------


def key(trial: optuna.trial.FrozenTrial) -> tuple[str, float]:
    return SPACE.decode(trial.params).signature, trial.params["lr"]


def test_no_network_is_evaluated_twice() -> None:
    study = network_study(n_trials=150, assembled_population_size=12)
    assert len({key(trial) for trial in stored(study)}) == 150


def test_every_trial_evaluates_what_it_was_assigned() -> None:
    study = network_study(n_trials=25)
    for trial, assignment in zip(stored(study), assignments(study), strict=True):
        architecture = SPACE.decode(trial.params)
        assert assignment.network.architecture(SPACE) == architecture
        assert assignment.signature == architecture.signature
        assert (assignment.number, assignment.generation) == (trial.number, trial.number // 5)


def test_user_attributes_show_what_a_trial_is_made_of() -> None:
    study = network_study(n_trials=30)
    origins = Counter()
    for trial, assignment in zip(study.trials, assignments(study), strict=True):
        attrs, architecture = trial.user_attrs, SPACE.decode(trial.params)
        assert set(attrs) == {"generation", "components", "num_params"}
        assert attrs["generation"] == trial.number // 5
        assert attrs["num_params"] == architecture.num_params
        origin, _, components = attrs["components"].partition(": ")
        assert components.startswith("blueprint ")
        for slot in assignment.network.modules:
            assert f", {slot} " in components
        origins[assignment.origin.how] += 1
        if assignment.origin.how == "archive":
            assert assignment.origin.parent < trial.number
            assert origin == f"from trial {assignment.origin.parent}"
        else:
            assert origin == "assembly"
    assert origins["assembly"] > 2 and origins["archive"] > 2 and len(origins) == 2
    alone = sphere_study(n_trials=1)
    assert set(alone.trials[0].user_attrs) == {"generation", "components"}


def test_archive_is_the_pareto_front_of_the_study() -> None:
    study = network_study(n_trials=36)
    found = archive(study)
    best = optuna.create_study(directions=study.directions)
    best.add_trials([trial for trial in study.trials if trial.number < 35])
    assert sorted(found) == sorted(trial.number for trial in best.best_trials)


def test_flipping_directions_and_signs_changes_nothing() -> None:
    flipped = optuna.create_study(directions=["minimize", "maximize"], sampler=sampler(SPACE))
    flipped.optimize(lambda trial: [-value for value in network_objective(trial)], n_trials=20)
    assert params(flipped) == params(network_study(n_trials=20))


@pytest.mark.parametrize("surrogate", [None, Surrogate()], ids=["bred", "chosen"])
def test_constraints_are_honoured(surrogate: Surrogate | None) -> None:
    def objective(trial: optuna.Trial) -> float:
        architecture = SPACE.suggest(trial)
        trial.set_constraint("size", architecture.num_params - 600)
        return architecture.num_params

    study = optuna.create_study(direction="maximize", sampler=sampler(SPACE, surrogate=surrogate))
    study.optimize(objective, n_trials=61)
    feasible = [t.number for t in stored(study)[:60] if t.constraints["size"] <= 0]
    # The feasible come first, the better before the worse, then those that violate the least.
    values = {trial.number: trial.values[0] for trial in stored(study)}
    first = sorted(feasible, key=lambda number: -values[number])
    assert 10 < len(first) < 60
    found = archive(study)
    kept = first[: len(found)]
    assert [values[number] for number in found[: len(kept)]] == [values[n] for n in kept]
    rest = [values[number] for number in found[len(first) :]]
    assert rest == sorted(rest)


@pytest.mark.parametrize("url", [None, "sqlite:///study.db"])
def test_violated_constraints_are_named(
    url: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def objective(trial: optuna.Trial) -> float:
        trial.set_constraint("size", [0.0, 1.25, -1.0, 2.0][trial.number])
        trial.set_constraint("latency", trial.number / 3 - 1)
        if trial.number == 1:
            raise ZeroDivisionError
        return SPACE.suggest(trial).num_params

    study = optuna.create_study(
        sampler=sampler(SPACE), storage=None if url is None else open_storage(url)
    )
    study.optimize(objective, n_trials=4, catch=ZeroDivisionError)
    named = [trial.user_attrs.get("violated") for trial in study.trials]
    assert named == [None, "size by 1.25", None, "size by 2"]


def test_pruned_failed_and_nan_trials_have_no_fitness_but_close_their_place() -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        values = network_objective(trial)
        if trial.number % 4 == 1:
            raise optuna.TrialPruned
        if trial.number % 4 == 2:
            return math.nan, 1.0
        if trial.number % 4 == 3:
            raise ZeroDivisionError
        return values

    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler(SPACE))
    study.optimize(objective, n_trials=31, catch=(ZeroDivisionError,))
    found = audit(study, sampler(SPACE))
    assert [r.generation for r in found] == list(range(7))
    assert {n for r in found for n in r.evidence} == set(range(30))
    assert all(number % 4 == 0 for number in archive(study))
    assert len(archive(study)) > 0


def test_infinite_values_are_no_obstacle() -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        depth, size = network_objective(trial)
        return (math.inf, -math.inf, depth)[trial.number % 3], size

    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler(SPACE))
    study.optimize(objective, n_trials=22)
    audit(study, sampler(SPACE))
    assert all(number % 3 == 0 for number in archive(study)[:1])


def test_hyperband_pruner() -> None:
    """Its hooks get a study of one bracket, which hides trials and attributes."""

    def objective(trial: optuna.Trial) -> float:
        architecture = SPACE.suggest(trial)
        for step in range(1, 4):
            trial.report(architecture.depth - step, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return architecture.depth

    study = optuna.create_study(
        direction="maximize",
        sampler=sampler(SPACE),
        pruner=optuna.pruners.HyperbandPruner(min_resource=1, max_resource=3),
    )
    study.optimize(objective, n_trials=25)
    assert {trial.state for trial in stored(study)} == {TrialState.COMPLETE, TrialState.PRUNED}
    assert [r.evidence for r in audit(study, sampler(SPACE))][-1] == tuple(range(15, 20))


# -- networks and trials from elsewhere --------------------------------------------------------


def hand_written() -> Architecture:
    """A network far better than the objective's others: 3 modules of 3 layers of 4 channels."""
    genes = {"width": 4, "kernel": 3, "dilation": 1, "activation": "relu", "residual": True}
    chain = [
        Node(str(i), "separable_conv1d", (str(i - 1),) if i else ("in",), genes) for i in range(3)
    ]
    blueprint = [Node("0", "B"), Node("1", "B", ("0",)), Node("2", "B", ("1",))]
    return SPACE.architecture(blueprint, {"B": chain})


def test_enqueued_network_is_evaluated_as_given_and_becomes_a_parent() -> None:
    study = network_study(n_trials=7)
    architecture = hand_written()
    study.enqueue_trial({**SPACE.encode(architecture), "lr": 0.0321})
    study.optimize(network_objective, n_trials=6)
    assert 7 in archive(study)
    study.optimize(network_objective, n_trials=40)
    trial = study.trials[7]
    assert SPACE.decode(trial.params) == architecture and trial.params["lr"] == 0.0321
    assert trial.user_attrs["components"].startswith("enqueued: ")
    assert trial.user_attrs["num_params"] == architecture.num_params
    children = [a for a in assignments(study) if a.origin.parent == 7]
    assert children
    inherited = [t.number for t in study.trials[8:] if t.params["lr"] == 0.0321]
    assert len(inherited) > 2
    audit(study, sampler(SPACE))


def test_enqueued_network_without_hyperparameters_and_the_reverse() -> None:
    study = network_study(n_trials=12)
    study.enqueue_trial(SPACE.encode(hand_written()))
    study.enqueue_trial({"lr": 0.0123})
    study.enqueue_trial({"head.pool": "max"})
    study.optimize(network_objective, n_trials=12)
    network, lr, head = study.trials[12:15]
    assert SPACE.decode(network.params) == hand_written()
    assert lr.params["lr"] == 0.0123
    assert head.params["head.pool"] == "max"
    assert all(trial.state == TrialState.COMPLETE for trial in study.trials)
    audit(study, sampler(SPACE))


def test_enqueued_value_outside_of_the_space_is_no_obstacle() -> None:
    study = network_study(n_trials=3)
    study.enqueue_trial({"head.pool": "no such pool"})  # Optuna refuses it: the trial fails
    study.enqueue_trial({"lr": 0.5})  # Optuna warns, and takes it
    with pytest.warns(UserWarning, match="lr with value 0.5 is out of range"):
        study.optimize(network_objective, n_trials=17, catch=(ValueError,))
    assert study.trials[3].state == TrialState.FAIL and study.trials[4].params["lr"] == 0.5
    assert all(trial.state == TrialState.COMPLETE for trial in study.trials[4:])
    audit(study, sampler(SPACE))


@pytest.mark.parametrize(
    ("other", "space"),
    [(RandomSampler, SPACE), (TPESampler, None)],
    ids=["networks", "hyperparameters"],
)
def test_warm_start_from_another_samplers_trials(
    other: type[optuna.samplers.BaseSampler], space: SearchSpace | None
) -> None:
    study = optuna.create_study(
        directions=["maximize", "minimize"],
        sampler=other(seed=3),  # type: ignore[call-arg]
    )
    objective = network_objective if space else lambda trial: (sphere(trial), trial.params["x"])
    study.optimize(objective, n_trials=17)
    # So that a number that is inherited stays the same.
    breeding: dict[str, Any] = {"crossover": Crossover(blend=None), "surrogate": None}
    study.sampler = sampler(space, **breeding)
    study.optimize(objective, n_trials=3)
    (first,) = audit(study, sampler(space, **breeding))
    assert first.evidence == tuple(range(17)) and first.generation == 3
    state = state_of(study, sampler(space, **breeding), first)
    best = optuna.create_study(directions=study.directions)
    best.add_trials(study.trials[:17])
    assert {r.position for r in state.archive} == {trial.number for trial in best.best_trials}
    # What follows is bred from them: real numbers do not recur by chance.
    names = ("lr",) if space else ("x", "y", "z")
    before = {name: {trial.params[name] for trial in study.trials[:17]} for name in names}
    kept = [trial.params[n] in before[n] for trial in study.trials[17:] for n in names]
    assert sum(kept) >= len(kept) / 2


def test_other_sampler_may_go_on() -> None:
    study = network_study(n_trials=12)
    study.sampler = RandomSampler(seed=0)
    study.optimize(network_objective, n_trials=5)
    study.sampler = sampler(SPACE)
    study.optimize(network_objective, n_trials=5)
    found = audit(study, sampler(SPACE))
    assert {12, 13, 14, 15, 16} <= {n for record in found for n in record.evidence}


def test_partial_fixed_sampler() -> None:
    study = network_study(n_trials=4)
    study.sampler = optuna.samplers.PartialFixedSampler({"head.pool": "max"}, study.sampler)
    study.optimize(network_objective, n_trials=12)
    assert {trial.params["head.pool"] for trial in study.trials[4:]} == {"max"}
    audit(study, sampler(SPACE))


# -- the object itself -------------------------------------------------------------------------


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_copies_go_on_like_the_original(clone: Callable[[Any], Any]) -> None:
    study = network_study(n_trials=6)
    study.sampler = clone(study.sampler)
    study.optimize(network_objective, n_trials=5)
    assert params(study) == params(network_study(n_trials=11))


def test_copy_of_a_sampler_without_a_seed_is_the_same_sampler() -> None:
    own = sampler(seed=None)
    studies = [optuna.create_study(sampler=each) for each in (own, copy.deepcopy(own))]
    for study in studies:
        study.optimize(sphere, n_trials=7)
    assert params(studies[0]) == params(studies[1])


def test_trial_opened_again_by_another_process_keeps_its_network() -> None:
    study = network_study(n_trials=6)
    asked = study.ask()
    other = colleague(study, sampler(SPACE))
    again = optuna.Trial(other, asked._trial_id)
    (assignment,) = [a for a in assignments(study) if a.number == 6]
    assert SPACE.suggest(again) == assignment.network.architecture(SPACE)
    assert [r.number for r in records(study)] == [0, 5]


def test_states_are_not_kept_for_ever() -> None:
    study = sphere_study(n_trials=60)
    states = study.sampler._coordinator_of(study).states
    for kept in (states._states, states._counted, states._evaluated):
        assert len(kept) <= _states._KEPT
    assert len(states._states) == _states._KEPT
    assert study.sampler._pending == {}


@pytest.mark.parametrize(
    ("domain", "modules", "blueprints"),
    [
        ("wikidetox", (0.05, 0.05), (0.05, 0.05)),
        ("chest_xray", (0.08, 0.08), (0.16, 0.12)),
    ],
)
def test_profiles_have_the_papers_numbers(
    domain: str, modules: tuple[float, float], blueprints: tuple[float, float]
) -> None:
    """LEAF (Liang et al. 2019, table 2)."""
    space = SearchSpace.conv1d(input_shape=(1, 12), num_outputs=2, n_module_slots=4)
    own = CoDeepNEATSampler.leaf(domain, space, seed=0)._algorithm.settings
    assert own.module_population_size == 56 and own.blueprint_population_size == 22
    assert own.assembled_population_size == 100 and own.n_blueprint_species == 1
    for mutation, rates in (
        (own.module_mutation, modules),
        (own.blueprint_mutation, blueprints),
    ):
        assert (mutation.add_node_prob, mutation.add_connection_prob) == rates
        assert mutation.remove_node_prob == mutation.remove_connection_prob == 0.0
        assert mutation.duplicate_prob == 0.0
    # What the paper has not: archive, networks larger than minimal at first, credit by the best.
    assert own.elite_assembly_rate == 0.0 and own.initial_nodes == 1
    assert own.credit([own_score(1.0), own_score(3.0)]).values == (2.0,)
    assert own.selection.front_order == "primary"


def own_score(value: float) -> Any:
    from optuna_codeepneat.sampler import Score

    return Score((value,))


def test_profile_without_a_space_evolves_hyperparameters() -> None:
    study = optuna.create_study(sampler=CoDeepNEATSampler.leaf("wikidetox", seed=0))
    study.optimize(sphere, n_trials=5)
    with pytest.raises(ValueError, match="`domain` must be one of wikidetox, chest_xray, got 'x'"):
        CoDeepNEATSampler.leaf("x")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"assembled_population_size": 1}, "`assembled_population_size` must be .* from 2, got 1"),
        ({"assembled_population_size": 2.5}, "`assembled_population_size` must be a whole number"),
        ({"blueprint_population_size": 0}, "`blueprint_population_size` must be .* from 1, got 0"),
        ({"module_population_size": 1}, "`module_population_size` must be at least the 2 slots"),
        ({"n_blueprint_species": 0}, "`n_blueprint_species` must be .* from 1, got 0"),
        (
            {"n_blueprint_species": 5, "blueprint_population_size": 4},
            "`n_blueprint_species`=5 must be at most `blueprint_population_size`=4",
        ),
        ({"initial_nodes": 0}, "`initial_nodes` must be a whole number from 1 or None, got 0"),
        ({"elite_assembly_rate": 1.5}, "`elite_assembly_rate` must be from 0 to 1, got 1.5"),
        ({"elite_assembly_rate": math.nan}, "`elite_assembly_rate` must be from 0 to 1, got nan"),
        ({"archive_size": 0}, "`archive_size` must be .* from 1, got 0"),
        ({"credit": "median"}, "`credit` must be one of mean, best, got 'median'"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        CoDeepNEATSampler(SPACE, **arguments)


def test_wrong_space_is_named() -> None:
    with pytest.raises(ValueError, match="`space` must be a SearchSpace or None, got 'conv1d'"):
        CoDeepNEATSampler("conv1d")  # type: ignore[arg-type]


def test_parts_are_replaceable() -> None:
    """Any function of the right form; the study then wants the same one again."""
    study = optuna.create_study(
        directions=["maximize", "minimize"],
        sampler=sampler(
            SPACE,
            credit=worst,
            module_mutation=only_genes,
            blueprint_mutation=Mutation(add_node_prob=0.5),
            crossover=Crossover(prob=0.1),
            selection=Selection(front_order="secondary"),
        ),
    )
    study.optimize(network_objective, n_trials=12)
    audit(study, study.sampler)
    study.sampler = sampler(SPACE, credit=worst)
    with pytest.raises(ValueError, match="begun with `blueprint_mutation`="):
        study.ask()


def worst(scores: Any) -> Any:
    return min(scores, key=lambda score: score.values)


def only_genes(genome: Any, rng: Any, space: Any) -> Any:
    from optuna_codeepneat.sampler._genetics._mutation import perturb_genes

    return perturb_genes(genome, rng, space, prob=0.5, sigma=0.1)
