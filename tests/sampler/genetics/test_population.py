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
from optuna_codeepneat.sampler._genetics._population import State
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
