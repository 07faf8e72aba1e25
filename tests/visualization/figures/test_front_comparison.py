from __future__ import annotations

from typing import Any

import optuna
import pytest

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization import plot_front_comparison
from optuna_codeepneat.visualization._figures._front_comparison import FrontComparison


def test_the_front_of_either_study_after_a_generation(
    evolved: optuna.Study, single: optuna.Study
) -> None:
    shown = FrontComparison.of({"two": evolved, "one": single}, at=[0, 3])
    assert [o.position for o in shown.objectives["two"]] == [0, 1]
    assert [o.position for o in shown.objectives["one"]] == [0, None]
    assert len(plot_front_comparison({"two": evolved, "one": single}).data) == 2 * 3
    assert list(shown.fronts) == [0, 3]
    for moment, fronts in shown.fronts.items():
        for front in fronts.values():
            assert max(t.user_attrs["generation"] for t in front) <= moment
    # All that was found so far: no front falls behind an earlier one.
    early, late = (max(t.values[0] for t in shown.fronts[g]["one"]) for g in (0, 3))
    assert early <= late == max(t.values[0] for t in single.trials)


def test_moments_are_such_that_all_have_reached(
    evolved: optuna.Study, single: optuna.Study
) -> None:
    shown = FrontComparison.of([evolved_as("a", evolved), single])
    assert max(shown.fronts) == 3
    assert len(shown.fronts) <= 4


def evolved_as(name: str, study: optuna.Study) -> optuna.Study:
    """The study under another name."""
    copy = optuna.create_study(study_name=name, directions=study.directions)
    copy.set_metric_names(study.metric_names or [])
    copy.add_trials(study.trials)
    return copy


def test_networks_count_where_there_are_no_generations(
    evolved: optuna.Study, foreign: optuna.Study
) -> None:
    studies = {"ours": evolved, "theirs": foreign}
    with pytest.raises(NoFigureError, match="has trials without a generation; compare over netw"):
        plot_front_comparison(studies)
    figure = plot_front_comparison(studies, over="networks", at=[10, 20, 30])
    assert [a.text for a in figure.layout.annotations] == [
        "10 networks",
        "20 networks",
        "30 networks",
    ]
    assert len(figure.data) == 6
    assert {t.line.dash for t in figure.data} == {"solid", "dash"}
    assert [t.name for t in figure.data if t.showlegend] == ["ours", "theirs"]


def test_fronts_after_the_same_time_or_cost(evolved: optuna.Study, heirs: optuna.Study) -> None:
    shown = FrontComparison.of([evolved, heirs], over="cost", price_per_hour=3600.0)
    assert len(shown.fronts) == 4
    assert all(title.endswith(" cost") for title in shown.titles)
    (last,) = FrontComparison.of([evolved, heirs], at=[1e9], over="hours").fronts.values()
    assert len(last["searched"]) == len(evolved.best_trials)
    titles = FrontComparison.of([heirs], over="steps", at=[6400]).titles
    assert titles == ["6,400 steps"]


def test_one_study_shows_how_its_front_grew(evolved: optuna.Study) -> None:
    figure = plot_front_comparison([evolved], at=[0, 2, 5])
    best = [max(trace.y) for trace in figure.data]
    assert best == sorted(best)
    assert best[-1] == max(t.values[0] for t in evolved.best_trials)


def test_wrong_arguments(evolved: optuna.Study, foreign: optuna.Study) -> None:
    with pytest.raises(ValueError, match="`studies` must hold at least one"):
        plot_front_comparison([])
    with pytest.raises(ValueError, match="`studies` has several of one name"):
        plot_front_comparison([evolved, evolved])
    two = {"a": evolved, "b": evolved}
    with pytest.raises(ValueError, match="`over` must be of 'networks', .*, got 'time'"):
        plot_front_comparison(two, over="time")
    wrong: list[Any] = [[], [-1], [float("nan")], ["3"]]
    for at in wrong:
        with pytest.raises(ValueError, match="`at` must hold numbers from 0, got"):
            plot_front_comparison(two, at=at)
    with pytest.raises(ValueError, match="`objectives` must be two, got 1"):
        plot_front_comparison(two, objectives=["accuracy"])
    other = optuna.create_study(study_name="c", directions=["minimize", "minimize"])
    with pytest.raises(ValueError, match=r"`objectives\[0\]` has not the same direction"):
        plot_front_comparison([evolved, other])
