"""Whether what was read from a storage can be bred from: it may be damaged, and its hash fit."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.sampler._genetics import GenomeSpace
from optuna_codeepneat.sampler._genetics import Population
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._genetics import blueprint_space
from optuna_codeepneat.sampler._genetics import module_space
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import contains


if TYPE_CHECKING:
    from optuna_codeepneat._ranking import Score


def check_state(
    state: State, generation: int, space: SearchSpace | None, n_objectives: int
) -> None:
    """Raises ValueError unless networks can be assembled and bred from a state."""
    if state.generation != generation:
        raise ValueError(f"it is of generation {state.generation}")
    blueprints = blueprint_space(space, {})
    _check_population(state.blueprints, blueprints, n_objectives)
    if space is not None:
        _check_population(state.modules, module_space(space), n_objectives)
        if state.modules.individuals and set(state.modules.by_species) != set(space.slots):
            raise ValueError("its species of modules are not the slots of the space")
    for result in (*state.archive, *state.recent):
        if result.score is None or result.blueprint is None:
            raise ValueError("it names a network without values")
        _check_score(result.score, n_objectives)


def _check_population(population: Population, space: GenomeSpace, n_objectives: int) -> None:
    for individual in population.individuals:
        if individual.species not in population.representatives:
            raise ValueError("an individual is of no species")
        _check_genome(individual.genome, space)
        if individual.score is not None:
            _check_score(individual.score, n_objectives)
    for genome in population.representatives.values():
        _check_genome(genome, space)
    if not all(population.by_species.values()):
        raise ValueError("a species is empty")
    if not all(type(count) is int and count >= 0 for count in population.stagnation.values()):
        raise ValueError("generations are counted in whole numbers")
    if not set(population.stagnation) <= set(population.representatives):
        raise ValueError("there is no such species")
    _check_number(population.threshold)


def _check_genome(genome: Graph, space: GenomeSpace) -> None:
    genome.lint()
    if len(genome.nodes) > space.max_nodes or (space.max_nodes and not genome.nodes):
        raise ValueError(f"a genome has {len(genome.nodes)} nodes")
    for node in genome.nodes:
        ranges = space.kinds[node.kind]
        if len(node.inputs) > space.max_inputs or node.merge not in (None, *space.merges):
            raise ValueError(f"node {node.id} is not one of the space")
        if not all(contains(ranges[name], value) for name, value in node.genes.items()):
            raise ValueError(f"the genes of node {node.id} are not those of the space")
    if genome.merge not in (None, *space.merges):
        raise ValueError("the sinks of a genome are merged otherwise than in the space")


def _check_score(score: Score, n_objectives: int) -> None:
    if len(score.values) != n_objectives:
        raise ValueError(f"a score has {len(score.values)} values")
    if not isinstance(score.stopped, bool):
        raise ValueError(f"{score.stopped!r} is neither true nor false")
    for value in (*score.values, score.violation):
        _check_number(value)


def _check_number(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"{value!r} is no number")
