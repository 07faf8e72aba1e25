"""Networks written by hand, and one edit away from one another."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from optuna_codeepneat import SearchSpace
from optuna_codeepneat import build_network
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.morphism import InheritanceReport
from optuna_codeepneat.morphism import importance_of
from optuna_codeepneat.morphism import inherit
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.network import Network
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space._genes import Value
from optuna_codeepneat.training import seeded
from tests.morphism.networks import check_trains
from tests.morphism.networks import difference
from tests.morphism.networks import sequence_space
from tests.morphism.networks import trained


SPACE = sequence_space()
IMAGES = SearchSpace(
    layers=("conv2d", "separable_conv2d", "squeeze_excitation"),
    input_shape=(2, 9, 8),
    num_outputs=3,
    merges=("sum", "concat", "scaled_sum", "convex"),
)
VECTORS = SearchSpace(
    layers=("dense", "squeeze_excitation"),
    input_shape=(7,),
    num_outputs=3,
    merges=("sum", "concat", "scaled_sum", "convex"),
)
TOLERANCE = 1e-5


def node(id: str, kind: str, *inputs: str, merge: str | None = None, **genes: Value) -> Node:
    return Node(id, kind, inputs or ("in",), genes, merge)  # type: ignore[arg-type]


def network(
    layers: Sequence[Node],
    *,
    blueprint: Sequence[Node] = (Node("x", "A"),),
    space: SearchSpace = SPACE,
    merge: str | None = None,
    pool: str = "mean",
    **modules: Sequence[Node],
) -> Architecture:
    """A network of the module A, which ends in a merge where it has several sinks."""
    genes: dict[str, Value] = {"head.pool": pool} if len(space.input_shape) > 1 else {}
    graph = Graph(tuple(blueprint), genes=genes)  # type: ignore[arg-type]
    others = {slot: Graph(tuple(nodes)) for slot, nodes in modules.items()}
    return space.architecture(graph, {"A": Graph(tuple(layers), merge), **others}, strict=False)


def inherited(
    parent: Network, child: Architecture, **how: str
) -> tuple[Network, InheritanceReport]:
    with seeded(99):
        heir = build_network(child)
    weights = weights_of(parent)
    importance = importance_of(parent.architecture, weights)
    aligned = plan(parent.architecture, child, importance)
    return heir, inherit(heir, weights, aligned, **how)  # type: ignore[arg-type]


def check_exact(parent: Architecture, child: Architecture, seed: int = 0) -> InheritanceReport:
    """Checks that the child computes what its trained parent does, trains on, and all of it."""
    before = trained(parent, seed)
    heir, report = inherited(before, child)
    assert report.plan.exact
    for train in (False, True):
        assert difference(before, heir, train=train) <= TOLERANCE
    check_trains(heir)
    return report


PLAIN: Mapping[str, Value] = {
    "norm": "none",
    "activation": "linear",
    "residual": False,
    "dropout": 0.0,
}
CHANNELWISE = ("conv1d", "separable_conv1d")
RECURRENT = ("lstm", "gru")
