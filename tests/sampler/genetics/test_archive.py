"""The best networks of all time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.sampler import Score
from optuna_codeepneat.sampler._genetics._population import Result
from optuna_codeepneat.sampler._genetics._population import best_of


def results(*scores: Score) -> list[Result]:
    return [Result(i, score, None, {}, None, None) for i, score in enumerate(scores)]


def dominates(one: Score, other: Score) -> bool:
    pairs = list(zip(one.values, other.values, strict=True))
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


scores = st.lists(
    st.builds(
        Score,
        st.tuples(*[st.integers(0, 5).map(float)] * 2),
        st.sampled_from([0.0, 0.0, 1.0, 2.0]),
    ),
    min_size=1,
    max_size=12,
)
orders = st.sampled_from(["primary", "secondary", "spread"])


@given(scores=scores, order=orders)
def test_with_several_objectives_it_is_the_feasible_front(scores: list[Score], order: str) -> None:
    found = best_of(results(*scores), 100, order)
    feasible = [i for i, score in enumerate(scores) if score.feasible]
    front = [i for i in feasible if not any(dominates(scores[j], scores[i]) for j in feasible)]
    if feasible:
        assert sorted(result.position for result in found) == front
    else:  # the least violation first
        violations = [result.score.violation for result in found if result.score is not None]
        assert violations == sorted(violations) and len(found) == len(scores)


@given(scores=scores, order=orders, most=st.integers(1, 12))
def test_the_first_are_kept(scores: list[Score], order: str, most: int) -> None:
    everything = results(*scores)
    assert best_of(everything, most, order) == best_of(everything, 100, order)[:most]


@given(scores=scores, more=scores, order=orders)
def test_the_best_of_the_best_and_the_new_are_the_best_of_all(
    scores: list[Score], more: list[Score], order: str
) -> None:
    """What fell out of a front never comes back into it."""
    everything = results(*scores, *more)
    old = best_of(everything[: len(scores)], 100, order)
    kept = {result.position for result in best_of([*old, *everything[len(scores) :]], 100, order)}
    if any(score.feasible for score in (*scores, *more)):
        assert kept == {result.position for result in best_of(everything, 100, order)}


def test_with_one_objective_it_is_the_best() -> None:
    found = best_of(results(*(Score((float(v),)) for v in (3, 1, 4, 1, 5))), 3, "primary")
    assert [result.position for result in found] == [4, 2, 0]
