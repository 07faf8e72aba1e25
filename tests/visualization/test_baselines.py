"""How the networks of a search stand beside hand-made ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import optuna
import pytest

from optuna_codeepneat._attributes import Baseline
from optuna_codeepneat._attributes import store_baseline
from optuna_codeepneat.visualization import plot_pareto_front
from optuna_codeepneat.visualization import write_report
from optuna_codeepneat.visualization._baselines import baselines_of
from optuna_codeepneat.visualization._baselines import beside_baselines
from optuna_codeepneat.visualization._figures._pareto_front import ParetoFront
from optuna_codeepneat.visualization._trials import StudyTrials
from tests.visualization.studies import searched


NAMES, MAXIMIZE = ["accuracy", "num_params"], [True, False]
FRONT = [((0.9, 3000.0), 3000.0), ((0.8, 300.0), 300.0)]


def by_hand(name: str, accuracy: float, size: int) -> Baseline:
    return Baseline(
        name=name,
        signature=name,
        num_params=size,
        macs=10 * size,
        depth=3,
        values=(accuracy, float(size)),
    )


@pytest.mark.parametrize(
    ("baselines", "sentence"),
    [
        ([], ""),
        (
            [by_hand("plain", 0.85, 7786), by_hand("small", 0.75, 300)],
            "The front dominates 2 of 2 hand-made networks; where 'plain' has 85.0 % with 7,786 "
            "parameters, it has 90.0 % with 3,000.",
        ),
        (
            [by_hand("plain", 0.95, 500)],
            "The front dominates 0 of 1 hand-made network; where 'plain' has 95.0 % with 500 "
            "parameters, it has only 80.0 % with 300.",
        ),
        (
            [by_hand("plain", 0.85, 7786), by_hand("tiny", 0.7, 10)],
            "The front dominates 1 of 2 hand-made networks, but not 'tiny'; where 'plain' has "
            "85.0 % with 7,786 parameters, it has 90.0 % with 3,000.",
        ),
        (
            [by_hand("tiny", 0.5, 10)],
            "The front dominates 0 of 1 hand-made network; where 'tiny' has 50.0 % with 10 "
            "parameters, it has nothing as small.",
        ),
        # An equal one is not dominated.
        (
            [by_hand("twin", 0.8, 300)],
            "The front dominates 0 of 1 hand-made network; where 'twin' has 80.0 % with 300 "
            "parameters, it has 80.0 % with 300.",
        ),
        ([replace(by_hand("failed", 0.5, 10), values=None)], ""),
    ],
)
def test_one_sentence_says_whether_the_search_paid_off(
    baselines: list[Baseline], sentence: str
) -> None:
    assert beside_baselines(FRONT, baselines, NAMES, MAXIMIZE) == sentence


def test_one_objective_has_no_front_and_errors_are_to_be_small() -> None:
    baseline = replace(by_hand("linear", 0.5, 100), values=(0.5,))
    found = beside_baselines([((0.4,), 90.0), ((0.3,), None)], [baseline], ["rmse"], [False])
    assert found == (
        "The best network is better than 1 of 1 hand-made network; where 'linear' has 0.5 with "
        "100 parameters, it has 0.4 with 90."
    )
    assert beside_baselines([], [baseline], ["rmse"], [False]) == ""


@pytest.fixture
def compared() -> Iterator[optuna.Study]:
    study = searched(8)
    store_baseline(study, by_hand("plain", 0.5, 70_000))
    store_baseline(study, replace(by_hand("tested", 0.99, 200), test_score=0.97))
    store_baseline(study, replace(by_hand("<lost>", 0.1, 5), values=None, failure="diverged"))
    yield study


def test_a_figure_shows_them_as_marks_of_their_own(compared: optuna.Study) -> None:
    figure = plot_pareto_front(compared)
    shown = next(trace for trace in figure.data if trace.name == "made by hand")
    assert list(shown.x) == [200.0, 70_000.0]
    assert shown.marker.symbol == "diamond-open"
    assert shown.text[0].startswith("<b>tested</b>, made by hand<br>accuracy 99.0 %")
    # They are on its scale, and in no count.
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.title.text.endswith("of 8 networks")
    assert not [trace for trace in plot_pareto_front(searched(8)).data if "hand" in trace.name]


def test_sizes_need_not_be_objectives(compared: optuna.Study) -> None:
    shown = ParetoFront.of(compared, ["accuracy", "num_params"])
    assert [baseline.name for baseline in shown.baselines] == ["tested", "plain"]
    chronicle = StudyTrials(compared)
    macs = replace(chronicle.objectives[1], name="macs", position=None)
    assert len(baselines_of(compared, [macs])) == 2
    unknown = replace(chronicle.objectives[1], name="rate", position=None)
    assert baselines_of(compared, [unknown]) == []


def test_figures_for_papers_show_them(compared: optuna.Study) -> None:
    paper = pytest.importorskip("optuna_codeepneat.visualization.matplotlib")
    figure = paper.plot_pareto_front(compared)
    (legend,) = figure.legends
    assert "made by hand" in [text.get_text().strip() for text in legend.get_texts()]


def test_a_report_has_a_table_of_them(
    compared: optuna.Study, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("report") / "report.html"
    text = write_report(compared, path).read_text()
    assert "The front dominates 1 of 2 hand-made networks" in text
    assert '<th scope="row">tested</th><td>99.0 %</td><td>97.0 %</td><td>200</td>' in text
    assert "&lt;lost&gt; failed: diverged" in text
    assert "Made by hand" not in write_report(searched(3), path).read_text()
