from __future__ import annotations

from dataclasses import replace

import pytest

from optuna_codeepneat import SearchSpace
from optuna_codeepneat import build_network
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.morphism import inherit
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space._genes import Value
from optuna_codeepneat.search_space._shapes import GLOBAL_POOLS
from tests.morphism.edits import CHANNELWISE
from tests.morphism.edits import IMAGES
from tests.morphism.edits import PLAIN
from tests.morphism.edits import RECURRENT
from tests.morphism.edits import SPACE
from tests.morphism.edits import VECTORS
from tests.morphism.edits import check_exact
from tests.morphism.edits import network
from tests.morphism.edits import node
from tests.morphism.networks import sequence_space


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("kind", [*CHANNELWISE, *RECURRENT, "self_attention"])
def test_a_wider_layer(kind: str, residual: bool) -> None:
    def wide(width: int) -> Architecture:
        return network(
            [
                node("a", kind, width=width, residual=residual),
                node("b", kind, "a", width=10, residual=residual),
            ]
        )

    report = check_exact(wide(8), wide(13))
    assert [step.change for step in report.plan.steps] == ["widened", "copied", "copied"]
    assert 0.4 < report.share < 1.0


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_a_wider_layer_of_images(norm: str) -> None:
    def wide(width: int, kernel: int) -> Architecture:
        return network(
            [
                node("a", "conv2d", width=width, kernel=kernel, norm=norm),
                node("b", "separable_conv2d", "a", width=9, norm=norm, kernel=kernel),
            ],
            blueprint=[Node("x", "A", genes={"pool": True}), Node("y", "A", ("x",))],  # type: ignore[arg-type]
            space=IMAGES,
        )

    assert check_exact(wide(8, 3), wide(11, 5)).plan.changes["widened"] == 4


def test_a_wider_layer_of_vectors() -> None:
    def wide(width: int, residual: bool) -> Architecture:
        return network(
            [
                node("a", "dense", width=width, residual=residual),
                node("b", "dense", "a", width=11, norm="none", activation="selu"),
            ],
            space=VECTORS,
        )

    for residual in (False, True):
        check_exact(wide(8, residual), wide(12, residual))


def test_a_second_direction() -> None:
    def directed(both: bool) -> Architecture:
        return network(
            [node("a", "lstm", width=8, bidirectional=both), node("b", "gru", "a", width=8)]
        )

    assert check_exact(directed(False), directed(True)).plan.steps[0].change == "widened"


@pytest.mark.parametrize(("heads", "head_size"), [(3, 8), (2, 12), (5, 16)])
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_more_and_larger_heads(norm: str, heads: int, head_size: int) -> None:
    def attending(heads: int, head_size: int, width: int) -> Architecture:
        genes = {"heads": heads, "head_size": head_size, "norm": norm}
        return network(
            [
                node("a", "self_attention", width=width, residual=False, **genes),
                node("b", "self_attention", "a", width=9, **genes),
            ]
        )

    report = check_exact(attending(2, 8, 8), attending(heads, head_size, 11))
    assert [step.change for step in report.plan.steps] == ["widened", "widened", "copied"]
    assert not plan(attending(heads, head_size, 8), attending(2, 8, 8)).exact


@pytest.mark.parametrize(
    ("kind", "space"), [("conv1d", SPACE), ("conv2d", IMAGES), ("dense", VECTORS)]
)
def test_squeeze_and_excitation_follows_what_it_reads(kind: str, space: SearchSpace) -> None:
    def scaled(width: int, reduction: int) -> Architecture:
        scale = node("s", "squeeze_excitation", "a", reduction=reduction)
        ends = [node("a", kind, width=width), node("b", kind, "s", width=8)]
        return network([ends[0], scale, ends[1]], space=space)

    report = check_exact(scaled(8, 4), scaled(11, 4))
    assert [step.change for step in report.plan.steps[:3]] == ["widened", "widened", "copied"]
    assert check_exact(scaled(8, 4), scaled(8, 2)).plan.steps[1].change == "widened"
    fewer = plan(scaled(8, 2), scaled(8, 4))
    assert (fewer.exact, fewer.steps[1].change) == (False, "pruned")


def test_squeeze_and_excitation_begins_as_the_identity() -> None:
    ends = [node("a", "conv1d", width=8), node("b", "conv1d", "a", width=8)]
    new = node("n", "squeeze_excitation", "a")
    report = check_exact(network(ends), network([ends[0], new, replace(ends[1], inputs=("n",))]))
    assert report.plan.steps[1].change == "deepened"


@pytest.mark.parametrize("kind", CHANNELWISE)
@pytest.mark.parametrize(("kernel", "dilation"), [(5, 1), (7, 1), (5, 2), (7, 2)])
def test_a_larger_kernel(kind: str, kernel: int, dilation: int) -> None:
    def kerneled(kernel: int, dilation: int) -> Architecture:
        return network([node("a", kind, kernel=kernel, dilation=dilation, width=8)])

    check_exact(kerneled(3, dilation), kerneled(kernel, dilation))


