from __future__ import annotations

import pytest

from optuna_codeepneat.training import seeded


torch = pytest.importorskip("torch")


def test_a_block_depends_on_its_seed_alone() -> None:
    with seeded(1):
        first = torch.rand(4)
    torch.rand(3)
    with seeded(1):
        again = torch.rand(4)
    with seeded(2):
        other = torch.rand(4)

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_callers_stream_goes_on_as_if_nothing_had_been() -> None:
    torch.manual_seed(7)
    expected = torch.rand(4)

    torch.manual_seed(7)
    with seeded(1):
        torch.rand(100)
    assert torch.equal(torch.rand(4), expected)

    torch.manual_seed(7)
    with pytest.raises(RuntimeError, match="inside"), seeded(1):
        torch.rand(100)
        raise RuntimeError("inside")
    assert torch.equal(torch.rand(4), expected)
