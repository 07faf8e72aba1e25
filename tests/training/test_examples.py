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


def test_tokens_are_integers_where_they_are_asked_for() -> None:
    tokens = np.array([[3, 1]], dtype=np.int32)
    examples = Examples.from_arrays(tokens, np.array([0.5]), tokens=True)

    assert examples.inputs.dtype == torch.long
    assert examples.targets.dtype == torch.float32
    with pytest.raises(ValueError, match="`inputs` must be whole numbers where `tokens` is set"):
        Examples.from_arrays(tokens / 2, [0.5], tokens=True)


@pytest.mark.parametrize(
    "dtype", ["bool", "u1", "u2", "u8", "i1", "i4", ">i2", "f2", "f4", ">f8", "longdouble"]
)
def test_numbers_of_any_type_become_float32(dtype: str) -> None:
    examples = Examples.from_arrays(np.array([[0, 1], [1, 1]], dtype=dtype), [0, 1])

    assert examples.inputs.dtype == torch.float32
    assert examples.inputs.tolist() == [[0.0, 1.0], [1.0, 1.0]]
    assert examples.targets.dtype == torch.long


def test_lists_and_tensors_are_arrays_too() -> None:
    lists = Examples.from_arrays([[1, 2], [3, 4]], (True, False))
    assert lists.inputs.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert lists.targets.tolist() == [1, 0]

    tensor = torch.ones(2, 3, dtype=torch.uint8, requires_grad=False)
    examples = Examples.from_arrays(tensor, torch.ones(2))
    tensor[:] = 0
    assert examples.inputs.tolist() == [[1.0] * 3] * 2


class Frame:
    """As in a data frame, brackets name a column, and not a row."""

    def __init__(self, rows: list[list[object]]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: object) -> object:
        raise KeyError(name)

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        return np.array(self.rows, dtype=object)


def test_data_frames_are_arrays_too() -> None:
    examples = Examples.from_arrays(Frame([[1, 0.5], [True, np.float32(2)]]), [0, 1])

    assert examples.inputs.dtype == torch.float32
    assert examples.inputs.tolist() == [[1.0, 0.5], [1.0, 2.0]]
    assert Examples.from_arrays([[1.0]], Frame([[np.int64(3)]])).targets.tolist() == [[3]]
    with pytest.raises(ValueError, match="`inputs` must be a tensor, got Frame; `Examples.from_"):
        Examples(Frame([[1.0]]), torch.zeros(1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (np.array(["cat", "dog"]), "`inputs` must hold numbers, got <U3 such as 'cat'"),
        (np.array([1j, 2]), "`inputs` must hold numbers, got complex128"),
        (torch.tensor([1j, 2]), "`inputs` must hold real numbers, got torch.complex64"),
        (Frame([[1, "a"], [2, None]]), "numbers alone, but example 0 holds 'a'; turn categories"),
        (Frame([[1, 2], [2, None]]), "numbers alone, but example 1 holds None; turn categories"),
        ([[1, 2], [3]], "`inputs` must hold examples of one shape, got sequences of different"),
    ],
)
def test_what_is_no_numbers(inputs: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Examples.from_arrays(inputs, [0, 1])


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
