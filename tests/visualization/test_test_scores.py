from __future__ import annotations

from math import isnan
from pathlib import Path

import optuna

from optuna_codeepneat._attributes import store_test_score
from optuna_codeepneat._attributes import stored_test_scores
from optuna_codeepneat.visualization import write_report


def test_only_scores_are_read() -> None:
    attrs = {
        "final:3": {"score": 0.9},
        "final:x": {"score": 1.0},
        "final:5": "lost",
        "problem": "toy",
    }
    assert stored_test_scores(attrs) == {3: 0.9}


def test_what_is_stored_is_read_and_what_is_not_finite_was_tested_too(tmp_path: Path) -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    store_test_score(study, 0, 0.9)
    store_test_score(study, 1, float("nan"))
    scores = stored_test_scores(study.user_attrs)
    assert scores[0] == 0.9
    assert isnan(scores[1])
    page = write_report(study, tmp_path / "report.html").read_text()
    assert ">0.9<" in page.replace(" ", "").replace("\n", "")
    assert ">nan<" not in page
