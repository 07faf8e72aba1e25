"""A trained network as a directory that others can use: weights, preprocessing, model card.

`save_network` writes one, `load_network` reads it, `retrain` trains what was read on new examples,
`export_onnx` and `export_program` write what other programs run. Nothing is pickled, and reading a
directory runs nothing that stands in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat._lazy import lazy_names
from optuna_codeepneat.export._card import ModelCard
from optuna_codeepneat.export._files import check_replaceable as check_replaceable


if TYPE_CHECKING:
    from optuna_codeepneat.export._load import LoadedNetwork
    from optuna_codeepneat.export._load import load_network
    from optuna_codeepneat.export._onnx import export_onnx
    from optuna_codeepneat.export._program import export_program
    from optuna_codeepneat.export._retrain import recipe_for as recipe_for
    from optuna_codeepneat.export._retrain import retrain
    from optuna_codeepneat.export._save import save_network

__all__ = [
    "LoadedNetwork",
    "ModelCard",
    "export_onnx",
    "export_program",
    "load_network",
    "retrain",
    "save_network",
]

_HOMES = {
    "LoadedNetwork": f"{__name__}._load",
    "export_onnx": f"{__name__}._onnx",
    "export_program": f"{__name__}._program",
    "load_network": f"{__name__}._load",
    "recipe_for": f"{__name__}._retrain",
    "retrain": f"{__name__}._retrain",
    "save_network": f"{__name__}._save",
}


__getattr__, __dir__ = lazy_names(globals(), _HOMES)
