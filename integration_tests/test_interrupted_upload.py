"""Workers are killed while they upload the weights of their network; the others go on."""

from __future__ import annotations

import json
import multiprocessing
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from typing import BinaryIO

import optuna
import pytest
import torch
from optuna.artifacts import FileSystemArtifactStore
from optuna.study import Study
from optuna.trial import FrozenTrial
from optuna.trial import TrialState

from integration_tests.servers import ROOT
from integration_tests.worker_processes import url_of
from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import SearchSpace
from optuna_codeepneat import _optuna
from optuna_codeepneat import build_network
from optuna_codeepneat.morphism import Checkpoints
from optuna_codeepneat.morphism._artifact import Checkpoint
from optuna_codeepneat.sampler._generations._ledger import assignment_of
from optuna_codeepneat.sampler._generations._records import ASSIGNMENT
from optuna_codeepneat.sampler._generations._records import pack
from optuna_codeepneat.sampler._generations._records import set_text
from optuna_codeepneat.sampler._generations._saved_weights import WEIGHTS
from optuna_codeepneat.sampler._generations._saved_weights import saved_weights
from optuna_codeepneat.sampler._genetics import TrialNumber
from optuna_codeepneat.storages import open_storage


pytestmark = [pytest.mark.long, pytest.mark.soak]

SPACE = SearchSpace.conv1d(
    input_shape=(1, 12), num_outputs=2, n_module_slots=1, max_module_nodes=2, max_blueprint_nodes=1
)
PATIENCE = 60.0


class FromTheLast(CoDeepNEATSampler):
    """Lets every network inherit from the one with the number before, whatever became of it."""

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        super().before_trial(study, trial)
        assignment = assignment_of(_optuna.numbered(study, trial.number))  # type: ignore[arg-type]
        if assignment is not None and trial.number:
            donor = TrialNumber(trial.number - 1)
            origin = replace(assignment.origin, donor=donor, inheritance="exact")
            packed = pack({**assignment.network.to_json(), **origin.to_json()})
            heirs = replace(assignment, packed=packed)
            set_text(study, trial, ASSIGNMENT, heirs.pack())


class Dying(FileSystemArtifactStore):
    """Says when it has written a part of an artifact, and never writes the rest."""

    def __init__(self, folder: Path, part: float, sign: Path) -> None:
        super().__init__(folder)
        self._part, self._sign = part, sign

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        content = content_body.read()
        with open(self._get_filepath(artifact_id), "wb") as file:
            file.write(content[: int(self._part * len(content))])
        self._sign.touch()
        time.sleep(2 * PATIENCE)


def open_study(folder: Path) -> optuna.Study:
    return optuna.create_study(
        study_name="study",
        storage=open_storage(url_of("sqlite", folder)),
        direction="maximize",
        sampler=FromTheLast(
            SPACE,
            seed=1,
            assembled_population_size=4,
            initial_nodes=1,
            allow_duplicates=True,
            inheritance="exact",
        ),
        load_if_exists=True,
    )


def work(folder: Path, n_trials: int, store: FileSystemArtifactStore) -> None:
    """Runs trials of a study in SQLite, with weights in a folder beside it."""
    checkpoints = Checkpoints(store)

    def objective(trial: optuna.Trial) -> float:
        network = build_network(SPACE.suggest(trial))
        checkpoints.inherit(trial, network)
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(0.01)
        checkpoints.save(trial, network, steps=10)
        return network.architecture.depth

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    open_study(folder).optimize(objective, n_trials=n_trials)


def weights(folder: Path) -> Path:
    return folder / "weights"


def in_another_process(function: Callable[..., Any], *args: Any) -> Any:
    """Starts a fork of a process that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "alembic.command", "sqlalchemy.dialects.sqlite"])
    process = context.Process(target=function, args=args)
    process.start()
    return process


def killed_in_upload(folder: Path, part: float) -> None:
    """A worker that is killed when it has written a part of its first artifact."""
    sign = folder / f"sign-{part}"
    process = in_another_process(work, folder, 1, Dying(weights(folder), part, sign))
    end = time.monotonic() + PATIENCE
    while not sign.exists():
        assert process.is_alive(), "the worker ended by itself"
        assert time.monotonic() < end, "the worker wrote nothing"
        time.sleep(0.02)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def goes_on(folder: Path, n_trials: int) -> None:
    process = in_another_process(work, folder, n_trials, FileSystemArtifactStore(weights(folder)))
    process.join(PATIENCE)
    assert process.exitcode == 0


def test_nobody_inherits_from_a_worker_that_was_killed_in_its_upload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    weights(tmp_path).mkdir()
    goes_on(tmp_path, 3)
    killed = []
    # Before the first byte, in the middle, and when all is there but its trial has not said so.
    for part in (0.0, 0.5, 1.0):
        killed.append(len(open_study(tmp_path).trials))
        killed_in_upload(tmp_path, part)
        goes_on(tmp_path, 3)

    trials = open_study(tmp_path).trials
    assert [trial.number for trial in trials] == list(range(15))
    referred = set()
    for trial in trials:
        if trial.number in killed:
            assert trial.state == TrialState.RUNNING
            assert WEIGHTS not in trial.system_attrs
            continue
        assert trial.state == TrialState.COMPLETE
        saved = saved_weights(trial)
        assert saved is not None
        referred.add(saved.artifact)
        content = (weights(tmp_path) / saved.artifact).read_bytes()
        checkpoint = Checkpoint.from_bytes(content)
        assert SPACE.encode(checkpoint.architecture).items() <= trial.params.items()

        shown = trial.user_attrs["inheritance"]
        donor = trial.number - 1
        orphan = trial.number == 0 or donor in killed
        assert shown["from"] == (None if orphan else donor), json.dumps(shown)
        before = 0 if orphan else trials[donor].user_attrs["inheritance"]["line_steps"]
        assert shown["line_steps"] == saved.line_steps == before + 10
    # What the killed ones wrote is there, and nothing refers to it.
    left = {path.name for path in weights(tmp_path).iterdir()} - referred
    assert sorted(int(name.split("-")[2]) for name in left) == killed
