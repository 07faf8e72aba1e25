"""The command `dashboard`: what it serves, and what it says where it can't."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore

from optuna_codeepneat.cli import main
from optuna_codeepneat.cli._commands import _dashboard
from optuna_codeepneat.cli._commands._dashboard import open_places
from optuna_codeepneat.cli._commands._dashboard import studies_shown
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.visualization import Diagrams
from tests.visualization.studies import SPACE


URL = "sqlite:///study.db"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> optuna.Study:
    """A study as a search leaves it in the current folder."""
    monkeypatch.chdir(tmp_path)
    study = optuna.create_study(storage=URL, study_name="mine", directions=["minimize"] * 2)
    place = tmp_path / "mine-artifacts"
    place.mkdir()
    settings = SearchSettings(sampler="random", seed=1, population_size=None, space="")
    SearchSettings(**{**vars(settings), "artifacts": str(place)}).record(study)
    with Diagrams(FileSystemArtifactStore(place)) as diagrams:

        def objective(trial: optuna.Trial) -> tuple[float, float]:
            architecture = SPACE.suggest(trial)
            diagrams.attach(trial, architecture)
            trial.set_constraint("size", trial.number - 1.5)
            return architecture.num_params, architecture.depth

        study.optimize(objective, n_trials=4)
    return study


@pytest.fixture
def server(study: optuna.Study) -> Iterator[subprocess.Popen[str]]:
    """The command, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "optuna_codeepneat.cli", "dashboard"]
        + ["--storage", URL, "--port", "0"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[3])])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def get(url: str) -> bytes:
    content: bytes = urllib.request.urlopen(url, timeout=30).read()
    return content


def test_it_serves_until_it_is_told_to_stop(
    server: subprocess.Popen[str], study: optuna.Study, tmp_path: Path
) -> None:
    assert server.stdout is not None
    page = server.stdout.readline().strip()
    base, _, path = page.partition("/dashboard")
    assert path == "/studies/1"
    assert b"<html" in get(page)
    end, detail = time.monotonic() + 30, {}
    while not detail.get("plotly_graph_objects") and time.monotonic() < end:
        detail = json.loads(get(f"{base}/api/studies/1"))
        time.sleep(0.1)
    ids = {figure["id"] for figure in detail["plotly_graph_objects"]}
    assert "codeepneat-pareto-front" in ids
    assert detail["note"]["body"].startswith("# mine\n")
    assert [t["constraints"] for t in detail["trials"]] == [[-1.5], [-0.5], [0.5], [1.5]]
    assert {t["number"] for t in detail["best_trials"]} <= {0, 1}
    [link] = detail["trials"][3]["artifacts"]
    place = f"{base}/artifacts/1/4/{link['artifact_id']}"
    assert get(place).startswith(b"<svg")
    (tmp_path / "mine-artifacts" / link["artifact_id"]).unlink()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(place)
    # The study is as it was: all of this is in the command's memory.
    assert not [
        key for key in study._storage.get_study_system_attrs(1) if key.startswith("dashboard")
    ]
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=30)
    assert (server.returncode, out, err) == (130, "", "Ctrl-C ends it.\n")


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        ("", 2, "name the PROBLEM that was searched, or its `--storage`"),
        ("nowhere", 1, "there is no study database 'nowhere.db' here"),
        (f"other --storage {URL}", 1, "there is no study 'other' in the storage; it holds mine"),
        (f"--storage {URL} --artifacts gone", 1, "the folder .*gone is not here"),
        (f"--storage {URL} --artifacts s3:gone", 1, "'s3:gone' is no place for artifacts"),
        (f"--storage {URL} --port 70000", 2, "less than or equal to 65535"),
        (f"--storage {URL} --host 192.0.2.1", 1, "can't listen on 192.0.2.1, port 8080: "),
        (f"--storage {URL} --host no.such.host.invalid", 1, "can't listen on no.such.host"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    arguments: str,
    status: int,
    sentence: str,
    study: optuna.Study,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["dashboard", *arguments.split()]) == status
    err = capsys.readouterr().err
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
    assert re.search(sentence, err)


def test_port_in_use(study: optuna.Study, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["dashboard", "--storage", URL, "--port", port]) == 1
    assert f"the port {port} of 127.0.0.1 is in use" in capsys.readouterr().err


def test_without_the_dashboard(
    study: optuna.Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "optuna_dashboard", None)
    assert main(["dashboard", "--storage", URL]) == 1
    assert "pip install optuna-codeepneat[dashboard]" in capsys.readouterr().err


def test_folder_that_is_gone_costs_the_diagrams(
    study: optuna.Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine-artifacts").rename(tmp_path / "elsewhere")
    assert open_places([study], None) is None
    assert "No diagrams: `--artifacts`: the folder " in capsys.readouterr().err
    assert open_places([study], "elsewhere") is not None


def test_several_studies_and_their_places(study: optuna.Study, tmp_path: Path) -> None:
    other = optuna.create_study(storage=URL, study_name="other")
    place = tmp_path / "other-artifacts"
    place.mkdir()
    settings = SearchSettings(sampler="tpe", seed=1, population_size=None, space="")
    SearchSettings(**{**vars(settings), "artifacts": str(place)}).record(other)
    (place / "ours").write_bytes(b"x")
    _, studies = studies_shown(None, URL, None)
    assert [each.study_name for each in studies] == ["mine", "other"]
    places = open_places(studies, None)
    assert places is not None
    with places.open_reader("ours") as file:
        assert file.read() == b"x"
    _, [only] = studies_shown(None, URL, "other")
    assert only.study_name == "other"
    with pytest.raises(CommandError, match="no study"):
        studies_shown("third", URL, None)


def test_figures_follow_the_study_and_nothing_ends_that(
    study: optuna.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stop(Exception):
        pass

    class View:
        refreshed: list[int] = []
        fails = True

        def refresh(self, study: optuna.Study) -> None:
            if self.fails:
                self.fails = False
                raise OSError("the database is away")
            self.refreshed.append(len(study.trials))

        def remove_session(self) -> None:
            pass

    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            study.add_trial(optuna.create_trial(values=[1.0, 1.0]))
        if len(slept) == 5:
            raise Stop

    monkeypatch.setattr(_dashboard.time, "sleep", sleep)
    view: Any = View()
    with pytest.raises(Stop):
        _dashboard._keep_fresh(view, [study], False)
    assert view.refreshed == [4, 5]
    assert min(slept) >= 60.0
