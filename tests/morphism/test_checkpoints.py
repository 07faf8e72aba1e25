"""Weights that pass from trial to trial through a store, whole or not at all."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import pickle
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
import torch
from optuna.artifacts import Backoff
from optuna.artifacts import Boto3ArtifactStore
from optuna.artifacts import FileSystemArtifactStore
from safetensors.torch import save

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import build_network
from optuna_codeepneat.morphism import Checkpoints
from optuna_codeepneat.morphism import Report
from optuna_codeepneat.morphism import _artifact
from optuna_codeepneat.morphism import _checkpoints
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.network import Network
from optuna_codeepneat.sampler import LemonadeSampler
from optuna_codeepneat.sampler._saved_weights import WEIGHTS
from optuna_codeepneat.sampler._saved_weights import SavedWeights
from optuna_codeepneat.search_space import SearchSpace
from tests.morphism.lines import SPACE
from tests.morphism.lines import Flaky
from tests.morphism.lines import begin
from tests.morphism.lines import genome
from tests.morphism.lines import set_text
from tests.morphism.lines import text


@pytest.fixture
def study() -> optuna.Study:
    return optuna.create_study()


@pytest.fixture
def store(tmp_path: Path) -> Flaky:
    folder = tmp_path / "weights"
    folder.mkdir()
    return Flaky(folder)


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the package warns of, which Optuna's logger keeps from others."""
    logger = logging.getLogger("optuna")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


def trained(network: Network, value: float = 0.25) -> Network:
    """Every number is changed, statistics included."""
    with torch.no_grad():
        for tensor in network.state_dict().values():
            tensor.add_(1 if not tensor.is_floating_point() else value)
    return network


def saved(study: optuna.Study, store: Any, *, steps: int = 100) -> tuple[int, Network]:
    """A finished trial that saved its weights."""
    trial, network = begin(study, genome("x", "y"))
    checkpoints = Checkpoints(store)
    checkpoints.inherit(trial, network)
    checkpoints.save(trial, trained(network), steps=steps)
    study.tell(trial, 1.0)
    return trial.number, network


def same(a: Network, b: Network) -> bool:
    first, second = weights_of(a), weights_of(b)
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


def said(study: optuna.Study, number: int) -> SavedWeights:
    return SavedWeights.unpack(study.trials[number].system_attrs[WEIGHTS], number)


def file_of(study: optuna.Study, store: FileSystemArtifactStore, number: int) -> Path:
    return store._get_filepath(said(study, number).artifact)


def starts_afresh(
    study: optuna.Study, store: Any, donor: int, warnings: pytest.LogCaptureFixture, reason: str
) -> None:
    """The heir of a trial is not touched, and one warning says why."""
    trial, network = begin(study, genome("x", "y"), donor)
    before = weights_of(network).values()
    warnings.clear()
    assert Checkpoints(store).inherit(trial, network) == Report()
    assert all(map(torch.equal, before, weights_of(network).values()))
    [message] = [r.getMessage() for r in warnings.records if r.levelno == logging.WARNING]
    assert message.startswith(f"The network of trial {trial.number} ")
    assert f"trial {donor}: " in message
    assert reason in message
    assert "\n" not in message


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
        assert checkpoints.inherit(trial, network) == Report()
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
    assert checkpoints.inherit(trial, other) == Report()
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


# -- stores that fail -------------------------------------------------------------------------


