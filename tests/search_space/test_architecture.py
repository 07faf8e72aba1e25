from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError
from dataclasses import replace
from typing import Any

import networkx as nx
import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from tests.search_space.spaces import PRESETS
from tests.search_space.spaces import architectures
from tests.search_space.spaces import spaces_and_architectures
from tests.search_space.spaces import values
from tests.search_space.test_operations import reordered


def example(**genes: Any) -> Architecture:
    space = PRESETS["conv1d"]
    return space.architecture(
        [Node("0", "A"), Node("1", "B", ("in", "0"), merge="concat")],
        {
            "A": [Node("0", "conv1d", genes=Genes({"width": 4, **genes}))],
            "B": [Node("0", "separable_conv1d", genes=Genes(width=6))],
        },
    )


@given(drawn=spaces_and_architectures())
def test_the_graph_is_acyclic_with_one_input_one_output_and_nothing_dead(drawn: Any) -> None:
    _, architecture = drawn
    graph = architecture.graph
    assert nx.is_directed_acyclic_graph(graph)
    assert [node for node in graph if graph.in_degree(node) == 0] == ["in"]
    assert [node for node in graph if graph.out_degree(node) == 0] == ["out"]
    assert nx.descendants(graph, "in") | {"in"} == set(graph)
    assert nx.ancestors(graph, "out") | {"out"} == set(graph)
    names = [op.name for op in architecture.operations]
    assert len(set(names)) == len(names) == len(graph)
    position = {name: i for i, name in enumerate(names)}
    for source, target, shape in graph.edges.data("shape"):
        assert position[source] < position[target]
        assert graph.nodes[source]["operation"].shape == shape
    for op in architecture.operations:
        assert len(op.inputs) == len(op.input_shapes) == graph.in_degree(op.name)


@given(drawn=spaces_and_architectures())
def test_json_round_trip(drawn: Any) -> None:
    _, architecture = drawn
    restored = Architecture.from_json(json.loads(json.dumps(architecture.to_json())))
    assert restored == architecture
    assert restored.signature == architecture.signature
    assert restored.operations == architecture.operations


@given(drawn=spaces_and_architectures(), data=st.data())
def test_the_signature_does_not_depend_on_names_of_slots_or_the_order_of_nodes(
    drawn: Any, data: st.DataObject
) -> None:
    _, a = drawn
    names = data.draw(st.permutations([f"slot {slot}" for slot in a.modules]))
    renamed = dict(zip(a.modules, names, strict=True))
    blueprint = reordered(a.blueprint, data)
    nodes = tuple(replace(node, kind=renamed[node.kind]) for node in blueprint.nodes)
    same = replace(
        a,
        blueprint=replace(blueprint, nodes=nodes),
        modules={renamed[slot]: reordered(graph, data) for slot, graph in a.modules.items()},
    )
    assert same.signature == a.signature
    assert (same.num_params, same.macs, same.depth) == (a.num_params, a.macs, a.depth)


@given(drawn=spaces_and_architectures(), data=st.data())
def test_the_signature_depends_on_every_gene_of_every_layer(
    drawn: Any, data: st.DataObject
) -> None:
    space, a = drawn
    places = [
        (slot, i, gene)
        for slot, graph in a.modules.items()
        for i, node in enumerate(graph.nodes)
        for gene, distribution in space.layers[node.kind].items()
        if not distribution.single()
    ]
    assume(places)
    slot, i, gene = data.draw(st.sampled_from(places))
    nodes = list(a.modules[slot].nodes)
    value = data.draw(values(space.layers[nodes[i].kind][gene]))
    assume(value != nodes[i].genes[gene])
    nodes[i] = replace(nodes[i], genes=nodes[i].genes | {gene: value})
    module = replace(a.modules[slot], nodes=tuple(nodes))
    changed = replace(a, modules={**a.modules, slot: module})
    assert changed != a
    assert changed.signature != a.signature


def test_the_signature_depends_on_structure() -> None:
    space, nodes = PRESETS["dense"], [Node("0", "A"), Node("1", "A", ("0",))]
    module = {"A": [Node("0", "dense")]}
    signatures = {
        space.architecture(blueprint, module).signature
        for blueprint in (
            nodes[:1],
            nodes,
            [nodes[0], Node("1", "A", ("in", "0"), merge="sum")],
            [nodes[0], Node("1", "A", ("in", "0"), merge="concat")],
            Graph((nodes[0], Node("1", "A")), "sum"),
            [*nodes, Node("2", "A", ("1",))],
        )
    }
    assert len(signatures) == 6


