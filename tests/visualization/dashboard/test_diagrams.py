"""Every trial gets its diagram and its network in a line; no trial suffers from it."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore
from optuna.artifacts import get_all_artifact_meta
from optuna.trial import FixedTrial
from optuna.trial import TrialState

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat._optuna import innermost
from optuna_codeepneat.storages import open_artifacts
from optuna_codeepneat.storages import open_storage
from optuna_codeepneat.visualization import Diagrams
from optuna_codeepneat.visualization import network_svg
from tests.s3 import bucket
from tests.visualization.studies import SPACE


__all__ = ["bucket"]

SAMPLERS = {
    "codeepneat": lambda: CoDeepNEATSampler(SPACE, seed=1),
    "lemonade": lambda: LemonadeSampler(SPACE, seed=1),
    "nsgaii": lambda: optuna.samplers.NSGAIISampler(seed=1),
    "random": lambda: optuna.samplers.RandomSampler(seed=1),
}


class Broken:
    """A store that can't be written to; nobody reads from it or removes anything."""

    def write(self, artifact_id: str, content_body: Any) -> None:
        raise OSError("no space left on device")

    def open_reader(self, artifact_id: str) -> Any:
        raise NotImplementedError  # nothing was ever written

    def remove(self, artifact_id: str) -> None:
        raise NotImplementedError  # nothing was ever written


