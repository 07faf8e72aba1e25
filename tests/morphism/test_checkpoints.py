"""Weights that pass from trial to trial through a store, whole or not at all."""

from __future__ import annotations

import os
import pickle
import shutil
import time
from pathlib import Path
from typing import Any

import optuna
import pytest
import torch
from optuna.artifacts import Backoff
from optuna.artifacts import Boto3ArtifactStore
from optuna.artifacts import FileSystemArtifactStore

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import build_network
from optuna_codeepneat.morphism import Checkpoints
from optuna_codeepneat.morphism import InheritanceReport
from optuna_codeepneat.morphism import _artifact
from optuna_codeepneat.morphism import _checkpoints
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.sampler import LemonadeSampler
from optuna_codeepneat.sampler import donors_of
from optuna_codeepneat.sampler._generations._saved_weights import WEIGHTS
from tests.morphism.lines import SPACE
from tests.morphism.lines import Flaky
from tests.morphism.lines import begin
from tests.morphism.lines import file_of
from tests.morphism.lines import genome
from tests.morphism.lines import said
from tests.morphism.lines import same
from tests.morphism.lines import saved
from tests.morphism.lines import starts_afresh
from tests.morphism.lines import text
from tests.morphism.lines import trained
from tests.sampler.studies import FEW


# -- what passes ------------------------------------------------------------------------------


def test_a_network_starts_with_the_weights_of_its_donor(study: optuna.Study, store: Flaky) -> None:
    donor, theirs = saved(study, store)
    trial, network = begin(study, genome("x", "y"), donor)
    report = Checkpoints(store).inherit(trial, network)
    assert same(network, theirs)
    assert (report.donor, report.share, report.line_steps) == (donor, 1.0, 100)
    assert report.exact
    assert report.ancestor is not None
    assert same(report.ancestor.build(), theirs)


def test_part_of_a_network_is_inherited(study: optuna.Study, store: Flaky) -> None:
    donor, theirs = saved(study, store)
    trial, network = begin(study, genome("x", "z"), donor)
    report = Checkpoints(store).inherit(trial, network)
    assert 0 < report.share < 1
    ours = weights_of(network)
    assert torch.equal(ours["b.x/core.weight"], weights_of(theirs)["b.x/core.weight"])


def test_steps_of_a_line_add_up(study: optuna.Study, store: Flaky) -> None:
    donor, _ = saved(study, store, steps=400)
    checkpoints = Checkpoints(store)
    for generation in range(1, 4):
        trial, network = begin(study, genome("x", "y"), donor)
        assert checkpoints.inherit(trial, network).line_steps == 300 + 100 * generation
        checkpoints.save(trial, network, steps=100)
        study.tell(trial, 1.0)
        assert study.trials[trial.number].user_attrs["inheritance"] == {
            "from": donor,
            "share": 1.0,
            "steps": 100,
            "line_steps": 400 + 100 * generation,
        }
        donor = trial.number


def test_who_inherits_nothing_has_a_line_of_its_own(study: optuna.Study, store: Flaky) -> None:
    donor, _ = saved(study, store)
    expected = {"from": None, "share": 0.0, "steps": 100, "line_steps": 100}
    assert study.trials[donor].user_attrs["inheritance"] == expected


def test_the_last_save_of_a_trial_counts_and_is_alone(study: optuna.Study, store: Flaky) -> None:
    checkpoints = Checkpoints(store)
    trial, network = begin(study, genome("x", "y"))
    for steps in (10, 20):
        checkpoints.save(trial, trained(network), steps=steps)
    study.tell(trial, 1.0)
    assert len(os.listdir(store._base_path)) == 1
    heir, child = begin(study, genome("x", "y"), trial.number)
    assert checkpoints.inherit(heir, child).line_steps == 20
    assert same(child, network)


def test_siblings_read_the_store_once(study: optuna.Study, store: Flaky) -> None:
    donor, theirs = saved(study, store)
    checkpoints = Checkpoints(store)
    for _ in range(3):
        trial, network = begin(study, genome("x", "y"), donor)
        assert checkpoints.inherit(trial, network).share == 1
        assert same(network, theirs)
        trained(network)  # does not reach what is remembered
        store.away = True


