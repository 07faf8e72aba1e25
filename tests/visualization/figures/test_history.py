from __future__ import annotations

import itertools
import math

import numpy as np
import optuna
import pytest
from optuna.trial import create_trial

from optuna_codeepneat._attributes import store_test_score
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization import plot_history
from optuna_codeepneat.visualization._figures._history import History
from optuna_codeepneat.visualization._figures._history import _scaled
from optuna_codeepneat.visualization._figures._history import apart
from optuna_codeepneat.visualization._figures._history import draw
from optuna_codeepneat.visualization._scale import Scale
from optuna_codeepneat.visualization._trials import Objective
from tests.visualization.studies import searched


ACCURACY = Objective("accuracy", True, 0)


def test_the_best_and_the_hypervolume_only_grow(evolved: optuna.Study) -> None:
    shown = History.of(evolved)
    assert shown.hypervolume is not None
    assert shown.front_size is not None
    assert shown.best == sorted(shown.best)
    assert shown.hypervolume == sorted(shown.hypervolume)
    assert 0 < shown.hypervolume[-1] <= 1
    assert shown.front_size[-1] == len({tuple(t.values) for t in evolved.best_trials})
    assert shown.best[-1] == max(t.values[0] for t in evolved.trials)


def test_a_reference_point_bounds_the_volume() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    for values in ([1.0, 4.0], [2.0, 6.0], [3.0, 9.0]):
        study.add_trial(create_trial(values=values))
    shown = History.of(study, reference_point=[0.0, 8.0])
    # 1 x 4, then one higher but two wider; the third lies outside of the box.
    assert shown.hypervolume == pytest.approx([4.0, 6.0, 6.0])


@pytest.mark.parametrize("point", [[0.0], [0.0, float("inf")], [0.0, 1.0, 2.0]])
def test_a_wrong_reference_point_is_refused(evolved: optuna.Study, point: list[float]) -> None:
    with pytest.raises(ValueError, match="`reference_point` must hold 2 finite numbers"):
        History.of(evolved, reference_point=point)


def test_sizes_that_span_decades_count_by_their_logarithm() -> None:
    gains = np.array([[0.9, -100.0], [0.5, -1000.0], [0.7, -10000.0]])
    scaled = _scaled(gains)
    assert scaled[:, 0] == pytest.approx([0.0, -1.0, -0.5])
    assert scaled[:, 1] == pytest.approx([0.0, -0.5, -1.0])
    assert _scaled(np.array([[1.0], [1.0]])) == pytest.approx(0.0)


def test_one_objective_has_no_volume(single: optuna.Study) -> None:
    shown = History.of(single)
    assert shown.hypervolume is None
    assert shown.best[-1] == single.best_value
    assert len(plot_history(single).data) == 1


def test_a_minimum_goes_down() -> None:
    study = searched(12, objectives=["num_params"])
    shown = History.of(study)
    assert shown.best == sorted(shown.best, reverse=True)
    assert shown.best[-1] == study.best_value


def test_infeasible_networks_are_no_progress(unlucky: optuna.Study) -> None:
    shown = History.of(unlucky)
    feasible = [
        t.values[0]
        for t in unlucky.trials
        if t.values and t.number != 6 and t.constraints["depth"] <= 0
    ]
    assert shown.best[-1] == max(feasible)
    assert len(shown.spent) == len(feasible)


def test_where_all_violate_a_constraint_it_says_so() -> None:
    study = optuna.create_study()
    study.add_trial(create_trial(values=[1.0], constraints={"size": 1.0}))
    with pytest.raises(NoFigureError, match="every completed trial .* violates a constraint"):
        plot_history(study)


def test_long_studies_are_drawn_in_few_steps() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    rng = np.random.default_rng(0)
    study.add_trials([create_trial(values=list(rng.random(2))) for _ in range(3000)])
    shown = History.of(study)
    assert len(shown.spent) <= 400
    assert shown.spent[-1] == 3000
    assert shown.best[-1] == max(t.values[0] for t in study.trials)
    few = History.of(study, reference_point=[0.0, 1.0])
    import moocore

    values = np.array([t.values for t in study.trials]) * [-1, 1]
    assert few.hypervolume is not None
    assert few.hypervolume[-1] == pytest.approx(moocore.hypervolume(values, ref=[0.0, 1.0]))