def test_hyperparameters_are_part_of_the_architecture_and_not_of_the_network() -> None:
    one = replace(example(), hyperparameters=Genes(lr=0.1))
    other = replace(example(), hyperparameters=Genes(lr=0.2))
    assert one != other
    assert one.signature == other.signature


@given(a=architectures(PRESETS["conv1d"]), b=architectures(PRESETS["conv1d"]))
def test_equal_architectures_are_equal_in_every_respect(a: Any, b: Any) -> None:
    assert (a == b) == (a.to_json() == b.to_json())
    if a == b:
        assert hash(a) == hash(b)
    copied = copy.deepcopy(a)
    assert copied == a
    assert hash(copied) == hash(a)
    assert pickle.loads(pickle.dumps(a)) == a


def test_whole_numbers_and_equal_fractions_are_the_same_gene() -> None:
    one, other = example(dropout=0), example(dropout=0.0)
    assert one == other
    assert hash(one) == hash(other)


def test_names_become_positions_and_unused_modules_are_dropped() -> None:
    module = Graph((Node("first", "identity"), Node("second", "identity", ("first",))))
    architecture = Architecture(
        blueprint=Graph((Node("x", "slot"),)),
        modules={"slot": module, "unused": module},
        input_shape=[3, 8],  # type: ignore[arg-type]
        num_outputs=2,
    )
    assert architecture.input_shape == (3, 8)
    assert list(architecture.modules) == ["slot"]
    assert [node.id for node in architecture.modules["slot"].nodes] == ["0", "1"]
    assert architecture.modules["slot"].nodes[1].inputs == ("0",)


def test_it_cannot_change() -> None:
    with pytest.raises(FrozenInstanceError):
        example().num_outputs = 5  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"modules": {}}, r"points to slots \['A', 'B'\] that hold no module"),
        ({"modules": {"A": Graph(()), "B": Graph(())}}, "in A: there are no nodes"),
        ({"blueprint": Graph(())}, "in blueprint: there are no nodes"),
        (
            {"blueprint": Graph((Node("0", "A", ("7",)),))},
            "in blueprint: node '0' .A. reads .'7'.",
        ),
    ],
)
def test_what_is_no_network_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(example(), **changes)


def test_an_unknown_layer_is_refused() -> None:
    modules = {"A": Graph((Node("0", "nonsense"),)), "B": example().modules["B"]}
    with pytest.raises(ValueError, match="unknown layer 'nonsense'"):
        replace(example(), modules=modules)


def test_a_newer_format_is_refused() -> None:
    with pytest.raises(ValueError, match="has format 2; this version .* reads format 1"):
        Architecture.from_json({**example().to_json(), "format": 2})


def test_weight_sharing_is_written_only_where_it_is_on() -> None:
    shared = replace(example(), weight_sharing=True)
    assert "weight_sharing" not in example().to_json()
    assert shared.to_json() == example().to_json() | {"weight_sharing": True}
    assert Architecture.from_json(shared.to_json()) == shared != example()
    # Nothing is shared here: it is the same network.
    assert shared.signature == example().signature


def test_it_prints_as_a_table() -> None:
    lines = str(example()).splitlines()
    assert lines[0].split() == [
        *("operation", "layer", "reads", "shape", "parameters", "macs", "genes")
    ]
    assert [line.split()[0] for line in lines[1:-1]] == ["in", "0.0", "1.merge", "1.0", "out"]
    assert "0.0 [A]    conv1d" in lines[2]
    assert "width=4" in lines[2]
    a = example()
    assert lines[-1] == f"{a.num_params:,} parameters, {a.macs:,} multiply-adds, depth {a.depth}"


def test_innovation_ids_follow_nodes_through_descendants() -> None:
    space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
    marked = space.architecture(
        [Node("x", "A"), Node("y", "A", ["x"], genes={"pool": True})],
        {"A": [Node("q", "conv1d"), Node("r", "conv1d", ["in", "q"], merge="concat")]},
    )
    plain = space.decode(space.encode(marked))
    assert plain == marked
    assert [plain.innovation_id(op.name) for op in plain.operations] == [
        op.name for op in plain.operations
    ]
    assert plain.with_innovation_ids(marked.innovation_ids).innovation_ids == marked.innovation_ids
    assert marked.innovation_id("1.1.merge") == "y.r.merge"
    assert [marked.innovation_id(name) for name in ("1.0", "1.pool", "out", "in")] == [
        "y.q",
        "y.pool",
        "out",
        "in",
    ]


def test_innovation_ids_must_be_one_for_each_node() -> None:
    space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
    architecture = space.smallest()
    for wrong in ({}, {"blueprint": ["a", "b"], "A": ["q"]}):
        with pytest.raises(ValueError, match="one for each node"):
            architecture.with_innovation_ids(wrong)
