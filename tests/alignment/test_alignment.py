"""How networks line up: laws of `plan` over random networks, edits and names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.alignment import Plan
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.sampler import NetworkGenome
from optuna_codeepneat.sampler._lemonade._operators import APPROXIMATE
from optuna_codeepneat.sampler._lemonade._operators import EXACT
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space import register_layer
from tests.sampler.lemonade.networks import random_network
from tests.search_space.spaces import PRESETS


MORPHISMS = {**EXACT, **APPROXIMATE}
names = st.sampled_from(sorted(PRESETS))
seeds = st.integers(0, 10_000)


def edited(network: NetworkGenome, space: SearchSpace, seed: int, n: int = 3) -> NetworkGenome:
    """The network after some morphisms of any kind."""
    rng = rng_for(seed, "edited")
    for _ in range(n):
        network = MORPHISMS[str(rng.choice(sorted(MORPHISMS)))](network, rng, space)
    return network


def contents(aligned: Plan) -> list[tuple[object, ...]]:
    """What a plan says of each operation, without its name."""
    return [
        (step.change, step.exact, step.inherited, step.inputs, step.units, step.branches)
        for step in aligned.steps
    ]


@given(name=names, seed=seeds)
def test_a_network_is_its_own_ancestor(name: str, seed: int) -> None:
    """Everything is copied, and nothing is lost."""
    architecture = random_network(PRESETS[name], seed).architecture(PRESETS[name])
    aligned = plan(architecture, architecture)
    assert aligned.exact
    assert aligned.lost == ()
    assert {step.change for step in aligned.steps} == {"copied"}
    assert all(step.exact for step in aligned.steps)
    assert aligned.share == 1.0
    assert aligned.inherited == aligned.num_params == architecture.num_params


@given(name=names, seed=seeds)
def test_what_is_inherited_is_a_part_of_the_descendant(name: str, seed: int) -> None:
    space = PRESETS[name]
    network = random_network(space, seed)
    parent, child = (n.architecture(space) for n in (network, edited(network, space, seed)))
    for one, other in ((parent, child), (child, parent)):
        aligned = plan(one, other)
        assert aligned.num_params == other.num_params
        assert 0 <= aligned.inherited <= other.num_params
        assert 0.0 <= aligned.share <= 1.0
        known = {operation.name for operation in other.operations}
        assert {step.operation for step in aligned.steps} <= known
        assert set(aligned.lost) <= {operation.name for operation in one.operations}
        if not space.weight_sharing:
            assert all(step.inherited <= step.num_params for step in aligned.steps)


@given(name=names, seed=seeds)
def test_names_of_slots_do_not_matter(name: str, seed: int) -> None:
    space = PRESETS[name]
    network = random_network(space, seed)
    other = edited(network, space, seed)
    parent, child = network.architecture(space), other.architecture(space)
    slots = sorted(other.modules)
    names = dict(zip(slots, reversed(space.slots[: len(slots)]), strict=True))
    nodes = tuple(replace(node, kind=names[node.kind]) for node in other.blueprint.nodes)
    renamed = replace(
        other,
        blueprint=replace(other.blueprint, nodes=nodes),
        modules={names[slot]: module for slot, module in other.modules.items()},
    ).architecture(space)
    assert contents(plan(parent, child)) == contents(plan(parent, renamed))
    assert plan(parent, child).exact == plan(parent, renamed).exact


@given(name=names, first=seeds, second=seeds)
def test_exact_plans_compose(name: str, first: int, second: int) -> None:
    """If a child continues its parent, and a grandchild the child, so does it the parent."""
    space = PRESETS[name]
    a = random_network(space, first)
    b = _grown(a, space, first, "a")
    c = _grown(b, space, second, "b")
    one, two, three = (network.architecture(space) for network in (a, b, c))
    assert plan(one, two).exact
    assert plan(two, three).exact
    assert plan(one, three).exact
    assert not plan(one, three).lost


def _grown(network: NetworkGenome, space: SearchSpace, seed: int, path: str) -> NetworkGenome:
    rng = rng_for(seed, path)
    return EXACT[str(rng.choice(sorted(EXACT)))](network, rng, space)


SPACE = SearchSpace.dense(
    input_shape=(6,), num_outputs=3, merges=("sum", "concat", "scaled_sum", "convex")
)


def dense(id: str, *inputs: str, width: int = 8, merge: str | None = None) -> Node:
    genes = {"width": width, "residual": False, "norm": "none"}
    return Node(id, "dense", inputs or ("in",), genes, merge)  # type: ignore[arg-type]


def network(*nodes: Node) -> Architecture:
    return SPACE.architecture([Node("x", "A")], {"A": nodes})


@pytest.mark.parametrize("merge", ["sum", "concat", "scaled_sum", "convex"])
def test_branches_are_found_in_any_order(merge: str) -> None:
    """The same two branches, listed the other way round: channel by channel they are the same."""
    one, other, joined = (
        dense("a", width=8),
        dense("b", width=8),
        dense("c", "a", "b", merge=merge),
    )
    swapped = replace(joined, inputs=("b", "a"))
    before, after = network(one, other, joined), network(other, one, swapped)
    aligned = plan(before, after)
    assert aligned.exact
    assert aligned.share == 1.0
    assert not aligned.lost


def test_a_new_layer_passes_on_what_is_read_behind_it() -> None:
    """Also where it reads other things as well, by now: several edits may lie between."""
    before = network(dense("a", width=12), dense("b", "a"))
    new = Node("n", "dense", ("in", "a"), {"width": 12, "residual": True}, "concat")
    after = network(dense("a", width=12), new, dense("b", "n"))
    step = next(step for step in plan(before, after).steps if step.operation == "0.1")
    assert (step.change, step.exact) == ("deepened", True)
    assert step.units == tuple(range(6, 18))  # the input has six channels
    assert plan(before, after).exact


@pytest.mark.parametrize("merge", ["scaled_sum", "convex"])
def test_a_sum_in_front_of_a_new_layer_begins_with_what_is_read_behind_it(merge: str) -> None:
    before = network(dense("a", width=12), dense("b", "a"))
    new = Node("n", "dense", ("in", "a"), {"width": 12, "residual": True}, merge)
    aligned = plan(before, network(dense("a", width=12), new, dense("b", "n")))
    step = next(step for step in aligned.steps if step.operation == "0.1.merge")
    assert [branch.parent for branch in step.branches] == [None, 0]
    assert aligned.exact


def test_importance_says_which_units_stay() -> None:
    wide, narrow = (network(dense("a", width=width), dense("b", "a")) for width in (12, 9))
    importance = {"0.0": [5.0, 0.0, 5, 5, 0.0, 5, 5, 5, 5, 5, 0.0, 5]}
    kept = (0, 2, 3, 5, 6, 7, 8, 9, 11)
    assert plan(wide, narrow, importance).steps[0].units == kept
    assert plan(wide, narrow, importance).steps[1].inputs == kept
    assert plan(wide, narrow).steps[0].units == tuple(range(9))
    assert not plan(wide, narrow, importance).exact


def test_what_comes_from_the_ancestor_is_what_both_have() -> None:
    space = PRESETS["attention"]

    def of(width: int, heads: int, reduction: int) -> Architecture:
        genes = {"width": width, "heads": heads, "head_size": 4, "norm": "none", "residual": False}
        layers = [
            Node("a", "self_attention", genes=genes),  # type: ignore[arg-type]
            Node("s", "squeeze_excitation", ("a",), {"reduction": reduction}),
        ]
        return space.architecture([Node("x", "A")], {"A": layers})

    for parent, child in (((8, 2, 4), (12, 5, 2)), ((12, 5, 2), (8, 2, 4))):
        attention, excitation, _ = plan(of(*parent), of(*child)).steps
        assert attention.inherited == (2 * 4) * (3 * 5 + 8) + 8
        assert excitation.inherited == 2 * (8 * 2) + 2 + 8


def test_genes_of_a_users_layer_may_have_the_names_of_sizes() -> None:
    genes = {
        "reduction": CategoricalDistribution(("mean", "sum")),
        "heads": CategoricalDistribution(("one", "two")),
        "head_size": FloatDistribution(0.1, 1.0),
    }
    layer = replace(get_layer("dense"), name="test_sizes", genes=get_layer("dense").genes | genes)
    register_layer(layer)
    space = SearchSpace(layers=["test_sizes"], input_shape=(6,), num_outputs=3)

    def of(width: int, reduction: str, head_size: float) -> Architecture:
        genes = {"width": width, "reduction": reduction, "head_size": head_size}
        return space.architecture([Node("x", "A")], {"A": [Node("a", "test_sizes", genes=genes)]})  # type: ignore[arg-type]

    for child in (of(8, "sum", 0.5), of(12, "mean", 0.2)):
        assert plan(of(8, "mean", 0.2), child).steps[0].change in ("copied", "widened")


@pytest.mark.parametrize(
    ("changes", "argument"),
    [({"num_outputs": 4}, "num_outputs"), ({"input_shape": (7,)}, "input_shape")],
)
def test_networks_for_other_data_are_refused(changes: dict[str, object], argument: str) -> None:
    arguments = {"input_shape": (6,), "num_outputs": 3, **changes}
    other = SearchSpace.dense(**arguments).smallest()  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"`{argument}`"):
        plan(network(dense("a")), other)
