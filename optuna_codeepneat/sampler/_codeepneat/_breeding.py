"""The evolution itself: pure functions from a state and finished trials to the next state."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optuna_codeepneat._ranking import Score
from optuna_codeepneat._ranking import ranking
from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler._codeepneat._settings import Settings
from optuna_codeepneat.sampler._genetics import _genome
from optuna_codeepneat.sampler._genetics._genome import GenomeSpace
from optuna_codeepneat.sampler._genetics._genome import genome_id
from optuna_codeepneat.sampler._genetics._mutation import Operator
from optuna_codeepneat.sampler._genetics._population import Individual
from optuna_codeepneat.sampler._genetics._population import Population
from optuna_codeepneat.sampler._genetics._population import Result
from optuna_codeepneat.search_space import Graph


_SEVERAL_TRIES = 10


def blueprint_species(settings: Settings) -> tuple[str, ...]:
    """The names of the blueprint species."""
    return tuple(str(i) for i in range(settings.n_blueprint_species))


def _found(
    what: str,
    species: Sequence[str],
    size: int,
    space: GenomeSpace,
    settings: Settings,
    seed: int,
) -> Population:
    genomes: list[Graph] = []
    for i in range(size):
        for attempt in range(_SEVERAL_TRIES):
            rng = rng_for(seed, "genesis", what, i, attempt)
            most = min(settings.initial_nodes or space.max_nodes, space.max_nodes)
            genome = _genome.random_genome(space, rng, most)
            if genome not in genomes:
                break
        genomes.append(genome)
    speciation = settings.speciation
    names = speciation.found(genomes, species, space, rng_for(seed, "species", what))
    individuals = sorted(
        (Individual(genome, name) for genome, name in zip(genomes, names, strict=True)),
        key=lambda individual: individual.species,
    )
    # A slot that got nobody borrows, so that a blueprint may point to it.
    for i, name in enumerate(species):
        if name not in names:
            individuals.append(Individual(genomes[i % size], name))
    members = {n: [i.genome for i in individuals if i.species == n] for n in species}
    representatives = {n: speciation.representative(g, space) for n, g in members.items()}
    idle = dict.fromkeys(species, 0)
    return Population(tuple(individuals), representatives, idle, speciation.threshold)


def _blueprint_candidates(
    population: Population, results: Sequence[Result], settings: Settings
) -> list[Individual]:
    """The blueprints with their scores, and those that networks brought from elsewhere.

    A blueprint that lacks a global gene takes the value that its best network was given.
    """
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(str(result.blueprint_id), []).append(result)
    home = min(population.representatives)
    # Equal genomes may live in several species; each species keeps its own.
    known = {(i.species, i.id): i for i in population.individuals}
    ids = {id for _, id in known}
    candidates = [
        _credited(individual, found.get(id, []), settings) for (_, id), individual in known.items()
    ]
    for id, own in found.items():
        if id not in ids:
            genome = own[0].blueprint
            assert genome is not None
            candidates.append(_credited(Individual(genome, home), own, settings))
    return candidates


def _credited(individual: Individual, own: Sequence[Result], settings: Settings) -> Individual:
    scores = [result.score for result in own if result.score is not None]
    if not scores:
        return individual
    best = own[ranking(scores)[0]].completed
    genome = individual.genome
    if best is not None:
        genome = replace(genome, genes=best.genes | genome.genes)
    return Individual(genome, individual.species, settings.credit(scores))


def _module_candidates(
    population: Population, results: Sequence[Result], settings: Settings
) -> list[Individual]:
    """The modules with their scores, and those that networks brought from elsewhere."""
    found: dict[tuple[str, str], list[Score]] = {}
    genomes: dict[tuple[str, str], Graph] = {}
    for result in results:
        for slot, id in result.module_ids.items():
            if result.score is not None:
                found.setdefault((slot, id), []).append(result.score)
                genomes[slot, id] = result.modules[slot]
    known = {(i.species, i.id): i for i in population.individuals}
    candidates = [
        replace(individual, score=settings.credit(found[place])) if place in found else individual
        for place, individual in known.items()
    ]
    for place, scores in found.items():
        if place not in known and place[0] in population.representatives:
            candidates.append(Individual(genomes[place], place[0], settings.credit(scores)))
    return candidates


def _evolve(
    what: str,
    population: Population,
    candidates: Sequence[Individual],
    improved: set[str],
    space: GenomeSpace,
    mutation: Operator,
    settings: Settings,
    seed: int,
    generation: int,
) -> Population:
    """The next population (LEAF, algorithm 2, for every species)."""
    selection, speciation = settings.selection, settings.speciation
    species: dict[str, list[Individual]] = {n: [] for n in sorted(population.representatives)}
    # By id, so that nothing depends on the order in which results came.
    candidates = sorted(candidates, key=lambda individual: (individual.species, individual.id))
    order = selection.rank([individual.score for individual in candidates])
    merit = {i: 1.0 - position / len(order) for position, i in enumerate(order)}
    for i in order:
        species[candidates[i].species].append(candidates[i])
    merits: dict[str, float] = {name: 0.0 for name in species}
    for name, members in species.items():
        own = [merit[i] for i, c in enumerate(candidates) if c.species == name]
        merits[name] = sum(own) / len(own) if own else 0.0
        # Within a species the order is that of its own fronts.
        species[name] = [members[i] for i in selection.rank([m.score for m in members])]
    idle = {
        name: 0 if any(m.id in improved for m in members) else population.idle[name] + 1
        for name, members in species.items()
    }
    stagnant = {name: idle[name] >= selection.stagnation for name in species}
    total = settings.population_size(what)
    sizes = selection.sizes(total, merits, stagnant)
    parents = {
        name: members[: min(selection.n_parents(len(members)), max(2, sizes[name]))]
        for name, members in species.items()
    }
    elites: list[Individual] = []
    children: list[Individual] = []
    taken: set[str] = set()
    for name, size in sizes.items():
        kept = parents[name][: min(size, selection.n_elites(size))]
        elites += kept
        taken |= {individual.id for individual in kept}
    for name, size in sizes.items():
        for c in range(size - sum(individual.species == name for individual in elites)):
            for attempt in range(_SEVERAL_TRIES):
                rng = rng_for(seed, "breed", generation, what, name, c, attempt)
                genome = _child(parents, name, space, mutation, settings, rng)
                if genome_id(genome) not in taken:
                    break
            taken.add(genome_id(genome))
            representatives = population.representatives
            home = speciation.assign(genome, name, representatives, population.threshold, space)
            children.append(Individual(genome, home))
    individuals = sorted([*elites, *children], key=lambda individual: individual.species)
    members_of = {n: [i.genome for i in individuals if i.species == n] for n in species}
    return Population(
        tuple(individuals),
        {n: speciation.representative(genomes, space) for n, genomes in members_of.items()},
        idle,
        speciation.adjust(
            population.threshold, [i.genome for i in individuals], len(species), space
        ),
    )


def _child(
    parents: Mapping[str, Sequence[Individual]],
    name: str,
    space: GenomeSpace,
    mutation: Operator,
    settings: Settings,
    rng: np.random.Generator,
) -> Graph:
    """A child of one or two parents, who are in the order of their rank."""
    own = parents[name]
    # The better of two: a tournament within what truncation has left.
    first = int(min(rng.integers(len(own), size=2)))
    genome = own[first].genome
    crossover = settings.crossover
    if rng.random() < crossover.prob:
        others = sorted(other for other in parents if other != name)
        if others and rng.random() < crossover.interspecies_prob:
            strangers = parents[others[int(rng.integers(len(others)))]]
            stranger = strangers[int(rng.integers(len(strangers)))]
            # Two species share no order; the child stays with its own.
            genome = crossover(genome, stranger.genome, rng)
        elif len(own) > 1:
            second = int(rng.integers(len(own) - 1))
            second += second >= first
            fitter, other = min(first, second), max(first, second)
            genome = crossover(own[fitter].genome, own[other].genome, rng)
    return mutation(genome, rng, space)
