from __future__ import annotations

from dataclasses import replace
from typing import Any

import networkx as nx
import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space._operations import pools_per_node
from optuna_codeepneat.search_space._shapes import pooled
from tests.search_space.spaces import spaces_and_architectures


IDENTITY = {"A": Graph((Node("0", "identity"),))}


def blueprint(inputs: list[tuple[str, ...]], pools: list[bool]) -> Graph:
    nodes = tuple(
        Node(str(i), "A", read, {"pool": pool}, "sum" if len(read) > 1 else None)  # type: ignore[arg-type]
        for i, (read, pool) in enumerate(zip(inputs, pools, strict=True))
    )
    return Graph(nodes, "sum" if len(Graph(nodes).sinks) > 1 else None)


@st.composite
def blueprints(draw: st.DrawFn) -> Graph:
    n_nodes = draw(st.integers(1, 6))
    inputs = []
    for i in range(n_nodes):
        earlier = ["in", *map(str, range(i))]
        chosen = draw(st.sets(st.sampled_from(earlier), min_size=1, max_size=3))
        inputs.append(tuple(sorted(chosen, key=earlier.index)))
    return blueprint(inputs, draw(st.lists(st.booleans(), min_size=n_nodes, max_size=n_nodes)))


def halvings(graph: Graph, pools: list[int]) -> int:
    """How often the output is halved: merges pool to the smallest of what they join."""
    halved = {"in": 0}
    for node, times in zip(graph.nodes, pools, strict=True):
        halved[node.id] = max(halved[i] for i in node.inputs) + times
    return max(halved[sink] for sink in graph.sinks)


@pytest.mark.parametrize(
    ("n_nodes", "min_pooling", "pools"),
    [
        (1, 3, [3]),
        (2, 1, [0, 1]),
        (3, 3, [1, 1, 1]),
        (4, 2, [0, 1, 0, 1]),
        (2, 5, [2, 3]),
        (3, 0, [0, 0, 0]),
    ],
)
def test_missing_pools_are_spread_over_a_chain(
    n_nodes: int, min_pooling: int, pools: list[int]
) -> None:
    chain = blueprint([("in",), *[(str(i),) for i in range(n_nodes - 1)]], [False] * n_nodes)
    assert pools_per_node(chain, min_pooling) == pools


def test_pools_of_genes_count() -> None:
    chain = [("in",), ("0",), ("1",)]
    assert pools_per_node(blueprint(chain, [True, False, False]), 1) == [1, 0, 0]
    assert pools_per_node(blueprint(chain, [False, False, True]), 1) == [0, 0, 1]
    assert pools_per_node(blueprint(chain, [False, True, True]), 2) == [0, 1, 1]
    assert pools_per_node(blueprint(chain, [True, True, True]), 1) == [1, 1, 1]


def test_pools_beside_each_other_count_once() -> None:
    parallel = blueprint([("in",), ("in",)], [True, True])
    assert pools_per_node(parallel, 2) == [2, 2]


@given(graph=blueprints(), min_pooling=st.integers(0, 6))
def test_sizes_are_halved_often_enough_and_no_more_than_needed(
    graph: Graph, min_pooling: int
) -> None:
    own = [int(bool(node.genes["pool"])) for node in graph.nodes]
    pools = pools_per_node(graph, min_pooling)
    assert all(n >= mine for n, mine in zip(pools, own, strict=True))
    assert halvings(graph, pools) == max(halvings(graph, own), min_pooling)


@given(graph=blueprints(), min_pooling=st.integers(0, 4), data=st.data())
def test_min_pooling_does_not_depend_on_the_order_of_nodes(
    graph: Graph, min_pooling: int, data: st.DataObject
) -> None:
    before = dict(zip(graph.by_id, pools_per_node(graph, min_pooling), strict=True))
    shuffled = reordered(graph, data)
    after = dict(zip(shuffled.by_id, pools_per_node(shuffled, min_pooling), strict=True))
    assert before == after


def reordered(graph: Graph, data: st.DataObject) -> Graph:
    """The same graph with its nodes in another topological order."""
    rank = {node.id: data.draw(st.integers(0, 9)) for node in graph.nodes}
    digraph = nx.DiGraph(graph.edges)
    order = [i for i in nx.lexicographical_topological_sort(digraph, rank.get) if i != "in"]
    position = {"in": -1} | {id: i for i, id in enumerate(order)}
    nodes = tuple(
        Node(n.id, n.kind, tuple(sorted(n.inputs, key=position.__getitem__)), n.genes, n.merge)
        for n in (graph.by_id[id] for id in order)
    )
    return Graph(nodes, graph.merge, graph.genes)


_CONVOLUTION = Genes({**get_layer("conv1d").defaults, "width": 2})


def architecture(graph: Graph, shape: tuple[int, ...] = (2, 16), **kwargs: Any) -> Architecture:
    return Architecture(
        blueprint=graph, modules=IDENTITY, input_shape=shape, num_outputs=3, **kwargs
    )


def test_names_and_order_of_operations() -> None:
    graph = blueprint([("in",), ("in", "0")], [True, False])
    operations = architecture(graph).operations
    assert [op.name for op in operations] == ["in", "0.0", "0.pool", "1.merge", "1.0", "out"]
    assert [op.kind for op in operations][:4] == ["input", "identity", "max_pool", "sum"]
    assert operations[3].inputs == ("in", "0.pool")
    assert operations[3].input_shapes == ((2, 16), (2, 8))
    assert operations[3].shape == (2, 8)
    assert [op.slot for op in operations] == [None, "A", None, None, "A", None]


