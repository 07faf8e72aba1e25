"""Which child is bred in which place."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.alignment import plan
from optuna_codeepneat.sampler import Density
from optuna_codeepneat.sampler import NetworkGenome
from optuna_codeepneat.sampler._cheap import cheap_value
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._lemonade._breeding import Breeder
from optuna_codeepneat.sampler._lemonade._operators import APPROXIMATE
from optuna_codeepneat.sampler._lemonade._operators import EXACT
from optuna_codeepneat.sampler._lemonade._operators import named
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.breeders import GENES
from tests.sampler.breeders import changed
from tests.sampler.breeders import grown
from tests.sampler.breeders import settings
from tests.sampler.lemonade.networks import check_network
from tests.sampler.studies import SPACE


OWN = settings()
STATE = grown(OWN)


@given(place=st.integers(0, 100), seed=st.integers(0, 100))
def test_the_same_place_has_the_same_child_anywhere(place: int, seed: int) -> None:
    child = OWN.proposer(STATE, seed).assemble(place)
    again = OWN.proposer(STATE, seed).assemble(place)
    assert child.network.to_json() == again.network.to_json()
    check_network(child.network, SPACE)
    assert child.architecture == child.network.architecture(SPACE)


@given(place=st.integers(0, 60))
def test_a_child_descends_from_the_front(place: int) -> None:
    own = changed(OWN, inheritance="exact")
    child = own.proposer(STATE, 0).assemble(place)
    parents = {result.position: result for result in STATE.archive}
    origin = child.origin
    assert origin.parent in parents
    assert (origin.donor, origin.inheritance) == (origin.parent, "exact")
    assert set(origin.how.split("+")) <= {*EXACT, *APPROXIMATE, "continuation"}
    assert set(GENES) <= set(child.network.blueprint.genes)


@given(place=st.integers(0, 60))
def test_what_is_bred_does_not_depend_on_how_it_inherits(place: int) -> None:
    exact, noisy = (
        changed(OWN, inheritance=how).proposer(STATE, 0).assemble(place)
        for how in ("exact", "noisy")
    )
    assert exact.network == noisy.network
    assert replace(exact.origin, inheritance="noisy") == noisy.origin
    bare = changed(OWN, inheritance=None).proposer(STATE, 0).assemble(place).origin
    assert (bare.donor, bare.inheritance) == (None, None)
    assert bare.parent is not None


def test_a_continuation_is_its_parent_trained_on_with_other_hyperparameters() -> None:
    breeder = changed(OWN, inheritance="exact", continuation_rate=1.0).proposer(STATE, 0)
    parents, n_continued = {result.position: result for result in STATE.archive}, 0
    for place in range(10):
        child, origin = (p := breeder.assemble(place)).network, p.origin
        if origin.how != "continuation":
            continue  # nothing new was found that way
        assert origin.parent is not None and origin.donor == origin.parent
        result = parents[origin.parent]
        parent = NetworkGenome(result.blueprint, result.modules)  # type: ignore[arg-type]
        aligned = plan(parent.architecture(SPACE), child.architecture(SPACE))
        assert (aligned.exact, aligned.share) == (True, 1.0)
        n_continued += 1
    assert n_continued >= 5


def test_exact_morphisms_alone_give_children_of_the_same_function() -> None:
    own = changed(OWN, approximate_rate=0.0, max_morphisms=3)
    breeder, parents = own.proposer(STATE, 1), {r.position: r for r in STATE.archive}
    n_exact = 0
    for place in range(40):
        child = breeder.assemble(place)
        if not set(child.origin.how.split("+")) <= set(EXACT):
            continue  # nothing exact was possible
        assert child.origin.parent is not None and child.architecture is not None
        result = parents[child.origin.parent]
        assert result.blueprint is not None
        parent = NetworkGenome(result.blueprint, result.modules)
        assert plan(parent.architecture(SPACE), child.architecture).exact
        n_exact += 1
    assert n_exact >= 30


def test_what_is_known_is_not_proposed_again() -> None:
    breeder = OWN.proposer(STATE, 0)
    first = breeder.assemble(3)
    for other in (
        breeder.assemble(3, Seen(finished=[first.key])),
        breeder.assemble(3, Seen(running=[first.key.digest])),
    ):
        assert other.key != first.key
    again = changed(OWN, allow_duplicates=True).proposer(STATE, 0)
    assert again.assemble(3, Seen(finished=[first.key])).key == again.assemble(3).key


def test_networks_over_the_caps_are_bred_again() -> None:
    most = max(r.blueprint is not None and _size(r) for r in STATE.archive)
    space = SearchSpace.conv1d(
        input_shape=(1, 12),
        num_outputs=2,
        n_module_slots=2,
        max_module_nodes=3,
        max_blueprint_nodes=3,
        max_params=most + 20,
    )
    breeder = changed(OWN, space=space).proposer(STATE, 0)
    sizes = [breeder.assemble(place).architecture for place in range(30)]
    assert all(a is not None and a.num_params <= most + 20 for a in sizes)


def _size(result: object) -> int:
    blueprint, modules = result.blueprint, result.modules  # type: ignore[attr-defined]
    return NetworkGenome(blueprint, modules).architecture(SPACE).num_params


def test_without_a_density_all_parents_are_equally_likely() -> None:
    crowded = changed(OWN, density=Density(min_bandwidth=0.5))
    n = {}
    for name, own in (("equal", changed(OWN, density=None)), ("density", crowded)):
        breeder = Breeder(STATE, own.space, replace(own.settings, n_proposals=1), 0)
        assert math.isclose(sum(breeder._parent_weights), 1.0)
        n[name] = Counter(breeder.assemble(place).origin.parent for place in range(150))
    even = 150 / len(STATE.archive)
    assert all(0.4 * even < count < 1.9 * even for count in n["equal"].values())
    assert set(n["density"]) == {result.position for result in STATE.archive}


def test_rates_decide_which_morphisms_are_used() -> None:
    own = changed(OWN, exact_morphisms={"widen": 1.0, "deepen": 0.0}, approximate_morphisms={})
    origins = {own.proposer(STATE, 0).assemble(place).origin.how for place in range(20)}
    assert {name for origin in origins for name in origin.split("+")} <= {"widen", "continuation"}


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "much", 10**400])
def test_cheap_objectives_are_finite_numbers(value: Any) -> None:
    smallest = SPACE.smallest()
    assert cheap_value("num_params", smallest) == smallest.num_params
    assert cheap_value(lambda architecture: np.float32(-0.5), smallest) == -0.5
    sentence = rf"return a finite number, .* returned {value!r} for a network of .* parameters"
    with pytest.raises(ValueError, match=sentence):
        cheap_value(lambda architecture: value, smallest)


def test_morphisms_have_names_or_are_functions_of_the_user() -> None:
    def mine(network: NetworkGenome, rng: object, space: SearchSpace) -> NetworkGenome:
        return network

    assert named("widen") is EXACT["widen"]
    assert named("separate") is APPROXIMATE["separate"]
    assert named(mine) is mine
