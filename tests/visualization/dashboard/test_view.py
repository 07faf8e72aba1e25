"""What Optuna Dashboard is shown of a study, of which nothing is stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore
from optuna_dashboard import get_note
from optuna_dashboard import save_note
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects

from optuna_codeepneat.visualization import Diagrams
from optuna_codeepneat.visualization import publish
from optuna_codeepneat.visualization._dashboard._view import DashboardView
from optuna_codeepneat.visualization._dashboard._view import leave_out_infeasible
from tests.visualization.studies import SPACE
from tests.visualization.studies import searched


@pytest.fixture(autouse=True)
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The dashboard's module that `leave_out_infeasible` changes, and as it was afterwards."""
    from optuna_dashboard import _app
    from optuna_dashboard import _pareto_front

    # Another test in this process may have changed it.
    original = _pareto_front.get_pareto_front_trials
    monkeypatch.setattr(_app, "get_pareto_front_trials", original)
    return _app


def seen(study: optuna.Study, **more: Any) -> tuple[DashboardView, optuna.Study]:
    """A study as the dashboard sees it."""
    view = DashboardView(study._storage, **more)
    view.refresh(study)
    return view, optuna.load_study(study_name=study.study_name, storage=view)


def test_figures_and_note_are_there_and_not_stored() -> None:
    study = searched(20)
    view, shown = seen(study)
    assert get_note(shown).startswith("# searched\n")
    assert get_note(study) == ""
    [frozen] = view.get_all_studies()
    assert "codeepneat-pareto-front" in get_plotly_graph_objects(frozen.system_attrs)
    assert not [key for key in study._storage.get_study_system_attrs(0) if "dashboard" in key]


def test_it_goes_before_what_was_published() -> None:
    study = searched(20)
    publish(study)
    before = get_note(study)
    study.add_trial(
        optuna.create_trial(values=[0.99, 1.0], user_attrs={"generation": 2, "num_params": 1})
    )
    view, shown = seen(study)
    assert "99.0 %" in get_note(shown)
    assert get_note(study) == before
    drawn = get_plotly_graph_objects(view.get_study_system_attrs(0))
    assert len(json.loads(drawn["codeepneat-pareto-front"])["data"]) > 0


def test_a_person_may_write_the_note() -> None:
    study = searched(20)
    view, shown = seen(study)
    from optuna_dashboard._note import get_note_from_system_attrs
    from optuna_dashboard._note import version_is_incremented

    version = get_note_from_system_attrs(view.get_study_system_attrs(0), None)["version"]
    assert version_is_incremented(view.get_study_system_attrs(0), None, version + 1)
    save_note(shown, "Mine.")
    assert get_note(study) == "Mine."
    view.refresh(study)
    assert get_note(shown) == "Mine."


def test_infeasible_trials_are_marked_and_none_is_the_best(dashboard: Any) -> None:
    study = searched(30, bounded=True)
    view, _ = seen(study)
    violating = [t.number for t in study.trials if t.constraints["depth"] > 0]
    assert violating
    shown = view.get_all_trials(0, deepcopy=False)
    for trial in shown:
        [value] = trial.system_attrs["constraints"]
        assert (value > 0) == (trial.number in violating)
        assert "constraints" not in study.trials[trial.number].system_attrs
    assert view.get_trial(shown[0]._trial_id).system_attrs["constraints"]
    best = [t.number for t in dashboard.get_pareto_front_trials(shown, study.directions)]
    assert set(best) & set(violating)  # as it is
    leave_out_infeasible()
    leave_out_infeasible()
    best = [t.number for t in dashboard.get_pareto_front_trials(shown, study.directions)]
    assert sorted(best) == sorted(trial.number for trial in study.best_trials)


@pytest.mark.parametrize("direction", ["accuracy", "num_params"])
def test_best_of_one_objective_is_feasible(direction: str) -> None:
    study = searched(30, objectives=[direction], bounded=True)
    view, _ = seen(study)
    assert view.get_best_trial(0).number == study.best_trial.number


def test_trials_of_the_front_show_their_diagram(tmp_path: Path) -> None:
    study = optuna.create_study(direction="minimize")
    with Diagrams(FileSystemArtifactStore(tmp_path)) as diagrams:

        def objective(trial: optuna.Trial) -> float:
            architecture = SPACE.suggest(trial)
            diagrams.attach(trial, architecture)
            return architecture.num_params

        study.optimize(objective, n_trials=3)
    key = "dashboard:0:note_str:0"
    view, _ = seen(study)
    assert key not in view.get_study_system_attrs(0)
    view, _ = seen(study, has_artifacts=True)
    [link] = optuna.artifacts.get_all_artifact_meta(study.trials[0], storage=study._storage)
    note = view.get_study_system_attrs(0)[key]
    assert note == f"![network](/artifacts/0/0/{link.artifact_id})\n"
    view.set_study_system_attr(0, "dashboard:0:note_ver", 1)
    view.set_study_system_attr(0, key, "Mine.")
    assert view.get_study_system_attrs(0)[key] == "Mine."
