from __future__ import annotations

import math

import pytest

from optuna_codeepneat.training import cross_entropy


torch = pytest.importorskip("torch")


def test_cross_entropy_of_an_undecided_network() -> None:
    loss = cross_entropy(torch.zeros(5, 4), torch.tensor([0, 1, 2, 3, 0]))

    assert float(loss) == pytest.approx(math.log(4))


def test_label_smoothing_makes_certainty_costly() -> None:
    outputs, targets = 50.0 * torch.eye(3), torch.arange(3)

    assert float(cross_entropy(outputs, targets)) == pytest.approx(0.0, abs=1e-6)
    assert float(cross_entropy(outputs, targets, 0.3)) == pytest.approx(0.3 * 50 * 2 / 3)
