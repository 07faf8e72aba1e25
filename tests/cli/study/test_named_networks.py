"""`best`, `knee` and numbers, as a command line names networks."""

from __future__ import annotations

import optuna
import pytest
from optuna.distributions import BaseDistribution
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat import SearchSpace
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._study import is_name_of_network
from optuna_codeepneat.cli._study import named_networks


SPACE = SearchSpace.dense(input_shape=(4,), num_outputs=2)


def distributions(width: int) -> tuple[dict[str, object], dict[str, BaseDistribution]]:
    """The parameters of a network of one layer, which is as large as it is wide."""
    seen: dict[str, BaseDistribution] = {}
    params: dict[str, object] = {}

    def choose(name: str, distribution: BaseDistribution) -> object:
        value: object
        if name.endswith("n_nodes"):
            value = 1
        elif name.endswith("width"):
            value = width
        else:
            choices = getattr(distribution, "choices", None)
            value = choices[0] if choices else distribution.low  # type: ignore[attr-defined]
        seen[name], params[name] = distribution, value
        return value

    SPACE.walk(choose)
    return params, seen


def study_of(
    *results: tuple[float, int], directions: tuple[str, ...] = ("maximize", "minimize")
) -> optuna.Study:
    """A study whose trials have these first values, and networks of these widths."""
    study = optuna.create_study(directions=list(directions))
    for value, width in results:
        params, seen = distributions(width)
        size = float(SPACE.decode(params).num_params)
        values = [value, size][: len(directions)]
        study.add_trial(create_trial(values=values, params=params, distributions=seen))
    return study


FRONT = study_of((0.61, 8), (0.92, 20), (0.96, 90), (0.97, 128), (0.80, 100))


def test_the_best_is_so_by_the_first_objective() -> None:
    assert named_networks(FRONT, ["best"], SPACE) == [3]
    size = FRONT.trials[1].values[1]
    assert named_networks(FRONT, ["best"], SPACE, int(size)) == [1]
    assert named_networks(FRONT, ["best"], SPACE, int(size) - 1) == [0]
    with pytest.raises(CommandError, match="has no network with at most 3 parameters"):
        named_networks(FRONT, ["best"], SPACE, 3)


def test_of_equal_ones_the_smaller_is_better_and_then_the_earlier() -> None:
    study = study_of((0.9, 50), (0.9, 20), (0.9, 20))
    assert named_networks(study, ["best"], SPACE) == [1]


def test_smaller_may_be_better() -> None:
    study = study_of((0.9, 50), (0.1, 20), directions=("minimize", "minimize"))
    assert named_networks(study, ["best"], SPACE) == [1]


def test_the_knee_is_farthest_from_the_line_between_the_extremes() -> None:
    assert named_networks(FRONT, ["knee"], SPACE) == [1]
    values = {trial.number: trial.values for trial in FRONT.trials if trial.number != 4}
    (best, largest), (poorest, smallest) = values[3], values[0]
    heights = {
        number: (value - poorest) / (best - poorest) + (largest - size) / (largest - smallest)
        for number, (value, size) in values.items()
    }
    assert max(heights, key=lambda number: heights[number]) == 1
    assert named_networks(study_of((0.9, 20)), ["knee"], SPACE) == [0]
    assert named_networks(study_of((0.9, 20), (0.8, 20)), ["knee"], SPACE) == [0]


def test_one_objective_has_no_knee() -> None:
    study = study_of((0.9, 20), directions=("maximize",))
    assert named_networks(study, ["best"], SPACE) == [0]
    with pytest.raises(CommandError, match="has one objective, and so no `knee`; name `best`"):
        named_networks(study, ["knee"], SPACE)


def test_networks_that_are_named_twice_count_once() -> None:
    assert named_networks(FRONT, ["3", "best", "0"], SPACE) == [3, 0]


def test_numbers_are_of_networks() -> None:
    study = study_of((0.9, 20))
    study.add_trial(create_trial(state=TrialState.FAIL, user_attrs={"failure": "out of memory"}))
    study.add_trial(create_trial(values=[0.5, 1.0]))
    for name, said in [
        ("9", "there is no trial 9; the study .* has the trials 0 to 2"),
        ("1", r"trial 1 was not completed \(out of memory\)"),
        ("2", "trial 2 holds no network of the study's search space"),
    ]:
        with pytest.raises(CommandError, match=said):
            named_networks(study, [name], SPACE)
    empty = optuna.create_study()
    with pytest.raises(CommandError, match="has no trials"):
        named_networks(empty, ["0"], SPACE)


def test_infeasible_networks_are_never_the_best() -> None:
    study = study_of((0.9, 20))
    params, seen = distributions(30)
    study.enqueue_trial(params)
    trial = study.ask(seen)
    assert SPACE.decode(trial.params).num_params
    trial.set_constraint("min_score", 1.0)
    study.tell(trial, [0.99, 1.0])
    assert named_networks(study, ["best"], SPACE) == [0]


def test_words_that_name_networks() -> None:
    assert [is_name_of_network(word) for word in ("17", "best", "knee", "mnist1d", "-1")] == [
        *(True, True, True, False, False)
    ]
