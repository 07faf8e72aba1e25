from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat._ranking import Score
from optuna_codeepneat.pruning import SizeClassPruner


PRUNER = SizeClassPruner(
    {"accuracy": "maximize", "size": "minimize"}, costs=["size"], max_resource=8
)


def goes_on(own: tuple[float, float], others: list[tuple[float, float]]) -> bool:
    """Each is an accuracy and a size."""
    return PRUNER._goes_on(
        Score((own[0], -own[1])), [Score((value, -size)) for value, size in others]
    )


BETTER = [(0.8, 100.0), (0.85, 100.0), (0.9, 100.0)]


def test_several_of_the_same_size_have_to_be_better() -> None:
    assert not goes_on((0.2, 100), BETTER)
    assert goes_on((0.2, 100), BETTER[:2])
    assert goes_on((0.82, 100), BETTER)


def test_a_size_class_reaches_from_half_to_twice() -> None:
    assert not goes_on((0.2, 50), BETTER)
    assert not goes_on((0.2, 200), BETTER)
    assert goes_on((0.2, 49), BETTER)
    assert goes_on((0.2, 201), BETTER)


def test_those_that_are_hardly_better_do_not_count() -> None:
    spread = [(x, 100.0) for x in np.linspace(0.0, 1.0, 21)]
    stopped = [own for own in spread if not goes_on(own, [o for o in spread if o != own])]
    # Half a deviation (0.19) below the third best.
    assert [round(float(own[0]), 2) for own in stopped] == [i / 20 for i in range(15)]


def test_several_metrics_all_have_to_be_behind() -> None:
    pruner = SizeClassPruner(
        {"accuracy": "maximize", "recall": "maximize", "size": "minimize"},
        costs=["size"],
        max_resource=8,
    )
    others = [Score((0.8 + i / 50, 0.8 + i / 50, -10.0)) for i in range(4)]
    assert not pruner._goes_on(Score((0.1, 0.1, -10.0)), others)
    assert pruner._goes_on(Score((0.1, 0.9, -10.0)), others)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9), st.sampled_from([2**-9, 2**9]))
def test_the_unit_does_not_matter(accuracies: list[float], unit: float) -> None:
    # Powers of two, so that nothing is rounded, but for what is next to nothing.
    own, *others = ((round(accuracy, 6), 100.0) for accuracy in accuracies)
    changed = [(accuracy * unit, size) for accuracy, size in others]
    assert goes_on((own[0] * unit, 100.0), changed) == goes_on(own, others)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(1, 1000)), min_size=1, max_size=30))
def test_the_best_of_a_size_always_goes_on(networks: list[tuple[float, float]]) -> None:
    best = max(networks)
    assert goes_on(best, networks)
