"""Which network comes next: assembling blueprints and modules (LEAF, algorithm 1)."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler import _genome
from optuna_codeepneat.sampler._known import Known
from optuna_codeepneat.sampler._population import Key
from optuna_codeepneat.sampler._population import Result
from optuna_codeepneat.sampler._population import State
from optuna_codeepneat.sampler._settings import Settings
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    import numpy as np

_Choice = TypeVar("_Choice")

ARCHIVE = "archive"
"""The origin of a network that is an archived one with a component replaced."""

_TRIES = 60
"""How many networks are bred in one place before a duplicate is accepted."""


@dataclass(frozen=True)
class Network:
    """A blueprint with the module that fills each slot it points to.

    Args:
        blueprint:
            The blueprint's genome, global genes included.
        modules:
            The module's genome in each slot in use.
        origin:
            ``"assembly"`` of the populations, ``"archive"`` with a component replaced, or
            ``"enqueued"`` by the user.
        parent:
            The archived network that it was made from: the position of its result in a state,
            the number of its trial once it is assigned.
        donor:
            The network whose weights it inherits, given as `parent` is; None for none.
        inheritance:
            How: ``"exact"``, ``"noisy"`` or ``"fresh"``; None where there is no donor.
    """

    blueprint: Graph
    modules: Mapping[str, Graph]
    origin: str = "assembly"
    parent: int | None = None
    donor: int | None = None
    inheritance: str | None = None

    def architecture(self, space: SearchSpace) -> Architecture:
        """The assembled network."""
        own = {
            name: self.blueprint.genes[name]
            for name in space.hyperparameters
            if name in self.blueprint.genes
        }
        return space.architecture(self.blueprint, self.modules, own)

    def global_genes(self, space: SearchSpace | None) -> dict[str, Any]:
        """Values of the parameters beside the graph of the blueprint, as far as it has them."""
        own = set(space.graph_genes) if space is not None else set()
        return {name: value for name, value in self.blueprint.genes.items() if name not in own}

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible value; `from_json` is its inverse."""
        return {
            "blueprint": self.blueprint.to_json(),
            "modules": {slot: genome.to_json() for slot, genome in self.modules.items()},
            "origin": self.origin,
            "parent": self.parent,
            **({} if self.donor is None else {"heir": [self.donor, self.inheritance]}),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Network:
        """The network that `to_json` wrote."""
        return cls(
            Graph.from_json(value["blueprint"]),
            {slot: Graph.from_json(genome) for slot, genome in value["modules"].items()},
            value["origin"],
            value["parent"],
            *value.get("heir", (None, None)),
        )


@dataclass(frozen=True)
class Proposal:
    """A network to evaluate, with what follows from it.

    Args:
        network:
            Blueprint and modules.
        architecture:
            The assembled network, None in hyperparameter-only mode.
        genes:
            Values of the parameters beside the graph of the blueprint.
    """

    network: Network
    architecture: Architecture | None
    genes: Mapping[str, Any]

    @classmethod
    def of(cls, network: Network, space: SearchSpace | None) -> Proposal:
        """The proposal of a network."""
        architecture = None if space is None else network.architecture(space)
        return cls(network, architecture, network.global_genes(space))

    @property
    def signature(self) -> str:
        """Content hash of the network, empty in hyperparameter-only mode."""
        return "" if self.architecture is None else self.architecture.signature

    @cached_property
    def key(self) -> Key:
        """What tells it from all others, genes included that the objective may not ask."""
        return Key.of(self.signature, self.genes)

    def is_one_of(self, keys: Collection[Key], asked: Collection[tuple[str, ...]]) -> bool:
        """Whether an objective would do what it did for a network with one of these keys.

        An objective that asked for some parameters and got these very values asks for no others;
        what else the genome holds, such as genes of a branch not taken, makes no difference.

        Args:
            keys:
                The keys.
            asked:
                All `names` among the keys.
        """
        return any(
            Key.of(self.signature, {name: self.genes[name] for name in names}) in keys
            for names in asked
            if all(name in self.genes for name in names)
        )


def smallest_network(space: SearchSpace, genes: Genes) -> Network:
    """A network that meets the caps for sure, with these global genes."""
    sizes = (space.smallest("num_params"), space.smallest("macs"))
    within = [network for network in sizes if space.excess(network) is None]
    smallest = within[0] if within else sizes[0]
    blueprint = _genome.mark(smallest.blueprint)
    modules = {slot: _genome.mark(graph) for slot, graph in smallest.modules.items()}
    return Network(replace(blueprint, genes=genes | blueprint.genes), modules)


@dataclass(frozen=True)
class Assembler:
    """Assembles the networks of one generation; the same places, the same networks, anywhere."""

    state: State
    space: SearchSpace | None
    settings: Settings
    seed: int

    def assemble(
        self, place: int, finished: Collection[Key] = (), planned: Collection[str] = ()
    ) -> Proposal:
        """The network for a place of the generation.

        Networks over the space's caps are bred again, and so are those that were evaluated
        before or are being evaluated, as long as there are others.

        Args:
            place:
                The place within the generation: the counter of the randomness, and whose turn
                it is.
            finished:
                Keys of networks that were evaluated since the state was bred.
            planned:
                Hashes (`Key.digest`) of networks that others are about to evaluate.
        """
        within_caps: Proposal | None = None
        known = Known(self.state, finished, planned)
        for attempt in range(_TRIES):
            rng = rng_for(self.seed, "assemble", self.state.generation, place, attempt)
            if within_caps is None and attempt >= _TRIES // 3:
                network = self._grown(place, attempt - _TRIES // 3, rng)
            else:
                network = self._propose(place, attempt, rng)
            proposal = Proposal.of(network, self.space)
            if self.space is not None and proposal.architecture is not None:
                if self.space.excess(proposal.architecture) is not None:
                    continue
            within_caps = within_caps or proposal
            if self.settings.allow_duplicates:
                return proposal
            if not known.has(proposal):
                return proposal
        return within_caps or Proposal.of(self._smallest(place), self.space)

    def _smallest(self, place: int) -> Network:
        """A network that meets the caps for sure, with the global genes of a blueprint."""
        assert self.space is not None
        blueprints = self.state.blueprints.individuals
        genes = blueprints[place % len(blueprints)].genome.genes
        return smallest_network(self.space, genes)

    def _grown(self, place: int, steps: int, rng: np.random.Generator) -> Network:
        """Where hardly anything fits, the smallest network after a few mutations."""
        network = self._smallest(place)
        for _ in range(1 + steps // 4):
            network = self._mutated(network, rng)
        return network

    def _propose(self, place: int, attempt: int, rng: np.random.Generator) -> Network:
        archive = self.state.archive
        if archive and rng.random() < self.settings.elite_assembly_rate:
            network = self._from_archive(rng)
        else:
            network = self._from_populations(place, attempt, rng)
        # Where nothing new was found so far, go farther away with every attempt.
        for _ in range(attempt // 4):
            network = self._mutated(network, rng)
        return network

    def _from_populations(self, place: int, attempt: int, rng: np.random.Generator) -> Network:
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
        return Network(blueprint, modules)

    def _from_archive(self, rng: np.random.Generator) -> Network:
        """An archived network with one component replaced (ours): the elite assembly.

        The published algorithm forgets: an elite blueprint meets other modules in the next
        generation, so the best network itself is lost. Here the component becomes a mutant of
        itself, or its crossover with that of another archived network.
        """
        archive = self.state.archive
        parent = self._parent(rng)
        assert parent.completed is not None
        network = Network(parent.completed, parent.modules, ARCHIVE, parent.number)
        if rng.random() < 0.5:
            return self._crossed(network, _any(archive, rng), rng)
        network = self._mutated(network, rng)
        while rng.random() < 0.5:
            network = self._mutated(network, rng)
        return network

    def _parent(self, rng: np.random.Generator) -> Result:
        """Any member of a Pareto front; of networks in an order, the best of three."""
        archive = self.state.archive
        first = archive[0].score
        ordered = first is not None and (len(first.values) == 1 or not first.feasible)
        places = rng.integers(len(archive), size=3 if ordered else 1)
        return archive[int(places.min())]

    def _mutated(self, network: Network, rng: np.random.Generator) -> Network:
        """The network with one of its components mutated."""
        slot = self._component(network, rng)
        if slot is None:
            space = _genome.blueprint_space(self.space, self.state.global_genes)
            mutation = self.settings.blueprint_mutation
            return self._filled(
                replace(network, blueprint=mutation(network.blueprint, rng, space)), rng
            )
        assert self.space is not None
        space = _genome.module_space(self.space)
        module = self.settings.module_mutation(network.modules[slot], rng, space)
        return replace(network, modules={**network.modules, slot: module})

    def _crossed(self, network: Network, other: Result, rng: np.random.Generator) -> Network:
        """The network with one of its components crossed with another network's."""
        slot, crossover = self._component(network, rng), self.settings.crossover
        if slot is None:
            assert other.completed is not None
            blueprint = crossover(network.blueprint, other.completed, rng)
            return self._filled(replace(network, blueprint=blueprint), rng)
        if slot in other.modules:
            module = crossover(network.modules[slot], other.modules[slot], rng)
        else:
            module = _any(self.state.modules.by_species[slot], rng).genome
        return replace(network, modules={**network.modules, slot: module})

    def _component(self, network: Network, rng: np.random.Generator) -> str | None:
        """A slot in use, or None for the blueprint."""
        components = [None, *sorted(network.modules)]
        return components[int(rng.integers(len(components)))]

    def _filled(self, network: Network, rng: np.random.Generator) -> Network:
        """The network with a module just for each slot that its blueprint points to."""
        slots = sorted({node.kind for node in network.blueprint.nodes})
        modules = {
            slot: network.modules[slot]
            if slot in network.modules
            else _any(self.state.modules.by_species[slot], rng).genome
            for slot in slots
        }
        return replace(network, modules=modules)


def _any(choices: Sequence[_Choice], rng: np.random.Generator) -> _Choice:
    return choices[int(rng.integers(len(choices)))]
