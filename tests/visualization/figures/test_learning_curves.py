from __future__ import annotations

import optuna
import pytest
from optuna.samplers import RandomSampler

from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.pruning import ParetoHalvingPruner
from optuna_codeepneat.visualization import plot_learning_curves
from optuna_codeepneat.visualization._budget import steps_saved
from optuna_codeepneat.visualization._figures._learning_curves import LearningCurves
from optuna_codeepneat.visualization._report._facts import facts_of
from optuna_codeepneat.visualization._report._setup import failures_of
from optuna_codeepneat.visualization._trials import StudyTrials
from tests.pruning.curves import METRICS
from tests.pruning.curves import objective


@pytest.fixture(scope="module")
def study() -> optuna.Study:
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=RandomSampler(seed=1))
    study.optimize(objective(ParetoHalvingPruner(METRICS, max_resource=9)), n_trials=20)
    return study


def test_each_training_is_a_line_and_those_that_were_stopped_are_marked(
    study: optuna.Study,
) -> None:
    shown = LearningCurves.of(study)
    stopped = [t.number for t in study.trials if StoppedEarly.of(t) is not None]
    assert [line.number for line in shown.stopped] == stopped
    assert len(shown.finished) == 20 - len(stopped)
    for line in shown.finished:
        assert line.points[-1] == (9, study.trials[line.number].values[0])
    figure = plot_learning_curves(study)
    assert [trace.name for trace in figure.data[:2]] == ["to its end", "stopped early"]
    assert list(figure.data[2].x) == [line.points[-1][0] for line in shown.stopped]


def test_the_title_and_the_report_say_what_was_saved(study: optuna.Study) -> None:
    said = [s for t in study.trials if (s := StoppedEarly.of(t)) is not None]
    share = sum(1 - stopped.step / 9 for stopped in said) / 20
    assert steps_saved(study.trials) == pytest.approx(share)
    title = plot_learning_curves(study).layout.title.text
    assert title == (
        f"Learning curves: {len(said)} of 20 trainings stopped early, {share:.0%} of all steps "
        "saved"
    )
    networks = facts_of(StudyTrials(study), [])[0]
    assert failures_of(study.trials) == ([], 0)
    assert networks.note == f"{len(said)} stopped early, which saved {share:.0%} of all steps"


def test_intermediate_values_of_one_objective_are_curves_too() -> None:
    single = optuna.create_study(pruner=optuna.pruners.NopPruner())
    for values in ({0: 3.0, 1: float("nan"), 2: 1.0}, {}):
        single.add_trial(optuna.trial.create_trial(value=1.0, intermediate_values=values))
    (line,) = LearningCurves.of(single).finished
    assert line.points == ((0, 3.0), (2, 1.0))
    assert plot_learning_curves(single).layout.title.text == "Learning curves"


def test_who_reports_nothing_says_so(evolved: optuna.Study, empty: optuna.Study) -> None:
    for other in (evolved, empty):
        with pytest.raises(NoFigureError, match="no trial of the study 'searched' reported how"):
            plot_learning_curves(other)
    assert steps_saved(evolved.trials) == 0.0


def test_attributes_of_that_name_of_somebody_else_are_no_matter() -> None:
    other = optuna.create_study(directions=["minimize", "minimize"])
    for value in ("steep", 3, {"trial": 2}, {"trial": 3, "reports": [[1], "x", [1, "a", 2]]}):
        attrs = {"learning_curve": value, "stopped_early": value}
        trial = optuna.trial.create_trial(values=[0.0, 1.0], user_attrs=attrs)
        other.add_trial(trial)
    with pytest.raises(NoFigureError):
        plot_learning_curves(other)
