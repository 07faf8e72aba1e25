"""Credit: what a module or a blueprint is worth, from the networks that contained it.

LEAF, algorithm 1, steps 8 and 9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from optuna_codeepneat._ranking import Score
from optuna_codeepneat._ranking import mean_score
from optuna_codeepneat._ranking import ranking
from optuna_codeepneat.sampler._genetics import Individual
from optuna_codeepneat.sampler._genetics import Population
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.search_space import Graph


Credit: TypeAlias = Callable[[Sequence[Score]], Score]
"""``(scores of the networks that contained the component) -> its score``; at least one score."""


def mean(scores: Sequence[Score]) -> Score:
    """The mean of each objective over the networks (LEAF, section 3.1)."""
    return mean_score(scores)


def best(scores: Sequence[Score]) -> Score:
    """The score of the best network, the first of the first front (ours).

    With the mean, one bad partner hides a good component.
    """
    return scores[ranking(scores)[0]]


CREDITS: dict[str, Credit] = {"mean": mean, "best": best}


def credited_blueprints(
    population: Population, results: Sequence[Result], credit: Credit
) -> list[Individual]:
    """The blueprints with their scores, and those that networks brought from elsewhere.

    A blueprint that lacks a global gene takes the value that its best network was given.
    """
    by_id: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_id[str(result.blueprint_id)].append(result)
    home = min(population.representatives)
    # Equal genomes may live in several species; each species keeps its own.
    known = {(i.species, i.id): i for i in population.individuals}
    ids = {id for _, id in known}
    candidates = [
        _credited(individual, by_id.get(id, []), credit) for (_, id), individual in known.items()
    ]
    for id, own in by_id.items():
        if id not in ids:
            genome = own[0].blueprint
            assert genome is not None
            candidates.append(_credited(Individual(genome, home), own, credit))
    return candidates


def _credited(individual: Individual, own: Sequence[Result], credit: Credit) -> Individual:
    scores = [result.score for result in own if result.score is not None]
    if not scores:
        return individual
    best = own[ranking(scores)[0]].completed
    genome = individual.genome
    if best is not None:
        genome = replace(genome, genes=best.genes | genome.genes)
    return Individual(genome, individual.species, credit(scores))


def credited_modules(
    population: Population, results: Sequence[Result], credit: Credit
) -> list[Individual]:
    """The modules with their scores, and those that networks brought from elsewhere."""
    scores: dict[tuple[str, str], list[Score]] = defaultdict(list)
    genomes: dict[tuple[str, str], Graph] = {}
    for result in results:
        for slot, id in result.module_ids.items():
            if result.score is not None:
                scores[slot, id].append(result.score)
                genomes[slot, id] = result.modules[slot]
    known = {(i.species, i.id): i for i in population.individuals}
    candidates = [
        replace(individual, score=credit(scores[place])) if place in scores else individual
        for place, individual in known.items()
    ]
    for place, own in scores.items():
        if place not in known and place[0] in population.representatives:
            candidates.append(Individual(genomes[place], place[0], credit(own)))
    return candidates
