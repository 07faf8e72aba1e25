"""Edits that change the function: what is inherited all the same, and said of it."""

from __future__ import annotations

from dataclasses import replace

import torch

from optuna_codeepneat import build_network
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.training import seeded
from tests.morphism.edits import PLAIN
from tests.morphism.edits import TOLERANCE
from tests.morphism.edits import inherited
from tests.morphism.edits import network
from tests.morphism.edits import node
from tests.morphism.networks import difference
from tests.morphism.networks import trained


def test_a_layer_that_is_no_identity_is_said_to_be_none() -> None:
    ends = [
        node("a", "conv1d", width=8, activation="elu", residual=False),
        node("b", "conv1d", "a", width=8),
    ]
    for genes in ({"activation": "relu"}, {"norm": "batch"}, {"activation": "selu"}):
        new = node("n", "conv1d", "a", width=8, **{**PLAIN, **genes})
        deeper = network([ends[0], new, replace(ends[1], inputs=("n",))])
        report = inherited(trained(network(ends)), deeper)[1]
        assert not report.exact
        assert report.plan.steps[1].change == "deepened"


def test_a_sum_of_equal_widths_cannot_be_joined_exactly() -> None:
    before = [
        node("a", "conv1d", width=8),
        node("b", "conv1d", "a", width=8),
        node("c", "conv1d", "b", width=8),
    ]
    after = [*before[:2], replace(before[2], inputs=("a", "b"), merge="sum")]
    report = inherited(trained(network(before)), network(after))[1]
    assert not report.exact
    assert [step.operation for step in report.plan.steps if not step.exact] == ["0.2.merge"]


def test_a_dense_convolution_becomes_the_nearest_separable_one() -> None:
    def of(kind: str) -> Architecture:
        return network([node("a", "conv1d", width=8), node("b", kind, "a", width=9, kernel=3)])

    before = trained(of("conv1d"))
    heir, report = inherited(before, of("separable_conv1d"))
    assert not report.exact
    near = difference(before, heir, train=True)
    far = []
    for seed in range(8):
        with seeded(seed):
            fresh = build_network(of("separable_conv1d")).state_dict()
        fresh = {n: tensor for n, tensor in fresh.items() if n.startswith("parts.0_1.core")}
        heir.load_state_dict({**heir.state_dict(), **fresh})
        far.append(difference(before, heir, train=True))
    assert near < min(far)
    assert near < 0.7 * sum(far) / len(far)


def test_what_is_taken_out_is_as_near_as_can_be() -> None:
    layers = [
        node("a", "conv1d", width=12),
        node("b", "conv1d", "a", width=12),
        node("c", "conv1d", "b", width=12),
    ]
    before = trained(network(layers), steps=60)
    removed = network([layers[0], replace(layers[2], inputs=("a",))])
    narrow = network([layers[0], node("b", "conv1d", "a", width=8), layers[2]])
    for after, lost in ((removed, ("0.1",)), (narrow, ())):
        heir, report = inherited(before, after)
        assert not report.exact
        assert report.plan.lost == lost
        assert report.share > 0.8
        near = difference(before, heir, train=True)
        with seeded(7):
            fresh = difference(before, build_network(after), train=True)
        assert 0 < near < fresh


def test_the_units_that_matter_are_kept() -> None:
    def wide(width: int) -> Architecture:
        return network(
            [
                node("a", "conv1d", width=width, **PLAIN),
                node("b", "conv1d", "a", width=8, residual=False),
            ]
        )

    before = trained(wide(12))
    nothing = [0, 3, 7, 9]
    with torch.no_grad():
        core = before.parts["0_0"].core
        core.weight[nothing] = 0.0
        core.bias[nothing] = 0.0
        before.parts["0_1"].core.weight[:, nothing] = 0.0
    heir, report = inherited(before, wide(8))
    assert report.plan.changes["pruned"] == 1
    assert 0 not in report.plan.steps[0].units
    assert difference(before, heir, train=True) <= TOLERANCE


def test_noise_changes_little_and_fresh_weights_much() -> None:
    def wide(width: int, *more: Node) -> Architecture:
        return network([node("a", "conv1d", width=width), node("b", "conv1d", "a"), *more])

    before = trained(wide(8))
    child = wide(12, node("c", "conv1d", "b", residual=True))
    differences = {
        how: difference(before, inherited(before, child, inheritance=how)[0], train=False)
        for how in ("exact", "noisy", "fresh")
    }
    assert differences["exact"] <= TOLERANCE < 0.05 * differences["noisy"]
    assert differences["noisy"] < 0.3 * differences["fresh"]


def test_another_layer_of_that_name_is_fresh() -> None:
    before = trained(network([node("a", "conv1d", width=8), node("b", "conv1d", "a", width=8)]))
    after = network([node("a", "lstm", width=8), node("b", "conv1d", "a", width=8)])
    report = inherited(before, after)[1]
    assert [step.change for step in report.plan.steps] == ["fresh", "copied", "copied"]
