"""What the model sees of a network."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.sampler._surrogate._features import BagOfGenes
from optuna_codeepneat.sampler._surrogate._features import Table
from optuna_codeepneat.sampler._surrogate._features import bag_of_structure
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace


SPACE = SearchSpace.conv1d(
    input_shape=(1, 40), num_outputs=2, n_module_slots=2, max_module_nodes=3, min_pooling=2
)
RANGES = {
    "lr": FloatDistribution(1e-4, 1e-1, log=True),
    "units": IntDistribution(8, 64),
    "optimizer": CategoricalDistribution(("sgd", "adam")),
    "seed": IntDistribution(3, 3),
}


def conv(name: str, *inputs: str, merge: str | None = None, **genes: Any) -> Node:
    own = {"width": 4, "kernel": 3, "dilation": 1, "activation": "relu", "residual": False}
    return Node(name, "conv1d", inputs or ("in",), {**own, **genes}, merge)


def network(*slots: str, **modules: list[Node]) -> Architecture:
    """A chain of modules."""
    blueprint = [Node(str(i), slot, (str(i - 1) if i else "in",)) for i, slot in enumerate(slots)]
    return SPACE.architecture(blueprint, modules)


def test_the_names_of_slots_make_no_difference() -> None:
    wide, narrow = [conv("0", width=32)], [conv("0", kernel=7), conv("1", "0", dilation=4)]
    bag = bag_of_structure(network("A", "B", "A", A=wide, B=narrow))
    assert bag == pytest.approx(bag_of_structure(network("B", "A", "B", B=wide, A=narrow)))
    assert bag != pytest.approx(bag_of_structure(network("A", "B", "A", A=narrow, B=wide)))


def test_the_order_of_nodes_makes_no_difference() -> None:
    wide, far = {"width": 32}, {"kernel": 7, "dilation": 2}
    one = [conv("0", **wide), conv("1", **far), conv("2", "0", "1", merge="sum")]
    other = [conv("0", **far), conv("1", **wide), conv("2", "0", "1", merge="sum")]
    bag = bag_of_structure(network("A", A=one))
    assert bag == pytest.approx(bag_of_structure(network("A", A=other)))


def test_receptive_field() -> None:
    """1, + 2, + 4 * 2 and + 1 for the pool; from there on a step is 2: + 6 * 2, + 2."""
    module = [conv("0"), conv("1", "0", kernel=5, dilation=2)]
    architecture = network("A", "B", A=module, B=[conv("0", kernel=7)])
    factors = [op.genes["factor"] for op in architecture.operations if op.kind == "max_pool"]
    assert factors == [2, 2]
    bag = bag_of_structure(architecture)
    assert bag["reach", "log reach"] == pytest.approx(math.log(1 + 2 + 4 * 2 + 1 + 6 * 2 + 2))
    assert bag["reach", "log step"] == pytest.approx(math.log(4))


def test_receptive_field_is_that_of_the_longest_way() -> None:
    module = [conv("0"), conv("1", kernel=7, dilation=4), conv("2", "0", "1", merge="sum")]
    bag = bag_of_structure(network("A", A=module))
    chain = bag_of_structure(network("A", A=[conv("1", kernel=7, dilation=4), conv("2", "1")]))
    assert bag["reach", "log reach"] == pytest.approx(chain["reach", "log reach"])


def test_layers_and_pairs_of_them_are_counted() -> None:
    bag = bag_of_structure(network("A", "A", A=[conv("0"), conv("1", "0", activation="elu")]))
    assert bag["layers", "conv1d"] == 4.0 and bag["depth", "modules"] == 2.0
    assert bag["genes", "conv1d activation elu"] == 2.0
    assert bag["pairs", "conv1d > conv1d"] == 2.0 and bag["pairs", "max_pool > conv1d"] == 1.0


def test_what_is_absent_has_a_flag() -> None:
    assert BagOfGenes(RANGES)({"lr": 1e-1, "optimizer": "sgd"}).keys() == {
        ("gene lr", "value"),
        ("gene units", "absent"),
        ("gene optimizer", "is sgd"),
    }
    both = [BagOfGenes(RANGES)({"lr": lr})["gene lr", "value"] for lr in (1e-4, 10**-2.5, 1e-1)]
    assert both == pytest.approx([0.0, 0.5, 1.0])


def test_two_choices_are_as_far_apart_as_the_ends_of_a_range() -> None:
    table = Table()
    bags = [BagOfGenes(RANGES)({"optimizer": which}) for which in ("sgd", "adam")]
    rows = [table.row(bag) for bag in bags]
    matrix, _ = table.matrix(rows, table.columns(rows))
    assert np.linalg.norm(matrix[0] - matrix[1]) == pytest.approx(1.0)


@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
def test_choices_of_any_kind_are_told_apart_as_a_database_gives_them() -> None:
    ranges = {"betas": CategoricalDistribution(((0.9, 0.99), (0.5, 0.9), None, 1, "1"))}
    bags = [BagOfGenes(ranges)({"betas": c}) for c in ranges["betas"].choices]
    assert len({tuple(bag) for bag in bags[:4]}) == 4
    assert BagOfGenes(ranges)({"betas": [0.9, 0.99]}) == bags[0]


_BAGS = st.lists(
    st.dictionaries(st.tuples(*[st.sampled_from("abcd")] * 2), st.floats(-9, 9)), min_size=1
)


@given(_BAGS, _BAGS)
def test_what_was_seen_before_makes_no_difference(
    earlier: list[dict[tuple[str, str], float]], bags: list[dict[tuple[str, str], float]]
) -> None:
    fresh, used = Table(), Table()
    for bag in earlier:
        used.row(bag)
    rows, same_rows = [[table.row(bag) for bag in bags] for table in (fresh, used)]
    columns, same_columns = fresh.columns(rows), used.columns(same_rows)
    ours, theirs = fresh.matrix(rows, columns), used.matrix(same_rows, same_columns)
    assert fresh.kinds(columns) == used.kinds(same_columns)
    assert len(columns) == len({name for bag in bags for name in bag})
    assert np.array_equal(ours[0], theirs[0])
    assert ours[0].sum() == pytest.approx(sum(sum(bag.values()) for bag in bags))
    assert not ours[1].any() and not theirs[1].any()


@given(_BAGS, _BAGS)
def test_what_known_networks_do_not_have_is_summed(
    known: list[dict[tuple[str, str], float]], others: list[dict[tuple[str, str], float]]
) -> None:
    table = Table()
    rows = [table.row(bag) for bag in others]
    names = {name for bag in known for name in bag}
    matrix, elsewhere = table.matrix(rows, table.columns([table.row(bag) for bag in known]))
    assert matrix.shape == (len(others), len(names))
    for bag, own, more in zip(others, matrix, elsewhere, strict=True):
        assert own.sum() == pytest.approx(sum(v for name, v in bag.items() if name in names))
        assert more == pytest.approx(sum(abs(v) for name, v in bag.items() if name not in names))