def test_inheriting_draws_no_random_numbers(study: optuna.Study, store: Flaky) -> None:
    donor, _ = saved(study, store)
    trial, network = begin(study, genome("x", "y"), donor)
    state = torch.random.get_rng_state()
    Checkpoints(store).inherit(trial, network)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_copy_for_another_process_begins_anew(study: optuna.Study, store: Flaky) -> None:
    donor, theirs = saved(study, store)
    checkpoints = Checkpoints(store)
    trial, network = begin(study, genome("x", "y"), donor)
    checkpoints.inherit(trial, network)
    copied = pickle.loads(pickle.dumps(checkpoints))
    trial, network = begin(study, genome("x", "y"), donor)
    assert copied.inherit(trial, network).share == 1
    assert same(network, theirs)


def test_names_of_artifacts_are_names_of_files(store: Flaky) -> None:
    study = optuna.create_study(study_name="../so so: é/" + "x" * 200)
    number, _ = saved(study, store)
    assert file_of(study, store, number).is_file()
    assert len(said(study, number).artifact) < 120


# -- where nothing passes ---------------------------------------------------------------------


def test_trials_of_other_samplers_neither_save_nor_inherit(
    study: optuna.Study, store: Flaky
) -> None:
    def objective(trial: optuna.trial.BaseTrial) -> float:
        network = build_network(SPACE.suggest(trial))
        assert checkpoints.inherit(trial, network) == InheritanceReport()
        checkpoints.save(trial, network, steps=1)
        return 1.0

    checkpoints = Checkpoints(store)
    study.optimize(objective, n_trials=2)
    objective(optuna.trial.FixedTrial(SPACE.encode(SPACE.smallest())))
    assert os.listdir(store._base_path) == []
    assert all(set(trial.user_attrs) == set() for trial in study.trials)


