"""The devices that a name stands for."""

from __future__ import annotations

import pytest

from optuna_codeepneat.cli._app import _devices
from optuna_codeepneat.cli._errors import CommandError


torch = pytest.importorskip("torch")


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.mark.parametrize(
    ("name", "devices"),
    [("cpu", ["cpu"]), ("cuda", ["cuda:0", "cuda:1"]), ("cuda:1", ["cuda:1"])],
)
def test_devices(two_gpus: None, name: str, devices: list[str]) -> None:
    assert _devices(name) == devices


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cuda:2", "the device 'cuda:2' isn't there: torch finds 2 CUDA devices"),
        ("meta", "`--device` must be cpu, cuda"),
        ("warp", "`--device` must be cpu, cuda"),
    ],
)
def test_wrong_devices(two_gpus: None, name: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        _devices(name)


def test_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    for name in ("cuda", "cuda:0"):
        with pytest.raises(CommandError, match=f"'{name}' isn't there: torch finds no CUDA"):
            _devices(name)
