"""What an exported network is tried on."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch
from torch import nn

from optuna_codeepneat import training
from optuna_codeepneat.exceptions import ExportError


if TYPE_CHECKING:
    from optuna_codeepneat.search_space import Architecture

MOST_DIFFERENCE = 1e-4
"""Between the outputs of a network and of what was exported, as `difference` has it."""

_N_RANDOM = 16
_MOST = 256


def frozen_copy(network: nn.Module) -> nn.Module:
    """The network on the CPU, as it predicts and is not trained."""
    return copy.deepcopy(network).cpu().eval().requires_grad_(False)


def tried_on(architecture: Architecture, examples: torch.Tensor | None) -> torch.Tensor:
    """The inputs to compare on: two at least, those that are given or random ones.

    They have the types that networks read, which the exported files ask for ever after.

    Raises:
        ValueError: If the network can't read those that are given.
    """
    tokens = architecture.vocab_size
    shape = architecture.input_shape if tokens is None else architecture.input_shape[1:]
    if examples is None:
        with training.seeded(0):
            if tokens is not None:
                return torch.randint(tokens, (_N_RANDOM, *shape))
            return torch.randn(_N_RANDOM, *shape)
    if examples.shape[1:] != shape or len(examples) == 0:
        raise ValueError(
            f"`examples` must be inputs of shape (examples, {', '.join(map(str, shape))}), got "
            f"{tuple(examples.shape)}."
        )
    kind = torch.get_default_dtype() if tokens is None else torch.long
    examples = examples[:_MOST].detach().cpu().to(kind)
    return examples if len(examples) > 1 else examples.repeat(2, *(1,) * len(shape))


def difference(outputs: torch.Tensor, expected: torch.Tensor) -> float:
    """The largest difference, as a share of the largest output where that is more than 1."""
    scale = max(1.0, float(expected.abs().max()))
    return float((outputs - expected).abs().max()) / scale


def check(what: str, found: float) -> float:
    """The difference.

    Raises:
        ExportError: If it is too large.
    """
    if not found <= MOST_DIFFERENCE:  # NaN is not
        raise ExportError(
            f"the {what} computes something else than the network: outputs differ by up to "
            f"{found:.1e}, more than {MOST_DIFFERENCE:.0e}."
        )
    return found
