"""Architectures become ordinary `torch.nn.Module` objects."""

from optuna_codeepneat.network._attention import SelfAttention as SelfAttention
from optuna_codeepneat.network._cell import Cell as Cell
from optuna_codeepneat.network._cell import Residual as Residual
from optuna_codeepneat.network._ends import Head as Head
from optuna_codeepneat.network._layout import as_image as as_image
from optuna_codeepneat.network._merges import Merge as Merge
from optuna_codeepneat.network._network import Network
from optuna_codeepneat.network._network import build_network
from optuna_codeepneat.network._network import part_name as part_name
from optuna_codeepneat.network._parts import Conv as Conv
from optuna_codeepneat.network._parts import SeparableConv as SeparableConv
from optuna_codeepneat.network._squeeze_excitation import SqueezeExcitation as SqueezeExcitation


__all__ = ["Network", "build_network"]
