"""Where networks are trained unless somebody says where."""

from __future__ import annotations

import inspect
from typing import Any

import pytest


torch = pytest.importorskip("torch")

from optuna_codeepneat.morphism import distil  # noqa: E402
from optuna_codeepneat.problems import Problem  # noqa: E402
from optuna_codeepneat.training import Latency  # noqa: E402
from optuna_codeepneat.training import device_of  # noqa: E402
from optuna_codeepneat.training import fit  # noqa: E402
from optuna_codeepneat.training._devices import is_on  # noqa: E402


def test_a_gpu_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for cuda, mps, expected in ((True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda found=cuda: found)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda found=mps: found)
        assert device_of("auto") == torch.device(expected)
        assert device_of("cuda:1") == torch.device("cuda:1")
        assert device_of(torch.device("cpu")) == torch.device("cpu")


def test_all_that_train_take_what_there_is() -> None:
    for function in (Problem.objective, Problem.train_final, fit, distil, Latency):
        assert inspect.signature(function).parameters["device"].default == "auto"


def test_a_device_that_torch_does_not_know() -> None:
    with pytest.raises(RuntimeError, match="warp"):
        device_of("warp")


def test_a_device_without_a_number_is_any_of_its_kind() -> None:
    class Somewhere:
        device = torch.device("cuda:1")

    here: Any = Somewhere()
    assert is_on(here, "cuda") and is_on(here, "cuda:1")
    assert not is_on(here, "cuda:0") and not is_on(here, "cpu")
    assert is_on(torch.zeros(1), "cpu")
