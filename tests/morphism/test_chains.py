"""The function survives any number of exact morphisms, in every preset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from optuna_codeepneat import build_network
from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.morphism import inherit
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.network import Network
from optuna_codeepneat.sampler import Network as Genomes
from optuna_codeepneat.sampler._breeding import APPROXIMATE
from optuna_codeepneat.sampler._breeding import EXACT
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import seeded
from tests.morphism.networks import difference
from tests.morphism.networks import trained
from tests.morphism.networks import without_gradient
from tests.sampler.networks import random_network
from tests.search_space.spaces import PRESETS


TOLERANCE = 1e-5

chains = st.lists(st.sampled_from(sorted(EXACT)), min_size=1, max_size=6)
edits = st.lists(st.sampled_from(sorted({**EXACT, **APPROXIMATE})), min_size=1, max_size=3)
seeds = st.integers(0, 10_000)


def descendant(space: SearchSpace, parent: Genomes, operators: list[str], seed: int) -> Genomes:
    """The network after these operators, as far as its space allows them."""
    child = parent
    for i, name in enumerate(operators):
        changed = {**EXACT, **APPROXIMATE}[name](child, rng_for(seed, name, i), space)
        if space.excess(changed.architecture(space)) is None:
            child = changed
    return child


def fresh(space: SearchSpace, genomes: Genomes) -> Network:
    with seeded(99):
        return build_network(genomes.architecture(space))


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=8)
@given(operators=chains, seed=seeds)
def test_a_chain_of_exact_morphisms_preserves_a_trained_network(
    name: str, operators: list[str], seed: int
) -> None:
    """Weights, scales and statistics are those of training; and the child trains on."""
    space = PRESETS[name]
    parent = random_network(space, seed)
    child = descendant(space, parent, operators, seed)
    before, heir = trained(parent.architecture(space), seed), fresh(space, child)
    aligned = plan(before.architecture, heir.architecture)
    report = inherit(heir, weights_of(before), aligned)
    assert report.exact
    assert not aligned.lost
    for train in (False, True):
        assert difference(before, heir, train=train) <= TOLERANCE
    assert without_gradient(heir) <= without_gradient(fresh(space, child))
