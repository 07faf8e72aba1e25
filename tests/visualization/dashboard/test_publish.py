"""A study's figures and note, written where Optuna Dashboard looks for them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState
from optuna_dashboard import get_note
from optuna_dashboard import save_note

from optuna_codeepneat.visualization import publish
from optuna_codeepneat.visualization._dashboard._note import MARK
from optuna_codeepneat.visualization._dashboard._publish import write
from optuna_codeepneat.visualization._figures._panels import panels
from tests.visualization.studies import searched


def stored(study: optuna.Study) -> dict[str, Any]:
    return study._storage.get_study_system_attrs(study._study_id)


def figures(study: optuna.Study) -> dict[str, Any]:
    """Figures as the dashboard puts them together."""
    from optuna_dashboard._custom_plot_data import get_plotly_graph_objects

    texts = get_plotly_graph_objects(stored(study))
    return {name: json.loads(text) for name, text in texts.items()}


def writes(study: optuna.Study, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What `publish` sets in a study, by how often."""
    count: Counter[str] = Counter()
    method = study._storage.set_study_system_attr

    def counted(study_id: int, key: str, value: Any) -> None:
        count[key] += 1
        method(study_id, key, value)

    with monkeypatch.context() as patched:
        patched.setattr(study._storage, "set_study_system_attr", counted)
        publish(study)
    return count


def test_all_figures_and_a_note() -> None:
    study = searched(30)
    publish(study)
    drawn = {f"codeepneat-{p.name}" for p in panels(study) if p.figure is not None}
    assert len(drawn) >= 4
    assert figures(study).keys() == drawn
    assert all(figure["data"] for figure in figures(study).values())
    assert get_note(study).startswith("# searched\n")


def test_published_again_it_writes_what_is_new_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    study = searched(30)
    publish(study)
    assert not writes(study, monkeypatch)
    before = figures(study)["codeepneat-pareto-front"]
    study.add_trial(
        optuna.create_trial(values=[0.99, 1.0], user_attrs={"generation": 4, "num_params": 1})
    )
    assert writes(study, monkeypatch)
    assert figures(study)["codeepneat-pareto-front"] != before
    assert "99.0 %" in get_note(study)


def test_longer_figures_leave_no_rest_behind() -> None:
    long, short = searched(120), searched(10)
    publish(long)
    scratch = optuna.create_study()
    write(long, scratch)
    write(short, scratch)
    publish(short)
    left = figures(scratch)
    assert {name: left[name] for name in figures(short)} == figures(short)


def test_note_of_a_person_stays() -> None:
    study = searched(10)
    save_note(study, "Mine.")
    publish(study)
    assert get_note(study) == "Mine."
    save_note(study, f"# Old\n\n{MARK}\n")
    publish(study)
    assert get_note(study).startswith("# searched\n")


@pytest.mark.parametrize(
    "kind", [{"n_trials": 0}, {"unlucky": True}, {"objectives": ["accuracy"]}]
)
def test_studies_of_every_kind(kind: dict[str, Any]) -> None:
    study = searched(**kind)
    publish(study)
    assert MARK in get_note(study)


def test_study_of_another_sampler() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=10)
    publish(study)
    assert "| \u2003trial | \u2003objective | \u2003network |" in get_note(study)


@pytest.mark.long
@pytest.mark.soak
def test_long_studies_stay_small() -> None:
    """Samplers of Optuna read all of it for each trial."""
    study = searched(60)
    members = [trial for trial in study.trials if trial.state == TrialState.COMPLETE]
    for i in range(50):
        study.add_trials(members if i else [])
    assert len(study.trials) > 2500
    publish(study)
    attrs = stored(study)
    assert sum(len(str(value)) for value in attrs.values()) < 250_000
    assert "codeepneat-pareto-front" in figures(study)
