"""Genomes, their innovation ids, and the space that they live in."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler import GenomeSpace
from optuna_codeepneat.sampler import Mutation
from optuna_codeepneat.sampler._genetics._genome import OUT
from optuna_codeepneat.sampler._genetics._genome import blueprint_space
from optuna_codeepneat.sampler._genetics._genome import genome_id
from optuna_codeepneat.sampler._genetics._genome import innovation_id
from optuna_codeepneat.sampler._genetics._genome import module_space
from optuna_codeepneat.sampler._genetics._genome import normalized
from optuna_codeepneat.sampler._genetics._genome import random_genome
from optuna_codeepneat.sampler._genetics._genome import with_innovation_ids
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space._graph import IN
from tests.sampler.genomes import CONV1D
from tests.sampler.genomes import GLOBAL
from tests.sampler.genomes import check_in_space
from tests.sampler.genomes import genomes


def evolved_chain(length: int) -> Graph:
    """A chain that grew by nodes put on the edge to the output."""
    own = module_space(CONV1D)
    chain = random_genome(own, np.random.default_rng(0))
    seed = 0
    while len(chain.nodes) < length:
        seed += 1
        grown = Mutation().add_node(chain, np.random.default_rng(seed), own)
        if grown.nodes[-1].inputs == (chain.nodes[-1].id,):
            chain = grown
    return chain


def test_same_event_has_the_same_innovation_id_in_any_genome() -> None:
    assert innovation_id("a", "b", ()) == innovation_id("a", "b", {"c", "d"})
    assert innovation_id("a", "b", ()) != innovation_id("b", "a", ())
    assert innovation_id("a", "b", ()) != innovation_id("a", "c", ())


def test_repeated_event_has_a_new_innovation_id() -> None:
    innovation_ids: list[str] = []
    for _ in range(5):
        innovation_ids.append(innovation_id(IN, OUT, innovation_ids))
    assert len(set(innovation_ids)) == 5


def test_added_node_is_marked_by_its_edge_alone() -> None:
    """Genomes of other size and kind, the same edge: the same innovation id."""
    own = module_space(CONV1D)
    chain = evolved_chain(3)
    layers = list(CONV1D.layers)
    other = Graph(tuple(replace(n, kind=layers[-1], genes=Genes()) for n in chain.nodes[:2]))
    edge = (chain.nodes[0].id, chain.nodes[1].id)
    found = set()
    for seed in range(200):
        for genome in (chain, other):
            grown = Mutation().add_node(genome, np.random.default_rng(seed), own)
            new = next(node for node in grown.nodes if node.id not in genome.by_id)
            if (new.inputs[0], edge[1]) == edge and new.id in grown.by_id[edge[1]].inputs:
                found.add((genome is chain, new.id))
    assert found == {(True, innovation_id(*edge, ())), (False, innovation_id(*edge, ()))}


def test_marked_chain_lines_up_with_one_that_evolved() -> None:
    chain = evolved_chain(4)
    assert with_innovation_ids(chain.positional()) == chain


def test_node_with_several_inputs_is_marked_as_if_put_behind_the_last() -> None:
    graph = with_innovation_ids(Graph((Node("0", "x"), Node("1", "x", (IN, "0"), merge="sum"))))
    first = innovation_id(IN, OUT, ())
    assert [node.id for node in graph.nodes] == [first, innovation_id(first, OUT, ())]


@given(genomes(what="module"))
def test_new_ids_change_names_alone(sample: tuple[SearchSpace, GenomeSpace, list[Graph]]) -> None:
    genome = sample[2][0]
    marked = with_innovation_ids(genome)
    marked.lint()
    assert marked.positional() == genome.positional()
    assert with_innovation_ids(genome.positional()) == marked


@given(genomes())
def test_json_round_trip_is_the_identity(
    sample: tuple[SearchSpace, GenomeSpace, list[Graph]],
) -> None:
    genome = sample[2][0]
    read = Graph.from_json(json.loads(json.dumps(genome.to_json(), sort_keys=True)))
    assert read == genome
    assert genome_id(read) == genome_id(genome)
    # Also the order of genes, in which random numbers are drawn.
    assert [list(n.genes) for n in read.nodes] == [list(n.genes) for n in genome.nodes]


def test_id_is_that_of_the_content() -> None:
    genome = Graph((Node("a", "conv1d", genes={"width": 8, "kernel": 3}),))
    same = Graph((Node("a", "conv1d", genes={"kernel": 3, "width": 8}),))
    other = Graph((Node("a", "conv1d", genes={"kernel": 3, "width": 9}),))
    assert genome_id(genome) == genome_id(same) != genome_id(other)


@given(st.integers(0, 1000))
def test_random_genome_is_in_the_space_and_minimal_if_asked(seed: int) -> None:
    for own in (module_space(CONV1D), blueprint_space(CONV1D, GLOBAL)):
        assert len(random_genome(own, rng_for(seed)).nodes) == 1
        for most in range(2, own.max_nodes + 1):
            genome = random_genome(own, rng_for(seed), most)
            assert 1 <= len(genome.nodes) <= most
            check_in_space(genome, CONV1D, own)
    alone = random_genome(blueprint_space(None, GLOBAL), rng_for(seed))
    assert alone.nodes == () and set(alone.genes) == set(GLOBAL)


def test_blueprints_point_to_slots_and_carry_the_global_genes() -> None:
    own = blueprint_space(CONV1D, GLOBAL)
    assert tuple(own.kinds) == CONV1D.slots
    assert set(own.genes) == {*GLOBAL, "head.pool"}
    assert own.max_nodes == CONV1D.max_blueprint_nodes


def test_tidy_orders_inputs_and_puts_a_merge_just_where_one_is_needed() -> None:
    nodes = [
        Node("a", "x", (IN,), merge="sum"),
        Node("b", "x", ("a", IN)),
        Node("c", "x", ("a", "a"), merge="sum"),
    ]
    graph = normalized(nodes, None, Genes(), "concat")
    graph.lint()
    assert [(n.inputs, n.merge) for n in graph.nodes] == [
        ((IN,), None),
        ((IN, "a"), "concat"),
        (("a",), None),
    ]
    assert graph.merge == "concat"  # of the sinks b and c
