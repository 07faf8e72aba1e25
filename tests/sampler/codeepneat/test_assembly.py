"""Assembling networks from blueprints and modules (Liang et al. 2019, algorithm 1)."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.sampler import CoDeepNEATSampler
from optuna_codeepneat.sampler import Score
from optuna_codeepneat.sampler._codeepneat._algorithm import CoDeepNEAT
from optuna_codeepneat.sampler._codeepneat._assembly import Assembler
from optuna_codeepneat.sampler._genetics._genome import genome_id
from optuna_codeepneat.sampler._genetics._genome import with_innovation_ids
from optuna_codeepneat.sampler._genetics._network_genome import NetworkGenome
from optuna_codeepneat.sampler._genetics._population import Key
from optuna_codeepneat.sampler._genetics._proposal import Proposal
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space._layer import extremes
from tests.sampler.genomes import CONV1D
from tests.sampler.genomes import GLOBAL
from tests.sampler.genomes import evolve
from tests.sampler.genomes import propose
from tests.sampler.genomes import random_genome
from tests.sampler.genomes import settings
from tests.sampler.genomes import smallest


OWN = settings(CONV1D, assembled_population_size=12)
NO_ARCHIVE = settings(CONV1D, assembled_population_size=12, elite_assembly_rate=0.0)
GENES = {name: extremes(ranges)[0] for name, ranges in get_layer("dense").genes.items()}
TINY = SearchSpace(
    layers={"dense": {**GENES, "width": IntDistribution(4, 7)}},
    input_shape=(4,),
    num_outputs=2,
    n_module_slots=1,
    max_module_nodes=1,
    max_blueprint_nodes=1,
)
NESTEROV = {"nesterov": CategoricalDistribution((False, True))}


# -- what a network is made of ---------------------------------------------------------------


def test_nodes_that_point_to_the_same_slot_hold_the_same_module() -> None:
    """LEAF (Liang et al. 2019, algorithm 1, step 6)."""
    shared = 0
    for state, _ in evolve(CONV1D, OWN, generations=3):
        for proposal in propose(state, CONV1D, OWN, 0):
            network, architecture = proposal.network, proposal.architecture
            assert set(network.modules) == {node.kind for node in network.blueprint.nodes}
            by_node: dict[str, list[list[object]]] = {}
            for operation in architecture.operations:
                if operation.slot is not None and not operation.name.endswith(("merge", "out")):
                    node, _, _ = operation.name.partition(".")
                    by_node.setdefault(node, []).append([operation.kind, dict(operation.genes)])
            slots = [node.kind for node in network.blueprint.nodes]
            shared += len(slots) > len(set(slots))
            for slot in slots:
                layers = [by_node[str(i)] for i, other in enumerate(slots) if other == slot]
                assert all(found == layers[0] for found in layers)
    assert shared > 5


def test_modules_are_those_of_the_species_that_the_blueprint_points_to() -> None:
    state = CoDeepNEAT(CONV1D, NO_ARCHIVE).genesis(0, 0, GLOBAL)
    for proposal in propose(state, CONV1D, NO_ARCHIVE, 0):
        for slot, module in proposal.network.modules.items():
            assert genome_id(module) in {i.id for i in state.modules.by_species[slot]}


def test_each_blueprint_has_equally_many_networks_the_first_ones_one_more() -> None:
    """LEAF, table 2: 22 blueprints, 100 networks."""
    own = CoDeepNEATSampler.leaf("wikidetox", CONV1D, seed=0)._algorithm.settings
    state = CoDeepNEAT(CONV1D, own).genesis(0, 0, GLOBAL)
    assembler = Assembler(state, CONV1D, own, 0)
    networks = [
        assembler._from_populations(place, 0, np.random.default_rng(0)) for place in range(100)
    ]
    ids = [individual.id for individual in state.blueprints.individuals]
    counts = Counter(genome_id(network.blueprint) for network in networks)
    assert [counts[id] for id in ids] == [5] * 12 + [4] * 10


def test_partners_get_equally_many_turns() -> None:
    own = settings(CONV1D, assembled_population_size=36, elite_assembly_rate=0.0)
    state = CoDeepNEAT(CONV1D, own).genesis(0, 0, GLOBAL)
    one = replace(
        state.blueprints,
        individuals=(replace(state.blueprints.individuals[0], genome=one_node("A")),),
    )
    assembler = Assembler(replace(state, blueprints=one), CONV1D, own, 0)
    rng = np.random.default_rng(0)
    turns = Counter(
        genome_id(assembler._from_populations(place, 0, rng).modules["A"]) for place in range(36)
    )
    assert set(turns.values()) == {36 // len(state.modules.by_species["A"])}


def one_node(slot: str) -> Graph:
    genes = Genes(
        {"head.pool": "mean", "lr": 0.01, "momentum": 0.9, "nesterov": True, "batch_size": 64}
    )
    return Graph((Node("a", slot, genes=Genes({"pool": False})),), genes=genes)


# -- what is never proposed ------------------------------------------------------------------


@pytest.mark.parametrize("cap", ["max_params", "max_macs"])
def test_nothing_over_the_caps_is_proposed(cap: str) -> None:
    """Also under caps that hardly any network meets, with networks that differ all the same."""

    def size(architecture: Architecture) -> int:
        return architecture.num_params if cap == "max_params" else architecture.macs

    limit = 8 * size(smallest(CONV1D))
    space = SearchSpace.conv1d(
        input_shape=(2, 16),
        num_outputs=3,
        max_module_nodes=4,
        max_blueprint_nodes=4,
        **{cap: limit},
    )
    sizes: list[int] = []

    def largest(proposal: Proposal, number: int) -> Score:
        sizes.append(size(proposal.architecture))
        return Score((float(sizes[-1]),))

    keys = set()
    for chosen in (CONV1D, space):
        own = settings(chosen, assembled_population_size=8)
        sizes.clear()
        keys = {
            r.key for _, rs in evolve(chosen, own, generations=2, objective=largest) for r in rs
        }
        assert (max(sizes) <= limit) == (chosen is space)
    assert len(sizes) == 16 and len(keys) > 12


@pytest.mark.parametrize("cap", ["num_params", "macs"])
def test_where_nothing_else_fits_the_smallest_network_is_the_last_resort(cap: str) -> None:
    least = CONV1D.smallest(cap)
    limits = {"num_params": {"max_params": least.num_params}, "macs": {"max_macs": least.macs}}
    space = SearchSpace.conv1d(input_shape=(2, 16), num_outputs=3, **limits[cap])
    own = settings(space, assembled_population_size=2)
    state = CoDeepNEAT(space, own).genesis(0, 0, GLOBAL)
    for proposal in propose(state, space, own, 0):
        assert space.excess(proposal.architecture) is None
        assert set(proposal.genes) == set(GLOBAL)


def test_no_network_is_proposed_twice() -> None:
    keys: list[Key] = []
    for state, results in evolve(CONV1D, OWN, generations=6):
        assert state.evaluated == set(keys)
        keys += [result.key for result in results]
    assert len(keys) == 72
    assert len(set(keys)) == len(keys)


def test_space_smaller_than_the_budget_goes_on_with_duplicates() -> None:
    own = settings(TINY, assembled_population_size=6)
    keys: list[Key] = []
    for _, results in evolve(TINY, own, generations=2, global_genes=NESTEROV):
        assert len(results) == 6
        keys += [result.key for result in results]
    # Four widths, with or without Nesterov: each is tried before one comes again.
    assert len(set(keys[:8])) == len(set(keys)) == 8


def test_duplicates_if_allowed() -> None:
    own = settings(TINY, assembled_population_size=8, allow_duplicates=True)
    ((state, results),) = evolve(TINY, own, generations=1, global_genes=NESTEROV)
    assert len({result.key for result in results}) < 8


def test_genes_that_the_objective_did_not_ask_for_make_no_other_network() -> None:
    """In a conditional space a genome may hold genes of the branch that is not taken."""
    blueprint = Graph((), genes=Genes(optimizer="adam", lr=0.1, momentum=0.9))
    proposal = Proposal.of(NetworkGenome(blueprint, {}), None)
    asked = {("lr", "optimizer")}
    assert proposal.is_one_of({Key.of("", {"lr": 0.1, "optimizer": "adam"})}, asked)
    assert not proposal.is_one_of({Key.of("", {"lr": 0.2, "optimizer": "adam"})}, asked)
    unknown = {"lr": 0.1, "optimizer": "adam", "weight_decay": 0.0}
    assert not proposal.is_one_of({Key.of("", unknown)}, {tuple(sorted(unknown))})


# -- the archive -----------------------------------------------------------------------------


def test_without_elite_assemblies_all_comes_from_the_populations() -> None:
    for state, _ in evolve(CONV1D, NO_ARCHIVE, generations=4):
        origins = {(p.origin.how, p.origin.parent) for p in propose(state, CONV1D, NO_ARCHIVE, 0)}
        assert origins == {("assembly", None)}


def test_elite_assemblies_are_changed_copies_of_archived_networks() -> None:
    own = settings(CONV1D, assembled_population_size=12, elite_assembly_rate=1.0)
    changes: Counter[int] = Counter()
    for state, _ in evolve(CONV1D, own, generations=4):
        archive = {result.position: result for result in state.archive}
        for proposal in propose(state, CONV1D, own, 0):
            network, origin = proposal.network, proposal.origin
            assert origin.how == ("archive" if archive else "assembly")
            if not archive:
                continue
            parent = archive[origin.parent]
            slots = set(network.modules) & set(parent.modules)
            changed = [slot for slot in slots if network.modules[slot] != parent.modules[slot]]
            changes[(network.blueprint != parent.completed) + len(changed)] += 1
            if network.blueprint == parent.completed:
                assert set(network.modules) == set(parent.modules)
    # Of the few components most change one, and none is a copy.
    assert changes[0] == 0 and changes[1] > 0.5 * sum(changes.values())


def test_share_of_elite_assemblies() -> None:
    own = settings(CONV1D, assembled_population_size=60, elite_assembly_rate=0.3)
    state = list(evolve(CONV1D, own, generations=2))[-1][0]
    origins = [p.origin.how for p in propose(state, CONV1D, own, 0)]
    assert 0.12 < origins.count("archive") / 60 < 0.5  # 0.3 +- 3 standard deviations


# -- places ----------------------------------------------------------------------------------


def test_place_gives_the_same_network_whoever_asks() -> None:
    state, _ = list(evolve(CONV1D, OWN, generations=3))[-1]
    twice = [propose(state, CONV1D, OWN, 0) for _ in range(2)]
    assert [p.network for p in twice[0]] == [p.network for p in twice[1]]
    other = propose(state, CONV1D, OWN, 1)
    assert [p.network for p in other] != [p.network for p in twice[0]]


@given(st.integers(0, 5000))
def test_network_round_trip(seed: int) -> None:
    blueprint = random_genome(CONV1D, "blueprint", seed)
    modules = {node.kind: random_genome(CONV1D, "module", seed) for node in blueprint.nodes}
    network = NetworkGenome(blueprint, modules)
    read = NetworkGenome.from_json(json.loads(json.dumps(network.to_json(), sort_keys=True)))
    assert read == network
    assert read.architecture(CONV1D) == network.architecture(CONV1D)


def test_network_without_a_gene_leaves_it_to_the_objective() -> None:
    least = smallest(CONV1D)
    network = NetworkGenome(
        with_innovation_ids(least.blueprint),
        {s: with_innovation_ids(m) for s, m in least.modules.items()},
    )
    proposal = Proposal.of(network, CONV1D)
    assert proposal.genes == {} and proposal.signature == least.signature
    with_lr = replace(
        network, blueprint=replace(network.blueprint, genes=network.blueprint.genes | {"lr": 0.1})
    )
    assert Proposal.of(with_lr, CONV1D).genes == {"lr": 0.1}
