"""Studies that earlier versions stored: read, and gone on with, by every later one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from optuna.trial import TrialState

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat.sampler import ancestry_of
from optuna_codeepneat.sampler import donors_of
from optuna_codeepneat.sampler._base import EvolutionarySampler
from optuna_codeepneat.sampler._generations._saved_weights import saved_weights
from tests.make_assets import ASSETS
from tests.make_assets import HEIRS
from tests.make_assets import NAMES
from tests.make_assets import open_study
from tests.make_assets import optimize
from tests.make_assets import saved
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
    sampler = study.sampler
    assert isinstance(sampler, EvolutionarySampler)
    assert sampler.verify(study).problems == ()


@pytest.mark.parametrize("name", HEIRS)
@pytest.mark.parametrize("release", RELEASES)
def test_donors_and_weights_of_an_earlier_release(release: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "study.log"
    shutil.copy(ASSETS / release / f"{name}.log", path)
    study = open_study(path, name)
    origins = [assignment.origin for assignment in assignments(study)]
    donors = [origin.donor for origin in origins]
    assert donors[:4] == [None] * 4
    assert sum(donor is not None for donor in donors) >= 4  # one may have nothing in common
    for i, origin in enumerate(origins):
        assert origin.donor is None or origin.donor < i
        assert origin.inheritance == (None if origin.donor is None else "exact")
    assert [saved_weights(trial) for trial in stored(study)] == [saved(i) for i in range(9)]
    before = donors_of(study)
    assert before is not None and before <= set(range(9))
    trial = study.ask()  # and the next one inherits from one of them
    assert ancestry_of(trial).donor in {None, *before}


@pytest.mark.parametrize(
    "sampler",
    [
        CoDeepNEATSampler(),
        CoDeepNEATSampler(SPACE, credit="mean", inheritance="exact"),
        CoDeepNEATSampler.leaf("wikidetox", SPACE),
        LemonadeSampler(SPACE),
    ],
)
def test_settings_hold_no_module_of_ours(sampler: EvolutionarySampler) -> None:
    # Else a study would not go on once the module has moved.
    assert "optuna_codeepneat" not in json.dumps(sampler._algorithm.settings.to_json())


def test_release_0_1_0_stored_modules_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "study.log"
    shutil.copy(ASSETS / "0.1.0" / "networks.log", path)
    study = open_study(path, "networks")
    root = records(study)[0].root
    assert root is not None and root["settings"]["credit"] == (
        "optuna_codeepneat.sampler._credit.best"
    )
    study.ask()  # it goes on all the same
