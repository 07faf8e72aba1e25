"""Numbers in words and tables for pipes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from optuna.trial import create_trial

from optuna_codeepneat._attributes import Baseline
from optuna_codeepneat._attributes import store_baseline
from optuna_codeepneat._attributes import store_final_network
from optuna_codeepneat._attributes import store_test_score
from optuna_codeepneat.cli._study._studies import load_problem
from optuna_codeepneat.cli._terminal._front import Front
from optuna_codeepneat.cli._terminal._tables import finals_table
from optuna_codeepneat.cli._terminal._tables import front_table
from optuna_codeepneat.cli._terminal._tables import plain
from optuna_codeepneat.cli._terminal._tables import print_table
from optuna_codeepneat.cli._terminal._tables import properties
from optuna_codeepneat.cli._terminal._tables import standing
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.visualization._format import format_metric
from tests.cli.small_study import NETWORK


SPACE = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)


def test_front_table_has_sizes_once() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    trial = study.ask()
    size = SPACE.suggest(trial).num_params
    trial.set_user_attr("generation", 4)
    study.tell(trial, [0.5, size])
    study.add_trial(create_trial(values=[0.9, size + 1]))  # without a network
    front = Front(study.directions)
    for told in study.trials:
        front.add(told)
    names = ["accuracy", "num_params"]
    columns, rows = front_table(front, names, SPACE)
    sizes = ["parameters", "multiply-adds", "depth"]
    assert columns == ["trial", "accuracy", *sizes, "generation"]
    assert rows[0] == ["1", "90.0 %", "-", "-", "-", "-"]
    assert rows[1][:3] == ["0", "50.0 %", f"{size:,}"]
    columns, rows = front_table(front, names, None)
    assert columns == ["trial", *names, "generation"]
    assert rows[1] == ["0", "50.0 %", f"{size:,}", "4"]


def test_front_table_has_the_steps_of_lines() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    heir = {"inheritance": {"from": 0, "share": 1.0, "steps": 100, "line_steps": 1350}}
    study.add_trial(create_trial(values=[0.5, 1.0]))
    study.add_trial(create_trial(values=[0.9, 2.0], user_attrs=heir))
    front = Front(study.directions)
    for told in study.trials:
        front.add(told)
    columns, rows = front_table(front, ["accuracy", "num_params"], None)
    assert columns[-1] == "steps with ancestors"
    assert [row[-1] for row in rows] == ["1,350", "-"]


def test_finals_stand_beside_references_by_size(folder: Path) -> None:
    problem = load_problem("toy_problem:toy")
    study = optuna.create_study(directions=problem.directions)
    study.enqueue_trial(problem.space.encode(problem.space.smallest()))
    study.optimize(problem.objective, n_trials=1)
    columns, rows = finals_table({0: study.trials[0]}, {0: 0.75}, problem, {})
    assert columns[3:] == ["validation accuracy", "test accuracy", "source"]
    small = problem.space.smallest()
    accuracy = format_metric("accuracy", study.trials[0].values[0])
    own = ["trial 0", f"{small.num_params}", f"{small.macs:,}", accuracy, "75.0 %", "this search"]
    assert rows == [
        own,
        ["hand-made", "500", "-", "-", "70.0 %", "a paper"],
        ["human", "-", "-", "-", "99.0 %", "a person"],
    ]


def test_finals_have_intervals_and_what_all_trainings_came_to(folder: Path) -> None:
    problem = load_problem("toy_problem:toy")
    study = optuna.create_study(directions=problem.directions)
    study.optimize(problem.objective, n_trials=2)
    trials = dict(enumerate(study.trials))
    networks = {0: {0: NETWORK, 1: replace(NETWORK, score=0.8), 2: replace(NETWORK, steps=7)}}
    columns, rows = finals_table(trials, {0: 0.9, 1: 0.7}, problem, networks)
    assert columns[4:] == ["test accuracy", "95 % interval", "of all trainings", "source"]
    cells = {row[0]: row[4:7] for row in rows}
    spread = "85.0 % (80.0 % to 90.0 %, 2 trainings)"
    assert cells["trial 0"] == ["90.0 %", "80.0 % to 95.0 %", spread]
    assert cells["trial 1"] == ["70.0 %", "-", "-"]
    assert cells["human"] == ["99.0 %", "-", "-"]


def test_finals_that_are_wider_have_their_own_sizes(folder: Path) -> None:
    problem = load_problem("toy_problem:toy")
    study = optuna.create_study(directions=problem.directions)
    study.optimize(problem.objective, n_trials=1)
    wide = replace(NETWORK, widen=2.0, num_params=9_876, macs=1_234, copies=20, plain=0.85)
    networks = {0: {0: wide, 1: NETWORK}}
    columns, rows = finals_table({0: study.trials[0]}, {0: 0.9}, problem, networks)
    assert columns[4:] == ["test accuracy", "95 % interval", "by itself", "source"]
    [own] = [row for row in rows if row[0].startswith("trial")]
    assert own[:3] == ["trial 0, widths times 2", "9,876", "1,234"]
    assert own[6] == "85.0 %"  # and the other training is of another kind


def test_front_table_says_what_was_trained_finally() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    for value in (0.5, 0.7, 0.9):
        study.add_trial(create_trial(values=[value, 10 * value]))
    store_test_score(study, 0, 0.6)
    store_final_network(study, 0, NETWORK)
    store_test_score(study, 1, 0.65)
    front = Front(study.directions)
    for told in study.trials:
        front.add(told)
    columns, rows = front_table(front, ["accuracy", "size"], None, study.user_attrs)
    assert columns == ["trial", "accuracy", "size", "test accuracy"]
    assert [row[-1] for row in rows] == ["-", "65.0 % (weights not kept)", "60.0 %"]
    store_final_network(study, 0, replace(NETWORK, widen=2.0))
    _, rows = front_table(front, ["accuracy", "size"], None, study.user_attrs)
    assert rows[-1][-1] == "60.0 % (widths times 2)"
    assert "test accuracy" not in front_table(front, ["accuracy", "size"], None)[0]


def test_plain_table_lines_up() -> None:
    rows = [["CNN", "5,210"], ["residual network", "580"]]
    assert plain(["network", "parameters"], rows, [False, True]).splitlines() == [
        "network           parameters",
        "CNN                    5,210",
        "residual network         580",
    ]


def test_table_in_a_pipe_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("title", ["trial", "what"], [["7", "seven"]])
    assert capsys.readouterr().out == "trial  what\n    7  seven\n"


@pytest.mark.parametrize("width", [80, 120])
def test_table_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    columns = ["network", "parameters", "multiply-adds", "validation accuracy", "source"]
    names = ["recurrent (bidirectional GRU)", "hand-made residual network"]
    print_table("title", columns, [[names[0], "5,134", "-", "91.0 %", names[1]]])
    out = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out)
    assert max(map(len, out.splitlines())) <= width
    for word in ("(bidirectional", "5,134", "91.0 %", "hand-made", "multiply-", "title"):
        assert word in out


FINALS = ["network", "parameters", "multiply-adds", "validation accuracy", "test accuracy"]
ROWS = [
    ["trial 34", "2,232", "73,050", "87.0 %", "86.0 %", "this search"],
    ["logistic regression", "410", "-", "-", "32.0 %", "Greydanus and Kobak 2024, table 1"],
]


@pytest.mark.parametrize("width", [20, 30, 45, 54, 66, 80, 100])
def test_no_word_is_broken_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_table("title", [*FINALS, "source"], ROWS, dispensable=("source", "multiply-adds"))
    out = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out)
    assert max(map(len, out.splitlines())) <= width
    table, *left_out = re.split(r"No\s+room\s+for:\s", out)
    words = {
        word for cell in [*FINALS, "source", "title", *sum(ROWS, [])] for word in cell.split()
    }
    assert set(re.sub("─+", "", table).split()) <= words | {"multiply-", "adds"}
    if width == 54:
        assert left_out == ["source.\n"]
        assert "regression" in table
        assert "86.0 %" in table
    if width == 100:
        assert left_out == []


HOSTILE = "\x1b[31mred\x1b[0m [bold]x[/bold] [/] a\nb\x9b2J \u202eevil \udcff"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_what_others_wrote_is_not_obeyed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, is_terminal: bool
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    print_table(HOSTILE, ["trial", HOSTILE], [["7", HOSTILE]])
    print(properties({HOSTILE: HOSTILE}))
    out = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out)
    shown = r"\x1b[31mred\x1b[0m [bold]x[/bold] [/] a b\x9b2J \u202eevil \udcff"
    assert f"7 {shown}" in out.replace("  ", " ")
    assert out.splitlines()[-1] == f"{shown}  {shown}"
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\udcff]", out)


def test_hand_made_networks_follow_the_front() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    trial = study.ask()
    size = SPACE.suggest(trial).num_params
    study.tell(trial, [0.5, size])
    names = ["accuracy", "num_params"]
    front = Front(study.directions)
    front.add(study.trials[0])
    assert standing(front, study, names, SPACE) == ""
    baseline = Baseline(
        name="plain",
        signature="x",
        num_params=size + 1,
        macs=10,
        depth=2,
        values=(0.4, size + 1.0),
        test_score=0.45,
        low=0.4,
        high=0.5,
    )
    store_baseline(study, baseline)
    store_baseline(study, replace(baseline, name="lost", values=None))
    columns, rows = front_table(front, names, SPACE, study.user_attrs)
    assert columns[-1] == "test accuracy"
    assert [row[0] for row in rows] == ["0", "by hand: plain"]
    assert rows[1] == ["by hand: plain", "40.0 %", f"{size + 1:,}", "10", "2", "45.0 %"]
    _, rows = front_table(front, names, None, study.user_attrs)
    assert rows[1] == ["by hand: plain", "40.0 %", f"{size + 1:,}", "45.0 %"]
    for known in (SPACE, None):
        assert standing(front, study, names, known) == (
            "The front dominates 1 of 1 hand-made network; where 'plain' has 40.0 % with "
            f"{size + 1:,} parameters, it has 50.0 % with {size:,}."
        )


def test_hand_made_networks_that_were_tested_stand_beside_the_search_s() -> None:
    problem = load_problem("tests.cli.small_problem:small")
    study = optuna.create_study(directions=problem.directions)
    trial = study.ask()
    size = problem.space.suggest(trial).num_params
    study.tell(trial, [0.5, size])
    baseline = Baseline(
        name="linear",
        signature="x",
        num_params=10,
        macs=8,
        depth=1,
        values=(0.4, 10.0),
        test_score=0.45,
        low=0.4,
        high=0.5,
    )
    store_baseline(study, baseline)
    store_baseline(study, replace(baseline, name="untested", test_score=None))
    networks = {0: {0: replace(NETWORK, score=0.75)}}
    columns, rows = finals_table(
        {0: study.trials[0]}, {0: 0.75}, problem, networks, study.user_attrs
    )
    assert columns[-2:] == ["95 % interval", "source"]
    interval = "40.0 % to 50.0 %"
    assert rows[0] == ["linear", "10", "8", "40.0 %", "45.0 %", interval, "by hand, same recipe"]
    assert len(rows) == 2
