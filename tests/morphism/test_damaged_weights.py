"""Stores that fail, and weights that are damaged, gone or foreign: a warning and a fresh start."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
from pathlib import Path
from typing import Any

import optuna
import pytest
import torch
from optuna.artifacts import Backoff
from optuna.artifacts import FileSystemArtifactStore
from safetensors.torch import save

from optuna_codeepneat import build_network
from optuna_codeepneat.morphism import Checkpoints
from optuna_codeepneat.morphism import InheritanceReport
from optuna_codeepneat.morphism import _artifact
from optuna_codeepneat.morphism import _checkpoints
from optuna_codeepneat.morphism import _store
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.network import Network
from optuna_codeepneat.sampler._generations._saved_weights import WEIGHTS
from optuna_codeepneat.sampler._generations._saved_weights import SavedWeights
from optuna_codeepneat.search_space import SearchSpace
from tests.morphism.lines import SPACE
from tests.morphism.lines import Flaky
from tests.morphism.lines import begin
from tests.morphism.lines import file_of
from tests.morphism.lines import genome
from tests.morphism.lines import saved
from tests.morphism.lines import set_text
from tests.morphism.lines import starts_afresh
from tests.morphism.lines import trained


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
        ({"line_steps": "-1"}, "they say that they were trained for -1 steps"),
        ({"line_steps": "1" + "0" * 19}, "they say that they were trained for 10,000,000,000,"),
        ({"line_steps": "1" * 5000}, "their network cannot be built"),
        ({"architecture": " " * 5_000_000}, "(its description is too long)"),
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


def test_a_network_that_no_machine_holds_is_not_built(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    architecture = genome("x", "y").architecture(SPACE).to_json()
    said = json.dumps(architecture).replace('"width": 16', '"width": 1000000000')
    assert said.count("1000000000") == 2
    donor = replace_content(study, store, content_of(architecture=said))
    starts_afresh(study, store, donor, warnings, "their network is built otherwise here")


def changed_weights(name: str, change: Any) -> bytes:
    """An artifact whose hash is right, and one of whose tensors is not."""
    architecture = genome("x", "y").architecture(SPACE)
    weights = weights_of(build_network(architecture))
    weights[name] = change(weights[name])
    return _artifact.Checkpoint(architecture, weights, 1).to_bytes()


def one(value: float) -> Any:
    def change(tensor: torch.Tensor) -> torch.Tensor:
        changed = tensor.clone()
        changed.view(-1)[-1] = value
        return changed

    return change


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("b.x/core.weight", one(float("nan")), "they are not finite"),
        ("b.x/norm.running_var", one(float("inf")), "they are not finite"),
        ("out/linear.bias", one(float("-inf")), "they are not finite"),
        ("b.x/norm.weight", torch.Tensor.bool, "built otherwise here"),
        ("b.x/core.weight", torch.Tensor.bool, "built otherwise here"),
        ("b.y/core.weight", torch.Tensor.long, "built otherwise here"),
        ("out/linear.weight", torch.Tensor.byte, "built otherwise here"),
        ("out/linear.weight", lambda t: t.to(torch.complex64), "built otherwise here"),
        ("b.x/norm.num_batches_tracked", torch.Tensor.float, "built otherwise here"),
        ("b.x/norm.num_batches_tracked", torch.Tensor.bool, "built otherwise here"),
    ],
)
def test_weights_that_are_no_numbers_to_compute_with(
    study: optuna.Study,
    store: Flaky,
    warnings: pytest.LogCaptureFixture,
    name: str,
    change: Any,
    reason: str,
) -> None:
    donor = replace_content(study, store, changed_weights(name, change))
    starts_afresh(study, store, donor, warnings, reason)


@pytest.mark.parametrize("kind", ["pipe", "pipe elsewhere", "folder", "device"])
def test_what_is_no_file_is_never_waited_for(
    study: optuna.Study,
    store: Flaky,
    warnings: pytest.LogCaptureFixture,
    tmp_path: Path,
    kind: str,
) -> None:
    donor, _ = saved(study, store)
    file = file_of(study, store, donor)
    file.unlink()
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "pipe elsewhere":
        os.mkfifo(tmp_path / "pipe")
        file.symlink_to(tmp_path / "pipe")
    elif kind == "folder":
        file.mkdir()
    else:
        file.symlink_to("/dev/zero")
    starts_afresh(study, store, donor, warnings, "is no regular file")
    backoff: Any = Backoff(store)
    starts_afresh(study, backoff, donor, warnings, "is no regular file")


def test_a_size_that_nobody_can_hold_is_not_fetched(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    trial, _ = begin(study, genome("x", "y"))
    claimed = SavedWeights("planted", "0" * 64, 10**17, 1)
    set_text(trial, WEIGHTS, claimed.pack())
    store.away = True  # it isn't even asked
    starts_afresh(study, store, trial.number, warnings, "100,000,000,000,000,000 bytes, more than")


class Endless(Flaky):
    """A store whose artifacts never end."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.n_read = 0

    def open_reader(self, artifact_id: str) -> Any:
        self._get_filepath(artifact_id).touch()
        return self

    def read(self, most: int) -> bytes:
        self.n_read += most
        return bytes(most)

    def close(self) -> None:
        """Nothing is open."""


def test_no_more_is_read_than_was_saved(
    study: optuna.Study, tmp_path: Path, warnings: pytest.LogCaptureFixture
) -> None:
    store = Endless(tmp_path)
    trial, _ = begin(study, genome("x", "y"))
    size = 5_000_000
    set_text(trial, WEIGHTS, SavedWeights("planted", "0" * 64, size, 1).pack())
    starts_afresh(study, store, trial.number, warnings, "their hash differs")
    assert store.n_read == size + 1


def test_weights_that_nobody_would_fetch_are_not_saved(
    study: optuna.Study,
    store: Flaky,
    warnings: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_store, "_MOST_BYTES", 1000)
    trial, network = begin(study, genome("x", "y"))
    Checkpoints(store).save(trial, network, steps=1)
    study.tell(trial, 1.0)
    assert f"The weights of trial {trial.number} are not saved: they have" in warnings.text
    assert os.listdir(store._base_path) == []


JUNK = [None, True, -1, 10**30, 1e308, "", "in", "0", "conv1d", [], ["in"], {}, [[]], "\ud800"]


def with_junk(value: Any, rng: random.Random) -> Any:
    """JSON of which one part, anywhere, is something else."""
    if isinstance(value, dict | list) and value and rng.random() < 0.9:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key, changed = rng.choice(keys), value.copy()
        changed[key] = with_junk(value[key], rng)
        return changed
    return rng.choice(JUNK)


@pytest.mark.parametrize(
    "part", ["architecture", pytest.param("markings", marks=[pytest.mark.long, pytest.mark.soak])]
)
def test_whatever_an_artifact_says_no_trial_fails(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture, part: str
) -> None:
    rng = random.Random(0)
    proper = json.loads(_artifact._metadata(content_of())[part])
    for _ in range(100):
        said = json.dumps(with_junk(proper, rng))
        donor = replace_content(study, store, content_of(**{part: said}))
        trial, network = begin(study, genome("x", "y"), donor)
        before = weights_of(network)
        warnings.clear()
        report = Checkpoints(store).inherit(trial, network)
        if report == InheritanceReport():
            assert len(warnings.records) == 1 or warnings.records == []
            assert all(map(torch.equal, before.values(), weights_of(network).values()))
        assert all(tensor.isfinite().all() for tensor in weights_of(network).values())


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
    def half_way(network: Network, *args: Any, **kwargs: Any) -> InheritanceReport:
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
