from __future__ import annotations

import json

import optuna
import pytest
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat.visualization._figures._panels import panels
from tests.visualization.studies import searched


@pytest.mark.parametrize(
    "name", ["evolved", "single", "unlucky", "five", "foreign", "heirs", "empty"]
)
def test_every_figure_is_drawn_or_says_in_one_sentence_why_not(
    name: str, request: pytest.FixtureRequest
) -> None:
    study: optuna.Study = request.getfixturevalue(name)
    shown = panels(study, references={"human": 0.96}, price_per_hour=2.0)
    assert len({panel.name for panel in shown}) == len(shown)
    for panel in shown:
        if panel.figure is None:
            assert panel.reason[0].isupper()
            assert panel.reason.endswith(".")
            assert ". " not in panel.reason
        else:
            assert panel.reason == ""
            json.loads(panel.figure.to_json())
    drawn = {panel.name for panel in shown if panel.figure is not None}
    expected = {
        "evolved": {"pareto-front", "history", "ancestors", "species", "importances"},
        "single": {"history", "ancestors", "species", "importances"},
        "unlucky": {"pareto-front", "history", "ancestors", "species", "importances"},
        "five": {"pareto-front", "history", "importances"},
        "foreign": {"pareto-front", "history", "importances"},
        "heirs": {"pareto-front", "history", "ancestors", "inheritance", "importances"},
        "empty": set(),
    }
    assert drawn == expected[name]


def test_a_study_in_which_nothing_succeeded() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    study.add_trial(create_trial(state=TrialState.FAIL))
    study.ask()
    assert all(panel.figure is None for panel in panels(study))


def test_plain_hyperparameters() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=30)
    drawn = {panel.name for panel in panels(study) if panel.figure is not None}
    assert drawn == {"history", "importances"}


def test_buttons_tell_what_trials_tell(evolved: optuna.Study, heirs: optuna.Study) -> None:
    def buttons(study: optuna.Study, price: float | None) -> list[str]:
        shown = panels(study, price_per_hour=price)
        figure = next(panel.figure for panel in shown if panel.name == "history")
        assert figure is not None
        return [button.label for button in figure.layout.updatemenus[0].buttons]

    assert buttons(evolved, None) == ["networks", "generations", "time", "worker time"]
    assert buttons(evolved, 2.0)[-1] == "cost"
    assert "training steps" in buttons(heirs, None)


def test_a_study_is_only_read() -> None:
    study = searched(10)
    before = [(t.user_attrs, t.system_attrs, t.state) for t in study.get_trials(deepcopy=True)]
    panels(study)
    assert [(t.user_attrs, t.system_attrs, t.state) for t in study.trials] == before


def test_a_single_generation_is_no_measure() -> None:
    study = searched(8)
    drawn = {panel.name: panel.figure for panel in panels(study)}
    assert drawn["history"] is not None
    menu = drawn["history"].layout.updatemenus[0]
    assert "generations" not in [button.label for button in menu.buttons]
