"""What a component is worth, from the networks that contained it."""

from __future__ import annotations

from optuna_codeepneat.sampler import Score
from optuna_codeepneat.sampler._codeepneat._credit import best
from optuna_codeepneat.sampler._codeepneat._credit import mean


def test_mean_is_that_of_each_objective() -> None:
    """LEAF (Liang et al. 2019, section 3.1): the average fitness of the assembled networks."""
    assert mean([Score((1.0, 10.0)), Score((2.0, 40.0))]) == Score((1.5, 25.0))
    assert mean([Score((3.0,))]) == Score((3.0,))


def test_best_is_the_first_of_the_first_front() -> None:
    # (2, 3) and (3, 1) are the front, (1, 2) and (2, 1) are dominated.
    scores = [Score((1.0, 2.0)), Score((2.0, 3.0)), Score((3.0, 1.0)), Score((2.0, 1.0))]
    assert best(scores) == Score((3.0, 1.0))


def test_infeasible_networks_count_where_there_are_no_others() -> None:
    feasible, broken = Score((1.0,)), Score((9.0,), 2.0)
    assert mean([feasible, broken]) == best([feasible, broken]) == feasible
    assert mean([broken, Score((7.0,), 4.0)]) == Score((8.0,), 3.0)
    assert best([Score((7.0,), 4.0), broken]) == broken
