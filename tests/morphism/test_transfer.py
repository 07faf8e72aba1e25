"""Where weights go, one by one."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from optuna_codeepneat.alignment import INHERITANCES
from optuna_codeepneat.alignment import Inheritance
from optuna_codeepneat.morphism import Transfer
from optuna_codeepneat.morphism._transfer import keep_of
from optuna_codeepneat.morphism._transfer import picked
from optuna_codeepneat.morphism._transfer import placed


def places(most: int) -> st.SearchStrategy[list[int]]:
    """Ancestors of a few units, -1 for new ones."""
    return st.lists(st.integers(-1, most - 1), min_size=1, max_size=6)


def numbers(*shape: int) -> Tensor:
    """No two equal, none zero."""
    return 1.0 + torch.arange(torch.Size(shape).numel(), dtype=torch.float).reshape(shape)


@pytest.mark.parametrize("inheritance", INHERITANCES)
@given(rows=places(4), columns=places(3))
def test_every_weight_has_one_origin(
    inheritance: Inheritance, rows: list[int], columns: list[int]
) -> None:
    """The ancestor's where both ends are known; nothing from new inputs; new rows as they were."""
    fresh, old = -numbers(len(rows), len(columns), 2), numbers(4, 3, 2)
    kept = fresh.clone()
    out = placed(fresh, old, rows, columns, inheritance)
    assert torch.equal(fresh, kept)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            if row < 0:
                expected = fresh[i, j]
            elif column < 0:
                expected = keep_of(inheritance) * fresh[i, j]
            else:
                expected = old[row, column]
            assert torch.equal(out[i, j], expected)


@given(rows=places(4))
def test_statistics_of_old_units_are_copied(rows: list[int]) -> None:
    fresh, old = -numbers(len(rows)), numbers(4)
    out = picked(fresh, old, rows)
    expected = [float(old[row]) if row >= 0 else float(fresh[i]) for i, row in enumerate(rows)]
    assert out.tolist() == expected


def test_a_transfer_places_matrices_and_vectors() -> None:
    transfer = Transfer((0, -1), (-1, 1), (2,), {}, "dense", (1,), {})
    assert transfer.matrix(-numbers(2, 2), numbers(2, 1)).tolist() == [[-1, -2], [2, 0]]
    assert transfer.vector(-numbers(2), numbers(2)).tolist() == [-1, 2]


def test_weights_take_the_precision_of_the_descendant() -> None:
    fresh = torch.zeros(2, 2, dtype=torch.bfloat16)
    assert placed(fresh, numbers(2, 2), [0, 1], [0, 1], "exact").dtype == torch.bfloat16
    assert picked(fresh[0], numbers(2), [0, 1]).dtype == torch.bfloat16


def test_noise_is_small_and_fresh_weights_are_whole() -> None:
    assert keep_of("exact") == 0.0
    assert 0.0 < keep_of("noisy") < 0.1
    assert keep_of("fresh") == 1.0
