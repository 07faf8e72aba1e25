"""What a diagram shows of a network: every operation, in a box of its own or in a fold."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat import SearchSpace
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.testing import architectures
from optuna_codeepneat.visualization._diagram._scene import FOLDED_FROM
from optuna_codeepneat.visualization._diagram._scene import Box
from optuna_codeepneat.visualization._diagram._scene import Form
from optuna_codeepneat.visualization._diagram._scene import Group
from optuna_codeepneat.visualization._diagram._scene import Scene
from optuna_codeepneat.visualization._diagram._scene import is_layer
from optuna_codeepneat.visualization._diagram._scene import scene_of
from tests.visualization.diagram.examples import EXAMPLES
from tests.visualization.diagram.examples import SPACES
from tests.visualization.diagram.examples import attention
from tests.visualization.diagram.examples import long_names
from tests.visualization.diagram.examples import many_layers
from tests.visualization.diagram.examples import shared_weights


ANY_ARCHITECTURE = st.sampled_from(sorted(SPACES)).flatmap(
    lambda name: architectures(SPACES[name])
)


def boxes(scene: Scene) -> list[Box]:
    return [
        box for item in scene.items for box in (item.boxes if isinstance(item, Group) else [item])
    ]


def chain(slots: str) -> Architecture:
    """A network of modules in a row."""
    space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
    modules = {slot: [Node("0", "conv1d"), Node("1", "conv1d", ["0"])] for slot in set(slots)}
    nodes = [Node(str(i), s, [str(i - 1) if i else "in"]) for i, s in enumerate(slots)]
    return space.architecture(nodes, modules, strict=False)


def folds(scene: Scene) -> list[str]:
    return [f"{b.name} {' '.join(b.words)}" for b in boxes(scene) if b.form is Form.FOLD]


def check(architecture: Architecture, fold: bool | None) -> None:
    scene = scene_of(architecture, fold=fold)
    shown = [name for box in boxes(scene) for name in box.operations]
    assert sorted(shown) == sorted(op.name for op in architecture.operations)
    # The lines between items and within groups are the network's, but for those within folds.
    box_of = {name: i for i, box in enumerate(boxes(scene)) for name in box.operations}
    expected = {(box_of[a], box_of[b]) for a, b in architecture.graph.edges}
    assert drawn_edges(scene) == {(a, b) for a, b in expected if a != b}
    n_layers = sum(map(is_layer, architecture.operations))
    folded = n_layers >= FOLDED_FROM if fold is None else fold
    kinds = [node.kind for node in architecture.blueprint.nodes]
    assert len([i for i in scene.items if isinstance(i, Group)]) == (
        len(set(kinds)) if folded else len(kinds)
    )


def drawn_edges(scene: Scene) -> set[tuple[int, int]]:
    """Lines from box to box, followed through the entries and exits of groups."""
    number: dict[tuple[int, int], int] = {}
    for i, item in enumerate(scene.items):
        for j in range(len(item.boxes) if isinstance(item, Group) else 1):
            number[i, j] = len(number)
    edges = set()
    for i, item in enumerate(scene.items):
        if isinstance(item, Group):
            edges |= {(number[i, a], number[i, b]) for a, b in item.edges if a >= 0}
    for source, target in scene.edges:
        a, b = scene.items[source], scene.items[target]
        leaves = number[source, len(a.boxes) - 1 if isinstance(a, Group) else 0]
        entered = [y for x, y in b.edges if x < 0] if isinstance(b, Group) else [0]
        edges |= {(leaves, number[target, j]) for j in entered}
    return edges


@given(ANY_ARCHITECTURE, st.sampled_from([None, True, False]))
def test_every_operation_is_shown_once(architecture: Architecture, fold: bool | None) -> None:
    check(architecture, fold)


@pytest.mark.parametrize("fold", [None, True, False])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_operation_of_an_example_is_shown_once(name: str, fold: bool | None) -> None:
    check(EXAMPLES[name](), fold)


def test_an_item_comes_after_what_it_reads() -> None:
    scene = scene_of(many_layers())
    assert all(source < target for source, target in scene.edges)
    assert nx.is_directed_acyclic_graph(nx.DiGraph(scene.edges))


def test_repeated_modules_are_numbered() -> None:
    labels = [item.label for item in scene_of(chain("ABA")).items if isinstance(item, Group)]
    assert labels == ["module A, 1 of 2", "module B", "module A, 2 of 2"]


def test_modules_are_folded_where_they_are_repeated() -> None:
    assert folds(scene_of(chain("ABA"), fold=True)) == ["module A again, 2 of 2"]
    assert folds(scene_of(chain("AABAAAB"), fold=True)) == [
        "module A again, 2 of 5",
        "module A again, 3 to 5 of 5",
        "module B again, 2 of 2",
    ]


def test_a_fold_holds_no_module_that_is_read_from_elsewhere() -> None:
    slots = [box for box in boxes(scene_of(many_layers())) if box.form is Form.FOLD]
    nodes = [sorted({name.partition(".")[0] for name in box.operations}, key=int) for box in slots]
    # 4 is read by 5 and 7, 9 by 10 and 12; 6 ends at a merge.
    assert nodes == [
        ["1"],
        ["3"],
        ["5", "6"],
        ["7"],
        ["8", "9"],
        ["10"],
        ["12"],
        ["13"],
        ["14"],
        ["15"],
    ]


def test_the_topmost_of_equal_modules_is_shown_in_full() -> None:
    space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10, max_blueprint_nodes=8)
    # Node 2 is the last B in order, but reads the input.
    nodes = [Node("0", "A"), Node("1", "B", ["0"]), Node("2", "B"), Node("3", "B", ["2"])]
    blueprint = Graph((*nodes, Node("4", "A", ["1", "3"], merge="sum")))
    modules = {slot: [Node("0", "conv1d")] for slot in "AB"}
    scene = scene_of(space.architecture(blueprint, modules, strict=False), fold=True)
    groups = [item for item in scene.items if isinstance(item, Group)]
    assert [group.label for group in groups] == ["module A, 1 of 2", "module B, 1 of 3"]
    assert groups[1].boxes[0].operations == ("2.0",)
    assert folds(scene) == [
        "module B again, 2 of 3",
        "module B again, 3 of 3",
        "module A again, 2 of 2",
    ]


def test_large_networks_are_folded_and_small_ones_are_not() -> None:
    below, from_there = chain("A" * (FOLDED_FROM // 2 - 1)), chain("A" * (FOLDED_FROM // 2))
    assert folds(scene_of(below)) == []
    assert len(folds(scene_of(from_there))) == 1


def test_words_of_a_layer_leave_out_what_is_neutral() -> None:
    space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10, layers={"conv1d": {}})
    genes = {
        "width": 12,
        "kernel": 5,
        "dilation": 1,
        "stride": 1,
        "norm": "none",
        "activation": "linear",
        "dropout": 0.0,
        "residual": False,
    }
    other = {"dilation": 4, "stride": 2, "norm": "batch", "activation": "elu", "dropout": 0.25}
    module = [
        Node("0", "conv1d", genes=genes),
        Node("1", "conv1d", ["0"], genes=genes | other | {"residual": True}),
    ]
    scene = scene_of(space.architecture([Node("0", "A")], {"A": module}))
    layers = [box for box in boxes(scene) if box.form is Form.LAYER]
    assert layers[0].words == ("12", "k5")
    assert layers[1].words == ("12", "k5", "d4", "s2", "bn", "elu", "drop 0.25", "residual")
    assert (layers[0].shape, layers[0].amount) == ("12×40", "72")
    assert "initializer he" in layers[0].tooltip
    assert "reads 1×40 of in" in layers[0].tooltip


def test_words_of_attention_and_excitation() -> None:
    scene = scene_of(attention())
    words = {box.name: box.words for box in boxes(scene) if box.form is Form.LAYER}
    assert words["self_attention"] == ("16", "h4", "hs8", "bn", "residual")
    assert words["squeeze_excitation"] == ("r4",)
    assert {"h = heads,", "hs = head size,", "r = reduction,"} < set(scene.legend)


def test_words_of_a_layer_of_ones_own() -> None:
    layers = [box for box in boxes(scene_of(long_names())) if box.form is Form.LAYER]
    assert layers[0].words[0] == "gate <soft> & 'hard'"
    assert {"with_bias", "rate_of_1_th_stochastic_depth 0.25"} < set(layers[0].words)
    assert not any(word.startswith(("gate", "with_bias", "number")) for word in layers[1].words)
    assert "number_of_attention_heads 4" in layers[1].tooltip


def test_shared_weights_are_shown() -> None:
    scene = scene_of(shared_weights())
    layers = [box for box in boxes(scene) if box.form is Form.LAYER]
    # With batch normalisation, which each layer has for itself: 16 scales and 16 shifts.
    assert [box.amount for box in layers] == ["2,337", "2,337"] + ["shared + 33"] * 4
    assert "shares the weights of 0.0" in layers[2].tooltip
    assert "shared = with the same layer above," in scene.legend
    assert not any("shared" in entry for entry in scene_of(many_layers()).legend)


def test_the_legend_explains_what_stands_in_boxes() -> None:
    entries = scene_of(many_layers()).legend
    assert entries[0] == "first number = width,"
    assert "k = kernel," in entries
    assert entries[-1] == "below: output shape, parameters"
