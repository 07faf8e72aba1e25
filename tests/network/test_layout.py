from __future__ import annotations

import pytest
import torch

from optuna_codeepneat.network._layout import as_image
from optuna_codeepneat.network._layout import channels_last


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 1, 4, 5), (2, 3, 1, 5), (1, 3, 4, 5)])
def test_channels_are_last_in_memory(shape: tuple[int, ...]) -> None:
    x = torch.randn(shape)
    y = channels_last(x)
    assert torch.equal(x, y)
    assert y.is_contiguous(memory_format=torch.channels_last)
    assert y.stride(1) == 1
    assert y.stride(3) == shape[1]


def test_what_lies_so_already_is_not_copied() -> None:
    x = channels_last(torch.randn(2, 3, 4, 5))
    assert channels_last(x).data_ptr() == x.data_ptr()
    one_channel = torch.randn(2, 1, 4, 5)
    assert channels_last(one_channel).data_ptr() == one_channel.data_ptr()


def test_a_sequence_becomes_an_image_of_height_1() -> None:
    x = torch.randn(2, 3, 7)
    assert as_image(x).shape == (2, 3, 1, 7)
    assert torch.equal(as_image(x).squeeze(2), x)


def test_vectors_and_tokens_stay_as_they_are() -> None:
    x = torch.randn(2, 3)
    assert as_image(x) is x
