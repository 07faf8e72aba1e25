from __future__ import annotations

import json
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from tests.search_space.spaces import spaces_and_architectures


DIAMOND = Graph(
    (
        Node("a", "A"),
        Node("b", "B", ("a",)),
        Node("c", "A", ("in", "a"), merge="sum"),
        Node("d", "A", ("b", "c"), merge="concat"),
    )
)


def test_genes_cannot_change() -> None:
    genes = Genes(width=8)
    for change in (
        lambda: genes.update(width=9),
        lambda: genes.__setitem__("width", 9),
        lambda: genes.pop("width"),
        lambda: genes.clear(),
        lambda: genes.setdefault("kernel", 3),
        lambda: genes.__delitem__("width"),
    ):
        with pytest.raises(TypeError, match="immutable"):
            change()
    assert genes == {"width": 8}
    assert (genes | {"kernel": 3}) == {"width": 8, "kernel": 3}
    assert isinstance(genes | {"kernel": 3}, Genes)


def test_genes_do_not_depend_on_the_order_in_which_they_were_given() -> None:
    one, other = Genes(kernel=3, width=8), Genes({"width": 8, "kernel": 3})
    assert list(one) == list(other) == ["kernel", "width"]
    assert hash(one) == hash(other)


def test_equal_genes_have_equal_hashes() -> None:
    assert Genes(dropout=0) == Genes(dropout=0.0)
    assert hash(Genes(dropout=0)) == hash(Genes(dropout=0.0))


def test_genes_survive_pickling() -> None:
    restored = pickle.loads(pickle.dumps(Genes(width=8)))
    assert restored == Genes(width=8)
    assert isinstance(restored, Genes)


def test_hand_written_nodes_take_lists_and_dictionaries() -> None:
    assert Node("0", "A", ["in"], {"width": 8}) == Node("0", "A", ("in",), Genes(width=8))  # type: ignore[arg-type]


def test_structure() -> None:
    DIAMOND.lint()
    assert DIAMOND.sinks == ("d",)
    assert DIAMOND.edges == (
        ("in", "a"),
        ("a", "b"),
        ("in", "c"),
        ("a", "c"),
        ("b", "d"),
        ("c", "d"),
    )
    assert DIAMOND.by_id["b"].kind == "B"
    positional = DIAMOND.positional()
    assert [node.id for node in positional.nodes] == ["0", "1", "2", "3"]
    assert positional.nodes[2].inputs == ("in", "0")
    assert positional.positional() == positional


@pytest.mark.parametrize(
    ("nodes", "merge", "message"),
    [
        ([Node("a", "A"), Node("a", "A")], None, "'a' stands twice"),
        ([Node("in", "A")], None, "'in' stands twice"),
        ([Node("a", "A", ())], None, "'a' .A. has no inputs"),
        ([Node("a", "A", ("b",)), Node("b", "A")], None, "reads .'b'., which is no earlier node"),
        ([Node("a", "A", ("a",))], None, "reads .'a'., which is no earlier node"),
        (
            [Node("a", "A"), Node("b", "A", ("a", "in"), merge="sum")],
            None,
            "in the order of the nodes",
        ),
        ([Node("a", "A", ("in", "in"), merge="sum")], None, "each input stands once"),
        ([Node("a", "A"), Node("b", "A", ("in", "a"))], None, "2 input.s. and the merge None"),
        ([Node("a", "A", merge="sum")], None, "1 input.s. and the merge 'sum'"),
        ([Node("a", "A"), Node("b", "A")], None, "2 sink.s. and the merge None"),
        ([Node("a", "A")], "sum", "1 sink.s. and the merge 'sum'"),
    ],
)
def test_a_broken_graph_is_named(nodes: list[Node], merge: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Graph(tuple(nodes), merge).lint()


@given(drawn=spaces_and_architectures())
def test_json_round_trip(drawn: Any) -> None:
    _, architecture = drawn
    for graph in (architecture.blueprint, *architecture.modules.values()):
        graph.lint()
        assert Graph.from_json(json.loads(json.dumps(graph.to_json()))) == graph


def test_genes_of_an_objective_are_read_as_they_were() -> None:
    values = {"a": (1, (2.0, "x")), "b": math.nan, "c": None, "d": {"e": [1]}, "f": np.int64(3)}
    genes = Genes(values)
    graph = Graph((Node("0", "A"),), genes=genes)
    read = Graph.from_json(json.loads(json.dumps(graph.to_json())))
    assert read == graph
    assert hash(read.genes) == hash(genes)
    assert type(read.genes["f"]) is type(genes["f"]) is int


@pytest.mark.parametrize("genes", [[], None, {"a": [[]]}, {"a": {}}])
def test_genes_of_a_node_are_none_of_these(genes: Any) -> None:
    with pytest.raises(TypeError, match="are no genes"):
        Graph.from_json({"nodes": [["0", "A", ["in"], None, genes]], "merge": None, "genes": {}})
