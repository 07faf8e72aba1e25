"""Scores and their order, against brute force and against the paper's own algorithm."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.study import StudyDirection
from optuna.trial import TrialState

from optuna_codeepneat._ranking import front
from optuna_codeepneat._ranking import fronts
from optuna_codeepneat._ranking import gains
from optuna_codeepneat._ranking import is_feasible
from optuna_codeepneat._ranking import mean_score
from optuna_codeepneat._ranking import ranking
from optuna_codeepneat._ranking import score_of
from optuna_codeepneat.sampler import Score


MAXIMIZE, MINIMIZE = StudyDirection.MAXIMIZE, StudyDirection.MINIMIZE
ORDERS = ("primary", "secondary", "spread")


@st.composite
def matrices(draw: st.DrawFn, objectives: tuple[int, int] = (1, 4)) -> list[tuple[float, ...]]:
    """Rows of a few small whole numbers, so that ties and duplicates abound."""
    m = draw(st.integers(*objectives))
    row = st.tuples(*[st.integers(-3, 3).map(float)] * m)
    return draw(st.lists(row, min_size=1, max_size=25))


def dominates(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(x >= y for x, y in zip(a, b, strict=True)) and tuple(a) != tuple(b)


def brute_fronts(rows: Sequence[Sequence[float]]) -> list[int]:
    """Peels non-dominated rows off until none is left."""
    rank, left, front = [-1] * len(rows), set(range(len(rows))), 0
    while left:
        best = {i for i in left if not any(dominates(rows[j], rows[i]) for j in left)}
        for i in best:
            rank[i] = front
        left -= best
        front += 1
    return rank


def algorithm_3(rows: Sequence[Sequence[float]]) -> set[tuple[float, ...]]:
    """The Pareto front as LEAF calculates it (Liang et al. 2019, algorithm 3), for two objectives.

    Ties in the first objective are broken by the second, without which a dominated individual
    may enter.
    """
    front: list[tuple[float, ...]] = []
    for row in sorted(map(tuple, rows), reverse=True):
        if not front or row[1] > front[-1][1]:
            front.append(row)
    return set(front)


@given(matrices())
def test_fronts_are_those_of_brute_force(rows: list[tuple[float, ...]]) -> None:
    assert list(fronts(np.array(rows))) == brute_fronts(rows)


@given(matrices(objectives=(2, 2)))
def test_first_front_is_that_of_the_paper(rows: list[tuple[float, ...]]) -> None:
    rank = fronts(np.array(rows))
    assert {row for row, r in zip(rows, rank, strict=True) if r == 0} == algorithm_3(rows)


@given(matrices())
def test_equal_rows_share_the_front_or_the_first_stands_for_them(
    rows: list[tuple[float, ...]],
) -> None:
    best = [i for i, rank in enumerate(brute_fronts(rows)) if rank == 0]
    assert front(np.array(rows)).tolist() == best
    firsts = [i for i in best if rows.index(rows[i]) == i]
    assert front(np.array(rows), twins=False).tolist() == firsts


def test_no_rows_have_an_empty_front() -> None:
    assert front(np.empty((0, 2))).tolist() == []


@pytest.mark.parametrize("front_order", ORDERS)
@given(rows=matrices())
def test_ranking_goes_front_by_front(front_order: str, rows: list[tuple[float, ...]]) -> None:
    order = ranking([Score(row) for row in rows], front_order=front_order)
    assert sorted(order) == list(range(len(rows)))
    expected = brute_fronts(rows)
    assert [expected[i] for i in order] == sorted(expected)


@given(matrices())
def test_within_a_front_the_first_objective_decides(rows: list[tuple[float, ...]]) -> None:
    order, rank = ranking([Score(row) for row in rows]), brute_fronts(rows)
    for a, b in itertools.pairwise(order):
        assert rank[a] < rank[b] or rows[a] > rows[b] or (rows[a] == rows[b] and a < b)


@given(matrices(objectives=(2, 4)))
def test_or_the_second_if_asked(rows: list[tuple[float, ...]]) -> None:
    order = ranking([Score(row) for row in rows], front_order="secondary")
    rank = brute_fronts(rows)
    keys = [(rank[i], -rows[i][1], -rows[i][0]) for i in order]
    assert keys == sorted(keys)


def test_spread_takes_the_extremes_then_what_is_farthest_from_those_before() -> None:
    rows = [(float(i), float(-i)) for i in range(9)]
    order = ranking([Score(row) for row in rows], front_order="spread")
    assert set(order[:2]) == {0, 8} and order[2] == 4
    assert set(order[3:5]) <= {2, 6, 1, 3, 5, 7}
    assert sorted(order) == list(range(9))


@given(matrices(), st.lists(st.sampled_from((0.0, 0.5, 2.0, math.inf)), min_size=25, max_size=25))
def test_infeasible_ranks_below_feasible_by_violation(
    rows: list[tuple[float, ...]], violations: list[float]
) -> None:
    scores = [Score(row, v) for row, v in zip(rows, violations, strict=False)]
    order = ranking(scores)
    ordered = [(scores[i].violation, i) for i in order]
    assert [violation for violation, _ in ordered] == sorted(violation for violation, _ in ordered)
    infeasible = [pair for pair in ordered if pair[0] > 0]
    assert infeasible == sorted(infeasible)  # ties by index
    feasible = [score.values for score in scores if score.feasible]
    rank = iter(sorted(brute_fronts(feasible)))
    of = dict(zip(feasible, brute_fronts(feasible), strict=True))
    assert all(of[scores[i].values] == next(rank) for i in order[: len(feasible)])


def test_what_was_stopped_early_ranks_between() -> None:
    scores = [
        Score((0.9, -1.0), violation=1.0),
        Score((0.8, -5.0), stopped=True),
        Score((0.1, -9.0)),
        None,
        Score((0.9, -5.0), stopped=True),
        Score((0.2, -9.0)),
        Score((0.9, -1.0), violation=0.5, stopped=True),
    ]
    # 4 and 1 would be ahead of all others, had they been trained to the end.
    assert ranking(scores) == [5, 2, 4, 1, 6, 0, 3]
    assert mean_score([scores[2], scores[1]]) == Score((0.45, -7.0))
    assert mean_score([scores[4], scores[1]]).stopped


def test_what_was_never_evaluated_comes_last() -> None:
    assert ranking([None, Score((1.0,), 5.0), None, Score((0.0,))]) == [3, 1, 0, 2]
    assert ranking([None, None]) == [0, 1]
    assert ranking([]) == []


# -- trials ----------------------------------------------------------------------------------


def trial(
    values: Sequence[float] | None, constraints: dict[str, float] | None = None, **more: object
) -> optuna.trial.FrozenTrial:
    return optuna.create_trial(values=values, constraints=constraints, **more)  # type: ignore[arg-type]


def test_larger_is_better_whatever_the_direction() -> None:
    assert score_of(trial([1.0, 2.0]), [MAXIMIZE, MINIMIZE]) == Score((1.0, -2.0))


@given(matrices(objectives=(3, 3)))
def test_flipping_directions_and_signs_changes_nothing(rows: list[tuple[float, ...]]) -> None:
    as_is = [score_of(trial(row), [MAXIMIZE, MINIMIZE, MAXIMIZE]) for row in rows]
    flipped = [score_of(trial([-v for v in row]), [MINIMIZE, MAXIMIZE, MINIMIZE]) for row in rows]
    assert as_is == flipped


VALUES = st.sampled_from((-math.inf, -1.0, -0.0, 0.0, 0.5, 2.0, math.inf))


@given(st.data(), st.lists(st.sampled_from((MAXIMIZE, MINIMIZE)), min_size=2, max_size=5))
def test_front_is_that_of_optuna_whatever_the_directions(
    data: st.DataObject, directions: list[StudyDirection]
) -> None:
    study = optuna.create_study(directions=directions)
    row = st.tuples(*[VALUES] * len(directions))
    for values in data.draw(st.lists(row, max_size=20)):
        constraints = data.draw(st.sampled_from([{}, {"a": 0.0, "b": -1.0}, {"a": 1.0, "b": -9}]))
        study.add_trial(trial(values, constraints))
    larger = [direction == MAXIMIZE for direction in directions]
    feasible = [t for t in study.trials if is_feasible(t)]
    values = np.array([t.values for t in feasible]).reshape(len(feasible), len(directions))
    best = [t.number for t in study.best_trials]
    assert [feasible[i].number for i in front(gains(values, larger))] == best
    # Flipping all directions and the signs of all values changes nothing; nor does turning twice.
    assert (gains(-values, [not each for each in larger]) == gains(values, larger)).all()
    assert (gains(gains(values, larger), larger) == values).all()
    # What is clipped for the sake of differences has the same front.
    scores = [score_of(t, directions) for t in study.trials]
    own = [i for i, score in enumerate(scores) if score is not None and score.feasible]
    clipped = np.array([score.values for score in scores if score is not None and score.feasible])
    assert [own[i] for i in front(clipped.reshape(values.shape))] == best


def test_infinite_values_rank_at_the_ends_and_stay_finite() -> None:
    values = (math.inf, 1.0, -math.inf, 0.0)
    scores = [score_of(trial([value]), [MAXIMIZE]) for value in values]
    assert ranking(scores) == [0, 1, 3, 2]
    assert all(score is not None and np.isfinite(score.values).all() for score in scores)
    mean = mean_score([score for score in scores if score is not None])
    assert np.isfinite(mean.values).all()
    two = [score_of(trial([v, w]), [MAXIMIZE, MINIMIZE]) for v in values for w in values]
    for front_order in ORDERS:
        order = ranking(two, front_order=front_order)
        assert values[order[0] // 4] == math.inf and values[order[0] % 4] == -math.inf


@pytest.mark.parametrize(
    "broken",
    [
        optuna.create_trial(state=TrialState.FAIL),
        optuna.create_trial(state=TrialState.PRUNED),
        optuna.create_trial(state=TrialState.RUNNING),
        optuna.create_trial(state=TrialState.PRUNED, values=[1.0]),
        trial([1.0, 2.0]),  # of a study with another number of objectives
    ],
    ids=["fail", "pruned", "running", "pruned with a value", "objectives"],
)
def test_trial_without_usable_values_has_no_score(broken: optuna.trial.FrozenTrial) -> None:
    assert score_of(broken, [MAXIMIZE]) is None


def test_nan_is_no_score() -> None:
    broken = trial([1.0])
    broken._values = [math.nan]  # Optuna refuses it; a storage of another making may not
    assert score_of(broken, [MAXIMIZE]) is None


def test_violations_add_up_and_satisfied_constraints_do_not_make_up_for_them() -> None:
    found = score_of(trial([1.0], {"a": 2.0, "b": -5.0, "c": 0.5}), [MAXIMIZE])
    assert found == Score((1.0,), 2.5) and not found.feasible
    found = score_of(trial([1.0], {"a": -2.0, "b": 0.0}), [MAXIMIZE])
    assert found is not None and found.feasible
