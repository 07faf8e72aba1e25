"""Many candidates a place: what may be among them, and on what the choice depends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat._ranking import Score
from optuna_codeepneat.sampler._algorithm import Proposer
from optuna_codeepneat.sampler._codeepneat._algorithm import CoDeepNEAT
from optuna_codeepneat.sampler._codeepneat._assembly import Assembler
from optuna_codeepneat.sampler._genetics import Crossover
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._genetics import best_of
from optuna_codeepneat.sampler._surrogate import Chooser
from optuna_codeepneat.sampler._surrogate import Surrogate
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.genomes import GLOBAL
from tests.sampler.genomes import evolve
from tests.sampler.genomes import settings
from tests.sampler.genomes import size_and_depth


SPACE = SearchSpace.conv1d(
    input_shape=(1, 12), num_outputs=2, n_module_slots=2, max_module_nodes=3, max_params=1500
)


def evolved(
    space: SearchSpace | None, **changes: Any
) -> tuple[CoDeepNEAT, State, Sequence[Result]]:
    """An algorithm, its third state, and all results so far."""
    few = {"assembled_population_size": 8, "surrogate": Surrogate(n_candidates=12), **changes}
    own = settings(space, **few)
    objective = size_and_depth if space is not None else rate
    generations = list(evolve(space, own, generations=3, objective=objective))
    return (
        CoDeepNEAT(space, own),
        generations[-1][0],
        [result for _, results in generations[:-1] for result in results],
    )


def rate(proposal: Proposal, number: int) -> Score:
    return Score((-float(proposal.genes.get("lr", 1.0)),))


def assembled(
    proposer: Proposer, results: Sequence[Result], places: Sequence[int]
) -> list[Proposal]:
    """The networks of places, each of which knows those before."""
    found: list[Proposal] = []
    for place in places:
        seen = Seen(
            running={p.key.digest for p in found},
            results=results,
            pending=found,
        )
        found.append(proposer.assemble(place, seen))
    return found


@pytest.mark.parametrize("space", [SPACE, None], ids=["networks", "hyperparameters"])
def test_nothing_is_proposed_twice(space: SearchSpace | None) -> None:
    algorithm, state, results = evolved(space)
    found = assembled(algorithm.proposer(state, 1), results, range(16))
    keys = {result.key.digest for result in results if result.key is not None}
    assert len({p.key.digest for p in found} | keys) == len(found) + len(keys)


def test_duplicates_are_proposed_where_they_are_allowed() -> None:
    algorithm, state, results = evolved(None, allow_duplicates=True)
    proposer = algorithm.proposer(state, 1)
    assert proposer.assemble(3, Seen(results=results)) == proposer.assemble(
        3, Seen(results=results, running={proposer.assemble(3, Seen(results=results)).key.digest})
    )


def test_no_network_is_over_the_caps() -> None:
    algorithm, state, results = evolved(SPACE)
    found = assembled(algorithm.proposer(state, 1), results, range(16))
    assert all(p.architecture and SPACE.excess(p.architecture) is None for p in found)
    assert max(p.architecture.num_params for p in found if p.architecture) > 750


@pytest.mark.parametrize("space", [SPACE, None], ids=["networks", "hyperparameters"])
def test_the_choice_depends_on_nothing_but_seed_place_and_what_is_seen(
    space: SearchSpace | None,
) -> None:
    algorithm, state, results = evolved(space)
    other, same_state, same_results = evolved(space)
    used = algorithm.proposer(state, 1)
    first = assembled(used, results, range(4))
    # In another order, by another process's objects.
    fresh = other.proposer(same_state, 1)
    for place in (3, 0, 2, 1):
        before = first[:place]
        seen = Seen(
            running={p.key.digest for p in before},
            results=same_results,
            pending=before,
        )
        assert fresh.assemble(place, seen) == first[place]
    assert assembled(algorithm.proposer(state, 2), results, range(4)) != first


@pytest.mark.parametrize("believes", [False, True])
def test_parents_are_the_front_of_what_is_believed(believes: bool) -> None:
    """Or of what was observed, where values are noisy another one."""
    algorithm, state, results = evolved(SPACE, assembled_population_size=24)
    luck = np.random.default_rng(1).normal(size=len(results))
    noisy = [
        replace(result, score=Score((own, result.score.values[1])))
        for own, result in zip(luck, results, strict=True)
        if result.score is not None
    ]
    surrogate = Surrogate(n_candidates=12, believed_parents=believes, edit_rate=1, fresh_rate=0)
    judge = Chooser(SPACE, surrogate).judge(Seen(results=noisy), state.global_genes)
    fronts = [
        {result.position for result in best_of(some, len(some), "primary")}
        for some in (noisy, judge.believed)
    ]
    assert fronts[0] != fronts[1]
    own = replace(algorithm.settings, surrogate=surrogate)
    bred = assembled(CoDeepNEAT(SPACE, own).proposer(state, 1), noisy, range(24))
    parents = {p.origin.parent for p in bred} - {None}
    assert parents <= fronts[believes]
    assert not parents <= fronts[not believes]


def test_a_model_chooses_once_enough_is_known() -> None:
    algorithm, state, results = evolved(SPACE, surrogate=Surrogate(n_candidates=12, n_initial=9))
    bred = Assembler(state, SPACE, algorithm.settings, 1)
    proposer = algorithm.proposer(state, 1)
    for place in range(4):
        for few in (Seen(), Seen(results=results[:8])):
            assert proposer.assemble(place, few) == bred.assemble(place, few)
    chosen = assembled(proposer, results[:9], range(4))
    assert chosen != assembled(bred, results[:9], range(4))


def test_parents_are_the_best_of_all_that_is_seen() -> None:
    """Also where the state does not count them yet."""
    algorithm, state, results = evolved(
        None, surrogate=Surrogate(n_candidates=12, edit_rate=1.0, fresh_rate=0.0)
    )
    best = min(results, key=lambda r: r.completed.genes["lr"] if r.completed else 1.0)
    counted = [r for r in state.archive if r.position != best.position]
    found = assembled(
        algorithm.proposer(replace(state, archive=tuple(counted)), 1),
        results,
        range(8),
    )
    assert best.position in {p.origin.parent for p in found}


def test_where_nothing_fits_the_smallest_network_is_proposed() -> None:
    smallest = SPACE.smallest("num_params").num_params
    narrow = SearchSpace.conv1d(
        input_shape=(1, 12),
        num_outputs=2,
        n_module_slots=2,
        max_module_nodes=3,
        max_params=smallest,
    )
    algorithm, state, results = evolved(narrow)
    found = assembled(algorithm.proposer(state, 1), results, range(3))
    assert all(p.architecture and narrow.excess(p.architecture) is None for p in found)


def test_global_genes_that_the_state_does_not_know_yet_are_used() -> None:
    algorithm, state, results = evolved(None)
    late = {"late": GLOBAL["lr"]}
    proposal = algorithm.proposer(state, 1).assemble(0, Seen(results=results, global_genes=late))
    assert "late" in proposal.genes


def test_the_best_candidates_are_bred_on_where_there_are_no_networks() -> None:
    """In every second place; where one breeds on from what was bred, it comes farther."""
    found = {}
    for n_rounds in (0, 3):
        own = Surrogate(n_candidates=12, n_rounds=n_rounds, weighs_features=False)
        algorithm, state, results = evolved(None, surrogate=own)
        few, proposer = sorted(results, key=rate_of)[-12:], algorithm.proposer(state, 1)
        found[n_rounds] = [proposer.assemble(place, Seen(results=few)) for place in range(30)]
    bred_on = [a != b for a, b in zip(found[0], found[3], strict=True)]
    assert not any(bred_on[1::2])
    assert sum(bred_on[::2]) > 10
    rates = {n: [p.genes["lr"] for p in own[::2]] for n, own in found.items()}
    assert np.median(rates[3]) < 0.8 * np.median(rates[0])


def rate_of(result: Result) -> float:
    assert result.completed is not None
    return float(result.completed.genes["lr"])


def test_some_edited_networks_are_crossed_with_others_first() -> None:
    """A crossed one may have the very rate of another member of the front."""
    algorithm, state, results = evolved(None)
    state = replace(state, archive=tuple(results[:8]))
    rates = {result.position: rate_of(result) for result in state.archive}
    assert len(set(rates.values())) == 8
    # Swapped, so that a number that is inherited stays the same.
    swapping = replace(algorithm.settings, crossover=Crossover(blend=None))
    assembler = Assembler(state, None, swapping, 1)
    shares = []
    for crossed_rate in (0.0, 0.5, 1.0):
        bred = [assembler.edited(np.random.default_rng(i), crossed_rate) for i in range(200)]
        of_others = [
            network.blueprint.genes["lr"] in {*rates.values()} - {rates[origin.parent]}
            for network, origin in bred
            if origin.parent is not None
        ]
        shares.append(np.mean(of_others))
    assert shares[0] == 0.0 and 0.05 < shares[1] < shares[2]
