"""What `save_network` writes is what `load_network` reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from safetensors import safe_open

from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.export import ModelCard
from optuna_codeepneat.export import load_network
from optuna_codeepneat.export import save_network
from optuna_codeepneat.problems import Preprocessing
from optuna_codeepneat.testing import random_architecture
from tests.export.networks import PRESETS
from tests.export.networks import inputs_of
from tests.export.networks import trained


PREPROCESSING = Preprocessing.from_json(
    {
        "format": 1,
        "inputs": {
            "kind": "arrays",
            "shape": [6],
            "layout": "as_is",
            "mean": [1.0] * 6,
            "std": [2.0] * 6,
        },
        "outputs": {"task": "classification", "name": None, "classes": ["a", "b", "c"]},
    }
)
DENSE = PRESETS["dense"].smallest()


@settings(max_examples=15)
@given(preset=st.sampled_from(sorted(PRESETS)), seed=st.integers(0, 99))
def test_a_network_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, preset: str, seed: int
) -> None:
    architecture = random_architecture(PRESETS[preset], seed)
    network = trained(architecture, seed)
    directory = tmp_path_factory.mktemp("there") / "network"
    assert save_network(directory, network, architecture) == {}
    loaded = load_network(directory)
    assert loaded.architecture == architecture
    x = inputs_of(architecture)
    with torch.inference_mode():
        # Up to the order of sums, which may depend on where in memory weights lie.
        torch.testing.assert_close(loaded.network(x), network(x), atol=1e-6, rtol=1e-5)
    assert not loaded.network.training


def test_all_that_is_asked_for_is_written(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    network = trained(DENSE).train()
    card = ModelCard(name="mine", metric="accuracy", score=0.5, task="classification")
    found = save_network(
        tmp_path / "there",
        network,
        DENSE,
        preprocessing=PREPROCESSING,
        card=card,
        diagram="<svg/>",
        formats=["onnx", "torch-export"],
        examples=torch.randn(5, 6),
    )
    assert found.keys() == {"onnx", "torch-export"} and max(found.values()) < 1e-4
    assert network.training  # the network is the caller's
    assert {path.name for path in (tmp_path / "there").iterdir()} == {
        *("README.md", "config.json", "model.safetensors"),
        *("model.onnx", "model.pt2", "network.svg"),
    }
    config = json.loads((tmp_path / "there" / "config.json").read_text())
    assert config["format"] == 1
    assert config["metric"]["score"] == 0.5
    assert config["sizes"]["num_params"] == DENSE.num_params
    assert {"torch", "python"} <= config["versions"].keys()
    with safe_open(tmp_path / "there" / "model.safetensors", "pt") as file:
        assert set(file.keys()) == set(network.state_dict())
    loaded = load_network(tmp_path / "there")
    assert loaded.preprocessing == PREPROCESSING
    [answer] = loaded.predict([[1.0] * 6])
    with torch.inference_mode():
        expected = network.eval()(torch.zeros(1, 6)).softmax(1)
    assert answer["probability"] == pytest.approx(float(expected.max()), abs=1e-6)
    assert answer["class"] == "abc"[int(expected.argmax())]


def test_a_failed_export_writes_nothing(tmp_path: Path) -> None:
    network = trained(DENSE)
    with pytest.raises(ValueError, match="`formats` must be of 'safetensors', .* got 'tflite'"):
        formats: Any = ["tflite"]  # as from a program that no type checker has seen
        save_network(tmp_path / "there", network, DENSE, formats=formats)
    with pytest.raises(ValueError, match="`network` must be what `build_network` made"):
        save_network(tmp_path / "there", network, PRESETS["conv1d"].smallest())
    with torch.no_grad():
        next(network.parameters())[0] = float("nan")
    with pytest.raises(ExportError, match="are not finite"):
        save_network(tmp_path / "there", network, DENSE)
    assert not list(tmp_path.iterdir())
