"""Torch's global random stream, borrowed and given back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int, device: torch.device | str = "cpu") -> Iterator[None]:
    """Runs a block on torch's global random stream, which afterwards is as it was before.

    Initial weights and dropout draw from the global stream and take no generator. Only the
    streams of the CPU and of `device` are touched.

    Args:
        seed:
            Seed for the block.
        device:
            Where the block computes.

    Example:
        >>> import torch
        >>> from optuna_codeepneat.training import seeded
        >>> with seeded(1):
        ...     first = torch.rand(3)
        >>> with seeded(1):
        ...     second = torch.rand(3)
        >>> torch.equal(first, second)
        True
    """
    device = torch.device(device)
    devices = []
    if device.type == "cuda":
        devices = [torch.cuda.current_device() if device.index is None else device.index]
    with torch.random.fork_rng(devices=devices):
        # Not `torch.manual_seed`: it also seeds every accelerator of the machine, for good.
        torch.default_generator.manual_seed(seed)
        for index in devices:
            torch.cuda.default_generators[index].manual_seed(seed)
        yield
