"""Whole reports: studies of every kind, what is left out, and how the file comes to be."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat import Architecture
from optuna_codeepneat._attributes import store_test_score
from optuna_codeepneat.visualization import write_report
from optuna_codeepneat.visualization._figures import hyperparameter_panels
from optuna_codeepneat.visualization._figures import panels
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import front_of
from tests.visualization.report.reading import Reading
from tests.visualization.studies import SPACE
from tests.visualization.studies import searched


KINDS = ["evolved", "single", "unlucky", "five", "foreign", "heirs", "empty"]


def expected_front(study: optuna.Study) -> list[int]:
    chronicle = StudyTrials(study)
    return [
        t.number for t in front_of(chronicle.valued(chronicle.objectives), chronicle.objectives)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_study_of_every_kind(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    study: optuna.Study = request.getfixturevalue(kind)
    path = write_report(study, tmp_path / "report.html", space=SPACE, price_per_hour=2.0)
    report = Reading.of(path)
    shown = [*panels(study, price_per_hour=2.0), *hyperparameter_panels(study)]
    assert set(report.figures) == {panel.name for panel in shown if panel.figure is not None}
    for panel in shown:
        assert panel.reason in report.text
    if kind == "empty":
        assert report.trials == []
        assert "The study has no network with values" in report.text
        return
    if kind == "single":
        ranked = sorted(study.trials, key=lambda t: -t.values[0])[:10]
        assert [study.trials[n].value for n in report.trials] == [t.value for t in ranked]
    else:
        assert report.trials == expected_front(study)
    for number in report.trials:
        details = report.details(number)
        assert any(tag == "svg" for tag, _ in details.tags)
        rebuilt: dict[str, Architecture] = {}
        code = details.html.partition("<code>")[2].partition("</code>")[0]
        run_code(code, rebuilt)
        assert rebuilt["architecture"] == SPACE.decode(study.trials[number].params)
        rate = study.trials[number].params.get("learning_rate")
        assert rate is None or rebuilt["hyperparameters"] == {"learning_rate": rate}  # type: ignore[comparison-overlap]


def run_code(escaped: str, namespace: dict[str, Architecture]) -> None:
    """Runs what a reader copies, without the network that needs torch."""
    from html import unescape

    code = unescape(escaped)
    assert "network = build_network(architecture)" in code
    code = re.sub(r"^network = .*$", "", code, flags=re.M).replace(", build_network", "")
    exec(code, namespace)  # type: ignore[arg-type]


def test_without_a_space(evolved: optuna.Study, tmp_path: Path) -> None:
    report = Reading.of(write_report(evolved, tmp_path / "report.html"))
    assert "The search space is not known here" in report.text
    assert report.trials == expected_front(evolved)
    details = report.details(report.trials[0])
    assert not any(tag in ("svg", "code") for tag, _ in details.tags)
    assert "blueprint.n_nodes" in details.text


def test_a_study_in_which_nothing_succeeded(tmp_path: Path) -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    for text in ("step 3 of 10", "step 4 of 10", "out of luck"):
        study.add_trial(create_trial(state=TrialState.FAIL, user_attrs={"failure": text}))
    study.add_trial(create_trial(state=TrialState.PRUNED))
    report = Reading.of(write_report(study, tmp_path / "report.html", space=SPACE))
    assert report.figures == {}
    assert "3 failed, 1 pruned" in report.text
    assert "2 failed step 3 of 10 0, 1 1 failed out of luck 2 1 pruned it left no reason 3" in (
        report.text
    )


def test_all_violate_a_constraint(tmp_path: Path) -> None:
    study = optuna.create_study()
    study.add_trial(create_trial(value=1.0, constraints={"depth": 2.0}))
    report = Reading.of(write_report(study, tmp_path / "report.html"))
    assert report.trials == []
    assert "1 of them violating a constraint" in report.text


def test_names_with_markup_stay_text(tmp_path: Path) -> None:
    evil = "</script><script>alert('x')</script><img src=x onerror=alert(1)> & \"'{{ 7 * 7 }}"
    study = optuna.create_study(study_name=evil, directions=["maximize", "minimize"])
    study.set_metric_names([evil, "<b>size</b>"])
    study.set_user_attr("codeepneat:problem", evil)
    study.set_user_attr("codeepneat:settings", {evil: evil})
    for i in range(3):
        study.add_trial(
            create_trial(
                values=[float(i), float(i)],
                params={evil: 0.5},
                distributions={evil: optuna.distributions.FloatDistribution(0, 1)},
                user_attrs={evil: evil},
                constraints={evil: -1.0},
            )
        )
    study.add_trial(create_trial(state=TrialState.FAIL, user_attrs={"failure": evil}))
    path = write_report(study, tmp_path / "report.html", references={evil: 1.0}, training=[evil])
    report = Reading.of(path)
    kinds = [attrs.get("type") for attrs, _ in report.scripts]
    assert kinds.count(None) == 2
    assert set(kinds) == {None, "text/plain", "application/json"}
    assert not any(tag == "img" for tag, _ in report.tags)
    assert report.text.count(evil.replace("  ", " ")) >= 6
    details = report.details(report.trials[0])
    assert not any(tag in ("script", "img", "b") for tag, _ in details.tags)
    assert evil in details.text


def test_the_page_allows_its_own_two_scripts_and_no_network(
    evolved: optuna.Study, tmp_path: Path
) -> None:
    report = Reading.of(write_report(evolved, tmp_path / "report.html", space=SPACE))
    policy = next(
        attrs["content"] or ""
        for tag, attrs in report.tags
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}
    assert rules["default-src"] == ["'none'"]
    run = [text for attrs, text in report.scripts if not attrs]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run]
    assert rules["script-src"] == [f"'sha256-{digest}'" for digest in hashes]
    links = [attrs.get("src") or attrs.get("href") for _, attrs in report.tags]
    assert {link[0] for link in links if link} <= {"#", "d"}  # on this page, or data:


def test_test_scores_are_those_of_the_study_or_those_given(
    evolved: optuna.Study, tmp_path: Path
) -> None:
    study = searched(20)
    number = expected_front(study)[-1]
    store_test_score(study, number, 0.123)
    report = Reading.of(write_report(study, tmp_path / "report.html"))
    assert "test accuracy" in report.text
    assert "12.3 %" in report.text
    given = Reading.of(write_report(study, tmp_path / "report.html", test_scores={number: 0.456}))
    assert "45.6 %" in given.text
    assert "12.3 %" not in given.text
    others = [t.number for t in study.trials if t.number not in expected_front(study)][:2]
    scores = {others[0]: 0.2, others[1]: 0.3}
    outside = Reading.of(write_report(study, tmp_path / "report.html", test_scores=scores))
    assert f"trial {others[0]} with 20.0 %, trial {others[1]} with 30.0 %." in outside.text
    none = Reading.of(write_report(study, tmp_path / "report.html", test_scores={}))
    assert "test accuracy" not in none.text


def test_diagrams_are_left_out_where_the_page_would_be_too_long(
    evolved: optuna.Study, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    scores = {expected_front(evolved)[-1]: 0.5}  # finally trained, so that it comes first

    def diagrams(max_bytes: int) -> list[int]:
        write_report(evolved, path, space=SPACE, test_scores=scores, max_bytes=max_bytes)
        report = Reading.of(path)
        drawn = [n for n in report.trials if "<svg" in report.details(n).html]
        left_out = len(report.trials) - len(drawn)
        assert (f"it has no diagrams of {left_out} of these" in report.text) == (left_out > 0)
        return drawn

    everything = diagrams(10_000_000)
    assert len(everything) == len(expected_front(evolved))
    assert diagrams(0) == []
    size = path.stat().st_size
    some = diagrams(size + 10_000)
    assert 0 < len(some) < len(everything)
    assert path.stat().st_size <= size + 10_000
    assert set(some) == {*everything[: len(some) - 1], *scores}


def test_an_old_report_is_replaced_as_a_whole(single: optuna.Study, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    path.chmod(0o644)
    assert write_report(single, str(path)) == path
    assert path.read_text().startswith("<!DOCTYPE html>")
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize("place", ["no/such/folder/report.html", ".", "report.html/report.html"])
def test_a_path_that_cannot_be_written(single: optuna.Study, tmp_path: Path, place: str) -> None:
    (tmp_path / "report.html").write_text("old")
    with pytest.raises(OSError):
        write_report(single, tmp_path / place)
    assert (tmp_path / "report.html").read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"space": "conv1d"}, "`space` must be a SearchSpace or None, got 'conv1d'"),
        ({"price_per_hour": 0}, "`price_per_hour` must be more than 0, got 0"),
        ({"training": "for long"}, "`training` must be a list of sentences"),
        ({"max_bytes": -1}, "`max_bytes` must be a whole number from 0, got -1"),
        ({"max_bytes": 1e6}, "`max_bytes` must be a whole number"),
    ],
)
def test_wrong_arguments(
    single: optuna.Study, tmp_path: Path, wrong: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        write_report(single, tmp_path / "report.html", **wrong)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_study_is_only_read(tmp_path: Path) -> None:
    study = searched(10)
    before = [(t.user_attrs, t.system_attrs, t.state) for t in study.get_trials(deepcopy=True)]
    write_report(study, tmp_path / "report.html", space=SPACE)
    assert [(t.user_attrs, t.system_attrs, t.state) for t in study.trials] == before
    assert study.user_attrs == {}
