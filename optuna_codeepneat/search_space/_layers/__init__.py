"""The built-in layers: each file registers its own."""

from optuna_codeepneat.search_space._layers import _attention
from optuna_codeepneat.search_space._layers import _convolution
from optuna_codeepneat.search_space._layers import _pointwise
from optuna_codeepneat.search_space._layers import _recurrent
from optuna_codeepneat.search_space._layers import _squeeze_excitation
from optuna_codeepneat.search_space._layers._convolution import kernel_sizes
from optuna_codeepneat.search_space._layers._convolution import taps
from optuna_codeepneat.search_space._layers._squeeze_excitation import squeezed


__all__ = [
    "_attention",
    "_convolution",
    "_pointwise",
    "_recurrent",
    "_squeeze_excitation",
    "kernel_sizes",
    "squeezed",
    "taps",
]
