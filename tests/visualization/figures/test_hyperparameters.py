from __future__ import annotations

import math
from itertools import pairwise

import optuna
import pytest
from optuna.trial import Trial

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._figures import hyperparameter_panels
from optuna_codeepneat.visualization._figures._hyperparameters import draw_importances
from optuna_codeepneat.visualization._figures._hyperparameters import draw_values
from optuna_codeepneat.visualization._trials import StudyTrials
from tests.visualization.studies import hushed
from tests.visualization.studies import searched


@hushed()
def tuned(n_trials: int, n_objectives: int = 2) -> optuna.Study:
    """A study in which the rate matters for all objectives, and the size seldom is there."""
    study = optuna.create_study(
        directions=["minimize"] * n_objectives, sampler=optuna.samplers.RandomSampler(seed=1)
    )

    def objective(trial: Trial) -> list[float]:
        rate = trial.suggest_float("rate", 1e-3, 1, log=True)
        trial.suggest_float("noise", 0, 1)
        if trial.suggest_categorical("sized", [True, False]):
            trial.suggest_int("size", 1, 8)
        return [abs(math.log10(rate) + 1.5) + i for i in range(n_objectives)]

    study.optimize(objective, n_trials=n_trials)
    return study


@pytest.mark.parametrize("n_objectives", [1, 2])
def test_what_matters_is_found_over_all_objectives(n_objectives: int) -> None:
    [bar] = draw_importances(StudyTrials(tuned(100, n_objectives))).data
    shares = dict(zip(bar.y, bar.x, strict=True))
    assert set(shares) == {"rate", "noise", "sized", "size"}
    assert max(shares, key=lambda name: shares[name]) == "rate"
    assert sum(shares.values()) == pytest.approx(1)
    assert list(bar.x) == sorted(bar.x)  # the first one on top


@pytest.mark.parametrize(("n_objectives", "name"), [(1, "the 10 best"), (2, "Pareto front")])
def test_each_network_is_a_line_and_the_best_are_marked(n_objectives: int, name: str) -> None:
    study = tuned(60, n_objectives)
    figure = draw_values(StudyTrials(study))
    labels = list(figure.layout.xaxis.ticktext)
    names = ["objective"] if n_objectives == 1 else ["objective 0", "objective 1"]
    assert labels == [*names, "noise", "rate", "size", "sized"]
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert len(lines) == 60
    best = [trace for trace in lines if trace.name == name]
    assert len(best) == (10 if n_objectives == 1 else len(study.best_trials))
    lows = [trace.y[0] for trace in best]
    assert max(lows) <= min(trace.y[0] for trace in lines if trace.name != name)
    assert sum(trace.showlegend for trace in lines) == 2


def test_many_networks_are_thinned_but_for_the_best() -> None:
    study = tuned(600)
    figure = draw_values(StudyTrials(study))
    assert 100 < len(figure.data) <= 200
    best = [trace for trace in figure.data if trace.name == "Pareto front"]
    assert len(best) == len(study.best_trials)


@pytest.mark.parametrize("high", [0.1, 0.109, 0.95])
def test_labels_of_an_axis_lie_apart(high: float) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(lambda trial: trial.suggest_float("rate", 1e-4, high, log=True), n_trials=2)
    study.enqueue_trial({"rate": high})
    study.optimize(lambda trial: trial.suggest_float("rate", 1e-4, high, log=True), n_trials=1)
    labels = draw_values(StudyTrials(study)).layout.annotations
    for axis in (0, 1):
        heights = sorted(label.y for label in labels if label.x == axis)
        assert (heights[0], heights[-1]) == (0, 1)
        assert min(b - a for a, b in pairwise(heights)) > 0.05


def test_who_has_none_says_so(empty: optuna.Study) -> None:
    study = searched(10)
    with pytest.raises(NoFigureError, match="have one hyperparameter beside the architecture"):
        draw_importances(StudyTrials(study))
    assert draw_values(StudyTrials(study)).data
    with pytest.raises(NoFigureError, match="importances need 20"):
        draw_importances(StudyTrials(tuned(10)))
    assert all(panel.reason.endswith(".") for panel in hyperparameter_panels(empty))


def test_who_violates_a_constraint_is_not_among_the_best() -> None:
    study = searched(40, bounded=True)
    figure = draw_values(StudyTrials(study))
    feasible = [t for t in study.trials if t.constraints["depth"] <= 0]
    assert len(feasible) < 40
    assert len(figure.data) == len(feasible)
    best = [trace for trace in figure.data if trace.name == "Pareto front"]
    assert len(best) == len(study.best_trials)


def test_nothing_is_logged(capfd: pytest.CaptureFixture[str]) -> None:
    study = tuned(30)
    capfd.readouterr()
    assert all(panel.figure is not None for panel in hyperparameter_panels(study))
    assert capfd.readouterr() == ("", "")
