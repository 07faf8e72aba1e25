"""Species: distance, threshold, founding, and names that stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat.sampler import GenomeSpace
from optuna_codeepneat.sampler import Speciation
from optuna_codeepneat.sampler._codeepneat._medoid import sums_of_distances
from optuna_codeepneat.sampler._genetics._genome import OUT
from optuna_codeepneat.sampler._genetics._genome import innovation_id
from optuna_codeepneat.sampler._genetics._genome import module_space
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space._graph import IN
from tests.sampler.genomes import CONV1D
from tests.sampler.genomes import GLOBAL
from tests.sampler.genomes import genome_space
from tests.sampler.genomes import genomes
from tests.sampler.genomes import random_genome


Sample = tuple[SearchSpace, GenomeSpace, list[Graph]]
MODULES = module_space(CONV1D)


def chain(length: int, kernel: int = 3) -> Graph:
    """A chain of equal convolutions with the innovation ids of one that grew at its end."""
    nodes: list[Node] = []
    for _ in range(length):
        source = nodes[-1].id if nodes else IN
        genes = {"kernel": kernel, "width": 8, "activation": "relu"}
        nodes.append(Node(innovation_id(source, OUT, ()), "conv1d", (source,), genes))
    return Graph(tuple(nodes))


# -- distance --------------------------------------------------------------------------------


@given(genomes(n=2))
def test_distance_is_symmetric_and_zero_on_itself(sample: Sample) -> None:
    _, own, (a, b) = sample
    distance = Speciation(structure_weight=0.7, gene_weight=1.3).distance
    assert distance(a, a, own) == 0.0
    assert distance(a, b, own) == pytest.approx(distance(b, a, own))
    assert 0.0 <= distance(a, b, own) <= 2 * 0.7 + 1.3


def test_distance_grows_with_disjoint_genes() -> None:
    found = [Speciation().distance(chain(1), chain(n), MODULES) for n in range(1, 6)]
    assert found == sorted(set(found))


def test_distance_grows_with_the_genes_of_matching_nodes() -> None:
    found = [Speciation().distance(chain(2), chain(2, kernel=k), MODULES) for k in (3, 5, 7)]
    assert found == sorted(set(found))


def test_distance_is_of_innovation_ids_and_not_of_endpoints() -> None:
    """Distance by endpoints instead of innovation ids is a known bug of other implementations."""
    named = chain(3)
    assert Speciation().distance(named, named.positional(), MODULES) > 1.0


def test_distance_is_neats_formula() -> None:
    """c1 E/N + c2 D/N + c3 W (Stanley and Miikkulainen 2002, equation 1), for nodes and edges."""
    speciation = Speciation(structure_weight=2.0, gene_weight=3.0)
    # Two nodes and two edges against three and three: 2 of 6 are disjoint. The kernel 3 or 7 of
    # 3, 5, 7 is 4 of 6 steps apart, as ranges reach half a step beyond their ends; one gene of
    # three that vary.
    expected = 2.0 * 2 / 6 + 3.0 * (4 / 6) / 3
    assert speciation.distance(chain(2), chain(3, kernel=7), MODULES) == pytest.approx(expected)


def test_another_layer_is_as_far_as_genes_can_be() -> None:
    a = chain(1)
    b = Graph((replace(a.nodes[0], kind="separable_conv1d"),))
    assert Speciation(gene_weight=0.8).distance(a, b, MODULES) == pytest.approx(0.8)


def test_genes_that_only_one_has_count_as_far_apart() -> None:
    own = genome_space(CONV1D, "hyperparameters")
    a = Graph((), genes=Genes(lr=0.1))
    b = Graph((), genes=Genes(lr=0.1, momentum=0.9))
    assert Speciation().distance(a, b, own) == pytest.approx(0.5)


# -- species ---------------------------------------------------------------------------------


def test_child_stays_in_its_species_while_it_is_near_enough() -> None:
    representatives = {"A": chain(1), "B": chain(3), "C": chain(4)}
    assign = Speciation().assign
    # A chain of 3 is B's own representative, yet within a wide threshold A keeps its child.
    assert assign(chain(3), "A", representatives, 10.0, MODULES) == "A"
    assert assign(chain(3), "A", representatives, 0.1, MODULES) == "B"
    assert assign(chain(5), "A", representatives, 0.1, MODULES) == "C"


def test_ties_keep_the_species_then_go_by_name() -> None:
    representatives = {"B": chain(3), "A": chain(3), "C": chain(3)}
    assert Speciation().assign(chain(1), "C", representatives, 0.0, MODULES) == "C"
    representatives["C"] = chain(4)
    assert Speciation().assign(chain(1), "C", representatives, 0.0, MODULES) == "A"


def test_threshold_rises_and_falls() -> None:
    """One that can only rise is a known bug of other implementations."""
    speciation = Speciation(threshold_step=0.1)
    genomes = [chain(n) for n in range(1, 5)]
    assert speciation.adjust(0.2, genomes, 2, MODULES) == pytest.approx(0.3)
    assert speciation.adjust(1.9, genomes, 2, MODULES) == pytest.approx(1.8)
    assert speciation.adjust(0.05, [chain(1)], 2, MODULES) == pytest.approx(0.1)


def test_threshold_settles_where_there_are_as_many_species_as_wanted() -> None:
    speciation = Speciation()
    genomes = [random_genome(CONV1D, "module", seed) for seed in range(30)]
    threshold, seen = speciation.threshold, []
    for _ in range(80):
        threshold = speciation.adjust(threshold, genomes, 4, MODULES)
        seen.append(threshold)
    assert max(seen[-10:]) - min(seen[-10:]) <= 2 * speciation.threshold_step + 1e-9
    assert seen[-1] != speciation.threshold


@given(st.integers(1, 30), st.integers(1, 6), st.integers(0, 1000))
def test_founded_species_are_of_nearly_equal_size(size: int, n_species: int, seed: int) -> None:
    genomes = [random_genome(CONV1D, "module", seed + i) for i in range(size)]
    names = "ABCDEF"[:n_species]
    species = Speciation().seed_species(genomes, names, MODULES, np.random.default_rng(seed))
    assert len(species) == size and set(species) <= set(names)
    counts = [species.count(name) for name in names]
    assert max(counts) <= -(-size // n_species)
    assert min(counts) >= 1 or size < n_species


def test_founders_are_far_apart() -> None:
    genomes = [chain(1), chain(1), chain(1), chain(4), chain(4), chain(4)]
    species = Speciation().seed_species(genomes, "AB", MODULES, np.random.default_rng(0))
    assert len(set(species[:3])) == len(set(species[3:])) == 1
    assert species[0] != species[3]


def test_representative_is_the_genome_in_the_middle() -> None:
    genomes = [chain(1), chain(5), chain(2), chain(3)]
    sums = [sum(Speciation().distance(a, b, MODULES) for b in genomes) for a in genomes]
    expected = genomes[sums.index(min(sums))]
    assert Speciation().representative(genomes, MODULES) == expected
    assert expected not in (genomes[0], genomes[1])


@given(genomes(n=6), st.integers(0, 5))
def test_sums_of_distances_are_those_of_every_pair(sample: Sample, again: int) -> None:
    _, own, found = sample
    found = [*found, found[again], Graph((), genes=found[0].genes), Graph(())]
    distance = Speciation(structure_weight=0.7, gene_weight=1.3).distance
    expected = [sum(distance(a, b, own) for b in found) for a in found]
    assert sums_of_distances(found, own, 0.7, 1.3) == pytest.approx(expected, abs=1e-9)


def test_sums_of_distances_of_more_genomes_than_are_compared_at_a_time() -> None:
    few = [random_genome(CONV1D, "module", seed) for seed in range(40)]
    once = sums_of_distances(few, MODULES, 1.0, 1.0)
    assert sums_of_distances(few * 10, MODULES, 1.0, 1.0) == pytest.approx(
        np.tile(10 * once, 10), abs=1e-9
    )


@given(genomes(n=8))
def test_representative_is_that_of_a_comparison_of_every_pair(sample: Sample) -> None:
    _, own, found = sample
    sums = [sum(Speciation().distance(a, b, own) for b in found) for a in found]
    assert Speciation().representative(found, own) is found[sums.index(min(sums))]


def test_of_genomes_that_are_equally_far_from_all_the_first_is_the_representative() -> None:
    own = GenomeSpace(
        kinds={},
        genes={"c": CategoricalDistribution(("a", "b", "c"))},
        max_nodes=0,
        max_inputs=1,
        merges=(),
    )
    found = [Graph((), genes=Genes(c=c)) for c in "bacbca"]
    assert Speciation().representative(found, own) is found[0]


def test_a_distance_of_ones_own_says_who_is_the_representative() -> None:
    class ByLength(Speciation):
        def distance(self, a: Graph, b: Graph, space: GenomeSpace) -> float:
            return abs(len(a.nodes) - len(b.nodes)) ** 2

    genomes = [chain(1), chain(4), chain(5), chain(9)]
    assert ByLength().representative(genomes, MODULES) is genomes[2]


def test_comparisons_grow_with_the_genomes_and_not_with_their_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    n_comparisons = 0
    compare = Speciation.distance

    def counted(self: Speciation, a: Graph, b: Graph, space: GenomeSpace) -> float:
        nonlocal n_comparisons
        n_comparisons += 1
        return compare(self, a, b, space)

    monkeypatch.setattr(Speciation, "distance", counted)
    of_size = []
    for size in (100, 400):
        algorithm = CoDeepNEATSampler(CONV1D, assembled_population_size=size)._algorithm
        n_comparisons = 0
        state = algorithm.genesis(0, 0, GLOBAL)
        genomes = [individual.genome for individual in state.modules.individuals]
        Speciation().adjust(0.1, genomes, len(CONV1D.slots), module_space(CONV1D))
        of_size.append(n_comparisons)
    assert of_size[1] < 4.5 * of_size[0]


@pytest.mark.parametrize(
    "name", ["structure_weight", "gene_weight", "threshold", "threshold_step"]
)
def test_wrong_arguments_are_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be at least 0, got -1"):
        Speciation(**{name: -1.0})
