"""Individuals, populations and states: values that can be stored."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.sampler import GenomeSpace
from optuna_codeepneat.sampler import Score
from optuna_codeepneat.sampler._genetics._population import Individual
from optuna_codeepneat.sampler._genetics._population import Key
from optuna_codeepneat.sampler._genetics._population import Population
from optuna_codeepneat.sampler._genetics._population import Result
from optuna_codeepneat.sampler._genetics._population import State
from optuna_codeepneat.sampler._genetics._population import best_of
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.genomes import CONV1D
from tests.sampler.genomes import evolve
from tests.sampler.genomes import genomes
from tests.sampler.genomes import settings


def stored(value: Any) -> Any:
    """What comes back from a storage: JSON with its keys in order."""
    return json.loads(json.dumps(value, sort_keys=True))


@given(
    genomes(),
    st.none() | st.builds(Score, st.tuples(st.floats(-9, 9), st.floats(-9, 9)), st.floats(0, 9)),
)
def test_individual_round_trip(
    sample: tuple[SearchSpace, GenomeSpace, list[Graph]], score: Score | None
) -> None:
    individual = Individual(sample[2][0], "A", score)
    read = Individual.from_json(stored(individual.to_json()))
    assert read == individual and read.id == individual.id


def test_equal_genomes_have_equal_ids_in_any_species() -> None:
    genome = CONV1D.smallest().blueprint
    assert Individual(genome, "A").id == Individual(genome, "B", Score((1.0,))).id


def test_population_and_state_round_trip() -> None:
    own = settings(CONV1D, assembled_population_size=6, archive_size=4)
    history = list(evolve(CONV1D, own, generations=4))
    results = {result.position: result for _, results in history for result in results}
    state = history[-1][0]
    assert len(state.archive) > 1
    for population in (state.blueprints, state.modules):
        assert Population.from_json(stored(population.to_json())) == population
    read = State.from_json(stored(state.to_json()), results.__getitem__, state.evaluated)
    assert read == state and read.digest == state.digest


def test_digest_is_that_of_the_content() -> None:
    own = settings(CONV1D, assembled_population_size=6)
    digests = [state.digest for state, _ in evolve(CONV1D, own, generations=3)]
    assert len(set(digests)) == 3
    assert digests == [state.digest for state, _ in evolve(CONV1D, own, generations=3)]


def test_species_are_never_empty() -> None:
    own = settings(CONV1D, assembled_population_size=6)
    for state, _ in evolve(CONV1D, own, generations=5):
        for population, names in ((state.modules, CONV1D.slots), (state.blueprints, ("0",))):
            assert set(population.by_species) == set(names)
            assert all(population.by_species.values())


def test_key_is_of_network_and_hyperparameters_in_any_order() -> None:
    key = Key.of("abc", {"lr": 0.1, "momentum": 0.9})
    assert key == Key.of("abc", {"momentum": 0.9, "lr": 0.1})
    others = [
        Key.of("abd", {"lr": 0.1, "momentum": 0.9}),
        Key.of("abc", {"lr": 0.2, "momentum": 0.9}),
        Key.of("abc", {"lr": 0.1}),
        Key.of("abc", {"lr": 0.9, "momentum": 0.1}),
        Key.of("abc", {"lr": 0.1, "dropout": 0.9}),
    ]
    assert len({key, *others}) == 6


def results(*scores: Score) -> list[Result]:
    return [Result(i, score, None, {}, None, None) for i, score in enumerate(scores)]


def dominates(one: Score, other: Score) -> bool:
    pairs = list(zip(one.values, other.values, strict=True))
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


scores = st.lists(
    st.builds(
        Score,
        st.tuples(*[st.integers(0, 5).map(float)] * 2),
        st.sampled_from([0.0, 0.0, 1.0, 2.0]),
    ),
    min_size=1,
    max_size=12,
)
orders = st.sampled_from(["primary", "secondary", "spread"])


@given(scores=scores, order=orders)
def test_with_several_objectives_it_is_the_feasible_front(scores: list[Score], order: str) -> None:
    found = best_of(results(*scores), 100, order)
    feasible = [i for i, score in enumerate(scores) if score.feasible]
    front = [i for i in feasible if not any(dominates(scores[j], scores[i]) for j in feasible)]
    if feasible:
        assert sorted(result.position for result in found) == front
    else:  # the least violation first
        violations = [result.score.violation for result in found if result.score is not None]
        assert violations == sorted(violations) and len(found) == len(scores)


@given(scores=scores, order=orders, most=st.integers(1, 12))
def test_the_first_are_kept(scores: list[Score], order: str, most: int) -> None:
    everything = results(*scores)
    assert best_of(everything, most, order) == best_of(everything, 100, order)[:most]


@given(scores=scores, more=scores, order=orders)
def test_the_best_of_the_best_and_the_new_are_the_best_of_all(
    scores: list[Score], more: list[Score], order: str
) -> None:
    """What fell out of a front never comes back into it."""
    everything = results(*scores, *more)
    old = best_of(everything[: len(scores)], 100, order)
    kept = {result.position for result in best_of([*old, *everything[len(scores) :]], 100, order)}
    if any(score.feasible for score in (*scores, *more)):
        assert kept == {result.position for result in best_of(everything, 100, order)}


def test_with_one_objective_it_is_the_best() -> None:
    found = best_of(results(*(Score((float(v),)) for v in (3, 1, 4, 1, 5))), 3, "primary")
    assert [result.position for result in found] == [4, 2, 0]
