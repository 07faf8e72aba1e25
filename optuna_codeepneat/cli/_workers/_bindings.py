"""What a worker process may use of this machine: its GPU, its cores."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from glob import glob

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import RunOptions


_VISIBLE = "CUDA_VISIBLE_DEVICES"
_THREADS = "OMP_NUM_THREADS"
# Of NVIDIA, of its boards with the memory of the CPU, of AMD, of Windows below Linux.
_GPU_FILES = ("/dev/nvidia*", "/dev/nvhost*", "/dev/nvmap", "/dev/kfd", "/dev/dxg")


@dataclass(frozen=True, kw_only=True)
class Binding:
    """What one process may use.

    Args:
        device:
            Where it trains, as the process itself names it.
        environment:
            Variables that are set before its libraries are loaded.
        cores:
            The cores that it is bound to, None for all.
    """

    device: str = "cpu"
    environment: Mapping[str, str] = field(default_factory=dict)
    cores: frozenset[int] | None = None

    def take(self) -> None:
        """Binds this process, which may have been forked from one that is not bound.

        CUDA looks for its variables when it is first used; torch and NumPy, which may be loaded,
        are told: all that is forked from one process would draw the same numbers.
        """
        os.environ.update(self.environment)
        if self.cores is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, self.cores)
        if "torch" in sys.modules and _THREADS in self.environment:
            sys.modules["torch"].set_num_threads(int(self.environment[_THREADS]))
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed()

    @contextmanager
    def inherited(self) -> Iterator[None]:
        """A process that is started in this stretch is bound from its first line on."""
        before = {name: os.environ.get(name) for name in self.environment}
        bind = self.cores is not None and hasattr(os, "sched_setaffinity")
        cores = os.sched_getaffinity(0) if bind else set()
        os.environ.update(self.environment)
        try:
            if bind:
                assert self.cores is not None
                os.sched_setaffinity(0, self.cores)
            yield
        finally:
            if bind:
                os.sched_setaffinity(0, cores)
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def usable_cores() -> list[int]:
    """The cores that this process may use."""
    try:
        return sorted(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return list(range(os.cpu_count() or 1))


def bindings(
    devices: Sequence[str],
    *,
    n_workers: int,
    cores: Sequence[int],
    visible: str | None,
    most_threads: int | None = None,
) -> list[Binding]:
    """Shares devices and cores among processes.

    A process sees its own GPU alone. On CPUs each is bound to its share of the cores; where there
    are more processes than devices or cores, they share them in turn.

    Args:
        devices:
            What `find_devices` found.
        n_workers:
            Processes.
        cores:
            The cores of all of them.
        visible:
            ``CUDA_VISIBLE_DEVICES`` of this process, None if it is not set: numbers or names such
            as Slurm sets them. Torch counts its entries from 0.
        most_threads:
            Threads that a process computes with at most; otherwise as many as it has cores.

    Returns:
        A binding for each process.
    """
    names = None if visible is None else [name.strip() for name in visible.split(",")]
    found = []
    for i in range(n_workers):
        device = devices[i % len(devices)]
        share = _share(cores, i, n_workers)
        environment = {_THREADS: str(min(len(share), most_threads or len(share)))}
        if device.startswith("cuda:"):
            gpu = int(device.removeprefix("cuda:"))
            environment[_VISIBLE] = str(gpu) if names is None else names[gpu]
            device = "cuda:0"
        bound = frozenset(share) if device == "cpu" else None
        found.append(Binding(device=device, environment=environment, cores=bound))
    return found


def bind_workers(options: RunOptions, cores: Sequence[int] | None = None) -> list[Binding]:
    """The bindings that a command line asks for.

    Args:
        options:
            The command line. By default there is a process for each core, or each GPU.
        cores:
            The cores, by default those that this process may use.

    Raises:
        CommandError: If the device is not there.
    """
    devices = find_devices(options.device)
    on_cpu = devices == ["cpu"]
    if on_cpu and options.workers_per_gpu is not None:
        raise CommandError("`--workers-per-gpu` needs a GPU, but torch finds none here.")
    cores = usable_cores() if cores is None else cores
    per_gpu = options.workers_per_gpu or 1
    n_by_default = len(cores) if on_cpu else len(devices) * per_gpu
    # In a container with a share of the CPU time, only whoever started it knows how large it is.
    threads = os.environ.get(_THREADS, "")
    return bindings(
        devices,
        n_workers=options.workers or n_by_default,
        cores=cores,
        visible=os.environ.get(_VISIBLE),
        most_threads=int(threads) if threads.isdecimal() else None,
    )


def find_devices(device: str) -> list[str]:
    """The devices that a name stands for, each of which is there."""
    if device == "cpu" or (device == "auto" and not _may_have_gpu()):
        return ["cpu"]
    import torch

    from optuna_codeepneat.training import device_of

    if device == "auto":
        device = device_of(device).type
    try:
        kind, index = torch.device(device).type, torch.device(device).index
    except RuntimeError:
        kind, index = "", None
    if kind == "cuda":
        n = torch.cuda.device_count()
        if index is None and n > 0:
            return [f"cuda:{i}" for i in range(n)]
        if index is not None and index < n:
            return [device]
        there = f"{n} CUDA device{'s' * (n != 1)}" if n else "no CUDA device"
        raise CommandError(f"the device {device!r} isn't there: torch finds {there}.")
    if kind == "cpu":
        return ["cpu"]
    if kind == "mps" and torch.backends.mps.is_available():
        return [device]
    if kind == "mps":
        raise CommandError(f"the device {device!r} isn't there: torch finds no such device.")
    raise CommandError(f"`--device` must be auto, cpu, cuda, cuda:0 or mps, got {device!r}.", 2)


def in_words(bindings: Sequence[Binding]) -> str:
    """Where networks are trained, in one line."""
    n = len(bindings)
    processes = "1 process" if n == 1 else f"{n} processes"
    gpus = {binding.environment.get(_VISIBLE) for binding in bindings} - {None}
    if bindings[0].device == "cpu":
        where = "the CPU"
    elif gpus:
        where = "1 GPU" if len(gpus) == 1 else f"{len(gpus)} GPUs"
    else:
        where = f"the device {bindings[0].device}"
    return f"Networks are trained on {where}, in {processes}."


def _may_have_gpu() -> bool:
    """Whether torch has to be loaded, for seconds, to know; on Linux a driver leaves its files."""
    return sys.platform != "linux" or any(glob(pattern) for pattern in _GPU_FILES)


def _share(cores: Sequence[int], i: int, n: int) -> list[int]:
    """The cores of the i-th of n processes, neighbours beside each other."""
    if n > len(cores):
        return [cores[i % len(cores)]]
    return list(cores[i * len(cores) // n : (i + 1) * len(cores) // n])
