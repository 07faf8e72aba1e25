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
    passed = {what for n in range(40) for *_, what in Ancestors.of(heirs, n).edges}
    assert {PARENT, DONOR} <= passed
    passed = {what for n in range(60) for *_, what in Ancestors.of(evolved, n).edges}
    assert {PARENT, COMPONENT} <= passed


@pytest.mark.parametrize("number", [0, 17, 42, 59])
def test_ancestors_are_older_than_who_descends_from_them(
    evolved: optuna.Study, number: int
) -> None:
    shown = Ancestors.of(evolved, number)
    assert all(ancestor < descendant for ancestor, descendant, _ in shown.edges)
    assert max(shown.ancestors) == number
    assert len(shown.ancestors) + len(shown.others) == 60


def test_the_best_network_is_the_default(single: optuna.Study) -> None:
    assert Ancestors.of(single).trial.value == single.best_value
    assert plot_ancestors(single).layout.title.text.startswith(
        f"Ancestors of trial {Ancestors.of(single).trial.number}: "
    )


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
    shown = next(s for n in range(39, 0, -1) if (s := Ancestors.of(heirs, n)).note)
    assert len(shown.ancestors) == 2
    assert shown.note == "the 1 nearest ancestors"
