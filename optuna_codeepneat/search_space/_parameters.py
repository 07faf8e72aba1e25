"""The parameters of a trial: their names, and how they are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeAlias

from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._architecture import BLUEPRINT
from optuna_codeepneat.search_space._architecture import Architecture
from optuna_codeepneat.search_space._genes import Genes
from optuna_codeepneat.search_space._genes import Value
from optuna_codeepneat.search_space._graph import IN
from optuna_codeepneat.search_space._graph import Graph
from optuna_codeepneat.search_space._graph import Node
from optuna_codeepneat.search_space._layer import extremes


if TYPE_CHECKING:
    from optuna.trial import BaseTrial

Choose: TypeAlias = Callable[[str, BaseDistribution], Any]
"""Gives a value for a parameter: ``trial.suggest_*``, a look-up, or a random draw."""


_MOST_BYTES = 65_535
_NAME = re.compile(
    r"head\.pool|(blueprint|module\.[A-Z])\.(n_nodes|out\.merge|\d+\.(inputs|merge))"
    r"|blueprint\.\d+\.(module|pool)|module\.[A-Z]\.\d+\.(layer|\w+\..+)",
    re.DOTALL,
)


def is_architecture_parameter(name: str) -> bool:
    """Whether a network of some search space has a parameter of this name.

    Where the space is known, its `SearchSpace.architecture_parameters` say it exactly.
    """
    return _NAME.fullmatch(name) is not None


def beginning(prefix: str | None) -> str:
    """What names begin with under a prefix; ValueError if names could not be told apart."""
    if prefix is None:
        return ""
    reserved = prefix in (BLUEPRINT, "module", "head")
    if reserved or not (isinstance(prefix, str) and prefix.isidentifier()):
        raise ValueError(
            "`prefix` must be letters, digits and underscores, and neither 'blueprint', "
            f"'module' nor 'head', got {prefix!r}."
        )
    return f"{prefix}."


def network_key(params: Mapping[str, Any]) -> Hashable:
    """What is equal for the parameters of two trials of a study that have the same network.

    Where nothing describes a network, all parameters count; None where there are none.
    """
    own = {name: value for name, value in params.items() if is_architecture_parameter(name)}
    # As text: choices that were lists can't be hashed.
    return frozenset((name, repr(value)) for name, value in (own or params).items()) or None


@lru_cache(maxsize=256)
def inputs_of(position: int, max_inputs: int) -> CategoricalDistribution:
    """What the node at a position may read: sets of at most `max_inputs` earlier nodes."""
    earlier = [IN, *map(str, range(position))]
    most = min(max_inputs, len(earlier))
    sets = (chosen for n in range(1, most + 1) for chosen in combinations(earlier, n))
    return CategoricalDistribution(tuple("+".join(chosen) for chosen in sets))


def most_inputs(max_nodes: int) -> int:
    """The most inputs of a node for which the last of so many nodes can be stored.

    Its parameter's choices, every set of earlier nodes that it may read, are stored with each
    trial; MySQL's TEXT ends at 65,535 bytes.
    """
    lengths = [len(IN), *(len(str(i)) for i in range(max_nodes - 1))]
    n, size = len(lengths), 100  # of what stands around the choices
    for k in range(1, n + 1):
        # Every name is in comb(n - 1, k - 1) of the sets, which have quotes, a comma and pluses.
        size += comb(n - 1, k - 1) * sum(lengths) + comb(n, k) * (k + 3)
        if size > _MOST_BYTES:
            return k - 1
    return n


def ask(choose: Choose, name: str, distribution: BaseDistribution) -> Any:
    """A value from `choose`, or the only one there is: fixed genes are no parameters."""
    return extremes(distribution)[0] if distribution.single() else choose(name, distribution)


def suggest(trial: BaseTrial, name: str, distribution: BaseDistribution) -> Any:
    """A trial's value of a parameter, by the method for its kind of distribution."""
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    if isinstance(distribution, IntDistribution):
        low, high, step = distribution.low, distribution.high, distribution.step
        return trial.suggest_int(name, low, high, step=step, log=distribution.log)
    assert isinstance(distribution, FloatDistribution)
    bounds = (distribution.low, distribution.high)
    return trial.suggest_float(name, *bounds, step=distribution.step, log=distribution.log)


class GraphNames:
    """What the parameters of `BLUEPRINT` or a slot are named: ``module.A.1.conv1d.width``."""

    def __init__(self, graph: str) -> None:
        self._in_blueprint = graph == BLUEPRINT
        self._graph = graph if self._in_blueprint else f"module.{graph}"
        self.n_nodes = f"{self._graph}.n_nodes"
        self.merge = f"{self._graph}.out.merge"

    def node(self, id: str | int) -> tuple[str, str, str]:
        """The names of a node's kind, inputs and merge."""
        place = f"{self._graph}.{id}"
        kind = f"{place}.module" if self._in_blueprint else f"{place}.layer"
        return kind, f"{place}.inputs", f"{place}.merge"

    def genes(self, id: str | int, kind: str) -> str:
        """What the names of a node's genes begin with."""
        return f"{self._graph}.{id}." if self._in_blueprint else f"{self._graph}.{id}.{kind}."

    def read(self, params: Mapping[str, Any]) -> Graph:
        """The graph as far as parameters tell of it: what a search space fixes is none of them."""
        nodes: list[Node] = []
        for i in range(int(params.get(self.n_nodes, 1))):
            names = kind, inputs, merge = self.node(i)
            place = f"{self._graph}.{i}."
            own = [n for n in params if n.startswith(place) and n not in names]
            # With one slot or one layer alone nobody asks which; genes name their layer.
            alone = "A" if self._in_blueprint else next((n.split(".")[3] for n in own), "layer")
            known = str(params.get(kind, alone))
            begin = self.genes(i, known)
            genes = {n.removeprefix(begin): params[n] for n in own if n.startswith(begin)}
            sources = str(params.get(inputs, nodes[-1].id if nodes else IN)).split("+")
            nodes.append(Node(str(i), known, tuple(sources), Genes(genes), params.get(merge)))
        return Graph(tuple(nodes), params.get(self.merge))


def graphs_in(params: Mapping[str, Any]) -> dict[str, Graph]:
    """The graphs that parameters tell of, by `BLUEPRINT` and slots; none if they tell of none."""
    own: dict[str, dict[str, Any]] = {}
    for name, value in params.items():
        if name != "head.pool" and is_architecture_parameter(name):
            own.setdefault(name.removeprefix("module.").partition(".")[0], {})[name] = value
    graphs = [BLUEPRINT, *sorted(own.keys() - {BLUEPRINT})]
    return {graph: GraphNames(graph).read(own.get(graph, {})) for graph in graphs if own}


def values_of(architecture: Architecture) -> dict[str, Value]:
    """Value of everything in an architecture by its name, fixed genes included."""
    return {**architecture.hyperparameters, **graph_values_of(architecture)}


def graph_values_of(architecture: Architecture) -> dict[str, Value]:
    """The same without the hyperparameters."""
    values: dict[str, Value | None] = {}
    for name, graph in {BLUEPRINT: architecture.blueprint, **architecture.modules}.items():
        names = GraphNames(name)
        values[names.n_nodes] = len(graph.nodes)
        for node in graph.nodes:
            kind, inputs, merge = names.node(node.id)
            values |= {kind: node.kind, inputs: "+".join(node.inputs), merge: node.merge}
            begin = names.genes(node.id, node.kind)
            values |= {begin + gene: value for gene, value in node.genes.items()}
        values |= {names.merge: graph.merge, **graph.genes}
    return {name: value for name, value in values.items() if value is not None}
