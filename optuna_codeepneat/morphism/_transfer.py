"""`Transfer`: which weights of an ancestor go where, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from optuna_codeepneat.alignment import Inheritance
from optuna_codeepneat.search_space import GeneValues
from optuna_codeepneat.search_space import Shape


Weights: TypeAlias = Mapping[str, Tensor]
"""The tensors of an ancestor's part, by the names that they have in it."""

# Of what fresh weights are, and of a learned scale: small enough to change hardly anything.
_NOISE = 0.02


@dataclass(frozen=True)
class Transfer:
    """How the core of a layer becomes a descendant of another.

    Args:
        inputs:
            For each channel that it reads the ancestor's, -1 for a new one.
        units:
            For each channel that it returns the ancestor's, -1 for a new one.
        shape:
            The shape of what it reads.
        genes:
            Its genes.
        parent_kind:
            The ancestor's layer.
        parent_shape:
            The shape of what the ancestor read.
        parent_genes:
            The ancestor's genes.
        inheritance:
            ``"exact"``: weights of new inputs are zero; ``"noisy"``: nearly; ``"fresh"``: they
            stay as the descendant was initialised.
    """

    inputs: Sequence[int]
    units: Sequence[int]
    shape: Shape
    genes: GeneValues
    parent_kind: str
    parent_shape: Shape
    parent_genes: GeneValues
    inheritance: Inheritance = "exact"

    def matrix(self, fresh: Tensor, old: Tensor) -> Tensor:
        """The weights of a layer: old ones in their places, new rows as they are.

        Args:
            fresh:
                ``(outputs, inputs, ...)``, as the descendant was initialised.
            old:
                The ancestor's, of the same further dimensions.

        Returns:
            Like `fresh`. Rows of the ancestor's units read its inputs with its weights and new
            inputs not at all (in their own manner, where `inheritance` is not exact).
        """
        return placed(fresh, old, self.units, self.inputs, self.inheritance)

    def vector(self, fresh: Tensor, old: Tensor) -> Tensor:
        """The biases or statistics of its outputs: old ones in their places, others as they are.

        Args:
            fresh:
                ``(outputs, ...)``.
            old:
                The ancestor's.
        """
        return picked(fresh, old, self.units)


def picked(fresh: Tensor, old: Tensor, places: Sequence[int]) -> Tensor:
    """Rows of `old` at `places`, and those of `fresh` where a place is -1."""
    index = torch.as_tensor(places, device=fresh.device)
    known = index >= 0
    out = fresh.clone()
    out[known] = old.to(fresh)[index[known]]
    return out


def placed(
    fresh: Tensor,
    old: Tensor,
    rows: Sequence[int],
    columns: Sequence[int],
    inheritance: Inheritance,
) -> Tensor:
    """A matrix with the entries of `old` at known rows and columns; new rows are fresh."""
    device = fresh.device
    row, column = torch.as_tensor(rows, device=device), torch.as_tensor(columns, device=device)
    known_row, known_column = row >= 0, column >= 0
    out = fresh.clone()
    # What the ancestor's outputs do with inputs that it had not.
    out[known_row] *= keep_of(inheritance)
    at = known_row.nonzero(), known_column.nonzero().T
    out[at] = old.to(fresh)[row[known_row][:, None], column[known_column][None]]
    return out


def keep_of(inheritance: Inheritance) -> float:
    """How much of its initial value a weight keeps that the ancestor did not have."""
    return {"exact": 0.0, "noisy": _NOISE, "fresh": 1.0}[inheritance]
