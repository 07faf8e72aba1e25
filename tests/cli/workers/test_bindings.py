"""Which process uses what of a machine, and the devices that a name stands for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import RunOptions
from optuna_codeepneat.cli._workers import _bindings
from optuna_codeepneat.cli._workers._bindings import Binding
from optuna_codeepneat.cli._workers._bindings import bind_workers
from optuna_codeepneat.cli._workers._bindings import bindings
from optuna_codeepneat.cli._workers._bindings import find_devices
from optuna_codeepneat.cli._workers._bindings import in_words


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.mark.parametrize(
    ("name", "devices"),
    [("cpu", ["cpu"]), ("cuda", ["cuda:0", "cuda:1"]), ("cuda:1", ["cuda:1"])],
)
def test_devices(two_gpus: None, name: str, devices: list[str]) -> None:
    assert find_devices(name) == devices


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cuda:2", "the device 'cuda:2' isn't there: torch finds 2 CUDA devices"),
        ("meta", "`--device` must be auto, cpu, cuda"),
        ("warp", "`--device` must be auto, cpu, cuda"),
    ],
)
def test_wrong_devices(two_gpus: None, name: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        find_devices(name)


def test_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    for name in ("cuda", "cuda:0"):
        with pytest.raises(CommandError, match=f"'{name}' isn't there: torch finds no CUDA"):
            find_devices(name)


def test_auto_is_a_gpu_where_there_is_one(monkeypatch: pytest.MonkeyPatch, two_gpus: None) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(_bindings, "_GPU_FILES", (__file__,))
    assert find_devices("auto") == ["cuda:0", "cuda:1"]
    options = RunOptions(workers_per_gpu=2)
    assert len(bind_workers(options, cores=range(6))) == 4
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert find_devices("auto") == ["mps"]
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert find_devices("auto") == ["cpu"]
    with pytest.raises(CommandError, match="`--workers-per-gpu` needs a GPU, but torch finds no"):
        bind_workers(options)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for files of drivers")
def test_no_torch_to_find_no_gpu(tmp_path: Path) -> None:
    code = (
        "import sys; from optuna_codeepneat.cli._workers import _bindings; "
        f"_bindings._GPU_FILES = ({str(tmp_path / 'none')!r},); "
        "print(_bindings.find_devices('auto'), 'torch' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert out == "['cpu'] False\n"


@pytest.mark.parametrize(
    ("devices", "n", "words"),
    [
        (["cpu"], 1, "the CPU, in 1 process."),
        (["cpu"], 3, "the CPU, in 3 processes."),
        (["cuda:0", "cuda:1"], 4, "2 GPUs, in 4 processes."),
        (["cuda:1"], 1, "1 GPU, in 1 process."),
        (["mps"], 2, "the device mps, in 2 processes."),
    ],
)
def test_where_networks_are_trained_in_words(devices: list[str], n: int, words: str) -> None:
    found = bindings(devices, n_workers=n, cores=range(4), visible=None)
    assert in_words(found) == f"Networks are trained on {words}"


# -- shares ------------------------------------------------------------------------------------

GPUS = ["cuda:0", "cuda:1"]


@pytest.mark.parametrize(
    ("n_workers", "cores", "shares"),
    [
        (1, [0, 1, 2], [{0, 1, 2}]),
        (2, [0, 1, 2, 3], [{0, 1}, {2, 3}]),
        (2, [4, 6, 9, 12, 13], [{4, 6}, {9, 12, 13}]),
        (3, [0, 1, 2], [{0}, {1}, {2}]),
        (5, [2, 7], [{2}, {7}, {2}, {7}, {2}]),
    ],
)
def test_cores_are_shared(n_workers: int, cores: list[int], shares: list[set[int]]) -> None:
    found = bindings(["cpu"], n_workers=n_workers, cores=cores, visible=None)
    assert [binding.cores for binding in found] == shares
    for binding, share in zip(found, shares, strict=True):
        assert binding.device == "cpu"
        assert binding.environment == {"OMP_NUM_THREADS": str(len(share))}


@pytest.mark.parametrize(
    ("devices", "visible", "seen"),
    [
        (GPUS, None, ["0", "1", "0", "1"]),
        (["cuda:1"], None, ["1", "1", "1", "1"]),
        (GPUS, "2,3", ["2", "3", "2", "3"]),
        (["cuda:1"], "2, 3", ["3", "3", "3", "3"]),
        (GPUS, "GPU-8932f937,MIG-2b6c", ["GPU-8932f937", "MIG-2b6c"] * 2),
    ],
)
def test_each_process_sees_its_gpu_alone(
    devices: list[str], visible: str | None, seen: list[str]
) -> None:
    found = bindings(devices, n_workers=4, cores=range(8), visible=visible)
    assert [binding.environment["CUDA_VISIBLE_DEVICES"] for binding in found] == seen
    for binding in found:
        assert binding.device == "cuda:0"
        assert binding.environment["OMP_NUM_THREADS"] == "2"
        assert binding.cores is None


def test_number_of_workers(two_gpus: None) -> None:
    def count(device: str, n_workers: int | None = None, per_gpu: int | None = None) -> int:
        options = RunOptions(device=device, workers=n_workers, workers_per_gpu=per_gpu)
        return len(bind_workers(options, cores=range(6)))

    assert count("cpu") == 6
    assert count("cpu", 3) == 3
    assert count("cuda") == 2
    assert count("cuda:1") == 1
    assert count("cuda", per_gpu=3) == 6
    assert count("cuda", 5) == 5


def test_threads_that_were_set_are_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    for threads, expected in (("2", "2"), ("16", "4"), ("4,2", "4")):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        [binding] = bind_workers(RunOptions(workers=1), cores=range(4))
        assert binding.environment == {"OMP_NUM_THREADS": expected}


@pytest.mark.parametrize(
    ("device", "n_workers", "sentence"),
    [("cuda", 2, "either `--workers` or `--workers-per-gpu`"), ("cpu", None, "needs `--device")],
)
def test_contradictory_numbers(device: str, n_workers: int | None, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as caught:
        RunOptions(device=device, workers=n_workers, workers_per_gpu=2)
    assert caught.value.status == 2


@pytest.mark.skipif(sys.platform != "linux", reason="binds to cores")
def test_a_process_is_bound_from_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    before = os.sched_getaffinity(0)
    core = max(before)
    environment = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "3"}
    code = (
        "import os; print(os.sched_getaffinity(0),"
        " os.environ['OMP_NUM_THREADS'], os.environ['CUDA_VISIBLE_DEVICES'])"
    )
    with Binding(environment=environment, cores=frozenset({core})).inherited():
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert out == f"{{{core}}} 1 3\n"
    assert os.sched_getaffinity(0) == before
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