def test_a_larger_kernel_that_reads_where_a_dilated_one_did() -> None:
    parent = network([node("a", "conv1d", kernel=3, dilation=2, width=8)])
    child = network([node("a", "conv1d", kernel=5, dilation=1, width=8)])
    check_exact(parent, child)


@pytest.mark.parametrize("width", [8, 12])
@pytest.mark.parametrize("kind", [*CHANNELWISE, "gru", "lstm", "self_attention"])
def test_a_residual_layer_between_others(kind: str, width: int) -> None:
    ends = [node("a", "conv1d", width=8), node("b", "conv1d", "a", width=8)]
    genes: dict[str, Value] = {"width": width, "residual": True}
    if kind in RECURRENT:
        genes |= {"bidirectional": False}
    deeper = [ends[0], node("n", kind, "a", **genes), replace(ends[1], inputs=("n",))]
    report = check_exact(network(ends), network(deeper))
    assert [step.change for step in report.plan.steps][1] == "deepened"


@pytest.mark.parametrize("kind", CHANNELWISE)
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_a_plain_layer_begins_as_the_identity(kind: str, activation: str) -> None:
    ends = [
        node("a", "conv1d", width=8, activation="relu", residual=False),
        node("b", "conv1d", "a", width=8),
    ]
    new = node("n", kind, "a", width=9, **{**PLAIN, "activation": activation})
    check_exact(network(ends), network([ends[0], new, replace(ends[1], inputs=("n",))]))


@pytest.mark.parametrize("merge", ["concat", "scaled_sum", "convex", "sum"])
@pytest.mark.parametrize("first", [False, True])
def test_a_connection_is_added(merge: str, first: bool) -> None:
    # A plain sum can be exact only where the new summand is narrower and so projected.
    widths = (8, 12) if merge == "sum" else (12, 12)
    before = [
        node("a", "conv1d", width=widths[0]),
        node("b", "conv1d", "a", width=widths[1]),
        node("c", "conv1d", "b", width=8),
    ]
    inputs = ("in", "b") if first else ("a", "b")
    after = [*before[:2], replace(before[2], inputs=inputs, merge=merge)]
    report = check_exact(network(before), network(after))
    assert report.plan.changes["joined"] == 1


@pytest.mark.parametrize("merge", ["concat", "sum", "scaled_sum", "convex"])
def test_what_a_merge_reads_may_grow(merge: str) -> None:
    def joined(a: int, b: int, c: int) -> Architecture:
        return network(
            [
                node("a", "conv1d", width=a),
                node("b", "conv1d", "a", width=b),
                node("c", "conv1d", "a", "b", merge=merge, width=c),
            ]
        )

    check_exact(joined(8, 12, 8), joined(10, 12, 11))
    check_exact(joined(8, 12, 8), joined(8, 15, 8))


def test_a_third_summand() -> None:
    layers = [
        node("a", "conv1d", width=8),
        node("b", "conv1d", width=8),
        node("c", "conv1d", width=8),
    ]

    space = sequence_space(max_inputs=3)
    for merge in ("scaled_sum", "convex", "concat"):
        two = [*layers, node("d", "conv1d", "a", "c", merge=merge)]
        three = [*layers, node("d", "conv1d", "a", "b", "c", merge=merge)]
        # b ends in the output of the parent: the module's own merge is another matter.
        before = network(two, space=space, merge="concat")
        after = network(three, space=space)
        aligned = plan(before, after)
        assert [s.exact for s in aligned.steps if s.operation == "0.3.merge"] == [True]


@pytest.mark.parametrize(("old", "new"), [("sum", "scaled_sum"), ("convex", "scaled_sum")])
def test_a_sum_becomes_one_that_can_do_more(old: str, new: str) -> None:
    def summed(merge: str) -> Architecture:
        return network(
            [
                node("a", "conv1d", width=8),
                node("b", "conv1d", "a", width=8),
                node("c", "conv1d", "a", "b", merge=merge, width=8),
            ]
        )

    check_exact(summed(old), summed(new))
    assert not plan(summed(new), summed(old)).exact


def test_both_poolings_in_front_of_the_output() -> None:
    def pooled(pool: str) -> Architecture:
        return network([node("a", "conv1d", width=8)], pool=pool)

    for pool in ("mean", "max"):
        check_exact(pooled(pool), pooled("mean+max"))
        assert not plan(pooled("mean+max"), pooled(pool)).exact


def test_every_position_in_front_of_the_output() -> None:
    def flattened(width: int) -> Architecture:
        return network([node("a", "conv1d", width=width)], pool="flatten")

    def pooled(pool: str) -> Architecture:
        return network([node("a", "conv1d", width=8)], pool=pool)

    check_exact(flattened(8), flattened(11))
    check_exact(pooled("mean"), flattened(11))
    assert not plan(pooled("max"), flattened(8)).exact
    assert not plan(flattened(8), pooled("mean")).exact


