"""Architectures become ordinary `torch.nn.Module` objects."""

from optuna_codeepneat.network._network import Network
from optuna_codeepneat.network._network import build_network


__all__ = ["Network", "build_network"]
