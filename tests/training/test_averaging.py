"""Predictions that are averaged over changed copies of each example."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import predict
from optuna_codeepneat.training import predict_averaged
from optuna_codeepneat.training import seeded


NOTHING = Augmentation()


def network() -> nn.Module:
    with seeded(0):
        return nn.Sequential(nn.Flatten(), nn.Linear(6, 3))


def inputs() -> torch.Tensor:
    return torch.randn(7, 1, 6, generator=torch.Generator().manual_seed(0))


def test_equal_copies_say_what_the_network_says() -> None:
    plain = predict(network(), inputs())
    classes = predict_averaged(network(), inputs(), NOTHING, copies=3)
    assert torch.allclose(classes.softmax(1), plain.softmax(1), atol=1e-6)
    labels = predict_averaged(network(), inputs(), NOTHING, copies=3, meaning="labels")
    assert torch.allclose(labels, plain, atol=1e-4)
    numbers = predict_averaged(network(), inputs(), NOTHING, copies=3, meaning="numbers")
    assert torch.allclose(numbers, plain, atol=1e-5)


def test_probabilities_are_averaged_and_not_logits() -> None:
    """One copy is sure of the one class, the other a little less so of the other one."""

    class Fickle(nn.Module):
        calls = 0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            sure = torch.tensor([9.0, 0.0]) if self.calls == 1 else torch.tensor([0.0, 3.0])
            return sure.expand(len(x), 2)

    found = predict_averaged(Fickle(), inputs(), NOTHING, copies=2)
    of_first = torch.tensor([9.0, 0.0]).softmax(0) + torch.tensor([0.0, 3.0]).softmax(0)
    assert torch.allclose(found.softmax(1)[0], of_first / 2, atol=1e-6)


def test_sure_labels_stay_finite() -> None:
    class Sure(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.full((len(x), 2), 500.0)

    for meaning in ("classes", "labels"):
        found = predict_averaged(Sure(), inputs(), NOTHING, copies=2, meaning=meaning)  # type: ignore[arg-type]
        assert bool(found.isfinite().all())


def test_copies_differ_by_the_seed_alone() -> None:
    augmentation = Augmentation(noise=0.5)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first = predict_averaged(network(), inputs(), augmentation, copies=2, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    again = predict_averaged(network(), inputs(), augmentation, copies=2, seed=1)
    other = predict_averaged(network(), inputs(), augmentation, copies=2, seed=2)
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert not torch.allclose(first.softmax(1), predict(network(), inputs()).softmax(1))


def test_there_must_be_copies() -> None:
    with pytest.raises(ValueError, match="`copies` must be a whole number from 1, got 0"):
        predict_averaged(network(), inputs(), NOTHING, copies=0)
