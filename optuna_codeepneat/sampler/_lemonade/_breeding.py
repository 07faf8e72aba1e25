"""Which network comes next in LEMONADE: parents, children, and which child is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler._algorithm import NOTHING_SEEN
from optuna_codeepneat.sampler._cheap import cheap_value
from optuna_codeepneat.sampler._genetics import Evaluated
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Origin
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Ranges
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._genetics import perturb
from optuna_codeepneat.sampler._genetics import smallest_network
from optuna_codeepneat.sampler._lemonade._first_networks import INITIAL
from optuna_codeepneat.sampler._lemonade._first_networks import first_networks
from optuna_codeepneat.sampler._lemonade._morphisms import Morphism
from optuna_codeepneat.sampler._lemonade._operators import _name_of
from optuna_codeepneat.sampler._lemonade._operators import named
from optuna_codeepneat.sampler._lemonade._settings import LemonadeSettings
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


_NODE_GENES = ("dropout", "weight_decay")
"""Genes of layers that say how a network is trained, not what it computes."""

_CONTINUED_GENE_PROB = 0.5
"""Probability that a hyperparameter is perturbed where nothing else changes."""

_TRIES = 20
"""How often children are proposed in one place before a duplicate is accepted."""


@dataclass(frozen=True)
class Breeder:
    """Breeds the children of one generation; the same places, the same children, anywhere."""

    state: State
    space: SearchSpace
    settings: LemonadeSettings
    seed: int

    def assemble(self, place: int, seen: Seen = NOTHING_SEEN) -> Proposal:
        """The network for a place of the generation.

        `n_proposals` children are proposed, and one of them accepted, each drawn with a
        probability inversely proportional to the density of the population around it. Networks
        over the space's caps, and those that were evaluated before or are being evaluated, are
        no proposals as long as there are others.
        """
        known = Evaluated(self.state, seen)
        again: Proposal | None = None
        if self.is_initial(place):
            again = Proposal.of(self._first[self._number(place)], self.space, INITIAL)
            if self.settings.allow_duplicates or not known.has(again):
                return again
        for attempt in range(_TRIES):
            path = ("lemonade", self.state.generation, place, attempt)
            rng = rng_for(self.seed, *path)
            children = []
            for _ in range(self.settings.n_proposals):
                child = self.child(rng, farther=attempt // 4)
                if not self.is_within_caps(child):
                    continue
                again = again or child
                if self.settings.allow_duplicates or not known.has(child):
                    children.append(child)
            if children:
                sizes = np.array([self._sizes(child.architecture) for child in children])
                return children[int(rng.choice(len(children), p=self._weights(sizes)))]
        return again or Proposal.of(self._smallest, self.space)

    def is_initial(self, place: int) -> bool:
        """Whether one of the networks that the evolution begins with has this place."""
        return self._number(place) < self.settings.n_first

    def _number(self, place: int) -> int:
        return self.state.generation * self.settings.generation_size + place

    def is_within_caps(self, child: Proposal) -> bool:
        """Whether the space allows for its sizes."""
        return child.architecture is not None and self.space.excess(child.architecture) is None

    @property
    def ranges(self) -> Ranges:
        """Those of the parameters beside the architecture."""
        return {**self.space.hyperparameters, **self.state.global_genes}

    @cached_property
    def _first(self) -> Sequence[NetworkGenome]:
        """The networks that the evolution begins with."""
        own = self.settings
        return first_networks(
            self.space, own.initial, own.n_first, self.state.global_genes, self.seed
        )

    @cached_property
    def _parents(self) -> Sequence[tuple[NetworkGenome, Result | None]]:
        """The population, or the networks to begin with as long as there is none."""
        population = [
            (NetworkGenome(result.completed, result.modules), result)
            for result in self.state.archive
            if result.completed is not None
        ]
        return population or [(network, None) for network in self._first]

    @cached_property
    def _smallest(self) -> NetworkGenome:
        network, _ = self._parents[0]
        return smallest_network(self.space, network.blueprint.genes)

    @cached_property
    def _points(self) -> np.ndarray:
        """The cheap objectives of the parents, ``(parents, objectives)``."""
        parents = [network for network, _ in self._parents]
        return np.array([self._sizes(parent.architecture(self.space)) for parent in parents])

    @cached_property
    def _parent_weights(self) -> np.ndarray:
        return self._weights(self._points)

    def _weights(self, at: np.ndarray) -> np.ndarray:
        if self.settings.density is None:
            return np.full(len(at), 1.0 / len(at))
        return self.settings.density.weights(self._points, at)

    def _sizes(self, architecture: Architecture | None) -> list[float]:
        assert architecture is not None
        return [cheap_value(cheap, architecture) for cheap in self.settings.cheap]

    def child(self, rng: np.random.Generator, farther: int = 0) -> Proposal:
        """A parent after one or several morphisms, and some more to go farther away."""
        own = self.settings
        child, parent = self._parents[int(rng.choice(len(self._parents), p=self._parent_weights))]
        inheritance = None if parent is None else own.inheritance
        goes_on = inheritance is not None and rng.random() < own.continuation_rate
        names = []
        for _ in range(0 if goes_on else self._n_morphisms(rng) + farther):
            groups = [own.exact_morphisms, own.approximate_morphisms]
            if rng.random() < own.approximate_rate:
                groups.reverse()
            for morphisms in groups:  # what cannot shrink grows, and the other way round
                name, changed = self._changed(child, morphisms, rng)
                if changed is not child:
                    names.append(name)
                    child = changed
                    break
        child = self._perturbed(child, rng, _CONTINUED_GENE_PROB if goes_on else own.gene_prob)
        how = "+".join(names) or "continuation"
        if parent is None:
            return Proposal.of(child, self.space, Origin(how))
        donor = None if inheritance is None else parent.position
        origin = Origin(how, parent.position, donor, inheritance)
        heritage = None if inheritance is None else parent.bequest
        return Proposal.of(child, self.space, origin, heritage)

    def _changed(
        self,
        network: NetworkGenome,
        morphisms: Mapping[str | Morphism, float],
        rng: np.random.Generator,
    ) -> tuple[str, NetworkGenome]:
        """The network after one of these morphisms, and its name; others where one cannot."""
        left = list(morphisms.items())
        while left:
            weights = np.array([rate for _, rate in left])
            if weights.sum() == 0:
                break
            i = int(rng.choice(len(left), p=weights / weights.sum()))
            key, _ = left.pop(i)
            morphism = named(key)
            changed = morphism(network, rng, self.space)
            if changed.blueprint != network.blueprint or changed.modules != network.modules:
                return key if isinstance(key, str) else _name_of(key), changed
        return "", network

    def _n_morphisms(self, rng: np.random.Generator) -> int:
        """One for half of the children, two for a quarter, and so on."""
        return int(min(rng.geometric(0.5), self.settings.max_morphisms))

    def _perturbed(
        self, network: NetworkGenome, rng: np.random.Generator, prob: float
    ) -> NetworkGenome:
        """The network with some of the genes perturbed that say how it is trained."""
        own = self.settings
        ranges = self.ranges

        def changed(genes: Genes, ranges: Mapping[str, BaseDistribution]) -> Genes:
            values = {
                name: perturb(ranges[name], genes[name], rng, own.sigma)
                for name in sorted(ranges)
                if name in genes and not ranges[name].single() and rng.random() < prob
            }
            return genes | values if values else genes

        modules = {}
        for slot, module in sorted(network.modules.items()):
            nodes = []
            for node in module.nodes:
                layer = self.space.layers[node.kind]
                trained = {name: layer[name] for name in _NODE_GENES if name in layer}
                nodes.append(replace(node, genes=changed(node.genes, trained)))
            modules[slot] = Graph(tuple(nodes), module.merge, module.genes)
        blueprint = network.blueprint
        return replace(
            network,
            blueprint=replace(blueprint, genes=changed(blueprint.genes, ranges)),
            modules=modules,
        )
