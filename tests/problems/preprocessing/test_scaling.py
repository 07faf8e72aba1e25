"""Means and deviations, whatever type the numbers have."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_codeepneat.problems._preprocessing import scaling_of


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32", "float64"])
def test_channel_by_channel(dtype: str) -> None:
    values = np.random.default_rng(0).integers(0, 256, (50, 3, 4, 5)).astype(dtype)
    values[:, 2] = 7

    mean, std = scaling_of(values, 1)

    assert mean == pytest.approx(values.astype(float).mean((0, 2, 3)))
    assert std[:2] == pytest.approx(values[:, :2].astype(float).std((0, 2, 3)))
    assert std[2] == 1.0  # it becomes 0, and no NaN
