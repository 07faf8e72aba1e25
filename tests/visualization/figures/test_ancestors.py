from __future__ import annotations

import optuna
import pytest

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.sampler import ancestry_of
from optuna_codeepneat.visualization import plot_ancestors
from optuna_codeepneat.visualization._figures._ancestors import COMPONENT
from optuna_codeepneat.visualization._figures._ancestors import DONOR
from optuna_codeepneat.visualization._figures._ancestors import PARENT
from optuna_codeepneat.visualization._figures._ancestors import Ancestors
from optuna_codeepneat.visualization._figures._ancestors import _Lineages
from optuna_codeepneat.visualization._trials import StudyTrials
from tests.visualization.studies import searched


def test_ancestors_are_those_that_trials_name(heirs: optuna.Study) -> None:
    shown = Ancestors.of(heirs, 39)
    reached, at = set(), 39
    while True:
        reached.add(at)
        ancestry = ancestry_of(heirs.trials[at])
        assert ancestry is not None
        if ancestry.parent is None:
            break
        assert (ancestry.parent, at, PARENT) in shown.edges
        at = ancestry.parent
    assert len(reached) > 1
    assert reached <= set(shown.ancestors)


def test_donors_and_first_networks_with_a_component(
    heirs: optuna.Study, evolved: optuna.Study
) -> None:
    def passed(study: optuna.Study) -> set[str]:
        lineages = _Lineages(StudyTrials(study).ancestries, dict(enumerate(study.trials)))
        return {what for n in range(len(study.trials)) for *_, what in lineages.of(n)[1]}

    assert {PARENT, DONOR} <= passed(heirs)
    assert {PARENT, COMPONENT} <= passed(evolved)


@pytest.mark.parametrize("number", [17, 42, 59])
def test_ancestors_are_older_than_who_descends_from_them(
    evolved: optuna.Study, number: int
) -> None:
    shown = Ancestors.of(evolved, number)
    assert all(ancestor < descendant for ancestor, descendant, _ in shown.edges)
    assert max(shown.ancestors) == number
    assert len(shown.ancestors) + len(shown.others) == 60


def test_the_best_network_that_has_ancestors_is_the_default(single: optuna.Study) -> None:
    shown = Ancestors.of(single)
    assert plot_ancestors(single).layout.title.text.startswith(
        f"Ancestors of trial {shown.trial.number}: "
    )
    for trial in single.trials:
        if trial.value > shown.trial.value:
            with pytest.raises(NoFigureError, match="all its components are new with it"):
                Ancestors.of(single, trial.number)


def test_a_figure_without_a_lineage_is_a_sentence() -> None:
    study = searched(40)
    orphan = study.trials[0]
    with pytest.raises(NoFigureError, match=r"^trial 0 has no ancestors: all its components"):
        plot_ancestors(study, 0)
    # Let it be the best.
    better = optuna.create_study(directions=study.directions)
    orphan.values = [1.0, 1.0]
    better.add_trials([orphan, *study.trials[1:]])
    shown = Ancestors.of(better)
    assert shown.trial.number != 0
    assert len(shown.ancestors) > 1
    assert shown.note.startswith("trial 0 has no ancestors: all its components are new with it")
    alone = optuna.create_study(directions=study.directions)
    alone.add_trial(orphan)
    with pytest.raises(NoFigureError, match="no network of the study .* has ancestors"):
        plot_ancestors(alone)


def test_who_has_no_lineage_says_why(unlucky: optuna.Study, foreign: optuna.Study) -> None:
    with pytest.raises(NoFigureError, match=r"trial 3 has no value of accuracy \(fail\)"):
        plot_ancestors(unlucky, 3)
    with pytest.raises(NoFigureError, match="doesn't say where its network comes from"):
        plot_ancestors(foreign)
    with pytest.raises(ValueError, match="`trial` must be of 0 to 39, got 40"):
        plot_ancestors(unlucky, 40)


def test_a_long_lineage_is_cut_off_and_says_so(
    heirs: optuna.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optuna_codeepneat.visualization._figures._ancestors._MOST_ANCESTORS", 2)
    shown = Ancestors.of(heirs, 39)
    assert len(shown.ancestors) == 2
    assert shown.note == "the 1 nearest ancestors"
