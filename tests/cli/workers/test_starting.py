"""Processes that load torch are forked from one that has, each bound by itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import pytest

from optuna_codeepneat.cli._workers import _starting
from optuna_codeepneat.cli._workers._bindings import Binding
from optuna_codeepneat.cli._workers._starting import begin


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there they are not forked")


@pytest.fixture(scope="module")
def context() -> Iterator[BaseContext]:
    yield begin()


def in_a_process(context: BaseContext, binding: Binding, what: Any) -> Any:
    with ProcessPoolExecutor(1, mp_context=context, initializer=binding.take) as pool:
        return pool.submit(what).result()


def seen() -> dict[str, Any]:
    was_loaded = "torch" in sys.modules
    import numpy as np
    import torch

    server = Path(f"/proc/{os.getppid()}/status").read_text()
    return {
        "torch was loaded": was_loaded,
        "cuda": torch.cuda.is_initialized(),
        "threads of the server": int(server.partition("Threads:")[2].split()[0]),
        "threads": torch.get_num_threads(),
        "cores": os.sched_getaffinity(0),
        "gpu": os.environ.get("CUDA_VISIBLE_DEVICES"),
        "drawn": float(np.random.random()),
        "server": os.getppid(),
    }


def test_processes_are_forked_and_bound(context: BaseContext) -> None:
    core = max(os.sched_getaffinity(0))
    environment = {"OMP_NUM_THREADS": "3", "CUDA_VISIBLE_DEVICES": "7"}
    binding = Binding(environment=environment, cores=frozenset({core}))
    one, other = (in_a_process(context, own, seen) for own in (binding, Binding()))
    for found in (one, other):
        assert found["torch was loaded"] and not found["cuda"]
        assert found["threads of the server"] == 1
    assert one["server"] == other["server"] != os.getpid()
    assert (one["threads"], one["cores"], one["gpu"]) == (3, {core}, "7")
    assert other["gpu"] == os.environ.get("CUDA_VISIBLE_DEVICES")
    assert other["cores"] == os.sched_getaffinity(0)
    assert one["drawn"] != other["drawn"]


def test_where_processes_cannot_be_forked_they_are_spawned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_starting, "_CAN_FORK", False)
    assert begin().get_start_method() == "spawn"
