"""`inherit`: a network takes over the weights of an ancestor."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from optuna_codeepneat.alignment import Plan
from optuna_codeepneat.morphism._report import Report
from optuna_codeepneat.network import Network


def inherit(
    network: Network,
    weights: Mapping[str, Tensor],
    plan: Plan,
    *,
    mode: str = "exact",
    seed: int = 0,
) -> Report:
    """Gives a network the weights of an ancestor."""
    raise NotImplementedError
