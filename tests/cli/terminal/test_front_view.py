"""Which members of a front are shown, and how."""

from __future__ import annotations

from unittest.mock import patch

import optuna
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import create_trial

from optuna_codeepneat.cli._terminal import _front_view
from optuna_codeepneat.cli._terminal._front import Front
from optuna_codeepneat.cli._terminal._front_view import FrontView
from optuna_codeepneat.cli._terminal._front_view import span
from optuna_codeepneat.search_space import SearchSpace


SPACE = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)


@given(st.data(), st.integers(0, 60), st.integers(2, 12))
def test_span(data: st.DataObject, length: int, n: int) -> None:
    places = st.lists(st.integers(0, length - 1), unique=True) if length else st.just([])
    wanted = data.draw(places)
    chosen = span(length, n, wanted)
    assert len(chosen) == min(length, n)
    assert chosen == sorted(set(chosen))
    assert {0, length - 1} <= set(chosen) or not length
    assert set(wanted[: min(n // 2, n - 2)]) <= set(chosen)


def test_span_is_even() -> None:
    assert span(101, 5) == [0, 25, 50, 75, 100]
    assert span(101, 1) == [0]
    assert span(101, 0) == []
    assert span(101, 5, [3, 4, 5]) == [0, 3, 4, 52, 100]


def test_networks_are_decoded_once() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    sizes = []
    for accuracy in (0.7, 0.8, 0.9):
        trial = study.ask()
        sizes.append(SPACE.suggest(trial).num_params)
        study.tell(trial, [accuracy, accuracy])
    front = Front(study.directions)
    view = FrontView(front, ["accuracy", "num_params"], SPACE)
    assert view.best is None
    assert view.members(8) == []
    with patch.object(_front_view, "decoded", wraps=_front_view.decoded) as decoded:
        for trial in study.trials:
            front.add(trial)
            for _ in range(10):
                assert view.best is not None
                members = view.members(8)
        assert decoded.call_count == 3
    assert view.best == f"90.0 % with {sizes[2]:,} parameters"
    assert view.columns == ("trial", "accuracy", "parameters")
    assert [member.cells for member in members] == [
        (str(n), f"{70 + 10 * n}.0 %", f"{sizes[n]:,}") for n in (2, 1, 0)
    ]


def test_members_of_a_resumed_search_are_not_new() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    study.add_trial(create_trial(values=[0.7, 1.0]))
    study.add_trial(create_trial(values=[0.8, 2.0]))
    front = Front(study.directions)
    front.add(study.trials[0])
    view = FrontView(front, ["accuracy", "num_params"], SPACE)
    front.add(study.trials[1])
    assert [member.is_new for member in view.members(8)] == [True, False]


def test_networks_without_architecture_have_no_size() -> None:
    study = optuna.create_study(direction="maximize")
    study.add_trial(create_trial(values=[0.7]))
    front = Front(study.directions)
    front.add(study.trials[0])
    view = FrontView(front, ["accuracy"], SPACE)
    assert view.is_ranking
    assert view.best == "70.0 %"
    assert view.members(8)[0].cells == ("0", "70.0 %", "-")
