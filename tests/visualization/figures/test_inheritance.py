from __future__ import annotations

import optuna
import pytest

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization import plot_inheritance
from optuna_codeepneat.visualization._figures._inheritance import Inheritance


def test_shares_and_steps_are_what_trials_say(heirs: optuna.Study) -> None:
    shown = Inheritance.of(heirs)
    said = [trial.user_attrs["inheritance"] for trial in heirs.trials]
    assert shown.shares == [row["share"] for row in said]
    assert shown.line_steps == [row["line_steps"] for row in said]
    assert shown.donors == [row["from"] for row in said]


def test_the_mean_goes_over_the_last_twenty() -> None:
    shares = [0.0] * 20 + [1.0] * 30
    n = list(range(50))
    means = Inheritance(n, shares, [None] * 50, n, n).means
    assert means[19] == 0.0
    assert means[29] == pytest.approx(0.5)
    assert means[-1] == pytest.approx(1.0)


def test_the_title_counts_heirs(heirs: optuna.Study) -> None:
    n = sum(share > 0 for share in Inheritance.of(heirs).shares)
    title = plot_inheritance(heirs).layout.title.text
    assert title == f"Inherited weights: {n} of 40 networks, 75% each"


def test_who_inherits_nothing_says_so(evolved: optuna.Study, empty: optuna.Study) -> None:
    for study in (evolved, empty):
        with pytest.raises(NoFigureError, match="no network of the study 'searched' has inherit"):
            plot_inheritance(study)


def test_an_attribute_of_that_name_of_somebody_else_is_no_matter() -> None:
    study = optuna.create_study()
    for value in ("exact", 3, {"share": 0.5}):
        study.add_trial(optuna.trial.create_trial(value=0.0, user_attrs={"inheritance": value}))
    with pytest.raises(NoFigureError):
        plot_inheritance(study)
