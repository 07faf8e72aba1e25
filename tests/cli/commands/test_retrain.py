"""`retrain`: an exported network learns from new examples, and is written as another one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from optuna_codeepneat import build_network
from optuna_codeepneat.cli import main
from optuna_codeepneat.export import ModelCard
from optuna_codeepneat.export import load_network
from optuna_codeepneat.export import save_network
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import hand_made


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def table(path: str, n: int, shift: float, target: str = "side") -> None:
    rows = np.random.default_rng(n).normal(size=(n, 2))
    lines = [f"{a:.3f},{b:.3f},{'left' if a < b + shift else 'right'}" for a, b in rows]
    Path(path).write_text("\n".join([f"a,b,{target}", *lines]) + "\n")


def exported() -> None:
    """A network for such a table in the folder "old", which claims to have a score."""
    table("old.csv", 60, 0.0)
    problem = Problem.from_table("old.csv", target="side")
    architecture = hand_made(problem.space)["one layer of 64"]
    card = ModelCard(
        name="old",
        task="classification",
        kind="table",
        classes=["left", "right"],
        metric="accuracy",
        score=0.123,
        study="sides",
        trial=7,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = build_network(architecture)
    save_network("old", network, architecture, preprocessing=problem.preprocessing, card=card)


def refused(capsys: pytest.CaptureFixture[str], said: str, *words: str) -> None:
    status = main(["retrain", *words])
    out, err = capsys.readouterr()
    assert status in (1, 2) and not out
    assert said in err
    assert err.startswith("Error: ") and err.count("\n") == 1


def test_a_network_is_retrained_measured_and_written(capsys: pytest.CaptureFixture[str]) -> None:
    exported()
    table("new.csv", 200, 1.0)
    before = Path("old/config.json").read_bytes(), Path("old/model.safetensors").read_bytes()
    status = main(["retrain", "old", "new.csv", "-o", "new", "--steps", "100", "--device", "cpu"])
    out, err = capsys.readouterr()

    assert status == 0
    assert "learns from 160 examples for 100 steps; 40 are held out" in err
    assert "predict new table.csv" in err
    heading, old, new, *_ = out.splitlines()
    assert "accuracy on 40 examples" in heading and "95 % interval" in heading
    assert old.startswith("old, before  ") and new.startswith("new, after  ")
    scores = [float(row.split()[2]) for row in (old, new)]
    assert scores[1] > max(85.0, scores[0])
    assert before == (
        Path("old/config.json").read_bytes(),
        Path("old/model.safetensors").read_bytes(),
    )
    config = json.loads(Path("new/config.json").read_text())
    assert 100 * config["metric"]["score"] == pytest.approx(scores[1], abs=0.1)
    assert config["metric"]["examples"] == 40
    assert config["told"]["retrained_from"] == "old"
    page = Path("new/README.md").read_text()
    for said in (
        "It is `old`, retrained on other examples.",
        "in the study `sides`, where it is trial 7",
        "accuracy before the retraining, on the same examples |",
        "| training examples | 160 |",
        "| test examples | 40, looked at before and after the training |",
        "It was trained from the weights of old, for 100 steps of 16 examples",
    ):
        assert said in page
    assert "0.123" not in page
    answers = load_network("new").predict([{"a": -3, "b": 3}, {"a": 3, "b": -3}])
    assert [answer["class"] for answer in answers] == ["left", "right"]


def test_a_directory_may_be_replaced_by_its_own_retraining(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exported()
    table("new.csv", 40, 1.0, target="where")
    words = ["old", "new.csv", "-o", "old", "--steps", "1", "--device", "cpu", "--quiet"]
    refused(capsys, "there is no column 'side' for the target in new.csv", *words)
    assert load_network("old").config["metric"]["score"] == 0.123
    words += ["--target", "where", "--new-weights", "--test", "0.5"]
    assert main(["retrain", *words]) == 0
    assert load_network("old").config["metric"]["examples"] == 20
    assert "from new weights" in Path("old/README.md").read_text()


def test_what_is_wrong_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    exported()
    table("new.csv", 20, 0.0)
    Path("bad.csv").write_text("a,b,side\n1,2,left\n1,2,up\n1,2,left\n")
    Path("mine").mkdir()
    Path("mine/thesis.tex").write_text("text")
    refused(capsys, "bad.csv, line 3 is of the class 'up'", "old", "bad.csv", "-o", "new")
    refused(capsys, "there is no file 'none.csv'", "old", "none.csv", "-o", "new")
    refused(capsys, "is no exported network", "none", "new.csv", "-o", "new")
    refused(capsys, "holds something else", "old", "new.csv", "-o", "mine")
    refused(capsys, "`--test` must be a share", "old", "new.csv", "-o", "new", "--test", "1")
    refused(capsys, "`--device`", "old", "new.csv", "-o", "new", "--device", "abacus")
    refused(capsys, "--output", "old", "new.csv")
    assert not Path("new").exists()