def test_references_are_lines_named_beside_the_plot(evolved: optuna.Study) -> None:
    [line] = plot_history(evolved, references={"human": 0.94}).layout.shapes
    assert line.y0 == 0.94
    figure = plot_history(evolved, references={"human": 0.999})
    [line] = figure.layout.shapes
    [name] = figure.layout.annotations
    assert name.text == "human"
    assert (name.x, name.xref, name.xanchor) == (1, "x domain", "left")
    # In the coordinates of the axis, which is one of errors: a name wants the logarithm.
    assert line.y0 == pytest.approx(0.001)
    assert name.y == pytest.approx(math.log10(0.001))
    assert figure.layout.margin.r > 6 * len("human")


def test_names_of_references_do_not_cover_each_other() -> None:
    references = {"a": 0.32, "b": 0.962, "c": 0.966, "d": 0.97, "e": 0.99, "f": 0.68}
    values = [0.3, 0.9, *references.values()]
    error = Scale.of(ACCURACY, values)
    drawn = apart(references, ACCURACY, error, values)
    assert drawn == pytest.approx({"e": 0.01, "d": 0.03, "f": 0.32, "a": 0.68})
    linear = apart(references, ACCURACY, Scale("linear"), values)
    assert linear == {"e": 0.99, "f": 0.68, "a": 0.32}
    assert apart({"a": 1.0, "b": 1.0}, ACCURACY, Scale("linear"), [0.5, 1.0]) == {"a": 1.0}
    assert apart({}, ACCURACY, Scale("linear"), [1.0]) == {}
    # Of what is to be minimized the least is the best.
    loss = Objective("loss", False, 0)
    assert apart({"a": 1.0, "b": 1.01}, loss, Scale("linear"), [0.0, 2.0]) == {"a": 1.0}


def test_tests_are_marks_to_compare_with_tests(evolved: optuna.Study) -> None:
    assert not plot_history(evolved).layout.showlegend
    history = History.of(evolved, test_scores={20: 0.9, 7: 0.85, 8: math.nan, 999: 1.0})
    assert (history.tested, history.test_scores) == ([7, 20], [0.85, 0.9])
    assert history.tested_at == [8.0, 21.0]
    marks = draw(history, {"human": 0.94}).data[-1]
    assert list(marks.x) == [8.0, 21.0]
    assert list(marks.y) == [0.85, 0.9]
    assert marks.text[1] == "trial 20: test accuracy 90.0 %"
    names = [trace.name for trace in draw(history).data if trace.showlegend is not False]
    assert names == ["best on validation data", "test, after the final training"]


def test_a_search_leaves_its_tests(evolved: optuna.Study) -> None:
    study = searched(8)
    assert History.of(study).tested == []
    store_test_score(study, 3, 0.75)
    assert History.of(study).tested == [3]


def test_curves_close_to_perfect_are_told_apart() -> None:
    study = optuna.create_study(direction="maximize")
    study.set_metric_names(["accuracy"])
    for accuracy in (0.5, 0.99, 0.999, 0.9999):
        study.add_trial(create_trial(values=[accuracy]))
    figure = plot_history(study)
    heights = [math.log10(y) for y in figure.data[0].y]
    steps = [before - after for before, after in itertools.pairwise(heights)]
    assert min(steps) > 0.2 * sum(steps)
    axis = figure.layout.yaxis
    assert (axis.type, axis.autorange) == ("log", "reversed")
    labels = dict(zip(axis.ticktext, axis.tickvals, strict=True))
    assert labels["99%"] == pytest.approx(0.01)
    assert figure.data[0].text[-1] == "accuracy 99.99 %"


def test_cost_is_on_the_axis(evolved: optuna.Study) -> None:
    figure = plot_history(evolved, over="cost", price_per_hour=3.0)
    assert "3 per worker and hour" in figure.layout.xaxis2.title.text
