from __future__ import annotations

from datetime import datetime
from datetime import timedelta

import optuna
import pytest
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._budget import Expense
from optuna_codeepneat.visualization._budget import spent
from optuna_codeepneat.visualization._trials import StudyTrials


BEGIN = datetime(2026, 1, 1)


def worked(*spans: tuple[float, float, bool]) -> StudyTrials:
    """A study whose trials ran from one hour to another, and were completed or failed."""
    study = optuna.create_study()
    for begin, end, completed in spans:
        trial = create_trial(
            state=TrialState.COMPLETE if completed else TrialState.FAIL,
            values=[0.0] if completed else None,
        )
        trial.datetime_start = BEGIN + timedelta(hours=begin)
        trial.datetime_complete = BEGIN + timedelta(hours=end)
        study.add_trial(trial)
    return StudyTrials(study)


def paid(chronicle: StudyTrials, over: str, price: float | None = None) -> list[float]:
    return spent(chronicle, chronicle.completed, Expense.named(over, price))


def test_hours_are_those_in_which_someone_worked() -> None:
    # Two side by side, a rest of seven hours, and a failure that took an hour.
    chronicle = worked((0, 2, True), (1, 3, True), (10, 11, False), (11, 12, True))
    assert paid(chronicle, "hours") == pytest.approx([2, 3, 5])
    assert paid(chronicle, "worker_hours") == pytest.approx([2, 4, 6])
    assert paid(chronicle, "cost", 2.5) == pytest.approx([5, 10, 15])
    assert paid(chronicle, "networks") == [1, 2, 3]


def test_minutes_where_hours_would_be_too_long() -> None:
    amounts, axis, unit = Expense("hours").shown([0.5, 1.0])
    assert (amounts, axis, unit) == ([30.0, 60.0], "minutes of search", "minutes")
    assert Expense("hours").shown([0.5, 3.0])[0] == [0.5, 3.0]
    assert Expense.named("cost", 2.5).shown([0.1])[:2] == (
        [0.1],
        "cost of all workers together (2.5 per worker and hour)",
    )


def test_generations_only_go_up(evolved: optuna.Study) -> None:
    generations = paid(StudyTrials(evolved), "generations")
    assert generations == sorted(generations)
    assert generations[-1] == 5


def test_steps_of_all_networks_together(heirs: optuna.Study) -> None:
    steps = paid(StudyTrials(heirs), "steps")
    assert steps[-1] == sum(t.user_attrs["inheritance"]["steps"] for t in heirs.trials)


def test_what_trials_do_not_say_can_not_be_counted(foreign: optuna.Study) -> None:
    chronicle = StudyTrials(foreign)
    with pytest.raises(NoFigureError, match="has trials without a generation"):
        paid(chronicle, "generations")
    with pytest.raises(NoFigureError, match="don't say how many steps they trained for"):
        paid(chronicle, "steps")


@pytest.mark.parametrize(
    ("over", "price", "said"),
    [
        ("days", None, "`over` must be of 'networks', .*, got 'days'"),
        ("cost", None, "`price_per_hour` must be a number, got None"),
        ("cost", 0.0, "`price_per_hour` must be more than 0, got 0.0"),
        ("cost", float("nan"), "`price_per_hour` must be more than 0, got nan"),
        ("hours", 1.0, "`price_per_hour` goes with `over='cost'`, got 'hours'"),
    ],
)
def test_wrong_arguments(over: str, price: float | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Expense.named(over, price)
