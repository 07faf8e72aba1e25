from __future__ import annotations

import numpy as np
import pytest

from optuna_codeepneat.training import Examples


torch = pytest.importorskip("torch")


def test_arrays_become_tensors_of_the_usual_types() -> None:
    inputs = np.arange(6.0).reshape(3, 2)

    examples = Examples.from_arrays(inputs, np.array([0, 1, 2], dtype=np.uint8))
    inputs[:] = -1.0  # no memory is shared

    assert examples.inputs.dtype == torch.float32
    assert examples.targets.dtype == torch.long
    assert examples.inputs.flatten().tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_tokens_stay_integers() -> None:
    examples = Examples.from_arrays(np.array([[3, 1]], dtype=np.int32), np.array([0.5]))

    assert examples.inputs.dtype == torch.long
    assert examples.targets.dtype == torch.float32


def test_take_and_add() -> None:
    examples = Examples(torch.arange(4.0), torch.arange(4))

    both = examples.take([3, 1]) + examples.take([0])

    assert both.inputs.tolist() == [3.0, 1.0, 0.0]
    assert both.targets.tolist() == [3, 1, 0]
    assert len(both) == 3


def test_moving_to_where_they_are_copies_nothing() -> None:
    examples = Examples(torch.arange(4.0), torch.arange(4))

    assert examples.to("cpu") is examples


def test_wrong_examples() -> None:
    with pytest.raises(ValueError, match="of the same length, got 2 and 3"):
        Examples(torch.zeros(2), torch.zeros(3))
    with pytest.raises(ValueError, match="at least one example"):
        Examples(torch.zeros(0, 3), torch.zeros(0))
    with pytest.raises(ValueError, match="dimension of examples"):
        Examples(torch.tensor(1.0), torch.tensor(1))
    with pytest.raises(ValueError, match="one device, got cpu and meta"):
        Examples(torch.zeros(2), torch.zeros(2, device="meta"))
