"""The function survives any number of exact morphisms, in every preset."""

from __future__ import annotations

from math import isfinite

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
from optuna_codeepneat.sampler import NetworkGenome as Genomes
from optuna_codeepneat.sampler._lemonade._operators import APPROXIMATE
from optuna_codeepneat.sampler._lemonade._operators import EXACT
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import seeded
from tests.morphism.networks import difference
from tests.morphism.networks import trained
from tests.morphism.networks import without_gradient
from tests.sampler.lemonade.networks import random_network
from tests.search_space.spaces import PRESETS


TOLERANCE = 1e-5

chains = st.lists(st.sampled_from(sorted(EXACT)), min_size=1, max_size=6)
edits = st.lists(st.sampled_from(sorted({**EXACT, **APPROXIMATE})), min_size=1, max_size=3)
seeds = st.integers(0, 10_000)


def line(space: SearchSpace, parent: Genomes, operators: list[str], seed: int) -> list[Genomes]:
    """A network, and what each of these operators makes of it, as far as its space allows them."""
    networks = [parent]
    for i, name in enumerate(operators):
        changed = {**EXACT, **APPROXIMATE}[name](networks[-1], rng_for(seed, name, i), space)
        if space.excess(changed.architecture(space)) is None:
            networks.append(changed)
    return networks


def descendant(space: SearchSpace, parent: Genomes, operators: list[str], seed: int) -> Genomes:
    """The last of their line."""
    return line(space, parent, operators, seed)[-1]


def fresh(space: SearchSpace, genomes: Genomes) -> Network:
    with seeded(99):
        return build_network(genomes.architecture(space))


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=2)
@given(operators=chains, seed=seeds)
def test_a_chain_of_exact_morphisms_preserves_a_trained_network(
    name: str, operators: list[str], seed: int
) -> None:
    """Weights, scales and statistics are those of training; and the child trains on.

    The chain is gone through link by link, each of which has to be exact, and in one step, which
    nearly always is.
    """
    check_chain(PRESETS[name], operators, seed)


def test_a_path_whose_factor_begins_with_nothing_learns() -> None:
    """A merge of a tensor with a new layer that as yet passes on the same one."""
    chain = ["add_module", "deepen", "deepen", "deepen", "connect"]
    check_chain(PRESETS["lemonade"], chain, seed=615)


def check_chain(space: SearchSpace, operators: list[str], seed: int) -> None:
    """Checks that a chain of morphisms preserves a trained network, which then trains on."""
    networks = line(space, random_network(space, seed), operators, seed)
    before = trained(networks[0].architecture(space), seed)
    last = before
    for child in networks[1:]:
        heir = fresh(space, child)
        aligned = plan(last.architecture, heir.architecture)
        assert inherit(heir, weights_of(last), aligned).exact
        last = heir
    for train in (False, True):
        assert difference(before, last, train=train) <= TOLERANCE
    check_learns(space, before, last, networks[-1])
    check_exact(space, networks[0], networks[-1], seed)


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=2)
@given(operators=edits, seed=seeds)
def test_a_plan_never_says_exact_where_torch_says_otherwise(
    name: str, operators: list[str], seed: int
) -> None:
    space = PRESETS[name]
    parent = random_network(space, seed)
    check_exact(space, parent, descendant(space, parent, operators, seed), seed)


def check_exact(space: SearchSpace, parent: Genomes, child: Genomes, seed: int) -> None:
    """Checks that a child computes what its trained parent does, if its plan says so."""
    aligned = plan(parent.architecture(space), child.architecture(space))
    assert 0.0 <= aligned.share <= 1.0
    if not aligned.exact:
        return
    before, heir = trained(parent.architecture(space), seed), fresh(space, child)
    assert inherit(heir, weights_of(before), aligned).exact
    for train in (False, True):
        assert difference(before, heir, train=train) <= TOLERANCE
    check_learns(space, before, heir, child)


def check_learns(space: SearchSpace, before: Network, heir: Network, genomes: Genomes) -> None:
    """Checks that every weight gets gradient, what is new in what is new up to seven steps later.

    But rectifiers that died in the parent stay dead, as those of a fresh network may.
    """
    waiting = without_gradient(heir, steps=8)
    if waiting and not without_gradient(before):
        assert waiting <= without_gradient(fresh(space, genomes), steps=8)


@pytest.mark.parametrize("name", PRESETS)
def test_chains_of_exact_morphisms_are_exact_in_one_step(name: str) -> None:
    """Where several edits meet, one step need not find what many found: hardly ever."""
    space, n_exact = PRESETS[name], 0
    for seed in range(40):
        rng = rng_for(seed, "chain")
        operators = rng.choice(sorted(EXACT), int(rng.integers(1, 7))).tolist()
        parent = random_network(space, seed)
        child = descendant(space, parent, operators, seed)
        aligned = plan(parent.architecture(space), child.architecture(space))
        assert not aligned.lost
        n_exact += aligned.exact
    assert n_exact >= 39


@pytest.mark.parametrize("operator", APPROXIMATE)
def test_after_an_approximate_morphism_a_network_is_nearer_than_a_fresh_one(operator: str) -> None:
    """The error of each is finite, and on average below that of a fresh network."""
    space, errors, others = PRESETS["dense" if operator != "separate" else "conv1d"], [], []
    for seed in range(12):
        parent = random_network(space, seed)
        child = descendant(space, parent, [operator], seed)
        if parent == child:
            continue
        before, heir = trained(parent.architecture(space), seed, steps=40), fresh(space, child)
        aligned = plan(before.architecture, heir.architecture)
        assert isfinite(difference(before, heir, train=True))
        others.append(difference(before, heir, train=True))
        report = inherit(heir, weights_of(before), aligned)
        errors.append(difference(before, heir, train=True))
        assert isfinite(errors[-1])
        assert report.share > 0
        if report.exact:
            assert errors[-1] <= TOLERANCE
    assert len(errors) >= 3
    assert sum(errors) < 0.9 * sum(others), (sum(errors) / len(errors), sum(others) / len(others))
