"""Mutation operators: laws for all of them, then what each one does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler import GenomeSpace
from optuna_codeepneat.sampler import Mutation
from optuna_codeepneat.sampler._genetics._mutation import add_connection
from optuna_codeepneat.sampler._genetics._mutation import change_kind
from optuna_codeepneat.sampler._genetics._mutation import perturb_genes
from optuna_codeepneat.sampler._genetics._mutation import perturb_one
from optuna_codeepneat.sampler._genetics._mutation import redraw_numbers
from optuna_codeepneat.sampler._genetics._mutation import remove_connection
from optuna_codeepneat.sampler._genetics._mutation import remove_node
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.genomes import CONV1D
from tests.sampler.genomes import OPERATORS
from tests.sampler.genomes import apply
from tests.sampler.genomes import check_golden
from tests.sampler.genomes import check_in_space
from tests.sampler.genomes import genome_space
from tests.sampler.genomes import genomes
from tests.sampler.genomes import operator_children
from tests.sampler.genomes import random_genome


Sample = tuple[SearchSpace, GenomeSpace, list[Graph]]
SEEDS = st.integers(0, 10_000)
FEW = hypothesis.settings(max_examples=25)  # for each of the operators


def genes_of(genome: Graph) -> dict[tuple[str, str], Any]:
    own = {("", name): value for name, value in genome.genes.items()}
    return own | {(n.id, name): value for n in genome.nodes for name, value in n.genes.items()}


# -- laws ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPERATORS)
@FEW
@given(sample=genomes(), seed=SEEDS)
def test_child_is_in_the_space_and_the_parent_stays(name: str, sample: Sample, seed: int) -> None:
    space, own, (genome,) = sample
    before = json.dumps(genome.to_json())
    child = apply(name, genome, rng_for(seed), own)
    check_in_space(child, space, own)
    assert json.dumps(genome.to_json()) == before


@pytest.mark.parametrize("name", OPERATORS)
@FEW
@given(sample=genomes(), seed=SEEDS)
def test_genome_that_was_stored_has_the_same_children(
    name: str, sample: Sample, seed: int
) -> None:
    _, own, (genome,) = sample
    read = Graph.from_json(json.loads(json.dumps(genome.to_json(), sort_keys=True)))
    child = apply(name, genome, rng_for(seed), own)
    assert apply(name, read, rng_for(seed), own) == child


def test_children_are_those_of_the_golden_file() -> None:
    check_golden("mutation", operator_children())


@given(sample=genomes(), seed=SEEDS)
def test_mutation_never_returns_its_parent(sample: Sample, seed: int) -> None:
    _, own, (genome,) = sample
    assume(genes_of(genome))  # one without genes may come back if no operator has its turn
    assert Mutation()(genome, rng_for(seed), own) != genome


# -- each operator ---------------------------------------------------------------------------


@given(sample=genomes(what="module"), seed=SEEDS)
def test_add_node_splits_one_edge(sample: Sample, seed: int) -> None:
    _, own, (genome,) = sample
    child = Mutation().add_node(genome, rng_for(seed), own)
    if len(genome.nodes) == own.max_nodes:
        assert child is genome
        return
    (new,) = set(child.by_id) - set(genome.by_id)
    (source,) = child.by_id[new].inputs
    readers = [node.id for node in child.nodes if new in node.inputs]
    assert len(readers) == (new not in child.sinks)
    for reader in readers:
        assert source in genome.by_id[reader].inputs
        # The old edge is gone, not disabled.
        assert source not in child.by_id[reader].inputs
    assert {*genome.by_id} <= {*child.by_id}


def test_new_node_may_copy_the_one_that_it_is_put_behind() -> None:
    own = genome_space(CONV1D, "module")
    genome = random_genome(CONV1D, "module", 5)
    behind = 0
    for seed in range(40):
        child = Mutation(duplicate_prob=1.0).add_node(genome, rng_for(seed), own)
        (new,) = [node for node in child.nodes if node.id not in genome.by_id]
        if new.inputs[0] in genome.by_id:
            behind += 1
            source = genome.by_id[new.inputs[0]]
            assert (new.kind, new.genes) == (source.kind, source.genes)
    assert behind > 5


@given(sample=genomes(what="blueprint"), seed=SEEDS)
def test_add_connection_adds_one_edge(sample: Sample, seed: int) -> None:
    _, own, (genome,) = sample
    child = add_connection(genome, rng_for(seed), own)
    added = set(child.edges) - set(genome.edges)
    assert set(genome.edges) <= set(child.edges)
    possible = any(
        len(node.inputs) < min(own.max_inputs, i + 1) for i, node in enumerate(genome.nodes)
    )
    assert len(added) == possible


def test_further_inputs_are_merged_as_the_ones_before() -> None:
    own = GenomeSpace(
        kinds={"x": {}}, genes={}, max_nodes=3, max_inputs=3, merges=("sum", "concat")
    )
    nodes = (Node("a", "x"), Node("b", "x", ("a",)), Node("c", "x", ("a", "b"), merge="concat"))
    grown = [add_connection(Graph(nodes), rng_for(seed), own) for seed in range(40)]
    assert {child.by_id["c"].merge for child in grown} == {"concat"}
    assert {child.by_id["b"].merge for child in grown} == {None, "sum", "concat"}


@given(sample=genomes(what="module"), seed=SEEDS)
def test_remove_node_takes_out_one_but_never_the_last(sample: Sample, seed: int) -> None:
    _, own, (genome,) = sample
    child = remove_node(genome, rng_for(seed), own)
    assert set(child.by_id) < set(genome.by_id) or len(genome.nodes) == 1
    assert len(child.nodes) == max(1, len(genome.nodes) - 1)


def test_reader_of_a_removed_node_reads_as_many_as_it_may() -> None:
    nodes = (
        Node("a", "conv1d"),
        Node("b", "conv1d", ("in", "a"), merge="sum"),
        Node("c", "conv1d", ("a", "b"), merge="concat"),
    )
    own = genome_space(CONV1D, "module")
    assert own.max_inputs == 2
    children = [remove_node(Graph(nodes), rng_for(seed), own) for seed in range(20)]
    (without_b,) = {child for child in children if "b" not in child.by_id}
    assert without_b.by_id["c"].inputs == ("in", "a")
    (without_a,) = {child for child in children if "a" not in child.by_id}
    assert [node.inputs for node in without_a.nodes] == [("in",), ("in", "b")]

    wide = Node("d", "conv1d", ("b", "c"), merge="sum")
    found = {remove_node(Graph((*nodes, wide)), rng_for(seed), own) for seed in range(40)}
    # Without c, d would read a and b through it and b itself; without b: in, a and c.
    (without_b,) = {child for child in found if "b" not in child.by_id}
    assert without_b.by_id["d"].inputs == ("a", "c")


@given(sample=genomes(what="module"), seed=SEEDS)
def test_remove_connection_takes_out_one_of_several(sample: Sample, seed: int) -> None:
    _, own, (genome,) = sample
    child = remove_connection(genome, rng_for(seed), own)
    several = any(len(node.inputs) > 1 for node in genome.nodes)
    assert set(child.edges) <= set(genome.edges)
    assert len(genome.edges) - len(child.edges) == several


@given(sample=genomes(what="module"), seed=SEEDS)
def test_change_kind_keeps_the_innovation_id_and_shared_genes(sample: Sample, seed: int) -> None:
    _, own, (genome,) = sample
    child = change_kind(genome, rng_for(seed), own)
    changed = [(a, b) for a, b in zip(genome.nodes, child.nodes, strict=True) if a != b]
    ((old, new),) = changed
    assert old.kind != new.kind and old.id == new.id and old.inputs == new.inputs
    assert set(new.genes) == set(own.kinds[new.kind])
    for gene in set(old.genes) & set(new.genes):
        distribution = own.kinds[new.kind][gene]
        if distribution._contains(distribution.to_internal_repr(old.genes[gene])):
            assert new.genes[gene] == old.genes[gene]


@given(sample=genomes(), seed=SEEDS)
def test_perturb_one_changes_one_gene_and_no_structure(sample: Sample, seed: int) -> None:
    _, own, (genome,) = sample
    assume(genes_of(genome))
    child = perturb_one(genome, rng_for(seed), own, sigma=0.2)
    before, after = genes_of(genome), genes_of(child)
    assert child.edges == genome.edges and before.keys() == after.keys()
    assert sum(before[place] != after[place] for place in before) == 1


@given(sample=genomes(), seed=SEEDS)
def test_perturb_genes_without_probability_changes_nothing(sample: Sample, seed: int) -> None:
    _, own, (genome,) = sample
    assert perturb_genes(genome, rng_for(seed), own, prob=0.0, sigma=1.0) == genome


def test_genes_are_perturbed_as_often_as_asked() -> None:
    own = genome_space(CONV1D, "hyperparameters")
    genome = random_genome(CONV1D, "hyperparameters", 1)
    rng = np.random.default_rng(0)
    changed = 0
    for _ in range(500):
        child = perturb_genes(genome, rng, own, prob=0.25, sigma=0.3)
        changed += sum(child.genes[name] != genome.genes[name] for name in genome.genes)
    assert changed / (500 * len(genome.genes)) == pytest.approx(0.25, abs=0.05)


def test_numbers_are_drawn_anew_where_categories_changed() -> None:
    numbers = {f"x{i}": FloatDistribution(0.0, 1.0) for i in range(200)}
    categories = {name: CategoricalDistribution(("a", "b", "c")) for name in ("c", "d")}
    own = GenomeSpace(
        kinds={}, genes={**categories, **numbers}, max_nodes=0, max_inputs=1, merges=()
    )
    before = Graph(
        (), genes=Genes({**dict.fromkeys(categories, "a"), **dict.fromkeys(numbers, 0.5)})
    )

    def share(prob: float, **changes: str) -> float:
        changed = replace(before, genes=before.genes | changes)
        found = redraw_numbers(changed, before, rng_for(1), own, prob=prob).genes
        assert {name: found[name] for name in categories} == {
            name: changed.genes[name] for name in categories
        }
        assert all(0.0 <= found[name] <= 1.0 for name in numbers)
        return sum(found[name] != 0.5 for name in numbers) / 200

    assert share(1.0) == 0.0  # no category has changed
    assert share(1.0, c="b", d="b") == 1.0
    assert share(1.0, c="b") == pytest.approx(0.5, abs=0.1)
    assert share(0.5, c="b") == pytest.approx(0.25, abs=0.1)
    assert share(0.0, c="b", d="b") == 0.0


def test_structure_changes_as_often_as_asked() -> None:
    """LEAF, table 2: rates of adding nodes; NEAT: each operator with a probability of its own."""
    own = genome_space(CONV1D, "module")
    genome = random_genome(CONV1D, "module", 2)
    assert len(genome.nodes) < own.max_nodes
    mutation = Mutation(
        add_node_prob=0.3,
        add_connection_prob=0.0,
        remove_node_prob=0.0,
        remove_connection_prob=0.0,
        change_kind_prob=0.0,
        gene_prob=1.0,  # else genomes without a new node are mutated again
    )
    grown = sum(
        len(mutation(genome, rng_for(seed), own).nodes) > len(genome.nodes) for seed in range(500)
    )
    assert grown / 500 == pytest.approx(0.3, abs=0.07)


def test_genome_without_genes_and_structure_comes_back() -> None:
    own = GenomeSpace(kinds={}, genes={}, max_nodes=0, max_inputs=1, merges=())
    genome = Graph(())
    assert Mutation()(genome, rng_for(0), own) == genome


@pytest.mark.parametrize(
    ("name", "value"), [("add_node_prob", 1.5), ("gene_prob", -0.1), ("sigma", -1.0)]
)
def test_wrong_arguments_are_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be .*, got {value}"):
        Mutation(**{name: value})