def test_a_pool_that_changes_nothing_is_left_out() -> None:
    graph = blueprint([("in",), ("0",)], [True, True])
    names = [op.name for op in architecture(graph, shape=(2, 2)).operations]
    assert "0.pool" in names
    assert "1.pool" not in names


def test_what_nothing_reads_is_merged_into_the_output() -> None:
    graph = blueprint([("in",), ("in",)], [False, False])
    operations = {op.name: op for op in architecture(graph).operations}
    assert operations["merge"].inputs == ("0.0", "1.0")
    assert operations["out"].inputs == ("merge",)


def test_depth_counts_layers_with_parameters_on_the_longest_path() -> None:
    dense = {"A": Graph((Node("0", "dense", genes={"width": 4, "norm": "none"}),))}  # type: ignore[arg-type]
    graph = blueprint([("in",), ("0",), ("in",)], [False, False, False])
    deep = Architecture(blueprint=graph, modules=dense, input_shape=(5,), num_outputs=2)
    assert deep.depth == 3
    assert architecture(blueprint([("in",)], [False])).depth == 1


def dense(graph: Graph, *, weight_sharing: bool, n_layers: int = 1, **genes: Any) -> Architecture:
    filled = Genes({"width": 4, "norm": "none", "residual": False, **genes})
    nodes = [Node(str(i), "dense", (str(i - 1) if i else "in",), filled) for i in range(n_layers)]
    return Architecture(
        blueprint=graph,
        modules={"A": Graph(tuple(nodes))},
        input_shape=(5,),
        num_outputs=2,
        weight_sharing=weight_sharing,
    )


def test_modules_of_a_slot_share_the_cores_of_their_layers() -> None:
    graph = blueprint([("in",), ("0",), ("1",)], [False] * 3)
    own, shared = (dense(graph, n_layers=2, weight_sharing=on) for on in (False, True))
    # The first module's first layer reads 5 features, its others 4.
    assert {op.name: op.shares for op in shared.operations if op.shares} == {
        "1.1": "0.1",
        "2.0": "1.0",
        "2.1": "0.1",
    }
    assert [op.shares for op in own.operations] == [None] * len(own.operations)
    assert shared.num_params == own.num_params - 3 * (4 * 4 + 4)
    assert shared.macs == own.macs
    assert shared.depth == own.depth == 7
    assert shared.signature != own.signature
    row = str(shared).splitlines()[-3]
    assert row.split()[:7] == ["2.1", "[A]", "dense", "2.0", "4", "0", "16"]
    assert row.endswith("(weights of 0.1)")


def test_each_place_keeps_its_own_normalisation_and_residual_sum() -> None:
    graph = blueprint([("in",), ("0",), ("1",)], [False] * 3)
    operations = dense(graph, weight_sharing=True, norm="batch", residual=True).operations
    assert [(op.name, op.shares, op.num_params) for op in operations[1:-1]] == [
        ("0.0", None, 5 * 4 + 2 * 4 + 1 + 5 * 4),
        ("1.0", None, 4 * 4 + 2 * 4 + 1),
        ("2.0", "1.0", 2 * 4 + 1),
    ]


def test_maps_of_other_sizes_share_what_does_not_depend_on_them() -> None:
    def shared(layer: str, shape: tuple[int, ...], **genes: Any) -> list[str | None]:
        space = SearchSpace(
            layers=[layer], input_shape=shape, num_outputs=2, weight_sharing=True, min_pooling=2
        )
        nodes = [Node(str(i), "A", (str(i - 1) if i else "in",)) for i in range(3)]
        module = {"A": [Node("0", layer, genes=Genes(genes))]}
        built = space.architecture(nodes, module, strict=False)  # narrower than the layers are
        operations = {op.name: op for op in built.operations}
        return [operations[f"{i}.0"].shares for i in range(3)]

    assert shared("conv1d", (4, 16), width=4, kernel=5) == [None, "0.0", "0.0"]
    # On a map of size 2 a kernel of 5 is cut to 3.
    assert shared("conv1d", (4, 4), width=4, kernel=5) == [None, "0.0", None]
    assert shared("gru", (4, 16), width=4, bidirectional=False) == [None, "0.0", "0.0"]
    assert shared("test_gated", (4, 16), width=4) == [None, "0.0", None]  # who knows


@given(data=st.data())
def test_the_signature_is_blind_to_which_of_the_sharing_operations_is_the_first(data: Any) -> None:
    graph = data.draw(blueprints())
    weights = {"A": Graph((Node("0", "conv1d", genes=_CONVOLUTION),))}
    one, other = (
        replace(architecture(g, weight_sharing=True), modules=weights)
        for g in (graph, reordered(graph, data))
    )
    assert one.num_params == other.num_params
    assert one.signature == other.signature


@given(drawn=spaces_and_architectures())
def test_sizes_stay_positive_and_min_pooling_is_met(drawn: Any) -> None:
    space, drawn_architecture = drawn
    operations = drawn_architecture.operations
    assert all(size >= 1 for op in operations for size in op.shape)
    assume("test_upsample" not in space.layers)
    least = pooled(space.input_shape, 2**space.min_pooling)[1:]
    (last,) = operations[-1].input_shapes
    assert all(size <= most for size, most in zip(last[1:], least, strict=True))


def test_content_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})
    assert content_hash([]) == "4f53cda18c2baa0c"  # in every process and version