def test_a_separable_convolution_becomes_a_dense_one() -> None:
    def of(kind: str, space: SearchSpace, layer: str) -> Architecture:
        layers = [node("a", layer, width=8), node("b", kind, "a", width=9, kernel=3)]
        return network(layers, space=space)

    for space, rank in ((SPACE, "1d"), (IMAGES, "2d")):
        separable, dense = (
            of(f"{name}{rank}", space, f"conv{rank}") for name in ("separable_conv", "conv")
        )
        check_exact(separable, dense)


def test_a_blueprint_grows_and_its_modules_part() -> None:
    layers = [node("a", "conv1d", width=8), node("b", "conv1d", "a", width=8)]
    before = network(layers, blueprint=[Node("x", "A"), Node("y", "A", ("x",))])
    parted = network(layers, blueprint=[Node("x", "A"), Node("y", "B", ("x",))], B=[*layers])
    assert check_exact(before, parted).share == 1.0
    deeper = network(
        layers,
        blueprint=[Node("x", "A"), Node("n", "B", ("x",)), Node("y", "A", ("n",))],
        B=[node("q", "gru", width=8, residual=True, bidirectional=False)],
    )
    check_exact(before, deeper)
    skipped = network(
        layers, blueprint=[Node("x", "A"), Node("y", "A", ("in", "x"), merge="concat")]
    )
    check_exact(before, skipped)


def test_shared_weights() -> None:
    space = sequence_space(weight_sharing=True)

    def shared(width: int, *more: Node) -> Architecture:
        layers = [node("a", "conv1d", width=8), node("b", "conv1d", "a", width=width), *more]
        blueprint = [Node("x", "A"), Node("y", "A", ("x",)), Node("z", "A", ("y",))]
        return network(layers, blueprint=blueprint, space=space)

    def one(width: int) -> Architecture:
        return shared(width, node("c", "conv1d", "b", width=8))

    report = check_exact(one(8), one(12))
    assert report.share < 1.0
    deeper = shared(
        8, node("n", "conv1d", "b", width=8, residual=True), node("c", "conv1d", "n", width=8)
    )
    check_exact(one(8), deeper)
    # Weights of its own for each place are a matter of copying.
    free = network(
        [
            node("a", "conv1d", width=8),
            node("b", "conv1d", "a", width=8),
            node("c", "conv1d", "b", width=8),
        ],
        blueprint=[Node("x", "A"), Node("y", "A", ("x",)), Node("z", "A", ("y",))],
    )
    check_exact(one(8), free)
    assert not plan(free, one(8)).exact


def test_a_new_place_of_a_shared_module_passes_on() -> None:
    space = sequence_space(weight_sharing=True)
    layers = [node("a", "conv1d", width=8, residual=True)]

    def places(*blueprint: Node) -> Architecture:
        return network(layers, blueprint=blueprint, space=space, B=[node("s", "conv1d", width=8)])

    before = places(Node("s", "B"), Node("y", "A", ("s",)))
    after = places(Node("s", "B"), Node("n", "A", ("s",)), Node("y", "A", ("n",)))
    report = check_exact(before, after)
    assert report.plan.inherited == before.num_params


def test_text() -> None:
    space = sequence_space(vocab_size=11)

    def wide(width: int) -> Architecture:
        return network([node("a", "conv1d", width=width)], space=space)

    check_exact(wide(8), wide(10))


def test_a_mean_over_texts_is_no_sum_over_positions() -> None:
    """Of another length each, where padding is left out."""
    for padding_index, is_exact in ((None, True), (0, False)):
        space = sequence_space(
            vocab_size=11, padding_index=padding_index, global_pools=GLOBAL_POOLS
        )

        def pooled(pool: str, space: SearchSpace = space) -> Architecture:
            graph = Graph((Node("0", "A"),), genes=Genes({"head.pool": pool}))
            return space.architecture(graph, {"A": [node("a", "conv1d", width=4)]}, strict=False)

        assert plan(pooled("mean"), pooled("flatten")).exact == is_exact


def test_networks_that_leave_padding_out_are_no_heirs_of_those_that_do_not() -> None:
    one, other = (sequence_space(vocab_size=11, padding_index=index) for index in (None, 0))
    with pytest.raises(ValueError, match="their `padding_index` is 0 and None"):
        plan(other.smallest(), one.smallest())


def test_weights_of_another_network_are_refused() -> None:
    parent, child = (network([node("a", "conv1d", width=width)]) for width in (8, 10))
    aligned = plan(parent, child)
    with pytest.raises(ValueError, match="do not fit the plan at operation '0.0'"):
        inherit(build_network(child), {}, aligned)
    with pytest.raises(ValueError, match="`inheritance` must be one of exact, noisy, fresh"):
        inherit(build_network(child), {}, aligned, inheritance="some")  # type: ignore[arg-type]
