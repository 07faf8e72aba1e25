"""How much hypervolume a candidate adds, against moocore."""

from __future__ import annotations

import moocore
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat._ranking import front
from optuna_codeepneat.sampler._surrogate._gain import REFERENCE
from optuna_codeepneat.sampler._surrogate._gain import gains


COORDINATE = st.integers(-8, 16).map(lambda n: n / 10)


def points(n_objectives: int, most: int, least: int = 0) -> st.SearchStrategy[np.ndarray]:
    point = st.tuples(*[COORDINATE] * n_objectives)
    rows = st.lists(point, min_size=least, max_size=most)
    return rows.map(lambda found: np.array(found, dtype=float).reshape(-1, n_objectives))


def expected(known: np.ndarray, candidates: np.ndarray) -> list[float]:
    """By two hypervolumes each."""
    reference = np.full(candidates.shape[1], REFERENCE)

    def volume(rows: np.ndarray) -> float:
        inside = rows[(rows < REFERENCE).all(axis=1)]
        return float(moocore.hypervolume(inside, ref=reference)) if len(inside) else 0.0

    return [volume(np.vstack([known, point])) - volume(known) for point in candidates]


@pytest.mark.parametrize("n_objectives", [2, 3, 4])
@given(st.data())
def test_gains_are_differences_of_hypervolumes(n_objectives: int, data: st.DataObject) -> None:
    known = data.draw(points(n_objectives, 12))
    if len(known):
        known = known[front(-known, twins=False)]
    candidates = data.draw(points(n_objectives, 8, least=1))
    assert gains(known, candidates) == pytest.approx(expected(known, candidates), abs=1e-9)


@given(points(1, 9), points(1, 9, least=1))
def test_of_one_objective_it_is_the_improvement(known: np.ndarray, candidates: np.ndarray) -> None:
    best = known[known < REFERENCE].min(initial=REFERENCE)
    assert gains(known, candidates) == pytest.approx(
        [max(0.0, best - value) for (value,) in candidates]
    )


@pytest.mark.parametrize("n_objectives", [1, 2, 3])
def test_infinite_and_huge_values_are_outside(n_objectives: int) -> None:
    known = np.full((1, n_objectives), 0.5)
    candidates = np.full((3, n_objectives), [[np.inf], [1e300], [REFERENCE]])
    assert gains(known, candidates) == pytest.approx([0.0, 0.0, 0.0])
    nothing_known = np.empty((0, n_objectives))
    assert gains(nothing_known, known) == pytest.approx([(REFERENCE - 0.5) ** n_objectives])
