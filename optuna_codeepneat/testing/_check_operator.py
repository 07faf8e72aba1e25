"""`check_operator`: whether a mutation keeps its word."""

from __future__ import annotations

import json
from copy import copy
from copy import deepcopy
from dataclasses import dataclass

from optuna.distributions import BaseDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler import GenomeSpace
from optuna_codeepneat.sampler import Operator
from optuna_codeepneat.sampler import Ranges
from optuna_codeepneat.sampler import blueprint_space
from optuna_codeepneat.sampler import module_space
from optuna_codeepneat.sampler import with_innovation_ids
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import contains
from optuna_codeepneat.testing._architectures import drawn_architecture
from optuna_codeepneat.testing._case import Case


_GENERATIONS = 5
"""How often an operator is applied to its own results before it gets a new genome."""

# What an objective might suggest beside the architecture: blueprints carry such genes too.
_GLOBAL: dict[str, BaseDistribution] = {
    "batch_size": IntDistribution(16, 128, step=16),
    "lr": FloatDistribution(1e-4, 1e-1, log=True),
}


@dataclass(frozen=True)
class OperatorCase(Case):
    """An operator and the genome that it is given."""

    operator: Operator
    what: str
    genome: Graph

    def __str__(self) -> str:
        name = getattr(self.operator, "__name__", type(self.operator).__name__)
        return f"operator {name!r} on the {self.what} {_text(self.genome)}"


def check_operator(
    mutation: Operator, space: SearchSpace, *, n_genomes: int = 50, seed: int = 0
) -> None:
    """Checks a mutation of your own, on random modules and blueprints and on its own results.

    What it returns has to be a valid genome within the space (which the caps `max_params` and
    `max_macs` do not concern: the sampler sees to them), with every gene. It has to leave its
    arguments as they are, and to return the same for the same random numbers.

    Args:
        mutation:
            ``(genome, rng, space) -> genome``.
        space:
            The search space that genomes are drawn from.
        n_genomes:
            How many modules and how many blueprints to mutate.
        seed:
            The same seed tries the same genomes.

    Raises:
        AssertionError: If something is wrong; the message names the operator, the genome and what
            became of it.
        ValueError: If an argument makes no sense.

    Example:
        >>> from optuna_codeepneat import SearchSpace
        >>> from optuna_codeepneat.sampler import Mutation
        >>> from optuna_codeepneat.testing import check_operator
        >>> space = SearchSpace.dense(input_shape=(4,), num_outputs=2)
        >>> check_operator(Mutation(add_node_prob=0.5), space, n_genomes=10)
    """
    __tracebackhide__ = True
    if n_genomes < 1:
        raise ValueError(f"`n_genomes` must be at least 1, got {n_genomes}.")
    global_genes = {n: d for n, d in _GLOBAL.items() if n not in space.hyperparameters}
    own_spaces = {"module": module_space(space), "blueprint": blueprint_space(space, global_genes)}
    uncapped = copy(space)
    uncapped.max_params = uncapped.max_macs = None
    smallest = uncapped.smallest()
    for what, own in own_spaces.items():
        for i in range(n_genomes):
            if i % _GENERATIONS == 0:
                genome = _genome(space, own, what, seed, i)
            case = OperatorCase(mutation, what, deepcopy(genome))
            genome = _child(case, genome, own, seed, i)
            _check_child(case, genome, own, uncapped, smallest)


def _genome(space: SearchSpace, own: GenomeSpace, what: str, seed: int, number: int) -> Graph:
    """A genome of any size and shape."""
    rng = rng_for(seed, "genome", what, number)
    architecture = drawn_architecture(space, rng)
    if what == "module":
        return with_innovation_ids(next(iter(architecture.modules.values())))
    blueprint = with_innovation_ids(architecture.blueprint)
    return Graph(blueprint.nodes, blueprint.merge, own.draw_genes(own.genes, rng))


def _child(case: OperatorCase, genome: Graph, own: GenomeSpace, seed: int, number: int) -> Graph:
    """The operator's result, the same twice, its arguments as they were."""
    __tracebackhide__ = True
    own_before = deepcopy(own)
    children = []
    for _ in range(2):
        rng = rng_for(seed, "operator", case.what, number)
        child: Graph = case.attempt("it", case.operator, genome, rng, own)
        case.require(
            isinstance(child, Graph), f"it must return a genome (a `Graph`), got {child!r}."
        )
        unchanged = genome == case.genome and genome.by_id == case.genome.by_id
        case.require(
            unchanged,
            f"it changes the genome that it is given, to {_text(genome)}; make a new one.",
        )
        case.require(own == own_before, "it changes the space that it is given.")
        children.append(child)
    case.require(
        children[0] == children[1],
        f"it returns {_text(children[0])} and then {_text(children[1])} for the same random "
        "numbers; draw from `rng` alone.",
    )
    return children[0]


def _check_child(
    case: OperatorCase,
    child: Graph,
    own: GenomeSpace,
    space: SearchSpace,
    smallest: Architecture,
) -> None:
    """The result is valid, complete and stands for a network of the space."""
    __tracebackhide__ = True
    case.attempt(f"`lint()` of its result {_text(child)}", child.lint)
    for node in child.nodes:
        place = f"node {node.id!r} ({node.kind})"
        case.require(
            node.kind in own.kinds,
            f"{place} of its result is none of {', '.join(own.kinds)}.",
        )
        _check_genes(case, place, node.genes, own.kinds[node.kind])
    _check_genes(case, f"the {case.what}", child.genes, own.genes)

    def round_trip() -> bool:
        architecture = _with(child, case.what, space, smallest)
        return space.decode(space.encode(architecture)) == architecture

    encoding = f"`space.encode` of its result {_text(child)}"
    case.require(case.attempt(encoding, round_trip), f"{encoding} describes another network.")


def _check_genes(case: OperatorCase, place: str, genes: Genes, ranges: Ranges) -> None:
    __tracebackhide__ = True
    case.require(
        set(genes) == set(ranges),
        f"{place} of its result has the genes {sorted(genes)}, not {sorted(ranges)}.",
    )
    for name, value in genes.items():
        case.require(
            contains(ranges[name], value),
            f"the gene `{name}` of {place} of its result is {value!r}, outside of {ranges[name]}.",
        )


def _with(genome: Graph, what: str, space: SearchSpace, smallest: Architecture) -> Architecture:
    """A network that contains the genome and is as small as possible beside it."""
    slot, module = next(iter(smallest.modules.items()))
    if what == "module":
        return space.architecture(smallest.blueprint, {slot: genome}, smallest.hyperparameters)
    hyperparameters = {name: genome.genes[name] for name in space.hyperparameters}
    return space.architecture(genome, dict.fromkeys(space.slots, module), hyperparameters)


def _text(genome: Graph) -> str:
    return json.dumps(genome.to_json(), default=repr)  # numpy's numbers are no genes, but shown
