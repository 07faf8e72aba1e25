"""Which network comes next: assembling blueprints and modules (LEAF, algorithm 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING
from typing import TypeVar

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler._algorithm import NOTHING_SEEN
from optuna_codeepneat.sampler._codeepneat._settings import CoDeepNEATSettings
from optuna_codeepneat.sampler._genetics import ARCHIVE
from optuna_codeepneat.sampler._genetics import Evaluated
from optuna_codeepneat.sampler._genetics import Mutation
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Operator
from optuna_codeepneat.sampler._genetics import Origin
from optuna_codeepneat.sampler._genetics import Position
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Ranges
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._genetics import blueprint_space
from optuna_codeepneat.sampler._genetics import module_space
from optuna_codeepneat.sampler._genetics import perturb
from optuna_codeepneat.sampler._genetics import random_genome
from optuna_codeepneat.sampler._genetics import smallest_network
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    import numpy as np

_Choice = TypeVar("_Choice")


_TRIES = 60
"""How many networks are bred in one place before a duplicate is accepted."""

_ONE_EDIT = 0.75
"""Share of the edited networks that are edited once."""

_CONTINUED_SIGMA = 0.1
"""Standard deviation of hyperparameters of a network whose training goes on."""

_ASSEMBLED: Origin[Position] = Origin()


@dataclass(frozen=True)
class Assembler:
    """Assembles the networks of one generation; the same places, the same networks, anywhere."""

    state: State
    space: SearchSpace | None
    settings: CoDeepNEATSettings
    seed: int

    def architecture_of(self, result: Result) -> Architecture:
        """The network of a finished trial, assembled once for all places of the generation."""
        own, architecture = self._architectures.get(result.position, (None, None))
        if architecture is None or own is not result:
            assert self.space is not None and result.completed is not None
            network = NetworkGenome(result.completed, result.modules)
            architecture = network.architecture(self.space)
            self._architectures[result.position] = result, architecture
        return architecture

    @cached_property
    def _architectures(self) -> dict[Position, tuple[Result, Architecture]]:
        return {}

    def assemble(self, place: int, seen: Seen = NOTHING_SEEN) -> Proposal:
        """The network for a place of the generation.

        Networks over the space's caps are bred again, and so are those that were evaluated
        before or are being evaluated, as long as there are others. The place is the counter of
        the randomness, and says whose turn it is.
        """
        within_caps: Proposal | None = None
        known = Evaluated(self.state, seen)
        for attempt in range(_TRIES):
            rng = rng_for(self.seed, "assemble", self.state.generation, place, attempt)
            if within_caps is None and attempt >= _TRIES // 3:
                network, origin = self._grown(place, attempt - _TRIES // 3, rng), _ASSEMBLED
            else:
                network, origin = self.propose(place, attempt, rng)
            proposal = Proposal.of(network, self.space, origin)
            if self.space is not None and proposal.architecture is not None:
                if self.space.excess(proposal.architecture) is not None:
                    continue
            within_caps = within_caps or proposal
            if self.settings.allow_duplicates or not known.has(proposal):
                return proposal
        return within_caps or Proposal.of(self._smallest(place), self.space)

    def _smallest(self, place: int) -> NetworkGenome:
        """A network that meets the caps for sure, with the global genes of a blueprint."""
        assert self.space is not None
        blueprints = self.state.blueprints.individuals
        genes = blueprints[place % len(blueprints)].genome.genes
        return smallest_network(self.space, genes)

    def _grown(self, place: int, steps: int, rng: np.random.Generator) -> NetworkGenome:
        """Where hardly anything fits, the smallest network after a few mutations."""
        network = self._smallest(place)
        for _ in range(1 + steps // 4):
            network = self._mutated(network, rng)
        return network

    def propose(
        self, place: int, attempt: int, rng: np.random.Generator
    ) -> tuple[NetworkGenome, Origin[Position]]:
        """A network, and how it came about."""
        origin = _ASSEMBLED
        if self.state.archive and rng.random() < self.settings.elite_assembly_rate:
            parent = self._parent(rng)
            network, origin = self._bred(parent, rng), Origin(ARCHIVE, parent.position)
        else:
            network = self._from_populations(place, attempt, rng)
        # Where nothing new was found so far, go farther away with every attempt.
        for _ in range(attempt // 4):
            network = self._mutated(network, rng)
        return network, origin

    def _from_populations(
        self, place: int, attempt: int, rng: np.random.Generator
    ) -> NetworkGenome:
        """A blueprint in its turn, with partners that all get equally many turns.

        Where the blueprints do not divide the places, the first ones have one network more.
        """
        blueprints = self.state.blueprints.individuals
        blueprint = blueprints[place % len(blueprints)].genome
        modules = {}
        for slot in sorted({node.kind for node in blueprint.nodes}):
            members = self.state.modules.by_species[slot]
            round, turn = divmod(place, len(members))
            path = ("partners", self.state.generation, slot, round, attempt)
            order = rng_for(self.seed, *path).permutation(len(members))
            modules[slot] = members[int(order[turn])].genome
        return NetworkGenome(blueprint, modules)

    def _bred(self, parent: Result, rng: np.random.Generator) -> NetworkGenome:
        """An archived network with one component replaced (ours): the elite assembly.

        The published algorithm forgets: an elite blueprint meets other modules in the next
        generation, so the best network itself is lost. Here the component becomes a mutant of
        itself, or its crossover with that of another archived network.
        """
        assert parent.completed is not None
        network = NetworkGenome(parent.completed, parent.modules)
        if rng.random() < 0.5:
            return self._crossed(network, _any(self.state.archive, rng), rng)
        network = self._mutated(network, rng)
        while rng.random() < 0.5:
            network = self._mutated(network, rng)
        return network

    def _parent(self, rng: np.random.Generator) -> Result:
        """Any member of a Pareto front; of networks in an order, the best of three."""
        archive = self.state.archive
        first = archive[0].score
        ordered = first is not None and (len(first.values) == 1 or not first.feasible)
        place = int(rng.integers(len(archive)))
        if ordered:
            place = min(place, *map(int, rng.integers(len(archive), size=2)))
        return archive[place]

    @property
    def ranges(self) -> Ranges:
        """Those of the parameters beside the architecture."""
        own = {} if self.space is None else self.space.hyperparameters
        return {**own, **self.state.global_genes}

    def completed(self, network: NetworkGenome, rng: np.random.Generator) -> NetworkGenome:
        """The network with all parameters that an objective may ask, drawn where it has none."""
        ranges, own = self.ranges, network.blueprint
        missing = {name: ranges[name] for name in ranges if name not in own.genes}
        if not missing:
            return network
        space = blueprint_space(self.space, self.state.global_genes)
        genes = own.genes | space.draw_genes(missing, rng)
        return replace(network, blueprint=replace(own, genes=genes))

    def edited(
        self, rng: np.random.Generator, crossed_rate: float = 0.0
    ) -> tuple[NetworkGenome, Origin[Position]]:
        """An archived network after one to three small edits, usually one (ours).

        Some are first crossed with one or two others of the archive, and half of those not edited.
        """
        parent = self._parent(rng)
        assert parent.completed is not None
        network = NetworkGenome(parent.completed, parent.modules)
        origin = Origin(ARCHIVE, parent.position)
        if crossed_rate and rng.random() < crossed_rate:
            for _ in range(int(rng.integers(1, 3))):
                network = self._crossed(network, _any(self.state.archive, rng), rng)
            if rng.random() < 0.5:
                return network, origin
        return self.after_edits(network, rng), origin

    def after_edits(self, network: NetworkGenome, rng: np.random.Generator) -> NetworkGenome:
        """The network after one to three small edits, usually one."""
        for _ in range(1 if rng.random() < _ONE_EDIT else int(rng.integers(2, 4))):
            network = self._mutated(network, rng, edit=True)
        return network

    def continued(self, rng: np.random.Generator) -> tuple[NetworkGenome, Origin[Position]]:
        """An archived network with other hyperparameters, for its training to go on (ours)."""
        parent, ranges = self._parent(rng), self.ranges
        assert parent.completed is not None
        genes = parent.completed.genes
        names = [name for name in sorted(ranges) if name in genes and not ranges[name].single()]
        changed = {
            name: perturb(ranges[name], genes[name], rng, _CONTINUED_SIGMA)
            for name in names
            if rng.random() < 0.5
        }
        blueprint = replace(parent.completed, genes=genes | changed)
        return NetworkGenome(blueprint, parent.modules), Origin(ARCHIVE, parent.position)

    def fresh(self, rng: np.random.Generator) -> tuple[NetworkGenome, Origin[Position]]:
        """A network drawn at random."""
        ranges = blueprint_space(self.space, self.state.global_genes)
        blueprint = random_genome(ranges, rng, ranges.max_nodes)
        modules = {}
        for slot in sorted({node.kind for node in blueprint.nodes}):
            assert self.space is not None
            layers = module_space(self.space)
            modules[slot] = random_genome(layers, rng, layers.max_nodes)
        return NetworkGenome(blueprint, modules), _ASSEMBLED

    def _mutated(
        self, network: NetworkGenome, rng: np.random.Generator, *, edit: bool = False
    ) -> NetworkGenome:
        """The network with one of its components mutated, or edited where it can be."""
        own, slot = self.settings, self._component(network, rng)
        if slot is None:
            space = blueprint_space(self.space, self.state.global_genes)
            change = _change(own.blueprint_mutation, edit)
            return self._filled(
                replace(network, blueprint=change(network.blueprint, rng, space)), rng
            )
        assert self.space is not None
        change = _change(own.module_mutation, edit)
        module = change(network.modules[slot], rng, module_space(self.space))
        return network.with_module(slot, module)

    def _crossed(
        self, network: NetworkGenome, other: Result, rng: np.random.Generator
    ) -> NetworkGenome:
        """The network with one of its components crossed with another network's."""
        slot, crossover = self._component(network, rng), self.settings.crossover
        if slot is None:
            assert other.completed is not None
            ranges = blueprint_space(self.space, self.state.global_genes).genes
            blueprint = crossover(network.blueprint, other.completed, rng, ranges)
            return self._filled(replace(network, blueprint=blueprint), rng)
        if slot in other.modules:
            module = crossover(network.modules[slot], other.modules[slot], rng)
        else:
            module = _any(self.state.modules.by_species[slot], rng).genome
        return network.with_module(slot, module)

    def _component(self, network: NetworkGenome, rng: np.random.Generator) -> str | None:
        """A slot in use, or None for the blueprint."""
        components = [None, *sorted(network.modules)]
        return components[int(rng.integers(len(components)))]

    def _filled(self, network: NetworkGenome, rng: np.random.Generator) -> NetworkGenome:
        """The network with a module just for each slot that its blueprint points to."""
        slots = sorted({node.kind for node in network.blueprint.nodes})
        modules = {
            slot: network.modules[slot]
            if slot in network.modules
            else _any(self.state.modules.by_species[slot], rng).genome
            for slot in slots
        }
        return replace(network, modules=modules)


def _change(operator: Operator, edit: bool) -> Operator:
    return operator.edit if edit and isinstance(operator, Mutation) else operator


def _any(choices: Sequence[_Choice], rng: np.random.Generator) -> _Choice:
    return choices[int(rng.integers(len(choices)))]
