"""A damaged or foreign directory is one sentence, and runs nothing."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.export import ModelCard
from optuna_codeepneat.export import load_network
from optuna_codeepneat.export import save_network
from tests.export.networks import PRESETS
from tests.export.networks import trained


SPACE = PRESETS["dense"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    architecture = SPACE.smallest()
    card = ModelCard(name="x", task="classification", classes=["a", "b", "c"])
    save_network(tmp_path / "there", trained(architecture), architecture, card=card)
    return tmp_path / "there"


def changed(directory: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = directory / "config.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


def refused(directory: Path, said: str) -> None:
    with pytest.raises(ExportError, match=said) as raised:
        load_network(directory)
    assert "\n" not in str(raised.value)


def test_a_loaded_network_answers_raw_examples(directory: Path) -> None:
    loaded = load_network(directory, device="cpu")
    answers = loaded.predict([[0.0] * 6, [1.0] * 6], batch_size=1)
    assert [set(answer) for answer in answers] == [{"class", "probability", "probabilities"}] * 2
    assert loaded.predict([0.0] * 6) == answers[:1]
    assert loaded.config["metric"]["score"] is None
    assert not any(parameter.requires_grad for parameter in loaded.network.parameters())


def test_what_is_no_network(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", "is no exported network: there is no such directory")
    refused(tmp_path, "is no exported network: it has no config.json")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    refused(tmp_path, "is no exported network")
    (tmp_path / "config.json").write_text('{"made_by"')
    refused(tmp_path, "config.json' is damaged")


def test_a_newer_version_is_named(directory: Path) -> None:
    changed(directory, lambda config: config.update(format=2))
    refused(directory, "has format 2, and this version of optuna-codeepneat reads format 1")


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config["architecture"].update(format=9),
        lambda config: config["architecture"].pop("blueprint"),
        lambda config: config.pop("weights"),
        lambda config: config.update(preprocessing={"format": 9}),
        lambda config: config.update(architecture=[]),
    ],
)
def test_what_cannot_be_built(directory: Path, change: Callable[[dict[str, Any]], None]) -> None:
    changed(directory, change)
    refused(directory, "can't be built: ")


def test_weights_are_those_that_were_written(directory: Path, tmp_path: Path) -> None:
    weights = directory / "model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    refused(directory, "is damaged: it is not what was written")
    weights.unlink()
    refused(directory, "model.safetensors' can't be read: No such file")

    import hashlib

    def accepted(content: bytes) -> None:
        weights.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        changed(directory, lambda config: config["weights"].update(sha256=digest))

    save_file({"x": torch.zeros(2)}, tmp_path / "other.safetensors")
    accepted((tmp_path / "other.safetensors").read_bytes())
    refused(directory, "are of another network")


def test_nothing_is_unpickled(directory: Path, tmp_path: Path) -> None:
    import hashlib

    trap = tmp_path / "sprung"
    content = pickle.dumps(_Exploit(trap))
    (directory / "model.safetensors").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    changed(directory, lambda config: config["weights"].update(sha256=digest))
    refused(directory, "is no safetensors file")
    assert not trap.exists()


class _Exploit:
    def __init__(self, trap: Path) -> None:
        self.trap = trap

    def __reduce__(self) -> Any:
        return Path.touch, (self.trap,)


def test_a_directory_may_be_moved(directory: Path, tmp_path: Path) -> None:
    shutil.move(directory, tmp_path / "elsewhere")
    assert load_network(tmp_path / "elsewhere").architecture == SPACE.smallest()
