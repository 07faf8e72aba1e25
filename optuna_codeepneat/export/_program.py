"""`export_program`: a network as PyTorch's own exported program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from optuna_codeepneat.export._examples import check
from optuna_codeepneat.export._examples import difference
from optuna_codeepneat.export._examples import frozen_copy
from optuna_codeepneat.export._examples import tried_on


if TYPE_CHECKING:
    from optuna_codeepneat.search_space import Architecture


def export_program(
    network: nn.Module,
    architecture: Architecture,
    path: str | Path,
    *,
    examples: torch.Tensor | None = None,
) -> float:
    """Writes a network as a file of `torch.export`, for batches of any size, and tries it.

    ``torch.export.load(path).module()`` runs it without this package.

    Args:
        network:
            The network.
        architecture:
            What it was made from.
        path:
            The file.
        examples:
            Inputs ``(examples, *input_shape)`` on which it is compared with the network; random
            ones by default.

    Returns:
        The largest difference of their outputs, see `export_onnx`.

    Raises:
        ExportError: If that is more than 1e-4.
    """
    inputs, frozen = tried_on(architecture, examples), frozen_copy(network)
    program = program_of(frozen, inputs[:2])
    torch.export.save(program, path)
    loaded = torch.export.load(path).module()
    with torch.inference_mode():
        found = difference(loaded(inputs), frozen(inputs))
    return check("exported program", found)


def program_of(frozen: nn.Module, example: torch.Tensor) -> torch.export.ExportedProgram:
    """The graph of a network, for batches of any size."""
    batch = torch.export.Dim("batch", min=1)
    with torch.no_grad():
        return torch.export.export(frozen, (example,), dynamic_shapes=({0: batch},), strict=False)
