"""LEMONADE's loop as pure functions of a state."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.sampler import Score
from optuna_codeepneat.sampler._genetics._population import Result
from optuna_codeepneat.sampler._genetics._population import State
from optuna_codeepneat.sampler._lemonade._algorithm import Lemonade
from tests.sampler.breeders import GENES
from tests.sampler.breeders import results_of
from tests.sampler.breeders import settings


def begun(own: Lemonade) -> State:
    return own.genesis(0, 0, GENES)


def scored(own: Lemonade, scores: list[Score | None], first: int = 0) -> list[Result]:
    return results_of(own, begun(own), scores, first)


def test_it_begins_with_nobody() -> None:
    state = begun(settings())
    assert (state.generation, state.archive, state.evaluated) == (0, (), frozenset())
    assert state.global_genes == GENES


@given(
    values=st.lists(st.tuples(*[st.integers(0, 4).map(float)] * 2), min_size=2, max_size=8),
    order=st.randoms(use_true_random=False),
)
def test_order_and_grouping_of_results_do_not_matter(
    values: list[tuple[float, ...]], order: Any
) -> None:
    own = settings()
    results = scored(own, [Score(value) for value in values])
    shuffled = list(results)
    order.shuffle(shuffled)
    once = own.advance(begun(own), results, 0, 1, {})
    assert own.advance(begun(own), shuffled, 0, 1, {}) == once
    half = own.advance(begun(own), results[:1], 0, 1, {})
    both = own.advance(half, results[1:], 0, 1, {})
    assert {r.position for r in both.archive} == {r.position for r in once.archive}
    assert both.evaluated == once.evaluated


def test_the_population_is_the_front_or_with_one_objective_an_elite() -> None:
    own = settings(elite_size=2, max_population=3)
    single = scored(own, [Score((float(v),)) for v in (3, 1, 4, 1, 5)])
    assert [r.position for r in own.advance(begun(own), single, 0, 1, {}).archive] == [4, 2]
    line = scored(own, [Score((float(v), -float(v))) for v in range(5)])
    state = own.advance(begun(own), line, 0, 1, {})
    assert len(state.archive) == 3
    assert {0, 4} <= {r.position for r in state.archive}  # the extremes


def test_failures_are_evidence_without_a_score() -> None:
    own = settings()
    failed = scored(own, [None, None])
    state = own.advance(begun(own), failed, 0, 1, {})
    assert state.archive == ()
    assert state.evaluated == {result.key for result in failed}
    assert state.generation == 1


def test_global_genes_accumulate() -> None:
    own = settings()
    found = own.advance(begun(own), [], 0, 1, {"momentum": GENES["lr"]}).global_genes
    assert set(found) == {"lr", "momentum"}


def test_a_state_is_what_is_stored_of_it() -> None:
    own = settings()
    results = scored(own, [Score((float(v), -float(v))) for v in range(4)])
    state = own.advance(begun(own), results, 0, 1, {})
    by_number = {result.position: result for result in results}
    read = State.from_json(
        json.loads(json.dumps(state.to_json())), by_number.__getitem__, state.evaluated
    )
    assert read == state
    assert read.digest == state.digest


def test_settings_are_json_that_reads_as_it_was_written() -> None:
    own = settings().settings.to_json()
    assert json.loads(json.dumps(own)) == own
    assert "space" not in own
    assert own != settings(n_proposals=7).settings.to_json()