def test_a_full_disk_is_a_warning(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    store.full = True
    trial, network = begin(study, genome("x", "y"))
    Checkpoints(store).save(trial, network, steps=1)
    study.tell(trial, 1.0)
    assert f"trial {trial.number} are not saved: the artifact store failed" in warnings.text
    assert "No space left on device" in warnings.text
    assert os.listdir(store._base_path) == []  # not even the half that was written
    store.full = False
    starts_afresh(study, store, trial.number, warnings, "it saved none")


def test_a_save_that_fails_leaves_the_one_before(study: optuna.Study, store: Flaky) -> None:
    checkpoints = Checkpoints(store)
    trial, network = begin(study, genome("x", "y"))
    checkpoints.save(trial, network, steps=1)
    first = weights_of(network)
    store.full = True
    checkpoints.save(trial, trained(network), steps=2)
    heir, child = begin(study, genome("x", "y"), trial.number)
    assert checkpoints.inherit(heir, child).line_steps == 1
    assert all(map(torch.equal, first.values(), weights_of(child).values()))


def test_a_folder_that_is_missing_is_a_warning(
    study: optuna.Study, tmp_path: Path, warnings: pytest.LogCaptureFixture
) -> None:
    store = FileSystemArtifactStore(tmp_path / "nowhere")
    trial, network = begin(study, genome("x", "y"))
    Checkpoints(store).save(trial, network, steps=1)
    assert "the artifact store failed (FileNotFoundError" in warnings.text


def test_a_store_that_is_away_is_a_fresh_start(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    donor, _ = saved(study, store)
    store.away = True
    starts_afresh(study, store, donor, warnings, "(ConnectionError: connection refused)")


# -- weights that are damaged, gone or foreign ------------------------------------------------


def test_weights_that_are_gone(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    donor, _ = saved(study, store)
    file_of(study, store, donor).unlink()
    starts_afresh(study, store, donor, warnings, "they are gone from the artifact store")


def test_a_donor_that_does_not_exist(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    starts_afresh(study, store, 99, warnings, "it saved none")


@pytest.mark.parametrize("part", [0.0, 0.5, 0.999])
def test_weights_that_are_cut_off(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture, part: float
) -> None:
    donor, _ = saved(study, store)
    file = file_of(study, store, donor)
    size = file.stat().st_size
    os.truncate(file, int(part * size))
    starts_afresh(study, store, donor, warnings, f"cut off after {int(part * size):,} of {size:,}")


@pytest.mark.parametrize("place", [0, 9, 500, -1])
def test_one_wrong_byte(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture, place: int
) -> None:
    donor, _ = saved(study, store)
    file = file_of(study, store, donor)
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    starts_afresh(study, store, donor, warnings, "their hash differs")


def test_more_than_was_saved(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    donor, _ = saved(study, store)
    with file_of(study, store, donor).open("ab") as file:
        file.write(b"0")
    starts_afresh(study, store, donor, warnings, "their hash differs")


def replace_content(study: optuna.Study, store: Flaky, content: bytes) -> int:
    """A trial whose weights are this, hash and size included."""
    trial, _ = begin(study, genome("x", "y"))
    (store._base_path / "planted").write_bytes(content)
    planted = SavedWeights("planted", hashlib.sha256(content).hexdigest(), len(content), 1)
    set_text(trial, WEIGHTS, planted.pack())
    study.tell(trial, 1.0)
    return trial.number


class Exploit:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._path),)


@pytest.mark.parametrize("writer", ["pickle", "torch"])
def test_a_pickle_is_refused_and_not_run(
    study: optuna.Study,
    store: Flaky,
    warnings: pytest.LogCaptureFixture,
    tmp_path: Path,
    writer: str,
) -> None:
    trap = tmp_path / "sprung"
    if writer == "pickle":
        content = pickle.dumps(Exploit(trap))
    else:
        torch.save({"b.x/core.weight": Exploit(trap)}, tmp_path / "weights.pt")
        content = (tmp_path / "weights.pt").read_bytes()
    donor = replace_content(study, store, content)
    starts_afresh(study, store, donor, warnings, "they are no safetensors")
    assert not trap.exists()
    if writer == "pickle":
        pickle.loads(content)
        assert trap.exists()  # the trap works


def content_of(**changes: Any) -> bytes:
    """An artifact of the network that `starts_afresh` inherits from, with changed metadata."""
    architecture = genome("x", "y").architecture(SPACE)
    own = _artifact.Checkpoint(architecture, weights_of(build_network(architecture)), 1)
    content = own.to_bytes()
    metadata = {**_artifact._metadata(content), **changes}
    present = {key: value for key, value in metadata.items() if value is not None}
    return save(dict(own.weights), present)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"codeepneat": None}, "they were not saved by optuna-codeepneat"),
        ({"codeepneat": "2"}, "they have format 2, and this version"),
        ({"architecture": "{}"}, "their network cannot be built"),
        ({"architecture": "[" * 100_000}, "their network cannot be built"),
        ({"architecture": None}, "their network cannot be built"),
        ({"markings": "{}"}, "their network cannot be built"),
        ({"line_steps": "many"}, "their network cannot be built"),
    ],
)
def test_artifacts_that_others_wrote(
    study: optuna.Study,
    store: Flaky,
    warnings: pytest.LogCaptureFixture,
    changes: dict[str, Any],
    reason: str,
) -> None:
    assert _artifact.Checkpoint.from_bytes(content_of()).line_steps == 1
    donor = replace_content(study, store, content_of(**changes))
    starts_afresh(study, store, donor, warnings, reason)