@pytest.fixture
def warned(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the package warns of."""
    optuna.logging.enable_propagation()
    caplog.set_level(logging.WARNING, logger="optuna.optuna_codeepneat.visualization")
    yield caplog
    optuna.logging.disable_propagation()  # else other tests would hear everything twice


def drawn(study: optuna.Study, diagrams: Diagrams, n_trials: int) -> optuna.Study:
    def objective(trial: optuna.Trial) -> float:
        architecture = SPACE.suggest(trial)
        diagrams.attach(trial, architecture)
        return architecture.num_params

    study.optimize(objective, n_trials=n_trials)
    diagrams.close()
    return study


def links(study: optuna.Study, number: int) -> list[Any]:
    trial = study.get_trials(deepcopy=False)[number]
    return get_all_artifact_meta(trial, storage=study._storage)


@pytest.mark.parametrize("name", SAMPLERS)
def test_each_trial_has_its_diagram_under_every_sampler(name: str, tmp_path: Path) -> None:
    study = optuna.create_study(sampler=SAMPLERS[name]())
    drawn(study, Diagrams(FileSystemArtifactStore(tmp_path)), 6)
    assert len(list(tmp_path.iterdir())) == 6
    for trial in study.trials:
        [link] = links(study, trial.number)
        assert (link.filename, link.mimetype) == ("network.svg", "image/svg+xml")
        architecture = SPACE.decode(trial.params)
        expected = network_svg(architecture, title=f"trial {trial.number}")
        assert (tmp_path / link.artifact_id).read_text() == expected
        line = trial.user_attrs["network"]
        assert 0 < len(line) < 80
        assert "\n" not in line


def test_failed_and_pruned_trials_have_one_too(tmp_path: Path) -> None:
    study = optuna.create_study()
    with Diagrams(FileSystemArtifactStore(tmp_path)) as diagrams:

        def objective(trial: optuna.Trial) -> float:
            diagrams.attach(trial, SPACE.suggest(trial))
            raise optuna.TrialPruned if trial.number else ValueError

        study.optimize(objective, n_trials=2, catch=ValueError)
    assert [t.state for t in study.trials] == [TrialState.FAIL, TrialState.PRUNED]
    assert [len(links(study, number)) for number in range(2)] == [1, 1]
    assert len(list(tmp_path.iterdir())) == 2


def test_trial_that_is_retried_keeps_its_link(tmp_path: Path) -> None:
    study = optuna.create_study()
    diagrams = Diagrams(FileSystemArtifactStore(tmp_path))
    drawn(study, diagrams, 1)
    [before] = links(study, 0)
    (tmp_path / before.artifact_id).unlink()  # its worker was killed before it was stored
    lost = study.trials[0]
    # As `RetryHeartbeatStaleTrialCallback` does it.
    for attrs in (lost.user_attrs, {}):  # which may not have been written yet
        study.add_trial(
            optuna.create_trial(
                state=TrialState.WAITING,
                params=lost.params,
                distributions=lost.distributions,
                user_attrs=attrs,
                system_attrs={**lost.system_attrs, "fixed_params": lost.params},
            )
        )
        drawn(study, diagrams, 1)
        assert links(study, len(study.trials) - 1) == [before]
        assert [path.name for path in tmp_path.iterdir()] == [before.artifact_id]


def test_attached_twice_is_attached_once(tmp_path: Path) -> None:
    study = optuna.create_study()
    with Diagrams(FileSystemArtifactStore(tmp_path)) as diagrams:

        def objective(trial: optuna.Trial) -> float:
            for _ in range(2):
                diagrams.attach(trial, SPACE.suggest(trial))
            return 1.0

        study.optimize(objective, n_trials=1)
    assert len(links(study, 0)) == len(list(tmp_path.iterdir())) == 1


def test_store_that_fails_costs_the_diagrams_alone(warned: pytest.LogCaptureFixture) -> None:
    diagrams = Diagrams(Broken())
    diagrams._backlog._capacity = 3
    study = optuna.create_study()
    begin = time.monotonic()
    drawn(study, diagrams, 6)
    assert time.monotonic() - begin < 5.0
    assert [t.state for t in study.trials] == [TrialState.COMPLETE] * 6
    assert all("network" in t.user_attrs for t in study.trials)
    # Where nothing can be stored for long, there are no links that lead nowhere.
    assert [len(links(study, number)) for number in range(6)] == [1, 1, 1, 0, 0, 0]
    texts = [record.getMessage() for record in warned.records]
    assert "The diagram of trial 0 is not stored yet: OSError: no space left on device" in texts
    assert sum(text.startswith("The diagram of trial 3 is missing") for text in texts) == 1
    assert texts[-1] == "3 diagrams could not be stored before the end."
    assert len(texts) == 3


def test_folder_that_vanishes_is_made_again(tmp_path: Path) -> None:
    place = tmp_path / "place"
    diagrams = Diagrams(open_artifacts(place))
    study = drawn(optuna.create_study(), diagrams, 1)
    for path in place.iterdir():
        path.unlink()
    place.rmdir()
    drawn(study, diagrams, 1)
    assert [path.name for path in place.iterdir()] == [links(study, 1)[0].artifact_id]


def test_bucket(bucket: Any) -> None:
    study = drawn(optuna.create_study(), Diagrams(open_artifacts("s3://weights/here")), 2)
    for number in range(2):
        key = f"here/{links(study, number)[0].artifact_id}"
        assert bucket.get_object(Bucket="weights", Key=key)["Body"].read().startswith(b"<svg")


def test_drawing_that_fails_is_a_warning(
    tmp_path: Path, warned: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optuna_codeepneat.visualization.network_svg", None)
    study = drawn(optuna.create_study(), Diagrams(FileSystemArtifactStore(tmp_path)), 2)
    assert [t.state for t in study.trials] == [TrialState.COMPLETE] * 2
    texts = [record.getMessage() for record in warned.records]
    assert len(texts) == 2
    assert texts[0].startswith("The diagram of trial 0 is not stored yet: TypeError: ")


def test_trial_that_another_process_has_ended(
    tmp_path: Path, warned: pytest.LogCaptureFixture
) -> None:
    study = optuna.create_study()
    trial = study.ask()
    architecture = SPACE.suggest(trial)
    study.tell(trial.number, 1.0)
    with Diagrams(FileSystemArtifactStore(tmp_path)) as diagrams:
        diagrams.attach(trial, architecture)
    assert not list(tmp_path.iterdir())
    assert not warned.records


def test_trial_that_no_study_keeps(tmp_path: Path) -> None:
    trial = FixedTrial({"blueprint.n_nodes": 1})
    architecture = SPACE.decode(
        drawn(optuna.create_study(), Diagrams(Broken()), 1).trials[0].params
    )
    with Diagrams(FileSystemArtifactStore(tmp_path)) as diagrams:
        diagrams.attach(trial, architecture)
    assert not list(tmp_path.iterdir())
    assert not trial.user_attrs


def test_wrong_arguments_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`store` must be an artifact store, got 'weights'"):
        Diagrams("weights")  # type: ignore[arg-type]
    diagrams = Diagrams(FileSystemArtifactStore(tmp_path))
    trial = optuna.create_study().ask()
    architecture = SPACE.suggest(trial)
    with pytest.raises(ValueError, match="`trial` must be a trial of Optuna's, got 3"):
        diagrams.attach(3, architecture)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`architecture` must be an `Architecture`, got {}"):
        diagrams.attach(trial, {})  # type: ignore[arg-type]


def test_a_diagram_adds_two_writes_and_no_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it costs a trial, as counted calls: a link and a line, wherever the study is."""
    storage = open_storage(f"sqlite:///{tmp_path / 'study.db'}")
    calls: Counter[str] = Counter()

    def count(name: str) -> None:
        method = getattr(storage, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            calls[name] += 1
            return method(*args, **kwargs)

        monkeypatch.setattr(storage, name, counted)

    for name in dir(storage):
        if name.startswith(("get_", "set_", "check_", "create_")):
            count(name)
    statements: list[str] = []
    from sqlalchemy import event

    engine = innermost(storage).engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    study = optuna.create_study(storage=storage, sampler=CoDeepNEATSampler(SPACE, seed=1))
    (tmp_path / "place").mkdir()
    with Diagrams(FileSystemArtifactStore(tmp_path / "place")) as diagrams:
        for _ in range(3):
            trial = study.ask()
            architecture = SPACE.suggest(trial)
            calls.clear()
            statements.clear()
            diagrams.attach(trial, architecture)
            assert calls == {"set_trial_user_attr": 1, "set_trial_system_attr": 1}
            assert len(statements) <= 3  # the line is written with all that the trial suggests
            study.tell(trial, 1.0)