def test_another_network_than_the_assigned_one_is_left_alone(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    donor, _ = saved(study, store)
    trial, _ = begin(study, genome("x", "y"), donor)
    _, other = begin(study, genome("x", "y", "z"))
    checkpoints = Checkpoints(store)
    assert checkpoints.inherit(trial, other) == InheritanceReport()
    checkpoints.save(trial, other, steps=1)
    assert "not the one that the sampler assigned" in warnings.text
    assert text(trial, WEIGHTS) is None


def test_weights_that_are_not_finite_are_not_saved(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    trial, network = begin(study, genome("x", "y"))
    with torch.no_grad():
        next(network.parameters()).flatten()[0] = torch.nan
    Checkpoints(store).save(trial, network, steps=7)
    assert text(trial, WEIGHTS) is None
    assert os.listdir(store._base_path) == []
    assert f"trial {trial.number} are not saved: they are not finite" in warnings.text
    assert study.trials[-1].user_attrs["inheritance"]["line_steps"] == 7


@pytest.mark.parametrize("steps", [-1, 1.5, True, None])
def test_steps_are_whole_numbers(study: optuna.Study, store: Flaky, steps: Any) -> None:
    trial, network = begin(study, genome("x", "y"))
    with pytest.raises(ValueError, match="`steps` must be a whole number"):
        Checkpoints(store).save(trial, network, steps=steps)


def test_a_path_is_no_store() -> None:
    with pytest.raises(ValueError, match="`store` must be a store of `optuna.artifacts`"):
        Checkpoints("weights")  # type: ignore[arg-type]


# -- what nobody inherits any more -----------------------------------------------------------


def test_weights_are_removed_once_nobody_can_inherit_them(
    study: optuna.Study, store: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        _checkpoints, "donors_of", lambda study: frozenset(range(len(study.trials))[-3:])
    )
    checkpoints = Checkpoints(store)
    for _ in range(12):
        trial, network = begin(study, genome("x", "y"))
        checkpoints.save(trial, network, steps=1)
        study.tell(trial, 1.0)
    assert len(os.listdir(store._base_path)) <= 5
    assert checkpoints.collect_garbage(study, everything=True) >= 1
    left = {said(study, number).artifact for number in (9, 10, 11)}
    assert set(os.listdir(store._base_path)) == left


def test_a_trial_does_not_fail_because_tidying_up_did(
    study: optuna.Study,
    store: Flaky,
    monkeypatch: pytest.MonkeyPatch,
    warnings: pytest.LogCaptureFixture,
) -> None:
    def fails(study: optuna.Study) -> frozenset[int]:
        raise RuntimeError("no idea")

    monkeypatch.setattr(_checkpoints, "donors_of", fails)
    saved(study, store)
    assert "stay where they are: RuntimeError: no idea." in warnings.text


# -- S3 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("backoff", [False, True])
def test_weights_pass_through_s3(
    bucket: Any,
    study: optuna.Study,
    monkeypatch: pytest.MonkeyPatch,
    warnings: pytest.LogCaptureFixture,
    backoff: bool,
) -> None:
    store: Any = Boto3ArtifactStore("weights", bucket)
    if backoff:
        store = Backoff(store, max_retries=3)
    donor, theirs = saved(study, store)
    trial, network = begin(study, genome("x", "y"), donor)
    assert Checkpoints(store).inherit(trial, network).share == 1
    assert same(network, theirs)

    # Removal is not repeated after it succeeded, as `Backoff` would.
    monkeypatch.setattr(_checkpoints, "donors_of", lambda study: frozenset())
    study.tell(trial, 1.0)
    began = time.monotonic()
    assert Checkpoints(store).collect_garbage(study, everything=True) == 1
    assert time.monotonic() - began < 0.3
    assert "Contents" not in bucket.list_objects_v2(Bucket="weights")
    starts_afresh(study, store, donor, warnings, "they are gone from the artifact store")


def test_s3_that_refuses_is_a_warning(
    bucket: Any, study: optuna.Study, warnings: pytest.LogCaptureFixture
) -> None:
    store = Boto3ArtifactStore("no-such-bucket", bucket)
    trial, network = begin(study, genome("x", "y"))
    Checkpoints(store).save(trial, network, steps=1)
    assert "the artifact store failed" in warnings.text
    number, _ = saved(study, Boto3ArtifactStore("weights", bucket))
    starts_afresh(study, store, number, warnings, "they are gone from the artifact store")


def test_networks_of_the_sampler_are_marked(store: Flaky) -> None:
    """The nodes that the objective sees come in the order of the sampler's innovation ids."""
    checkpoints, seen = Checkpoints(store), []

    def objective(trial: optuna.Trial) -> float:
        network = build_network(SPACE.suggest(trial))
        checkpoints.inherit(trial, network)
        checkpoints.save(trial, network, steps=1)
        seen.append((network.architecture.innovation_ids, said(study, trial.number).artifact))
        return network.architecture.depth

    sampler = CoDeepNEATSampler(
        SPACE, seed=1, assembled_population_size=5, inheritance="exact", surrogate=FEW
    )
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=8)
    for number, (innovation_ids, artifact) in enumerate(seen):
        content = (store._base_path / artifact).read_bytes()
        checkpoint = _artifact.Checkpoint.from_bytes(content)
        assert checkpoint.architecture.innovation_ids == innovation_ids
        assert innovation_ids["blueprint"] != ("0",)
        assert SPACE.encode(checkpoint.architecture).items() <= study.trials[number].params.items()
        assert all(name.split("/")[0] for name in checkpoint.weights)


def test_nothing_is_kept_where_nobody_inherits(store: Flaky) -> None:
    checkpoints = Checkpoints(store)

    def objective(trial: optuna.Trial) -> float:
        network = build_network(SPACE.suggest(trial))
        checkpoints.inherit(trial, network)
        checkpoints.save(trial, network, steps=7)
        return network.architecture.depth

    study = optuna.create_study(sampler=CoDeepNEATSampler(SPACE, seed=1))
    study.optimize(objective, n_trials=2)
    assert not os.listdir(store._base_path)
    assert [trial.user_attrs["inheritance"]["steps"] for trial in study.trials] == [7, 7]
    assert all(WEIGHTS not in trial.system_attrs for trial in study.trials)


def test_threads_share_one_object(store: Flaky, warnings: pytest.LogCaptureFixture) -> None:
    checkpoints, shares = Checkpoints(store), []

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        network = build_network(SPACE.suggest(trial))
        shares.append(checkpoints.inherit(trial, network).share)
        checkpoints.save(trial, network, steps=1)
        return network.architecture.depth, network.architecture.num_params

    sampler = LemonadeSampler(SPACE, seed=1, children_per_generation=4, surrogate=FEW)
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)
    study.optimize(objective, n_trials=24, n_jobs=4)
    assert all(trial.state == optuna.trial.TrialState.COMPLETE for trial in study.trials)
    assert sum(share > 0 for share in shares) >= 8
    assert "starts afresh" not in warnings.text
    for trial in study.trials:
        shown = trial.user_attrs["inheritance"]
        donor = study.trials[shown["from"]] if shown["from"] is not None else None
        before = 0 if donor is None else donor.user_attrs["inheritance"]["line_steps"]
        assert shown["line_steps"] == before + 1


