"""Networks with several times the channels."""

from __future__ import annotations

from typing import Any

import pytest
from optuna.distributions import CategoricalDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import widened
from optuna_codeepneat.search_space._widening import _in_steps


SPACE = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10, max_params=5_000)


def network(*widths: int) -> Any:
    chained = [
        Node(str(i), "conv1d", (str(i - 1),) if i else ("in",), {"width": width})  # type: ignore[arg-type]
        for i, width in enumerate(widths)
    ]
    return SPACE.architecture([Node("0", "A"), Node("1", "A", ["0"])], {"A": chained})


def widths(architecture: Any) -> list[int]:
    return [node.genes["width"] for node in architecture.modules["A"].nodes]


def test_every_width_is_multiplied() -> None:
    narrow = network(8, 11)
    wide = widened(narrow, SPACE, 2.0)
    assert widths(wide) == [16, 22]
    assert widths(narrow) == [8, 11]
    assert wide.innovation_ids == narrow.innovation_ids
    assert widened(narrow, SPACE, 1.0) == narrow
    assert widths(widened(narrow, SPACE, 1.5)) == [12, 17]


def test_neither_ranges_nor_caps_hold_it_back() -> None:
    wide = widened(network(10, 12), SPACE, 10.0)
    assert widths(wide) == [100, 120]
    assert SPACE.excess(wide) is not None


def test_widths_grow_in_the_steps_of_their_range() -> None:
    assert _in_steps(IntDistribution(8, 64, step=8), 16, 1.8) == 32
    assert _in_steps(IntDistribution(8, 64, step=8), 64, 2.0) == 128
    choices = CategoricalDistribution((16, 32, 64))
    assert [_in_steps(choices, 16, factor) for factor in (1.5, 2.2, 3.9, 9.0)] == [16, 32, 64, 144]
    assert _in_steps(None, 7, 1.5) == 10


def test_a_network_gets_no_narrower() -> None:
    for factor in (0.5, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="`factor` must be a finite number from 1"):
            widened(network(8), SPACE, factor)
