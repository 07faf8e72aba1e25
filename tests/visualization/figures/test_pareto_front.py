from __future__ import annotations

from typing import Any

import optuna
import pytest

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization import plot_pareto_front
from optuna_codeepneat.visualization._figures._pareto_front import ParetoFront
from tests.visualization.studies import searched


def trace(figure: Any, name: str) -> Any:
    return next(t for t in figure.data if t.name == name)


def test_all_networks_are_drawn_and_the_front_is_that_of_the_study(evolved: optuna.Study) -> None:
    figure = plot_pareto_front(evolved)
    front, others = trace(figure, "front"), trace(figure, "dominated")
    assert sorted(zip(front.y, front.x, strict=True)) == sorted(
        tuple(trial.values) for trial in evolved.best_trials
    )
    assert len(front.x) + len(others.x) == 60
    assert figure.layout.title.text == f"Pareto front: {len(evolved.best_trials)} of 60 networks"
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == (
        "parameters",
        "accuracy",
    )


def test_colours_are_generations_and_whole_numbers(evolved: optuna.Study) -> None:
    marker = trace(plot_pareto_front(evolved), "dominated").marker
    assert (marker.cmin, marker.cmax) == (0, 5)
    assert marker.colorbar.title.text == "generation"
    assert marker.colorbar.dtick == 1


def test_a_single_generation_gives_no_colours() -> None:
    shown = ParetoFront.of(searched(8))
    assert shown.era == "trial"
    one = trace(plot_pareto_front(searched(1)), "front")
    assert not one.marker.showscale


def test_accuracies_close_to_1_are_told_apart() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    study.set_metric_names(["accuracy", "num_params"])
    for values in ([0.3, 10.0], [0.99, 100.0], [0.999, 1000.0], [1.0, 10000.0]):
        study.add_trial(optuna.trial.create_trial(values=values))
    figure = plot_pareto_front(study)
    assert list(trace(figure, "front").y) == pytest.approx([0.7, 0.01, 0.001, 0.0005])
    assert figure.layout.yaxis.ticktext[-1] == "100%"
    assert figure.layout.yaxis.autorange == "reversed"


def test_no_axis_of_a_matrix_has_a_single_label() -> None:
    study = optuna.create_study(directions=["minimize"] * 3)
    for values in ([300.0, 1e3, 0.3], [3100.0, 1e5, 0.999]):
        study.add_trial(optuna.trial.create_trial(values=values))
    figure = plot_pareto_front(study)
    # 1,000 alone would be a single one, from 1,000 to 100,000 there are three.
    assert figure.layout.xaxis.dtick == "D2"
    assert figure.layout.yaxis.dtick == 1


def test_networks_of_other_samplers_are_coloured_by_their_number(foreign: optuna.Study) -> None:
    shown = ParetoFront.of(foreign)
    assert shown.era == "trial"
    assert shown.eras == {number: number for number in range(30)}


def test_the_line_is_the_edge_of_what_is_dominated(evolved: optuna.Study) -> None:
    # Fewer parameters are better: from a network to the next larger one the accuracy stays.
    line = trace(plot_pareto_front(evolved), "front").line
    assert line.shape == "hv"
    turned = plot_pareto_front(evolved, objectives=["num_params", "accuracy"])
    assert trace(turned, "front").line.shape == "vh"


def test_one_objective_beside_an_attribute(single: optuna.Study) -> None:
    with pytest.raises(NoFigureError, match="has one objective and so no front"):
        plot_pareto_front(single)
    shown = ParetoFront.of(single, ["accuracy", "num_params"])
    assert len(shown.front) > 1
    best = max(shown.front, key=lambda trial: trial.values[0])
    assert best.values[0] == single.best_value


def test_what_is_left_out_is_said(unlucky: optuna.Study) -> None:
    shown = ParetoFront.of(unlucky)
    assert shown.note == "not shown: 6 failed, 5 pruned, 1 without a finite value"
    assert shown.infeasible
    figure = plot_pareto_front(unlucky)
    assert len(trace(figure, "violates a constraint").x) == len(shown.infeasible)
    assert shown.note in [annotation.text for annotation in figure.layout.annotations]


def test_five_objectives_become_a_matrix(five: optuna.Study) -> None:
    figure = plot_pareto_front(five)
    fronts = [t for t in figure.data if t.name == "front"]
    assert len(fronts) == 10
    assert sum(bool(t.showlegend) for t in figure.data) == len({t.name for t in figure.data})
    assert all(len(t.x) == len(five.best_trials) for t in fronts)
    # Two of them, as a front of two.
    assert len({t.xaxis for t in plot_pareto_front(five, objectives=[0, 3]).data}) == 1


def test_a_large_matrix_thins_out_what_is_dominated() -> None:
    study = optuna.create_study(directions=["minimize"] * 3)
    for i in range(1200):
        study.add_trial(optuna.trial.create_trial(values=[1.0 + i, 1.0 + i, 1.0 + i]))
    figure = plot_pareto_front(study)
    assert max(len(t.x) for t in figure.data) <= 500
    assert "not all others are shown" in figure.layout.annotations[0].text


def test_an_empty_study_is_one_sentence(empty: optuna.Study) -> None:
    with pytest.raises(NoFigureError, match="has no trial yet"):
        plot_pareto_front(empty)
