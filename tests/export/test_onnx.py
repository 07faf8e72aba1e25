"""A network computes the same where ONNX Runtime runs it."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from optuna.distributions import IntDistribution

from optuna_codeepneat import SearchSpace
from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.export import _onnx
from optuna_codeepneat.export import export_onnx
from optuna_codeepneat.network._parts import AdaptiveMaxPool
from optuna_codeepneat.testing import random_architecture
from tests.export.networks import PRESETS
from tests.export.networks import inputs_of
from tests.export.networks import trained


pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")

# Each has all the layers and merges of its preset, or most of them.
TELLING = {
    "conv1d": 2,
    "conv2d": 3,
    "sequence": 20,
    "text": 16,
    "masked": 2518,
    "dense": 10,
    "wikidetox": 5,
    "chest_xray": 51,
    "cifar10": 56,
    "lemonade": 5,
}
MORE = [(preset, seed) for preset in PRESETS for seed in range(6)]


def assert_is_the_same(space: SearchSpace, seed: int, folder: Path) -> None:
    architecture = random_architecture(space, seed)
    network, path = trained(architecture), folder / "model.onnx"
    assert export_onnx(network, architecture, path) < 1e-4
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for n in (1, 3):  # sizes of batches that the export has not seen
        x = inputs_of(architecture, n, seed=7)
        [outputs] = session.run(["output"], {"input": x.numpy()})
        with torch.inference_mode():
            np.testing.assert_allclose(outputs, network(x).numpy(), atol=1e-4)


@pytest.mark.parametrize(("preset", "seed"), TELLING.items())
def test_networks_of_every_preset(preset: str, seed: int, tmp_path: Path) -> None:
    assert_is_the_same(PRESETS[preset], seed, tmp_path)


@pytest.mark.long
@pytest.mark.soak
@pytest.mark.parametrize(("preset", "seed"), MORE)
def test_more_networks_of_every_preset(preset: str, seed: int, tmp_path: Path) -> None:
    assert_is_the_same(PRESETS[preset], seed, tmp_path)


def test_pools_with_windows_of_different_sizes(tmp_path: Path) -> None:
    layer = {"stride": IntDistribution(1, 3), "kernel": 3, "width": 3}
    space = SearchSpace(layers={"conv2d": layer}, input_shape=(1, 11, 8), num_outputs=2)
    seed = next(
        seed
        for seed in range(100)
        if any(
            isinstance(part, AdaptiveMaxPool)
            for part in trained(random_architecture(space, seed)).modules()
        )
    )
    assert_is_the_same(space, seed, tmp_path)


# -- what goes wrong -------------------------------------------------------------------------

SPACE = PRESETS["dense"]
ARCHITECTURE = SPACE.smallest()


def test_a_file_that_computes_something_else_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = trained(ARCHITECTURE)
    other = trained(ARCHITECTURE, seed=1)
    monkeypatch.setattr(_onnx, "program_of", lambda frozen, x: _onnx_program(other, x))
    with pytest.raises(ExportError, match="the ONNX file computes something else than the net"):
        export_onnx(network, ARCHITECTURE, tmp_path / "model.onnx")


_onnx_program = _onnx.program_of


def test_what_torch_cannot_export_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no ONNX function\nfound")

    monkeypatch.setattr(torch.onnx, "export", fails)
    with pytest.raises(ExportError, match=r"can't be exported to ONNX: no ONNX function found\."):
        export_onnx(trained(ARCHITECTURE), ARCHITECTURE, tmp_path / "model.onnx")
    assert logging.getLogger("torch.onnx").level == logging.NOTSET


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(ImportError, match=r"ONNX needs .* optuna-codeepneat\[onnx\]"):
        export_onnx(trained(ARCHITECTURE), ARCHITECTURE, tmp_path / "model.onnx")


def test_examples_have_to_be_inputs(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"`examples` must be inputs of shape \(examples, 6\)"):
        export_onnx(
            trained(ARCHITECTURE), ARCHITECTURE, tmp_path / "x.onnx", examples=torch.zeros(2, 5)
        )
