"""The note of a study: what was searched, how far it is, the front."""

from __future__ import annotations

import json
import re

import optuna
import pytest

from optuna_codeepneat._attributes import PROBLEM
from optuna_codeepneat._attributes import store_test_score
from optuna_codeepneat.visualization._dashboard._note import MARK
from optuna_codeepneat.visualization._dashboard._note import note_of
from optuna_codeepneat.visualization._dashboard._note import pictured
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import front_of
from tests.visualization.studies import searched


def note(study: optuna.Study) -> str:
    return note_of(study, StudyTrials(study))


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def test_front_is_a_table_with_links() -> None:
    study = searched(60)
    study.set_user_attr("codeepneat:problem", "mnist1d")
    study.set_user_attr("codeepneat:settings", {"sampler": "codeepneat"})
    study.set_user_attr("codeepneat:target", 80)
    text = note(study)
    assert (
        "for the problem **mnist1d** with the largest accuracy and the fewest parameters" in text
    )
    assert "proposed by **CoDeepNEAT**. **60 of 80** finished." in text
    assert "optuna-codeepneat report mnist1d --study-name searched" in text
    assert text.endswith(f"{MARK}\n")
    chronicle = StudyTrials(study)
    members = [trial.number for trial in front_of(chronicle.completed, chronicle.objectives)]
    header, _, *table = rows(text)
    assert header == ["trial", "accuracy", "parameters", "network"]
    numbers = [int(re.match(r"\[(\d+)\]", row[0])[1]) for row in table]  # type: ignore[index]
    assert len(numbers) == min(15, len(members))
    assert set(numbers) <= set(members)
    assert (numbers[0], numbers[-1]) == (members[0], members[-1])
    assert f"[{numbers[0]}](/dashboard/studies/0/trials?numbers={numbers[0]})" == table[0][0]
    assert all(len(row) == 4 for row in table)


def test_columns_stand_apart_and_tell_what_was_tested() -> None:
    study = searched(60)
    best = max(study.best_trials, key=lambda trial: trial.values[0])
    store_test_score(study, best.number, 0.875)
    text = note(study)
    # The dashboard has no space between the columns of a table: an em space begins each cell.
    assert "| \u2003trial | \u2003accuracy | \u2003test accuracy | \u2003parameters |" in text
    header, _, first, *_ = rows(text)
    told = dict(zip(header, first, strict=True))
    assert told["test accuracy"] == "87.5 %"
    assert re.fullmatch(r"\d+ layers: [\w, ]+; \d modules?(, \d poolings?)?", told["network"])


def test_where_diagrams_are_is_said_where_there_are_some() -> None:
    study = searched(20)
    assert "Artifacts" not in note(study)
    link = {"artifact_id": "a", "filename": "network.svg"}
    trials = study.trials
    for trial in trials:
        trial.system_attrs = {**trial.system_attrs, "artifacts:a": json.dumps(link)}
    drawn = optuna.create_study(directions=study.directions)
    drawn.add_trials(trials)
    assert "has the diagram of its network under *Artifacts*" in note(drawn)


def test_a_hundred_good_networks_are_shown_in_full() -> None:
    study = searched(130)
    numbers = [trial.number for trial in pictured(StudyTrials(study))]
    assert len(numbers) == len(set(numbers)) == 100
    in_note = [int(number) for number in re.findall(r"numbers=(\d+)", note(study))]
    assert numbers[: len(in_note)] == in_note
    assert len(pictured(StudyTrials(searched(20)))) == 20
    assert pictured(StudyTrials(searched(0))) == []


def test_one_objective_lists_the_best() -> None:
    study = searched(40, objectives=["accuracy"])
    header, _, *table = rows(note(study))
    assert header == ["trial", "accuracy", "parameters", "network"]
    shares = [float(row[1].removesuffix(" %")) for row in table]
    assert len(shares) == 15
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == round(100 * study.best_value, 1)


def test_what_went_wrong_is_counted() -> None:
    text = note(searched(40, unlucky=True, bounded=True))
    assert re.search(r"trials: 40 \(\d+ complete, \d pruned, \d fail", text)
    assert re.search(r"\d+ violate a constraint and are left out below", text)


@pytest.mark.parametrize("objectives", [["accuracy"], ["accuracy", "num_params"]])
def test_study_without_a_network(objectives: list[str]) -> None:
    text = note(searched(0, objectives=objectives))
    assert "**0** finished" in text
    assert not rows(text)


def test_names_cannot_break_the_layout() -> None:
    study = optuna.create_study(study_name="a|b *c*\\[d](e)<f>")
    assert note(study).startswith("# a\\|b \\*c\\*\\\\\\[d](e)\\<f>\n")


def test_objectives_cannot_break_the_table() -> None:
    study = optuna.create_study(study_name="a`b |", directions=["maximize", "minimize"])
    study.set_user_attr(PROBLEM, "mine:`x`")
    study.add_trial(optuna.trial.create_trial(values=[0.5, 2.0]))
    study.set_metric_names(["a|b", "<b>*c*\n\x1b"])
    text = note(study)
    table = [line for line in text.splitlines() if line.startswith("|")]
    # Bars that are not escaped part columns: one more than there are columns.
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {5}
    assert r"the largest a\|b and the smallest \<b>\*c\* \x1b" in text.replace("\\\\", "\\")
    assert "`` optuna-codeepneat report 'mine:`x`' --study-name 'a`b |' ``" in text


def test_twins_share_a_row() -> None:
    study = optuna.create_study(direction="maximize")
    width = {"module.A.0.conv1d.width": optuna.distributions.IntDistribution(1, 9)}
    for lr in (0.1, 0.2):
        rates = {"lr": optuna.distributions.FloatDistribution(0, 1)}
        study.add_trial(
            optuna.trial.create_trial(
                value=0.5,
                params={"module.A.0.conv1d.width": 8, "lr": lr},
                distributions={**width, **rates},
            )
        )
    _, _, *table = rows(note(study))
    assert [row[0].strip() for row in table] == [
        "[0](/dashboard/studies/0/trials?numbers=0) (also 1)"
    ]
