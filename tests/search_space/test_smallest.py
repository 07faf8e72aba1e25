from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.search_space import SearchSpace
from tests.search_space.spaces import PRESETS
from tests.search_space.spaces import architectures
from tests.search_space.spaces import spaces


@pytest.mark.parametrize(
    ("cap", "noun"), [("max_params", "parameters"), ("max_macs", "multiply-adds")]
)
@pytest.mark.parametrize("preset", PRESETS)
def test_caps_that_nothing_meets_are_refused(preset: str, cap: str, noun: str) -> None:
    known = PRESETS[preset]
    size = "num_params" if cap == "max_params" else "macs"
    least = getattr(known.smallest(size), size)
    arguments: dict[str, Any] = {
        "layers": known.layers,
        "input_shape": known.input_shape,
        "num_outputs": known.num_outputs,
        "vocab_size": known.vocab_size,
    }
    if least:
        assert SearchSpace(**arguments, **{cap: least})
        with pytest.raises(
            ValueError, match=f"no network meets the caps; even the smallest.*{noun}, over `{cap}`"
        ):
            SearchSpace(**arguments, **{cap: least - 1})


@pytest.mark.parametrize("size", ["num_params", "macs"])
def test_a_pooling_leaves_fewer_positions_to_read(size: Any) -> None:
    space = SearchSpace(
        layers=("dropout",), input_shape=(1, 1, 2), num_outputs=1, global_pools=("flatten",)
    )
    assert space.smallest(size).num_params == 2


@given(space=spaces(), data=st.data())
def test_no_single_layer_is_smaller_than_the_smallest(space: Any, data: Any) -> None:
    assume("test_upsample" not in space.layers)  # smaller values of its gene are not smaller
    architecture = data.draw(architectures(space))
    assert space.smallest().num_params <= architecture.num_params
    assert space.smallest("macs").macs <= architecture.macs
    space.decode(space.encode(space.smallest()))


# -- identity --------------------------------------------------------------------------------
