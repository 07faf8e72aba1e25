"""Studies that earlier versions stored: read, and gone on with, by every later one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from optuna.trial import TrialState

from tests.make_assets import ASSETS
from tests.make_assets import NAMES
from tests.make_assets import open_study
from tests.make_assets import optimize
from tests.sampler.studies import SPACE
from tests.sampler.studies import assignments
from tests.sampler.studies import records
from tests.sampler.studies import state_of
from tests.sampler.studies import stored


RELEASES = sorted(path.name for path in ASSETS.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("release", RELEASES)
def test_study_of_an_earlier_release_goes_on(release: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "study.log"
    shutil.copy(ASSETS / release / f"{name}.log", path)
    study = open_study(path, name)
    before = records(study)
    assert [record.evidence for record in before] == [(), tuple(range(4)), tuple(range(4, 8))]
    for record in before:
        state = state_of(study, study.sampler, record)
        assert state.digest == record.digest and state.generation == record.generation
    for trial, assignment in zip(stored(study), assignments(study), strict=True):
        if name != "hyperparameters":
            architecture = assignment.network.architecture(SPACE)
            assert architecture == SPACE.decode(trial.params)
            assert architecture.signature == assignment.signature
    optimize(study, 8)
    assert [trial.state for trial in stored(study)] == [TrialState.COMPLETE] * 17
    assert records(study)[:3] == before
    assert [record.parent for record in records(study)] == [None, 0, 4, 8, 12]
