"""How one population becomes the next: ranked, sized, bred and grouped into species again."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler._codeepneat._settings import CoDeepNEATSettings
from optuna_codeepneat.sampler._genetics import GenomeSpace
from optuna_codeepneat.sampler._genetics import Individual
from optuna_codeepneat.sampler._genetics import Operator
from optuna_codeepneat.sampler._genetics import Population
from optuna_codeepneat.sampler._genetics import genome_id
from optuna_codeepneat.sampler._genetics import random_genome
from optuna_codeepneat.search_space import Graph


_SEVERAL_TRIES = 10

Members = Mapping[str, Sequence[Individual]]
"""The individuals of each species, the best first."""


@dataclass(frozen=True, kw_only=True)
class Breeding:
    """Breeds one of the two populations, that of the modules or that of the blueprints."""

    what: str  # "module" or "blueprint": a part of what randomness is keyed by
    space: GenomeSpace
    mutation: Operator
    size: int  # once the first generation is over
    settings: CoDeepNEATSettings
    seed: int

    def first(self, species: Sequence[str], n: int) -> Population:
        """The first n individuals: minimal chromosomes, or of any size (`initial_nodes`)."""
        genomes: list[Graph] = []
        taken: set[str] = set()
        for i in range(n):
            for attempt in range(_SEVERAL_TRIES):
                rng = rng_for(self.seed, "genesis", self.what, i, attempt)
                most = self.settings.initial_nodes or self.space.max_nodes
                genome = random_genome(self.space, rng, min(most, self.space.max_nodes))
                if genome_id(genome) not in taken:
                    break
            taken.add(genome_id(genome))
            genomes.append(genome)
        speciation, rng = self.settings.speciation, rng_for(self.seed, "species", self.what)
        names = speciation.seed_species(genomes, species, self.space, rng)
        individuals = sorted(
            (Individual(genome, name) for genome, name in zip(genomes, names, strict=True)),
            key=lambda individual: individual.species,
        )
        # A slot that got nobody borrows, so that a blueprint may point to it.
        for i, name in enumerate(species):
            if name not in names:
                individuals.append(Individual(genomes[i % n], name))
        stagnation = dict.fromkeys(species, 0)
        return self._population(individuals, stagnation, speciation.threshold)

    def next(
        self,
        population: Population,
        candidates: Sequence[Individual],
        improved: set[str],
        generation: int,
    ) -> Population:
        """The next population (LEAF, algorithm 2, for every species).

        Candidates are the individuals of the one before with their scores, and those that came
        from elsewhere; improved are genomes with which a network has just entered the archive.
        """
        ranked, merits = self._rank(population, candidates)
        stagnation = {
            name: 0 if any(m.id in improved for m in members) else population.stagnation[name] + 1
            for name, members in ranked.items()
        }
        sizes = self._size(merits, stagnation)
        elites, children = self._breed(ranked, sizes, generation)
        return self._regroup(population, elites, children, stagnation)

    # -- in four steps -----------------------------------------------------------------------

    def _rank(
        self, population: Population, candidates: Sequence[Individual]
    ) -> tuple[Members, Mapping[str, float]]:
        """Ranks each species by its own fronts (LEAF, algorithm 2, steps 3 to 7).

        The merit of a species is its members' mean position among all individuals, from just
        above 0 to 1 for the best (ours; NEAT shares the fitness itself, which several objectives
        do not have).
        """
        # By id, so that nothing depends on the order in which results came.
        candidates = sorted(candidates, key=lambda candidate: (candidate.species, candidate.id))
        rank, n = self.settings.selection.rank, len(candidates)
        order = rank([candidate.score for candidate in candidates])
        position = {i: place for place, i in enumerate(order)}
        ranked: dict[str, Sequence[Individual]] = {}
        merits: dict[str, float] = {}
        for name in sorted(population.representatives):
            places = [1.0 - position[i] / n for i in range(n) if candidates[i].species == name]
            merits[name] = sum(places) / len(places) if places else 0.0
            members = [candidates[i] for i in order if candidates[i].species == name]
            ranked[name] = [members[i] for i in rank([member.score for member in members])]
        return ranked, merits

    def _size(
        self, merits: Mapping[str, float], stagnation: Mapping[str, int]
    ) -> Mapping[str, int]:
        """How large each species will be: it grows with its merit (LEAF, section 3.1; NEAT)."""
        selection = self.settings.selection
        stagnant = {name: n >= selection.stagnation for name, n in stagnation.items()}
        return selection.sizes(self.size, merits, stagnant)

    def _breed(
        self, ranked: Members, sizes: Mapping[str, int], generation: int
    ) -> tuple[list[Individual], list[Individual]]:
        """Truncates each species, and fills it up again (LEAF, algorithm 2, steps 8 and 9).

        Returns those that are kept (elitism: ours, LEAF names no share), and children with the
        species of their parents, all of them different as far as that was possible.
        """
        selection = self.settings.selection
        parents = {
            name: members[: min(selection.n_parents(len(members)), max(2, sizes[name]))]
            for name, members in ranked.items()
        }
        kept = {
            name: parents[name][: min(size, selection.n_elites(size))]
            for name, size in sizes.items()
        }
        elites = [individual for members in kept.values() for individual in members]
        taken = {individual.id for individual in elites}
        children: list[Individual] = []
        for name, size in sizes.items():
            for i in range(size - len(kept[name])):
                for attempt in range(_SEVERAL_TRIES):
                    path = ("breed", generation, self.what, name, i, attempt)
                    genome = self._child(parents, name, rng_for(self.seed, *path))
                    if genome_id(genome) not in taken:
                        break
                taken.add(genome_id(genome))
                children.append(Individual(genome, name))
        return elites, children

    def _regroup(
        self,
        before: Population,
        elites: Sequence[Individual],
        children: Sequence[Individual],
        stagnation: Mapping[str, int],
    ) -> Population:
        """Puts children into the species that they resemble (LEAF, algorithm 2, step 10; NEAT)."""
        speciation, threshold = self.settings.speciation, before.threshold
        at_home = [
            Individual(
                child.genome,
                speciation.assign(
                    child.genome, child.species, before.representatives, threshold, self.space
                ),
            )
            for child in children
        ]
        individuals = sorted([*elites, *at_home], key=lambda individual: individual.species)
        genomes = [individual.genome for individual in individuals]
        threshold = speciation.adjust(threshold, genomes, len(stagnation), self.space)
        return self._population(individuals, stagnation, threshold)

    # -- details -----------------------------------------------------------------------------

    def _population(
        self, individuals: Sequence[Individual], stagnation: Mapping[str, int], threshold: float
    ) -> Population:
        genomes = {n: [i.genome for i in individuals if i.species == n] for n in stagnation}
        representative = self.settings.speciation.representative
        representatives = {n: representative(own, self.space) for n, own in genomes.items()}
        return Population(tuple(individuals), representatives, stagnation, threshold)

    def _child(self, parents: Members, name: str, rng: np.random.Generator) -> Graph:
        """A child of one or two parents, who are in the order of their rank."""
        own = parents[name]
        # The better of two: a tournament within what truncation has left.
        first = int(min(rng.integers(len(own), size=2)))
        genome = own[first].genome
        crossover = self.settings.crossover
        if rng.random() < crossover.prob:
            others = sorted(other for other in parents if other != name)
            if others and rng.random() < crossover.interspecies_prob:
                strangers = parents[others[int(rng.integers(len(others)))]]
                stranger = strangers[int(rng.integers(len(strangers)))]
                # Two species share no order; the child stays with its own.
                genome = crossover(genome, stranger.genome, rng, self.space.genes)
            elif len(own) > 1:
                second = int(rng.integers(len(own) - 1))
                second += second >= first
                fitter, other = min(first, second), max(first, second)
                pair = own[fitter].genome, own[other].genome
                genome = crossover(*pair, rng, self.space.genes)
        return self.mutation(genome, rng, self.space)
