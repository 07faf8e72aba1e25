from __future__ import annotations

import re
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from optuna.distributions import FloatDistribution

from optuna_codeepneat.sampler import Mutation
from optuna_codeepneat.sampler import Operator
from optuna_codeepneat.sampler._genetics._mutation import add_connection
from optuna_codeepneat.sampler._genetics._mutation import change_kind
from optuna_codeepneat.sampler._genetics._mutation import remove_connection
from optuna_codeepneat.sampler._genetics._mutation import remove_node
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.testing import check_operator


SPACES = {
    "conv1d": SearchSpace.conv1d(input_shape=(2, 16), num_outputs=3, max_params=20_000),
    "dense": SearchSpace.dense(
        input_shape=(4,),
        num_outputs=2,
        merges=("concat",),
        hyperparameters={"lr": FloatDistribution(0.1, 0.2)},
    ),
}
OPERATORS: dict[str, Operator] = {
    "mutation": Mutation(),
    "add_node": Mutation().add_node,
    "add_connection": add_connection,
    "remove_node": remove_node,
    "remove_connection": remove_connection,
    "change_kind": change_kind,
    "nothing": lambda genome, rng, space: genome,
}


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_of_ours_passes(operator: str, space: str) -> None:
    check_operator(OPERATORS[operator], SPACES[space], n_genomes=15)


calls = count()


def with_first(genome: Graph, **changes: Any) -> Graph:
    """The genome with another first node."""
    return replace(genome, nodes=(replace(genome.nodes[0], **changes), *genome.nodes[1:]))


def non_deterministic(genome: Graph, rng: Any, space: Any) -> Graph:
    return with_first(genome, genes=genome.nodes[0].genes | {"width": 8 + next(calls) % 8})


def changes_input(genome: Graph, rng: Any, space: Any) -> Graph:
    object.__setattr__(genome, "nodes", (*genome.nodes, Node("x", genome.nodes[0].kind)))
    return genome


def changes_index(genome: Graph, rng: Any, space: Any) -> Graph:
    genome.by_id.popitem()
    return genome


def changes_space(genome: Graph, rng: Any, space: Any) -> Graph:
    space.kinds["another"] = {}
    return genome


def grows_for_ever(genome: Graph, rng: Any, space: Any) -> Graph:
    last = genome.sinks[0] if len(genome.sinks) == 1 else genome.nodes[-1].id
    kind, genes = space.draw_node(rng)
    new = Node(f"{last}+", kind, (last,), genes)
    return replace(genome, nodes=(*genome.nodes, new))


BROKEN: dict[str, tuple[Operator, str]] = {
    "non-deterministic": (
        non_deterministic,
        r"it returns \{.*\} and then \{.*\} for the same random numbers; draw from `rng` alone",
    ),
    "changes its input": (changes_input, r"it changes the genome that it is given, to \{.*\}"),
    "changes the input's index": (changes_index, r"it changes the genome that it is given"),
    "changes the space": (changes_space, r"it changes the space that it is given"),
    "no genome": (
        lambda genome, rng, space: None,
        r"must return a genome \(a `Graph`\), got None",
    ),
    "error": (lambda genome, rng, space: 1 / 0, r"it raised ZeroDivisionError: division by zero"),
    "mutable genes": (
        lambda genome, rng, space: genome.nodes[0].genes.update(width=3),
        r"it raised TypeError: genes are immutable",
    ),
    "invalid graph": (
        lambda genome, rng, space: with_first(genome, inputs=("nowhere",)),
        r"`lint\(\)` of its result \{.*\} raised ValueError: node .* reads \['nowhere'\]",
    ),
    "no nodes": (
        lambda genome, rng, space: Graph((), genes=genome.genes),
        r"`space.encode` of its result \{.*\} raised ValueError: .*there are no nodes",
    ),
    "too many nodes": (
        grows_for_ever,
        r"`space.encode` of its result \{.*\} raised ValueError: `module.A.n_nodes`=4 is",
    ),
    "unknown layer": (
        lambda genome, rng, space: with_first(genome, kind="lstm"),
        r"node '\w+' \(lstm\) of its result is none of conv1d, separable_conv1d",
    ),
    "missing gene": (
        lambda genome, rng, space: with_first(genome, genes=Genes()),
        r"node .* of its result has the genes \[\], not \['activation', ",
    ),
    "value out of range": (
        lambda genome, rng, space: with_first(genome, genes=genome.nodes[0].genes | {"width": 65}),
        r"the gene `width` of node .* of its result is 65, outside of IntDistribution",
    ),
    "dropped global genes": (
        lambda genome, rng, space: replace(genome, genes=Genes()),
        r"on the blueprint .*: the blueprint of its result has the genes \[\], not \['batch_size'",
    ),
}


@pytest.mark.parametrize("defect", BROKEN)
def test_a_defect_is_named(defect: str) -> None:
    operator, message = BROKEN[defect]
    space = SearchSpace(layers=("conv1d", "separable_conv1d"), input_shape=(2, 16), num_outputs=3)
    with pytest.raises(AssertionError) as caught:
        check_operator(operator, space)
    name = operator.__name__  # type: ignore[attr-defined]
    assert re.match(rf"operator '{name}' on the (module|blueprint) \{{.*\}}: ", str(caught.value))
    assert re.search(message, str(caught.value)), caught.value


def test_no_genomes_are_refused() -> None:
    with pytest.raises(ValueError, match="`n_genomes` must be at least 1, got 0"):
        check_operator(Mutation(), SPACES["dense"], n_genomes=0)