@pytest.mark.parametrize(
    ("goes_on", "whole_database"),
    [
        ("copy", False),
        pytest.param("copy", True, marks=[pytest.mark.long, pytest.mark.soak]),
        pytest.param("original", True, marks=[pytest.mark.long, pytest.mark.soak]),
    ],
)
def test_copy_inherits_and_removes_nothing_of_the_original(
    tmp_path: Path, goes_on: str, whole_database: bool
) -> None:
    def opened(path: Path, name: str) -> optuna.Study:
        return optuna.load_study(
            study_name=name,
            storage=f"sqlite:///{path}",
            sampler=LemonadeSampler(SPACE, seed=1, children_per_generation=4, surrogate=FEW),
        )

    def evaluate(study: optuna.Study, n_trials: int) -> list[float]:
        checkpoints, shares = Checkpoints(store), []

        def objective(trial: optuna.Trial) -> tuple[float, float]:
            network = build_network(SPACE.suggest(trial))
            shares.append(checkpoints.inherit(trial, network).share)
            checkpoints.save(trial, network, steps=1)
            return network.architecture.depth, network.architecture.num_params

        study.optimize(objective, n_trials=n_trials)
        return shares

    def needed(study: optuna.Study) -> list[str]:
        donors = donors_of(study)
        assert donors
        return [said(study, number).artifact for number in donors]

    (tmp_path / "weights").mkdir()
    store = FileSystemArtifactStore(tmp_path / "weights")
    path = tmp_path / "study.db"
    directions = ["maximize", "minimize"]
    optuna.create_study(study_name="x", storage=f"sqlite:///{path}", directions=directions)
    evaluate(opened(path, "x"), 12)
    if whole_database:
        shutil.copy(path, tmp_path / "copy.db")
        studies = {"original": opened(path, "x"), "copy": opened(tmp_path / "copy.db", "x")}
    else:
        url = f"sqlite:///{path}"
        names = {"from_study_name": "x", "to_study_name": "y"}
        optuna.copy_study(**names, from_storage=url, to_storage=url)
        studies = {"original": opened(path, "x"), "copy": opened(path, "y")}
    active = studies.pop(goes_on)
    (idle,) = studies.values()
    before = needed(idle)

    shares = evaluate(active, 14)

    assert sum(share > 0 for share in shares) > 7
    left = {name for name in before if (tmp_path / "weights" / name).exists()}
    assert left == set(before) or goes_on == "original"  # which may remove what it wrote itself
    assert sum(share > 0 for share in evaluate(idle, 6)) > (3 if goes_on == "copy" else 0)
    written = len(list((tmp_path / "weights").iterdir()))
    assert written < 32  # each removes what it wrote itself, and nobody needs
