"""What others wrote into a study reaches no terminal raw, and every encoding is good enough."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState
from optuna.trial import create_trial

from tests.cli.test_main import TOY
from tests.cli.test_main import URL
from tests.cli.test_main import make_study
from tests.cli.test_main import run


RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")
HOSTILE = "\x1b]0;owned\x07\x1b[2J[red]x[/red]\r\n\u202e"
SHOWN = r"\x1b]0;owned\x07\x1b[2J[red]x[/red] \u202e"


@pytest.fixture
def study(folder: Path) -> optuna.Study:
    """A study whose names, attributes and objectives try to command the terminal."""
    study = make_study()
    study.set_metric_names([HOSTILE, "num_params"])
    same = {"params": study.trials[3].params, "distributions": study.trials[3].distributions}
    attrs = {HOSTILE: HOSTILE, "failure": HOSTILE, "generation": HOSTILE, "half": "\udc80"}
    study.add_trial(create_trial(values=[0.99, 1.0], user_attrs=attrs, **same))
    study.add_trial(create_trial(state=TrialState.FAIL, user_attrs=attrs))
    optuna.create_study(study_name=HOSTILE, storage=URL)
    return study


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("front", TOY), True),
        (("show", TOY, "6"), True),
        (("show", TOY, "7"), True),
        (("front", "--storage", URL), True),
        (("front", "--storage", URL, "--study-name", HOSTILE), False),
        (("report", TOY, "--output", "x.html"), False),
        (("show", TOY, "7", "--debug"), True),
        (("front", HOSTILE), False),
        (("report", TOY, "--output", f"{HOSTILE}/x.html"), False),
    ],
)
def test_nothing_of_others_commands_the_terminal(
    capsys: pytest.CaptureFixture[str],
    study: optuna.Study,
    arguments: tuple[str, ...],
    shown: bool,
) -> None:
    _, out, err = run(capsys, *arguments)
    assert out + err
    assert not RAW.search(out + err)
    if shown:
        assert SHOWN in out + err


@pytest.mark.parametrize(
    "encoding",
    [
        "ascii",
        "latin-1",
        pytest.param("cp437", marks=[pytest.mark.long, pytest.mark.soak]),
        pytest.param("ascii:strict", marks=[pytest.mark.long, pytest.mark.soak]),
    ],
)
def test_what_an_encoding_lacks_is_replaced(study: optuna.Study, encoding: str) -> None:
    same = {"params": study.trials[3].params, "distributions": study.trials[3].distributions}
    attrs = {"network": "cut…", "研究": "→"}
    study.add_trial(create_trial(values=[0.999, 1.0], user_attrs=attrs, **same))
    said = {}
    commands = [["show", TOY, "8"]]
    if encoding == "ascii":
        commands += [["front", TOY], ["report", TOY], ["verify", TOY], ["-h"]]
    for command in commands:
        process = subprocess.run(
            [sys.executable, "-m", "optuna_codeepneat.cli", *command],
            env=os.environ | {"PYTHONIOENCODING": encoding},
            capture_output=True,
        )
        assert b"Traceback" not in process.stderr
        said[command[0]] = process.stdout.decode(encoding.partition(":")[0])
    assert re.search(r"\?\? +->", said["show"])