def test_weights_of_another_network_than_they_say(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    architecture = genome("x", "y").architecture(SPACE)
    weights = weights_of(build_network(architecture))
    weights["b.x/core.weight"] = weights["b.x/core.weight"][:-1].clone()
    content = _artifact.Checkpoint(architecture, weights, 1).to_bytes()
    donor = replace_content(study, store, content)
    starts_afresh(study, store, donor, warnings, "their network is built otherwise here")


@pytest.mark.parametrize(
    ("space", "reason"),
    [
        (SearchSpace.conv1d(input_shape=(1, 13), num_outputs=2), "their `input_shape` is (1, 13)"),
        (SearchSpace.conv1d(input_shape=(1, 12), num_outputs=3), "their `num_outputs` is 3"),
        (SearchSpace.dense(input_shape=(4,), num_outputs=2), "their `input_shape` is (4,)"),
    ],
)
def test_weights_of_another_search_space(
    study: optuna.Study,
    store: Flaky,
    warnings: pytest.LogCaptureFixture,
    space: SearchSpace,
    reason: str,
) -> None:
    architecture = space.smallest()
    weights = weights_of(build_network(architecture))
    content = _artifact.Checkpoint(architecture, weights, 1).to_bytes()
    donor = replace_content(study, store, content)
    starts_afresh(study, store, donor, warnings, reason)


def test_a_network_is_fresh_where_inheriting_stopped_half_way(
    study: optuna.Study,
    store: Flaky,
    warnings: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def half_way(network: Network, *args: Any, **kwargs: Any) -> Report:
        trained(network)
        raise ValueError("the weights do not fit the plan at operation '0.1'.")

    donor, _ = saved(study, store)
    monkeypatch.setattr(_checkpoints, "inherit", half_way)
    starts_afresh(study, store, donor, warnings, "do not fit the plan at operation '0.1'")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("2 a b c d e", "newer version of optuna-codeepneat"),
        ("1 ../../etc/passwd " + "0" * 64 + " 10 1", "damaged"),
        ("1 planted", "damaged"),
        ("", "damaged"),
    ],
)
def test_what_a_trial_says_of_its_weights_cannot_be_read(
    study: optuna.Study,
    store: Flaky,
    warnings: pytest.LogCaptureFixture,
    record: str,
    reason: str,
) -> None:
    trial, _ = begin(study, genome("x", "y"))
    set_text(trial, WEIGHTS, record or " ")
    starts_afresh(study, store, trial.number, warnings, reason)


# -- what nobody inherits any more -----------------------------------------------------------


def test_weights_are_removed_once_nobody_can_inherit_them(
    study: optuna.Study, store: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        _checkpoints, "inheritable", lambda study: frozenset(range(len(study.trials))[-3:])
    )
    checkpoints = Checkpoints(store)
    for _ in range(12):
        trial, network = begin(study, genome("x", "y"))
        checkpoints.save(trial, network, steps=1)
        study.tell(trial, 1.0)
    assert len(os.listdir(store._base_path)) <= 5
    assert checkpoints.sweep(study, everything=True) >= 1
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

    monkeypatch.setattr(_checkpoints, "inheritable", fails)
    saved(study, store)
    assert "stay where they are: RuntimeError: no idea." in warnings.text


# -- S3 ---------------------------------------------------------------------------------------


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of S3 as it is within this process, with one bucket."""
    if any(importlib.util.find_spec(name) is None for name in ("boto3", "moto")):
        pytest.skip("needs boto3 and moto")
    import boto3
    import moto

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with moto.mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="weights")
        yield client


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
    monkeypatch.setattr(_checkpoints, "inheritable", lambda study: frozenset())
    study.tell(trial, 1.0)
    began = time.monotonic()
    assert Checkpoints(store).sweep(study, everything=True) == 1
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
    """The nodes that the objective sees come in the order of the sampler's markings."""
    checkpoints, seen = Checkpoints(store), []

    def objective(trial: optuna.Trial) -> float:
        network = build_network(SPACE.suggest(trial))
        checkpoints.inherit(trial, network)
        checkpoints.save(trial, network, steps=1)
        seen.append((network.architecture.markings, said(study, trial.number).artifact))
        return network.architecture.depth

    sampler = CoDeepNEATSampler(SPACE, seed=1, assembled_population_size=5)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=8)
    for number, (markings, artifact) in enumerate(seen):
        content = (store._base_path / artifact).read_bytes()
        checkpoint = _artifact.Checkpoint.from_bytes(content)
        assert checkpoint.architecture.markings == markings
        assert markings["blueprint"] != ("0",)
        assert SPACE.encode(checkpoint.architecture).items() <= study.trials[number].params.items()
        assert all(name.split("/")[0] for name in checkpoint.weights)


def test_threads_share_one_object(store: Flaky, warnings: pytest.LogCaptureFixture) -> None:
    checkpoints, shares = Checkpoints(store), []

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        network = build_network(SPACE.suggest(trial))
        shares.append(checkpoints.inherit(trial, network).share)
        checkpoints.save(trial, network, steps=1)
        return network.architecture.depth, network.architecture.num_params

    sampler = LemonadeSampler(SPACE, seed=1, children_per_generation=4)
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
