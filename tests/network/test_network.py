from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.attention import SDPBackend
from torch.nn.attention import sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from optuna_codeepneat.exceptions import NetworkError
from optuna_codeepneat.network import build_network
from optuna_codeepneat.network._masked import Masked
from optuna_codeepneat.network._network import part_name
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import register_layer
from optuna_codeepneat.testing import random_architecture
from tests.network.texts import with_padding
from tests.search_space.spaces import GATED
from tests.search_space.spaces import PRESETS
from tests.search_space.spaces import spaces_and_architectures


BATCH = 2


def batch(architecture: Architecture, size: int = BATCH) -> Tensor:
    shape, vocab_size = architecture.input_shape, architecture.vocab_size
    if vocab_size is not None:
        tokens = torch.randint(vocab_size, (size, *shape[1:]))
        return with_padding(tokens, architecture.padding_index)
    return torch.randn(size, *shape)


def shape_of(out: Tensor | Masked) -> tuple[int, ...]:
    return tuple((out.tensor if isinstance(out, Masked) else out).shape)


def flops(network: torch.nn.Module, x: Tensor) -> int:
    # The fused kernels of an LSTM and of attention on a CPU hide what they compute.
    plain = torch.backends.mkldnn.flags(enabled=False), sdpa_kernel(SDPBackend.MATH)
    with plain[0], plain[1], FlopCounterMode(display=False) as counter:
        network(x)
    return counter.get_total_flops()


@pytest.mark.filterwarnings("ignore:TF32 acceleration")
@given(drawn=spaces_and_architectures(), seed=st.integers(0, 99))
def test_any_network_trains_and_has_exactly_the_sizes_that_were_inferred(
    drawn: Any, seed: int
) -> None:
    torch.manual_seed(seed)
    _, architecture = drawn
    network = build_network(architecture)
    x = batch(architecture)
    shapes: dict[str, tuple[int, ...]] = {}
    for name, part in network.parts.items():
        part.register_forward_hook(
            lambda part, inputs, out, name=name: shapes.update({name: shape_of(out)})
        )

    assert sum(p.numel() for p in network.parameters()) == architecture.num_params
    assert flops(network, x) == 2 * BATCH * architecture.macs
    for operation in architecture.operations:
        name = part_name(operation.name)
        if name in shapes:  # operations that do nothing have no part
            channels, *sizes = operation.shape
            sizes = [1, *sizes] if len(sizes) == 1 else sizes
            assert shapes[name] == (BATCH, channels, *sizes)
        else:
            assert operation.num_params == operation.macs == 0

    optimizer = torch.optim.SGD(network.parameter_groups(1e-4), lr=1e-3)
    out = network(x)
    assert out.shape == (BATCH, architecture.num_outputs)
    out.square().mean().backward()
    optimizer.step()
    assert all(p.grad is not None for p in network.parameters())
    assert all(p.isfinite().all() for p in network.parameters())
    assert network(x).isfinite().all()
    network.eval()
    assert network(batch(architecture, 1)).isfinite().all()


# -- what one may do with a network ----------------------------------------------------------


def typical(preset: str) -> Architecture:
    """A small network with all layers of a preset, a pool and all merges."""
    space = PRESETS[preset]
    layers = list(space.layers)
    module = [
        Node(str(i), layer, (str(i - 1),) if i else ("in",)) for i, layer in enumerate(layers)
    ]
    module.append(Node("last", layers[0], ("in", "0"), merge="sum"))
    graph = Graph(tuple(module), "scaled_sum" if len(module) > 2 else None)
    genes = Genes({gene: True for gene in space.blueprint_genes})
    nodes = [
        Node("0", "A", genes=genes),
        Node("1", "B", ("in", "0"), merge="concat"),
        Node("2", "B", ("0", "1"), merge="convex"),
    ]
    return space.architecture(nodes, {"A": graph, "B": [Node("0", layers[0])]}, strict=False)


@pytest.mark.parametrize(
    ("preset", "backend"),
    [
        *(("conv1d", "aot_eager"), ("conv2d", "eager"), ("text", "eager")),
        *(("dense", "aot_eager"), ("shared", "aot_eager"), ("attention", "eager")),
        ("masked", "eager"),
    ],
)
def test_compile(preset: str, backend: str) -> None:
    architecture = typical(preset)
    network, x = build_network(architecture), batch(architecture)
    torch.compiler.reset()
    compiled = torch.compile(network, fullgraph=True, backend=backend)
    results = []
    for function in (compiled, network):
        torch.manual_seed(0)  # for dropout
        out = function(x)
        gradients = torch.autograd.grad(out.square().sum(), list(network.parameters()))
        results.append((out, *gradients))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)


