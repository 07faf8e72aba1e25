"""Objectives beside the metric: what networks cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optuna_codeepneat import training
from optuna_codeepneat._objectives import LATENCY


if TYPE_CHECKING:
    import torch

    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.training import Latency


class Costs:
    """Sizes of networks, and their latencies, which are measured once for each device.

    Args:
        names:
            Of the objectives.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._latencies: dict[str, Latency] = {}  # each knows the networks that it has measured

    def of(self, architecture: Architecture, device: torch.device | str) -> tuple[float, ...]:
        """The costs of a network that is trained on this device, in the order of their names."""
        return tuple(self._cost(name, architecture, str(device)) for name in self._names)

    def _cost(self, name: str, architecture: Architecture, device: str) -> float:
        if name != LATENCY:
            return float(getattr(architecture, name))
        if device not in self._latencies:
            self._latencies[device] = training.Latency(device=device)
        return self._latencies[device](architecture)
