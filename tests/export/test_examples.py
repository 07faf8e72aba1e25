from __future__ import annotations

import math

import pytest
import torch

from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.export._examples import check
from optuna_codeepneat.export._examples import difference
from optuna_codeepneat.export._examples import tried_on
from optuna_codeepneat.testing import random_architecture
from tests.export.networks import PRESETS
from tests.export.networks import inputs_of


def test_large_outputs_may_differ_by_more() -> None:
    large = torch.tensor([[1000.0, -2000.0]])
    assert difference(large + 0.1, large) == pytest.approx(0.1 / 2000, rel=1e-2)
    assert difference(torch.tensor([0.5]), torch.tensor([0.25])) == 0.25


def test_what_is_not_a_number_differs() -> None:
    assert check("file", 1e-5) == 1e-5
    for found in (2e-4, math.nan, math.inf):
        with pytest.raises(ExportError, match="the file computes something else"):
            check("file", found)


def test_there_are_always_two() -> None:
    dense, text = PRESETS["dense"].smallest(), PRESETS["text"].smallest()
    assert tried_on(dense, torch.zeros(1, 6)).shape == (2, 6)
    assert tried_on(dense, torch.zeros(999, 6)).shape == (256, 6)
    assert tried_on(dense, None).shape == (16, 6)
    tokens = tried_on(text, None)
    assert tokens.dtype == torch.int64
    assert 0 <= int(tokens.min()) and int(tokens.max()) < 9
    before = torch.random.get_rng_state()
    tried_on(dense, None)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("preset", "given", "read"),
    [("dense", torch.float64, torch.float32), ("text", torch.int32, torch.int64)],
)
def test_examples_have_the_types_that_networks_read(
    preset: str, given: torch.dtype, read: torch.dtype
) -> None:
    architecture = random_architecture(PRESETS[preset], 0)
    examples = inputs_of(architecture, 3, seed=1)
    found = tried_on(architecture, examples.to(given))
    assert found.dtype == read
    assert torch.equal(found, examples)
