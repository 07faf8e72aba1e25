"""Spaces, genomes and whole evolutions without a study, for the tests of the sampler's parts."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler import CoDeepNEATSampler
from optuna_codeepneat.sampler import Crossover
from optuna_codeepneat.sampler import GenomeSpace
from optuna_codeepneat.sampler import Mutation
from optuna_codeepneat.sampler import Score
from optuna_codeepneat.sampler._codeepneat._algorithm import CoDeepNEAT
from optuna_codeepneat.sampler._codeepneat._assembly import Assembler
from optuna_codeepneat.sampler._codeepneat._settings import CoDeepNEATSettings
from optuna_codeepneat.sampler._generations._evidence import params_hash
from optuna_codeepneat.sampler._generations._records import Assignment
from optuna_codeepneat.sampler._generations._records import pack
from optuna_codeepneat.sampler._genetics import Origin
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._genetics import TrialNumber
from optuna_codeepneat.sampler._genetics._genes import draw
from optuna_codeepneat.sampler._genetics._genome import blueprint_space
from optuna_codeepneat.sampler._genetics._genome import module_space
from optuna_codeepneat.sampler._genetics._genome import with_innovation_ids
from optuna_codeepneat.sampler._genetics._mutation import add_connection
from optuna_codeepneat.sampler._genetics._mutation import change_kind
from optuna_codeepneat.sampler._genetics._mutation import perturb_genes
from optuna_codeepneat.sampler._genetics._mutation import perturb_one
from optuna_codeepneat.sampler._genetics._mutation import remove_connection
from optuna_codeepneat.sampler._genetics._mutation import remove_node
from optuna_codeepneat.sampler._genetics._network_genome import NetworkGenome
from optuna_codeepneat.sampler._genetics._population import Result
from optuna_codeepneat.sampler._genetics._population import State
from optuna_codeepneat.sampler._genetics._proposal import Proposal
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import SearchSpace


GLOBAL: dict[str, BaseDistribution] = {
    "batch_size": IntDistribution(16, 128, step=16),
    "lr": FloatDistribution(1e-4, 1e-1, log=True),
    "momentum": FloatDistribution(0.68, 0.99),
    "nesterov": CategoricalDistribution((False, True)),
}
"""What an objective suggests beside the architecture."""

CONV1D = SearchSpace.conv1d(
    input_shape=(2, 16), num_outputs=3, max_module_nodes=4, max_blueprint_nodes=4
)
DENSE = SearchSpace(
    layers={"dense": {}, "dropout": {}, "identity": {}},
    input_shape=(8,),
    num_outputs=2,
    n_module_slots=2,
    max_module_nodes=6,
    max_blueprint_nodes=3,
    max_inputs=3,
    merges=("sum",),
)
SPACES = {"conv1d": CONV1D, "dense": DENSE}


def genome_space(space: SearchSpace, what: str) -> GenomeSpace:
    """The space of a ``"module"``, a ``"blueprint"``, or of ``"hyperparameters"`` alone."""
    if what == "module":
        return module_space(space)
    return blueprint_space(space if what == "blueprint" else None, GLOBAL)


def random_genome(space: SearchSpace, what: str, seed: int) -> Graph:
    """A genome of any size and shape, made by the search space and not by an operator."""
    rng = np.random.default_rng(seed)
    genes = Genes({name: draw(GLOBAL[name], rng) for name in GLOBAL})
    if what == "hyperparameters":
        return Graph((), genes=genes)
    architecture = space.walk(lambda name, distribution: draw(distribution, rng))
    if what == "module":
        return with_innovation_ids(next(iter(architecture.modules.values())))
    blueprint = with_innovation_ids(architecture.blueprint)
    return replace(blueprint, genes=blueprint.genes | genes)


@st.composite
def genomes(
    draw_: st.DrawFn, what: str | None = None, n: int = 1
) -> tuple[SearchSpace, GenomeSpace, list[Graph]]:
    """A search space, its space of genomes, and genomes; later ones often are descendants."""
    space = draw_(st.sampled_from(list(SPACES.values())))
    kind = what or draw_(st.sampled_from(("module", "blueprint", "hyperparameters")))
    own = genome_space(space, kind)
    found: list[Graph] = []
    for _ in range(n):
        seed = draw_(st.integers(0, 10_000))
        if found and draw_(st.booleans()):
            genome = found[-1]
        else:
            genome = random_genome(space, kind, seed)
        for i in range(draw_(st.integers(0, 6))):
            genome = Mutation()(genome, rng_for(seed, "grow", i), own)
        found.append(genome)
    return space, own, found


def check_in_space(genome: Graph, space: SearchSpace, own: GenomeSpace) -> None:
    """Raises unless the genome is valid and stands for a network (or for hyperparameters)."""
    genome.lint()
    assert len(genome.nodes) <= own.max_nodes
    assert all(len(node.inputs) <= own.max_inputs for node in genome.nodes)
    for name, distribution in own.genes.items():
        value = genome.genes[name]
        assert distribution._contains(distribution.to_internal_repr(value)), (name, value)
    if own.max_nodes == 0:
        assert genome.nodes == ()
        return
    if set(own.kinds) == set(space.slots):
        module = smallest(space).modules[space.slots[0]]
        architecture = space.architecture(genome, dict.fromkeys(space.slots, module))
    else:
        architecture = space.architecture(smallest(space).blueprint, {space.slots[0]: genome})
    assert space.decode(space.encode(architecture)) == architecture


@cache
def smallest(space: SearchSpace) -> Architecture:
    """The smallest network of a space."""
    return space.smallest()


OPERATORS: dict[str, Callable[[Graph, np.random.Generator, GenomeSpace], Graph]] = {
    "add_connection": add_connection,
    "add_node": Mutation().add_node,
    "change_kind": change_kind,
    "mutation": Mutation(),
    "perturb_genes": lambda g, rng, space: perturb_genes(g, rng, space, prob=0.5, sigma=0.2),
    "perturb_one": lambda g, rng, space: perturb_one(g, rng, space, sigma=0.2),
    "remove_connection": remove_connection,
    "remove_node": remove_node,
}


def apply(name: str, genome: Graph, rng: np.random.Generator, own: GenomeSpace) -> Graph:
    """The operator of that name; what changes structure cannot act on mere hyperparameters."""
    if own.max_nodes == 0 and name in ("add_node", "change_kind"):
        return genome
    return OPERATORS[name](genome, rng, own)


# -- whole evolutions ------------------------------------------------------------------------


def settings(space: SearchSpace | None, **changes: Any) -> CoDeepNEATSettings:
    """The settings that a sampler with these arguments has; no more founders than members."""
    return CoDeepNEATSampler(space, **{"seed": 0, "founders": 0, **changes})._algorithm.settings


def assigned_text(
    network: NetworkGenome,
    space: SearchSpace | None,
    signature: str | None = None,
    number: int = 0,
    origin: Origin[TrialNumber] = Origin(),
) -> str:
    """What a trial carries that was assigned a network."""
    proposal = Proposal.of(network, space)
    return Assignment(
        number,
        0,
        number,
        0,
        proposal.signature if signature is None else signature,
        proposal.key.digest,
        "" if space is None else params_hash(space.encode(network.architecture(space)), space),
        pack({**network.to_json(), **origin.to_json()}),
    ).pack()


Objective = Callable[[Proposal, int], "Score | None"]


def size_and_depth(proposal: Proposal, number: int) -> Score:
    """Two objectives that contradict each other."""
    assert proposal.architecture is not None
    return Score((float(proposal.architecture.depth), -float(proposal.architecture.num_params)))


def evaluate(
    proposal: Proposal, number: int, score: Score | None, drawn: dict[str, Any] | None = None
) -> Result:
    """The result of a trial that evaluated what it was assigned."""
    network = proposal.network
    genes = network.blueprint.genes | (drawn or {})
    completed = replace(network.blueprint, genes=genes)
    key = replace(proposal, genes={**proposal.genes, **(drawn or {})}).key
    if proposal.architecture is None:
        network = replace(network, blueprint=completed)
    return Result(number, score, network.blueprint, network.modules, completed, key)


def propose(
    state: State, space: SearchSpace | None, own: CoDeepNEATSettings, seed: int
) -> list[Proposal]:
    """All networks of a generation."""
    assembler = Assembler(state, space, own, seed)
    found: list[Proposal] = []
    for place in range(own.assembled_population_size):
        found.append(assembler.assemble(place, Seen(running={p.key.digest for p in found})))
    return found


def evolve(
    space: SearchSpace | None,
    own: CoDeepNEATSettings,
    *,
    generations: int,
    seed: int = 0,
    objective: Objective = size_and_depth,
    global_genes: dict[str, BaseDistribution] | None = None,
) -> Iterator[tuple[State, list[Result]]]:
    """Each generation's state and results, without a study."""
    genes = global_genes if global_genes is not None else GLOBAL
    state = CoDeepNEAT(space, own).genesis(seed, 0, genes)
    for generation in range(generations):
        proposals = propose(state, space, own, seed)
        first = generation * own.assembled_population_size
        results = [
            evaluate(p, first + i, objective(p, first + i)) for i, p in enumerate(proposals)
        ]
        yield state, results
        state = CoDeepNEAT(space, own).advance(state, results, seed, generation + 1, genes)


