"""Studies whose trials have times of both kinds, and text that no file can hold."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from pathlib import Path
from typing import Any

import optuna
import pytest

from optuna_codeepneat import visualization
from optuna_codeepneat._attributes import PROBLEM
from optuna_codeepneat.visualization import matplotlib
from optuna_codeepneat.visualization._trials import StudyTrials
from tests.visualization.report.reading import Reading
from tests.visualization.studies import SPACE
from tests.visualization.studies import searched


HALF = "half \udc80 and \x1b[31m"


@pytest.fixture(scope="module")
def odd() -> optuna.Study:
    """A study to which its user has added trials of elsewhere."""
    study = searched(24)
    for i, trial in enumerate(study.trials[:8]):
        added = copy.deepcopy(trial)
        if i % 2:
            ended = datetime.now(timezone(timedelta(hours=5)))
            added.datetime_start, added.datetime_complete = ended - timedelta(seconds=9), ended
        for name in ("components", "failure", "network", HALF):
            added.set_user_attr(name, HALF)
        study.add_trial(added)
    study.set_user_attr(PROBLEM, HALF)
    study.set_user_attr(HALF, HALF)
    study.set_metric_names([f"accuracy {HALF}", "num_params"])
    return study


def test_times_are_of_this_zone(odd: optuna.Study) -> None:
    chronicle = StudyTrials(odd)
    times = [trial.datetime_complete for trial in chronicle.ended]
    assert all(time is not None and time.tzinfo is None for time in times)
    assert times == sorted(time for time in times if time is not None)
    added, shown = odd.trials[25], chronicle.trials[25]
    assert added.datetime_complete is not None and shown.datetime_complete is not None
    assert added.datetime_complete.tzinfo is not None  # the study's own stay as they are
    assert shown.datetime_complete.timestamp() == added.datetime_complete.timestamp()


@pytest.mark.parametrize(
    "plot",
    [
        visualization.plot_ancestors,
        visualization.plot_component_importances,
        visualization.plot_history,
        visualization.plot_pareto_front,
        visualization.plot_species,
        lambda study: visualization.plot_front_comparison({HALF: study}, over="hours"),
    ],
)
def test_figures_are_drawn(odd: optuna.Study, plot: Callable[[optuna.Study], Any]) -> None:
    plot(odd).to_html(include_plotlyjs=False).encode("utf-8", "replace")


@pytest.mark.parametrize(
    "plot",
    [
        matplotlib.plot_history,
        matplotlib.plot_pareto_front,
        lambda study: matplotlib.plot_front_comparison({HALF: study}, over="hours"),
    ],
)
def test_figures_for_papers_are_drawn(
    odd: optuna.Study, plot: Callable[[optuna.Study], Any], tmp_path: Path
) -> None:
    for kind in ("pdf", "svg"):
        plot(odd).savefig(tmp_path / f"x.{kind}")


def test_report_and_dashboard(odd: optuna.Study, tmp_path: Path) -> None:
    report = Reading.of(visualization.write_report(odd, tmp_path / "x.html", space=SPACE))
    assert r"half \udc80 and \x1b[31m" in report.text
    visualization.publish(odd)
