"""The names of parameters, and what they tell of a network without its search space."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from optuna.distributions import distribution_to_json

from optuna_codeepneat.search_space import BLUEPRINT
from optuna_codeepneat.search_space import GraphNames
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import graphs_in
from optuna_codeepneat.search_space._parameters import inputs_of
from optuna_codeepneat.search_space._parameters import most_inputs
from optuna_codeepneat.search_space._parameters import values_of
from tests.search_space.spaces import spaces_and_architectures


def test_names_of_the_blueprint_and_of_modules() -> None:
    blueprint, module = GraphNames(BLUEPRINT), GraphNames("A")
    assert (blueprint.n_nodes, blueprint.merge) == ("blueprint.n_nodes", "blueprint.out.merge")
    assert blueprint.node(1) == ("blueprint.1.module", "blueprint.1.inputs", "blueprint.1.merge")
    assert blueprint.genes(1, "A") == "blueprint.1."
    assert (module.n_nodes, module.merge) == ("module.A.n_nodes", "module.A.out.merge")
    assert module.node("1") == ("module.A.1.layer", "module.A.1.inputs", "module.A.1.merge")
    assert module.genes(1, "conv1d") == "module.A.1.conv1d."


@given(drawn=spaces_and_architectures())
def test_all_values_tell_the_whole_network(drawn: Any) -> None:
    _, architecture = drawn
    graphs = graphs_in(values_of(architecture))
    blueprint = graphs.pop(BLUEPRINT)
    assert blueprint.nodes == architecture.blueprint.nodes
    assert blueprint.merge == architecture.blueprint.merge
    assert graphs == dict(architecture.modules)


@given(drawn=spaces_and_architectures())
def test_parameters_tell_what_the_space_leaves_open(drawn: Any) -> None:
    space, architecture = drawn
    params = space.encode(architecture)
    for name, told in graphs_in(params).items():
        graph = architecture.blueprint if name == BLUEPRINT else architecture.modules[name]
        asked = len(space.merge.choices) > 1
        assert told.merge == (graph.merge if asked else None)
        assert told.edges == graph.edges
        for own, node in zip(told.nodes, graph.nodes, strict=True):
            assert own.kind in (node.kind, "layer")
            assert own.genes.items() <= node.genes.items()
            assert own.merge == (node.merge if asked else None)


def test_what_nobody_asks_is_read_off_or_taken_for_granted() -> None:
    params = {"blueprint.n_nodes": 2, "module.A.0.conv1d.width": 9, "head.pool": "max", "lr": 0.1}
    graphs = graphs_in(params)
    assert [node.kind for node in graphs[BLUEPRINT].nodes] == ["A", "A"]
    assert graphs[BLUEPRINT].edges == (("in", "0"), ("0", "1"))
    assert graphs["A"].nodes == (Node("0", "conv1d", genes={"width": 9}),)
    assert graphs_in({"module.B.n_nodes": 1})["B"].nodes == (Node("0", "layer"),)


@pytest.mark.parametrize("max_nodes", [1, 4, 11, 12, 13, 20, 119, 120])
def test_the_choices_of_inputs_fit_into_a_column_of_mysql(max_nodes: int) -> None:
    def stored(max_inputs: int) -> int:
        return len(distribution_to_json(inputs_of(max_nodes - 1, max_inputs)))

    most = most_inputs(max_nodes)
    assert stored(most) <= 65_535
    assert most == max_nodes or stored(most + 1) > 65_535


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"lr": 0.1, "module": 3},
        {"head.pool": "max"},
        {"module.lr": 0.1, "module.A.lr": 0.1, "blueprint.x": 1, "blueprint.0.x": 1},
    ],
)
def test_other_parameters_tell_of_no_graph(params: dict[str, Any]) -> None:
    assert graphs_in(params) == {}
