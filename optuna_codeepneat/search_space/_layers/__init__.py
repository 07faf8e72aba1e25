"""The built-in layers: each file registers its own."""

from optuna_codeepneat.search_space._layers import _convolution
from optuna_codeepneat.search_space._layers import _pointwise
from optuna_codeepneat.search_space._layers import _recurrent
from optuna_codeepneat.search_space._layers._convolution import kernel_sizes
from optuna_codeepneat.search_space._layers._convolution import taps


__all__ = [
    "_convolution",
    "_pointwise",
    "_recurrent",
    "kernel_sizes",
    "taps",
]
