"""From a search to answers: `search`, `train`, `export` and `predict`, one after the other."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from integration_tests.command import PATIENCE
from integration_tests.command import Command
from integration_tests.command import until


SEARCHED = ("mnist1d", "--workers", "1")
SHORT = ("--trials", "2", "--sampler", "random", "--seed", "1", "--final", "0", "--no-report")


def test_a_network_is_found_trained_written_and_asked(command: Command) -> None:
    pytest.importorskip("onnxruntime")
    status, _, err = command.run("search", *SEARCHED, *SHORT)
    assert status == 0, err
    assert "optuna-codeepneat train mnist1d best" in err

    asked = ("train", *SEARCHED, "best", "--steps", "20", "--widen", "1.5", "--augment")
    status, table, err = command.run(*asked, "--tta", "2")
    assert status == 0, err
    [row] = [line for line in table.splitlines() if line.startswith("trial ")]
    number = row.split()[1].rstrip(",")
    assert row.startswith(f"trial {number}, widths times 1.5  ")
    assert f"Trial {number} is widened from " in err
    assert f"optuna-codeepneat export mnist1d {number} -o mnist1d-{number}" in err

    # The same command trains nothing again.
    status, again, err = command.run(*asked, "--tta", "2")
    assert (status, again) == (0, table)
    assert f"Trial {number} was trained before for 20 steps, 1.5 times as wide." in err

    status, files, err = command.run("export", "mnist1d", "best", "--format", "onnx", "-o", "net")
    assert status == 0, err
    assert "net/model.onnx" in files
    assert "optuna-codeepneat predict net examples.npy" in err

    status, answers, err = command.run("predict", "net", *examples(command), "--json")
    assert (status, err) == (0, "")
    rows = [json.loads(line) for line in answers.splitlines()]
    assert [row["example"] for row in rows] == [f"examples.npy:{i}" for i in range(4)]
    assert {row["class"] for row in rows} <= set(range(10))


def examples(command: Command) -> list[str]:
    import numpy as np

    np.save(command.folder / "examples.npy", np.ones((4, 1, 40)))
    return ["examples.npy"]


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="a group of processes is stopped")
def test_a_training_that_is_stopped_goes_on(command: Command) -> None:
    status, _, err = command.run("search", *SEARCHED, *SHORT)
    assert status == 0, err
    arguments = ("train", *SEARCHED, "0", "1", "--steps", "1500")
    process = command.start(*arguments)
    kept = command.folder / "mnist1d-artifacts"

    def is_half_done() -> bool:
        return len(finals(kept)) == 1

    until(is_half_done, "the first network")
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert err.splitlines()[-1] == (
        "Stopped with 1 of 2 networks trained. The same command resumes: optuna-codeepneat "
        + " ".join(arguments)
    )
    first = finals(kept)
    status, table, err = command.run("train", *SEARCHED, "0", "1", "--steps", "20")
    assert status == 0, err
    assert sum(line.startswith("trial ") for line in table.splitlines()) == 2
    assert len(finals(kept)) == 2 and set(first) < set(finals(kept))


def finals(folder: Path) -> list[str]:
    """The weights of finally trained networks in a folder."""
    return sorted(path.name for path in folder.glob("final-*"))
