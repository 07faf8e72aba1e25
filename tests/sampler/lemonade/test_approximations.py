"""Approximate morphisms: smaller networks of the space, and other ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.sampler._lemonade._operators import APPROXIMATE
from optuna_codeepneat.search_space import Architecture
from tests.sampler.lemonade.networks import applied
from tests.sampler.lemonade.networks import changed
from tests.sampler.lemonade.networks import check_network
from tests.sampler.lemonade.networks import random_network
from tests.search_space.spaces import PRESETS


@pytest.mark.parametrize("operator", APPROXIMATE)
@given(name=st.sampled_from(sorted(PRESETS)), seed=st.integers(0, 10_000))
def test_child_is_in_the_space_and_keeps_some_weights(operator: str, name: str, seed: int) -> None:
    space = PRESETS[name]
    parent = random_network(space, seed)
    child = applied(APPROXIMATE[operator], parent, (seed, operator), space)
    if not changed(child, parent):
        return
    check_network(child, space)
    old, new = parent.architecture(space), child.architecture(space)
    n_before, n_after = (sum(len(m.nodes) for m in n.modules.values()) for n in (parent, child))
    if operator in ("remove_node", "disconnect"):
        assert n_after <= n_before
        # Merges may become more: who was read only there is read by the output now.
        assert _n_layers(new) <= _n_layers(old)
    else:
        assert n_after == n_before
        assert plan(old, new).share > 0


def _n_layers(architecture: Architecture) -> int:
    return sum(op.slot is not None and len(op.inputs) == 1 for op in architecture.operations)


def test_pruning_leaves_a_half_or_three_quarters() -> None:
    space = PRESETS["dense"]
    shares = set()
    for seed in range(100):
        parent = random_network(space, seed)
        child = APPROXIMATE["narrow"](parent, rng_for(seed), space)
        for slot, module in child.modules.items():
            for new, old in zip(module.nodes, parent.modules[slot].nodes, strict=True):
                width = old.genes["width"]
                if new != old and width >= 16:
                    assert new.genes["width"] in (int(width * 0.5), int(width * 0.75))
                    shares.add(round(4 * new.genes["width"] / width))
    assert shares == {2, 3}


def test_convolution_becomes_separable_with_the_genes_that_both_have() -> None:
    space = PRESETS["conv2d"]
    seen = 0
    for seed in range(40):
        parent = random_network(space, seed)
        child = APPROXIMATE["separate"](parent, rng_for(seed), space)
        for slot, module in child.modules.items():
            for new, old in zip(module.nodes, parent.modules[slot].nodes, strict=True):
                if new != old:
                    assert (old.kind, new.kind) == ("conv2d", "separable_conv2d")
                    assert new.genes == old.genes
                    seen += 1
    assert seen > 20
