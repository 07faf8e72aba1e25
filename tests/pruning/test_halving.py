from __future__ import annotations

import optuna
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from optuna.pruners import BasePruner
from optuna.pruners import SuccessiveHalvingPruner

from optuna_codeepneat._ranking import Score
from optuna_codeepneat.pruning import ParetoHalvingPruner


CURVES = st.lists(
    st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.3, float("nan")]), min_size=8, max_size=8),
    min_size=1,
    max_size=12,
)


def stops(pruner: BasePruner, direction: str, curves: list[list[float]]) -> list[int]:
    """After how many reports each trial is stopped, by Optuna's own `should_prune`."""
    study = optuna.create_study(direction=direction, pruner=pruner)
    ends = []
    for curve in curves:
        trial = study.ask()
        for step, value in enumerate(curve, start=1):
            trial.report(value, step)
            if trial.should_prune():
                break
        ends.append(step)
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    return ends


@given(CURVES, st.sampled_from(["maximize", "minimize"]), st.sampled_from([2, 3]))
@settings(max_examples=30)
def test_one_objective_is_judged_as_by_optuna(
    curves: list[list[float]], direction: str, factor: int
) -> None:
    theirs = SuccessiveHalvingPruner(min_resource=1, reduction_factor=factor)
    ours = ParetoHalvingPruner(
        {"score": direction},
        max_resource=9,
        min_resource=1,
        reduction_factor=factor,
    )
    assert stops(ours, direction, curves) == stops(theirs, direction, curves)


def goes_on(own: tuple[float, ...], others: list[tuple[float, ...]], factor: int = 3) -> bool:
    pruner = ParetoHalvingPruner(
        {"accuracy": "maximize", "size": "minimize"}, max_resource=9, reduction_factor=factor
    )
    return pruner._goes_on(Score(own), [Score(other) for other in others])


def test_of_a_front_the_extremes_and_the_most_distant_go_on() -> None:
    front = [(float(i), -float(i)) for i in range(9)]
    kept = [own for own in front if goes_on(own, [other for other in front if other != own])]
    assert kept == [(0.0, 0.0), (4.0, -4.0), (8.0, -8.0)]


def test_what_is_dominated_goes_last() -> None:
    front = [(float(i), -float(i)) for i in range(3)]
    behind = [(i - 0.5, -i - 0.5) for i in range(3)]
    assert all(goes_on(own, [*behind, *(o for o in front if o != own)], 2) for own in front)
    assert not any(goes_on(own, [*front, *(o for o in behind if o != own)], 2) for own in behind)


def test_first_ones_and_equal_ones_go_on() -> None:
    assert goes_on((1.0, 1.0), [])
    assert goes_on((1.0, 1.0), [(1.0, 1.0)] * 5)
    assert not goes_on((1.0, 1.0), [(1.0, 2.0)])
