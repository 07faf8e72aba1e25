"""The state of an evolution: two populations, the archive, what is known of global genes."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.distributions import distribution_to_json
from optuna.distributions import json_to_distribution

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat._ranking import Score
from optuna_codeepneat._ranking import front
from optuna_codeepneat._ranking import ranking
from optuna_codeepneat.sampler._genetics._genome import genome_id
from optuna_codeepneat.sampler._genetics._origin import Position
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import plain
from optuna_codeepneat.search_space import plain_range


@dataclass(frozen=True)
class Individual:
    """A genome in a population."""

    genome: Graph
    species: str  # a module's is the slot that blueprints point to
    score: Score | None = None  # the last known, None as long as no network with it finished

    @cached_property
    def id(self) -> str:
        """Content hash of the genome."""
        return genome_id(self.genome)

    def to_json(self) -> list[Any]:
        """A JSON-compatible value; `from_json` is its inverse."""
        score: list[Any] | None = None
        if self.score is not None:
            score = [list(self.score.values), self.score.violation]
            score += [True] if self.score.stopped else []  # which earlier versions did not know
        return [self.genome.to_json(), self.species, score]

    @classmethod
    def from_json(cls, value: list[Any]) -> Individual:
        """The individual that `to_json` wrote."""
        genome, species, score = value
        read = None if score is None else Score(tuple(score[0]), *score[1:])
        return cls(Graph.from_json(genome), species, read)


@dataclass(frozen=True)
class Population:
    """The modules or the blueprints of one generation."""

    individuals: tuple[Individual, ...]  # species by species
    representatives: Mapping[str, Graph]  # what newcomers of a species are compared with
    stagnation: Mapping[str, int]  # generations since a network with it entered the archive
    threshold: float

    @cached_property
    def by_species(self) -> dict[str, list[Individual]]:
        """The individuals of each species; a species is never empty."""
        species: dict[str, list[Individual]] = {name: [] for name in self.representatives}
        for individual in self.individuals:
            species[individual.species].append(individual)
        return species

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible value; `from_json` is its inverse."""
        return {
            "individuals": [individual.to_json() for individual in self.individuals],
            "representatives": {s: g.to_json() for s, g in self.representatives.items()},
            "idle": dict(self.stagnation),
            "threshold": self.threshold,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Population:
        """The population that `to_json` wrote."""
        return cls(
            tuple(map(Individual.from_json, value["individuals"])),
            {s: Graph.from_json(g) for s, g in value["representatives"].items()},
            dict(value["idle"]),
            value["threshold"],
        )


@dataclass(frozen=True)
class Key:
    """What tells a network with its hyperparameters from all others."""

    names: tuple[str, ...]  # of the parameters beside the architecture, in alphabetical order
    digest: str  # content hash of the network's signature and of their values

    @classmethod
    def of(cls, signature: str, values: Mapping[str, Any]) -> Key:
        """The key of a network with this signature and these hyperparameters."""
        names = tuple(sorted(values))
        return cls(names, content_hash([signature, [plain(values[name]) for name in names]]))


@dataclass(frozen=True)
class Heritage:
    """Weights that are passed on, by what is known of the network that they are from."""

    score: Score
    num_params: int


@dataclass(frozen=True)
class Result:
    """A finished trial, as the evolution sees it."""

    position: Position  # among all that count: trial numbers differ with the workers
    score: Score | None  # None if it failed, returned NaN, or was pruned but not stopped early
    blueprint: Graph | None  # as assigned; None where the trial tells of no network
    modules: Mapping[str, Graph]
    completed: Graph | None  # the blueprint with the global genes as the objective got them
    key: Key | None  # None if it is to be evaluated again, as after a worker was killed
    heritage: Heritage | None = None  # what it began with; None for new weights
    bequest: Heritage | None = None  # what a network begins with that inherits from it

    @property
    def is_scored(self) -> bool:
        """Whether it was trained to its end, and has a score."""
        return self.score is not None and not self.score.stopped

    @cached_property
    def blueprint_id(self) -> str | None:
        """Content hash of the assigned blueprint."""
        return None if self.blueprint is None else genome_id(self.blueprint)

    @cached_property
    def module_ids(self) -> dict[str, str]:
        """Content hash of the module in each slot."""
        return {slot: genome_id(module) for slot, module in self.modules.items()}


@dataclass(frozen=True)
class State:
    """Everything that networks are assembled from: what one generation is bred into."""

    generation: int
    blueprints: Population
    modules: Population  # empty in hyperparameter-only mode
    archive: tuple[Result, ...]  # the best networks so far, the best first
    global_genes: Mapping[str, BaseDistribution]  # as objectives suggested them
    evaluated: frozenset[Key]  # not to be evaluated again; not stored, since the trials say it
    recent: tuple[Result, ...] = ()  # that counted last, kept where they may be donors of weights

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible value; `from_json` is its inverse, given the archived trials."""
        return {
            "generation": self.generation,
            "blueprints": self.blueprints.to_json(),
            "modules": self.modules.to_json(),
            "archive": [result.position for result in self.archive],
            "global_genes": {
                name: distribution_to_json(plain_range(self.global_genes[name]))
                for name in sorted(self.global_genes)
            },
            **({"recent": [result.position for result in self.recent]} if self.recent else {}),
        }

    @classmethod
    def from_json(
        cls,
        value: Mapping[str, Any],
        load: Callable[[Position], Result],
        evaluated: frozenset[Key],
    ) -> State:
        """The state that `to_json` wrote; `load` reads the result at a position."""
        return cls(
            value["generation"],
            Population.from_json(value["blueprints"]),
            Population.from_json(value["modules"]),
            tuple(load(number) for number in value["archive"]),
            {name: json_to_distribution(d) for name, d in value["global_genes"].items()},
            evaluated,
            tuple(load(number) for number in value.get("recent", ())),
        )

    def counting(
        self,
        results: Iterable[Result],
        generation: int,
        global_genes: Mapping[str, BaseDistribution],
    ) -> State:
        """The state of another generation, which also knows these results and genes as such."""
        keys = frozenset(result.key for result in results if result.key is not None)
        return replace(
            self,
            generation=generation,
            global_genes={**self.global_genes, **global_genes},
            evaluated=self.evaluated | keys,
        )

    @cached_property
    def asked(self) -> frozenset[tuple[str, ...]]:
        """Which parameters beside the architecture the evaluated networks were asked for."""
        return frozenset(key.names for key in self.evaluated)

    @cached_property
    def digest(self) -> str:
        """Content hash of the stored state: equal on every worker."""
        return content_hash(self.to_json())


def best_of(results: Sequence[Result], most: int, front_order: str) -> tuple[Result, ...]:
    """The best of results with a score, the best first: of several objectives the front.

    The order is one that `ranking` has. Networks that were stopped early are not among them.
    """
    results = [result for result in results if result.is_scored]
    if not results:
        return ()
    order = ranking([result.score for result in results], front_order=front_order)
    best = [results[i] for i in order]
    first = best[0].score
    if first is not None and first.feasible and len(first.values) > 1:
        feasible = [r for r in best if r.score is not None and r.score.feasible]
        values = np.array([r.score.values for r in feasible if r.score is not None])
        best = [feasible[i] for i in front(values)]
    return tuple(best[:most])
