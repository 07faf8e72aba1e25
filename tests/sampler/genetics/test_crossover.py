"""Crossover: aligned by innovation ids, structure from the fitter parent."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler import Crossover
from optuna_codeepneat.sampler import GenomeSpace
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.genomes import check_golden
from tests.sampler.genomes import check_in_space
from tests.sampler.genomes import crossover_children
from tests.sampler.genomes import genomes


Sample = tuple[SearchSpace, GenomeSpace, list[Graph]]
SEEDS = st.integers(0, 10_000)


@given(genomes(n=2), SEEDS)
def test_child_is_in_the_space_and_the_parents_stay(sample: Sample, seed: int) -> None:
    space, own, (fitter, other) = sample
    before = json.dumps([fitter.to_json(), other.to_json()])
    check_in_space(Crossover()(fitter, other, rng_for(seed)), space, own)
    assert json.dumps([fitter.to_json(), other.to_json()]) == before


@given(genomes(n=2), SEEDS)
def test_parents_that_were_stored_have_the_same_children(sample: Sample, seed: int) -> None:
    fitter, other = sample[2]
    read = [
        Graph.from_json(json.loads(json.dumps(g.to_json(), sort_keys=True)))
        for g in (fitter, other)
    ]
    assert Crossover()(*read, rng_for(seed)) == Crossover()(fitter, other, rng_for(seed))


def test_children_are_those_of_the_golden_file() -> None:
    check_golden("crossover", crossover_children())


@given(genomes(n=2), SEEDS)
def test_structure_is_the_fitter_parents(sample: Sample, seed: int) -> None:
    """NEAT (Stanley and Miikkulainen 2002, section 3.2); taking the other's is a known bug."""
    fitter, other = sample[2]
    child = Crossover()(fitter, other, rng_for(seed))
    assert child.edges == fitter.edges and child.merge == fitter.merge
    assert list(child.by_id) == list(fitter.by_id)
    for node in child.nodes:
        own, match = fitter.by_id[node.id], other.by_id.get(node.id, fitter.by_id[node.id])
        assert node.merge == own.merge
        assert node.kind in (own.kind, match.kind)
        assert set(node.genes) in (set(own.genes), set(match.genes))
        for gene, value in node.genes.items():
            assert value in (own.genes.get(gene), match.genes.get(gene))


@given(genomes(n=2), SEEDS)
def test_without_swaps_the_child_is_the_fitter_parent(sample: Sample, seed: int) -> None:
    fitter, other = sample[2]
    child = Crossover(swap_prob=0.0)(fitter, other, rng_for(seed))
    assert child.nodes == fitter.nodes
    assert child.genes == other.genes | fitter.genes


@given(genomes(n=2), SEEDS)
def test_with_all_swaps_matching_genes_are_the_others(sample: Sample, seed: int) -> None:
    fitter, other = sample[2]
    child = Crossover(swap_prob=1.0)(fitter, other, rng_for(seed))
    for node in child.nodes:
        match = other.by_id.get(node.id, fitter.by_id[node.id])
        assert (node.kind, node.genes) == (match.kind, match.genes)
    assert child.genes == fitter.genes | other.genes


def test_matching_genes_come_from_both_parents() -> None:
    fitter = Graph((Node("a", "x", genes={str(i): 0 for i in range(400)}),))
    other = Graph((Node("a", "x", genes={str(i): 1 for i in range(400)}),))
    genes = Crossover(swap_prob=0.25)(fitter, other, rng_for(1)).nodes[0].genes
    assert sum(map(int, genes.values())) / 400 == pytest.approx(0.25, abs=0.07)


def test_global_genes_come_from_whichever_parent_has_them() -> None:
    fitter = Graph((), genes=Genes(lr=0.1))
    other = Graph((), genes=Genes(momentum=0.9))
    assert Crossover()(fitter, other, rng_for(0)).genes == {"lr": 0.1, "momentum": 0.9}


@given(genomes(what="hyperparameters", n=2), SEEDS)
def test_child_with_numbers_between_is_in_the_space(sample: Sample, seed: int) -> None:
    space, own, (fitter, other) = sample
    for blend in (None, 0.0, 0.3, 2.0):
        check_in_space(Crossover(blend=blend)(fitter, other, rng_for(seed), own.genes), space, own)


def test_numbers_of_the_whole_graph_lie_between_the_parents_and_a_little_beyond() -> None:
    ranges = {str(i): FloatDistribution(0.0, 10.0) for i in range(400)}
    fitter = Graph((), genes=Genes(dict.fromkeys(ranges, 4.0)))
    other = Graph((), genes=Genes(dict.fromkeys(ranges, 5.0)))
    child = Crossover(blend=0.5)(fitter, other, rng_for(1), ranges)
    values = np.array(list(child.genes.values()))
    assert 3.5 <= values.min() < 3.6 and 5.4 < values.max() <= 5.5
    assert values.mean() == pytest.approx(4.5, abs=0.1)
    swapped = Crossover(blend=None)(fitter, other, rng_for(1), ranges)
    assert set(swapped.genes.values()) == {4.0, 5.0}
    assert swapped == Crossover(blend=0.5)(fitter, other, rng_for(1))  # ranges are not known


def test_categories_and_genes_of_nodes_are_swapped() -> None:
    ranges = {str(i): CategoricalDistribution((1, 2, 3)) for i in range(100)}
    fitter = Graph((Node("a", "x", genes={"n": 1}),), genes=Genes(dict.fromkeys(ranges, 1)))
    other = Graph((Node("a", "x", genes={"n": 3}),), genes=Genes(dict.fromkeys(ranges, 3)))
    child = Crossover()(fitter, other, rng_for(1), {**ranges, "n": FloatDistribution(1, 3)})
    assert set(child.genes.values()) == {1, 3}
    assert child.nodes[0].genes["n"] in (1, 3)


def test_wrong_blend_is_named() -> None:
    with pytest.raises(ValueError, match="`blend` must be a number from 0 or None, got -0.1"):
        Crossover(blend=-0.1)


@pytest.mark.parametrize("name", ["prob", "swap_prob", "interspecies_prob"])
@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_wrong_arguments_are_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be from 0 to 1, got {value}"):
        Crossover(**{name: value})