# -- golden files ----------------------------------------------------------------------------

ASSETS = Path(__file__).parent / "assets"


def rounded(value: Any) -> Any:
    """Without the last digits of numbers, in which mathematical libraries may differ."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {name: rounded(item) for name, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list | tuple) else value


def check_golden(name: str, value: dict[str, Any]) -> None:
    """Compares with ``assets/<name>.json``, or writes it where UPDATE_GOLDEN is set."""
    path = ASSETS / f"{name}.json"
    now = json.loads(json.dumps(rounded(value)))
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
    assert now == json.loads(path.read_text())


def operator_children() -> dict[str, Any]:
    """A child of each mutation operator for a few seeds."""
    children: dict[str, Any] = {}
    for what in ("module", "blueprint", "hyperparameters"):
        own = genome_space(CONV1D, what)
        for name in OPERATORS:
            for seed in (1, 2):
                genome = random_genome(CONV1D, what, seed)
                child = apply(name, genome, rng_for(seed, "golden", name), own)
                children[f"{name} {what} {seed}"] = child.to_json()
    return children


def crossover_children() -> dict[str, Any]:
    """A child of crossover for a few seeds."""
    children: dict[str, Any] = {}
    for what in ("module", "blueprint", "hyperparameters"):
        own = genome_space(CONV1D, what)
        for seed in (1, 2):
            parent = random_genome(CONV1D, what, seed)
            other = parent
            for i in range(4):
                other = Mutation()(other, rng_for(seed, "other", i), own)
            child = Crossover()(parent, other, rng_for(seed, "golden"))
            children[f"crossover {what} {seed}"] = child.to_json()
    return children


def generation_digests(begun: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The digest of each state of two short evolutions, of studies begun with these settings."""
    with_space = settings(CONV1D, assembled_population_size=8)
    alone = settings(None, assembled_population_size=8, n_blueprint_species=2)
    if begun is not None:
        with_space, alone = with_space.as_begun(begun), alone.as_begun(begun)
    networks = evolve(CONV1D, with_space, generations=4, seed=3)
    hyperparameters = evolve(None, alone, generations=4, seed=3, objective=learning_rate)
    return {
        "networks": [state.digest for state, _ in networks],
        "hyperparameters": [state.digest for state, _ in hyperparameters],
    }


def learning_rate(proposal: Proposal, number: int) -> Score:
    """One objective of the hyperparameters."""
    return Score((-abs(float(np.log10(proposal.genes.get("lr", 1.0))) + 2.0),))