def test_an_lstm_that_reads_the_input_is_trained_in_a_graph() -> None:
    """PyTorch 2.13 fuses it and then fails, if it is not told otherwise."""
    space = SearchSpace(layers={"lstm": {"width": 3}}, input_shape=(2, 2), num_outputs=1)
    network, x = build_network(space.smallest()), torch.randn(3, 2, 2)
    torch.compiler.reset()
    torch.compile(network, fullgraph=True, backend="aot_eager")(x).sum().backward()
    compiled = [p.grad for p in network.parameters()]
    network.zero_grad()
    network(x).sum().backward()
    for parameter, gradient in zip(network.parameters(), compiled, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)


@pytest.mark.parametrize(
    "preset", ["conv1d", "conv2d", "text", "dense", "shared", "attention", "masked"]
)
def test_export_for_any_size_of_batch(preset: str) -> None:
    architecture = typical(preset)
    network = build_network(architecture).eval()
    size = torch.export.Dim("batch", min=2, max=1000)
    program = torch.export.export(network, (batch(architecture, 3),), dynamic_shapes=({0: size},))
    x = batch(architecture, 7)
    torch.testing.assert_close(program.module()(x), network(x))


def test_export_to_onnx(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    runtime = pytest.importorskip("onnxruntime")
    architecture = typical("attention")  # with convolutions
    network, x = build_network(architecture).eval(), batch(architecture)
    torch.onnx.export(network, (x,), tmp_path / "network.onnx", dynamo=True)
    session = runtime.InferenceSession(tmp_path / "network.onnx")
    (name,) = (value.name for value in session.get_inputs())
    (out,) = session.run(None, {name: x.numpy()})
    torch.testing.assert_close(torch.from_numpy(out), network(x), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("preset", PRESETS)
def test_bfloat16(preset: str) -> None:
    architecture = typical(preset)
    network, x = build_network(architecture).to(torch.bfloat16), batch(architecture)
    out = network(x.to(torch.bfloat16) if x.is_floating_point() else x)
    assert out.dtype == torch.bfloat16
    out.sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


@pytest.mark.parametrize("preset", PRESETS)
def test_copies_and_weights_travel(preset: str) -> None:
    architecture = typical(preset)
    network, x = build_network(architecture).eval(), batch(architecture)
    other = build_network(architecture).eval()
    other.load_state_dict(network.state_dict())
    copied = copy.deepcopy(network)
    for twin in (other, copied, pickle.loads(pickle.dumps(network))):
        assert torch.equal(twin(x), network(x))
    for parameter in copied.parameters():
        parameter.data.zero_()
    assert torch.equal(other(x), network(x))


def test_the_same_seed_gives_the_same_weights() -> None:
    def weights(seed: int) -> dict[str, Tensor]:
        torch.manual_seed(seed)
        return build_network(typical("conv2d")).state_dict()

    one, same, other = weights(1), weights(1), weights(2)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_batches_of_any_layout_give_the_same() -> None:
    network = build_network(typical("conv2d")).eval()
    x = batch(typical("conv2d"))
    torch.testing.assert_close(network(x.to(memory_format=torch.channels_last)), network(x))
    torch.testing.assert_close(network(x[:1]), network(x)[:1])


# -- parts -----------------------------------------------------------------------------------


def test_parts_are_named_after_operations_and_identities_are_left_out() -> None:
    space = SearchSpace(
        layers=["identity", "dropout", "conv1d"], input_shape=(3, 8), num_outputs=2, vocab_size=5
    )
    architecture = space.architecture(
        [Node("0", "A", genes=Genes(pool=True)), Node("1", "B", ("0",))],
        {
            "A": [Node("0", "identity"), Node("1", "conv1d", ("0",))],
            "B": [Node("0", "dropout", genes=Genes(dropout=0.0))],
        },
    )
    network = build_network(architecture)
    assert list(network.parts) == ["input", "0_1", "0_pool", "out"]
    names = {name.split(".")[1] for name, _ in network.named_parameters()}
    assert names == {"input", "0_1", "out"}
    assert network(batch(architecture)).shape == (BATCH, 2)


def test_a_part_can_be_exchanged() -> None:
    network = build_network(typical("dense"))
    network.parts["out"] = torch.nn.Identity()
    assert network(torch.randn(3, 6)).shape[1] > 4


def test_repr() -> None:
    text = repr(build_network(typical("conv1d")))
    assert f"{typical('conv1d').num_params:,} parameters" in text
    assert "(0_0): Cell(\n      conv1d: 2x23 -> 16x23" in text
    assert "separable_conv1d: 16x23 -> 16x23" in text


def test_weight_decay_goes_to_weights_by_their_genes() -> None:
    space = SearchSpace(layers=["dense"], input_shape=(6,), num_outputs=4)

    def dense(weight_decay: float) -> list[Node]:
        genes = Genes(width=5, norm="none", residual=True, weight_decay=weight_decay)
        return [Node("0", "dense", genes=genes)]

    blueprint = [Node(str(i), "ABC"[i], (str(i - 1),) if i else ("in",)) for i in range(3)]
    modules = {"A": dense(0.5), "B": dense(0.0), "C": dense(0.5)}
    network = build_network(space.architecture(blueprint, modules, strict=False))
    groups = {group["weight_decay"]: group["params"] for group in network.parameter_groups(0.1)}
    assert set(groups) == {0.5, 0.1, 0.0}
    # Two layers, the first with a projection from 6 to 5; the second and the head; the rest.
    assert [tuple(p.shape) for p in groups[0.5]] == [(5, 6), (5, 6), (5, 5)]
    assert [tuple(p.shape) for p in groups[0.1]] == [(5, 5), (4, 5)]
    assert sorted(tuple(p.shape) for p in groups[0.0]) == [(), (), (), (4,), (5,), (5,), (5,)]
    without = network.parameter_groups(0.0)
    assert [group["weight_decay"] for group in without] == [0.5, 0.0]


def test_shared_cores_are_one_object_in_several_places() -> None:
    space = SearchSpace(layers=["conv1d"], input_shape=(4, 8), num_outputs=2, weight_sharing=True)
    genes = Genes(width=4, norm="batch", residual=True, weight_decay=0.5)
    nodes = [Node("0", "A"), Node("1", "A", ("0",), {"pool": True}), Node("2", "A", ("1",))]  # type: ignore[arg-type]
    architecture = space.architecture(
        nodes, {"A": [Node("0", "conv1d", genes=genes)]}, strict=False
    )
    network = build_network(architecture)
    cells = [network.parts[f"{i}_0"] for i in range(3)]
    assert cells[0].core is cells[1].core is cells[2].core
    assert cells[0].norm is not cells[1].norm is not cells[2].norm
    assert cells[0].residual is not cells[1].residual is not cells[2].residual
    assert {f"parts.{i}_0.core.weight" for i in range(3)} <= set(network.state_dict())
    groups = {group["weight_decay"]: group["params"] for group in network.parameter_groups(0.1)}
    assert [tuple(p.shape) for p in groups[0.5]] == [(4, 4, 1, 3)]
    apart = build_network(replace(architecture, weight_sharing=False))
    apart.load_state_dict(network.state_dict())
    x = batch(architecture)
    for one in (network, apart):
        one(x).square().sum().backward()
    together = cells[0].core.weight.grad
    torch.testing.assert_close(
        together, sum(apart.parts[f"{i}_0"].core.weight.grad for i in range(3))
    )


def test_scales_of_merges_do_not_decay() -> None:
    space = SearchSpace(layers=["identity"], input_shape=(3,), num_outputs=1)
    node = Node("0", "identity")
    read = [Node("1", "identity", ("in", "0"), merge="convex")]
    modules = {"A": [node, *read]}
    network = build_network(space.architecture([Node("0", "A")], modules, strict=False))
    groups = {group["weight_decay"]: group["params"] for group in network.parameter_groups(0.1)}
    assert [tuple(p.shape) for p in groups[0.1]] == [(1, 3)]
    assert [tuple(p.shape) for p in groups[0.0]] == [(1,), (1,)]  # of the merge and the head


# -- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "shape", "message"),
    [
        ("conv1d", (2, 23), r"the network reads \(batch, 2, 23\), got \(2, 23\)"),
        ("conv1d", (4, 2, 24), r"the network reads \(batch, 2, 23\), got \(4, 2, 24\)"),
        ("conv2d", (4, 9, 7), r"the network reads \(batch, 3, 9, 7\), got \(4, 9, 7\)"),
        ("dense", (4, 7), r"the network reads \(batch, 6\), got \(4, 7\)"),
        ("text", (4, 5, 7), r"the network reads \(batch, 4\), got \(4, 5, 7\)"),
    ],
)
def test_an_input_of_another_shape_is_named(
    preset: str, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build_network(typical(preset))(torch.zeros(shape))


@pytest.mark.parametrize(
    ("preset", "input", "message"),
    [
        ("text", torch.full((2, 4), 11), "the network reads tokens from 0 to 10, got 11"),
        ("text", torch.full((2, 4), -1), "the network reads tokens from 0 to 10, got -1"),
        ("text", torch.zeros(2, 4), "reads tokens of int64 or int32, got float32"),
        ("text", torch.zeros(2, 4).byte(), "reads tokens of int64 or int32, got uint8"),
        ("dense", torch.zeros(2, 6).long(), "reads numbers of float32, got int64"),
        ("conv1d", torch.zeros(2, 2, 23).byte(), "reads numbers of float32, got uint8"),
        ("conv2d", torch.zeros(2, 3, 9, 7).double(), "reads numbers of float32, got float64"),
    ],
)
def test_an_input_of_other_values_is_named(preset: str, input: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_network(typical(preset))(input)


def test_an_operation_that_fails_is_named() -> None:
    network = build_network(typical("text"))
    network.parts["input"].weight.data = torch.zeros(99)  # no vectors
    with pytest.raises(NetworkError, match=r"operation 'in' \(input\) failed on \[\(2, 4\)\]: "):
        network(torch.full((2, 4), 9))
    network = build_network(typical("dense"))
    with pytest.raises(
        NetworkError, match=r"'0.0' \(dense\) failed on \[\(1, 6\)\]: Expected more"
    ):
        network(torch.zeros(1, 6))  # batch normalisation of a single example


def broken(name: str, **changes: Any) -> Architecture:
    """A network of one layer of a user's, wrong in one respect."""
    layer = register_layer(replace(GATED, name=f"test_{name}", **changes))
    space = SearchSpace(
        layers={layer.name: {"width": 4, "reach": 3}}, input_shape=(2, 8), num_outputs=1
    )
    return space.smallest()


def _fail(shape: Any, genes: Any) -> Any:
    raise RuntimeError("no luck")


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("fails", {"build": _fail}, r"\(test_fails\) cannot be built for \(2, 8\): no luck"),
        ("path", {"build": "nowhere:build"}, r"cannot be built for .*No module named 'nowhere'"),
        ("no_path", {"build": "math"}, r"\(test_no_path\) cannot be built"),
        ("type", {"build": lambda shape, genes: 5}, r"`build` returned 5, no torch.nn.Module"),
        (
            "count",
            {"num_params": lambda shape, genes: 7},
            r"'0.0' \(test_count\) has 56 parameters .* but its `num_params` says 7",
        ),
    ],
)
def test_a_layer_that_cannot_be_built_is_named(
    name: str, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(NetworkError, match=message):
        build_network(broken(name, **changes))


def test_a_layer_that_returns_another_shape_than_it_says_is_named() -> None:
    network = build_network(broken("shape", output_shape=lambda shape, genes: (4, 9)))
    with pytest.raises(
        NetworkError,
        match=r"'0.0' \(test_shape\) failed on \[\(3, 2, 8\)\]: it returned \(4, 8\), but its "
        r"`output_shape` says \(4, 9\)",
    ):
        network(torch.zeros(3, 2, 8))


@pytest.mark.parametrize("preset", ["wikidetox", "chest_xray"])
def test_the_papers_networks_train(preset: str) -> None:
    """Liang et al. 2019, table 3."""
    if preset == "wikidetox":
        space = SearchSpace.wikidetox(input_shape=(8, 32), vocab_size=50)
        inputs = torch.randint(50, (2, 32))
    else:
        space = SearchSpace.chest_xray(input_shape=(1, 16, 16))
        inputs = torch.rand(2, 1, 16, 16)
    for seed in range(3):
        architecture = random_architecture(space, seed)
        network = build_network(architecture)
        assert sum(p.numel() for p in network.parameters()) == architecture.num_params
        loss = network(inputs).square().mean()
        loss.backward()
        assert torch.isfinite(loss)
