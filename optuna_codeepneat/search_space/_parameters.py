"""The parameters of a trial: their names, and how they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeAlias

from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._architecture import Architecture
from optuna_codeepneat.search_space._graph import IN
from optuna_codeepneat.search_space._graph import Value
from optuna_codeepneat.search_space._layer import extremes


if TYPE_CHECKING:
    from optuna.trial import BaseTrial

Choose: TypeAlias = Callable[[str, BaseDistribution], Any]
"""Gives a value for a parameter: ``trial.suggest_*``, a look-up, or a random draw."""


def is_architecture_parameter(name: str) -> bool:
    """Whether a parameter's name belongs to the architecture and not to the objective."""
    return name == "head.pool" or name.startswith(("blueprint.", "module."))


@lru_cache(maxsize=256)
def inputs_of(position: int, max_inputs: int) -> CategoricalDistribution:
    """What the node at a position may read: sets of at most `max_inputs` earlier nodes."""
    earlier = [IN, *map(str, range(position))]
    most = min(max_inputs, len(earlier))
    sets = (chosen for n in range(1, most + 1) for chosen in combinations(earlier, n))
    return CategoricalDistribution(tuple("+".join(chosen) for chosen in sets))


def ask(choose: Choose, name: str, distribution: BaseDistribution) -> Any:
    """A value from `choose`, or the only one there is: fixed genes are no parameters."""
    return extremes(distribution)[0] if distribution.single() else choose(name, distribution)


def suggest(trial: BaseTrial, name: str, distribution: BaseDistribution) -> Any:
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    if isinstance(distribution, IntDistribution):
        low, high, step = distribution.low, distribution.high, distribution.step
        return trial.suggest_int(name, low, high, step=step, log=distribution.log)
    assert isinstance(distribution, FloatDistribution)
    bounds = (distribution.low, distribution.high)
    return trial.suggest_float(name, *bounds, step=distribution.step, log=distribution.log)


def values_of(architecture: Architecture) -> list[tuple[str, Value]]:
    """Name and value of everything in an architecture, fixed genes included."""
    values: list[tuple[str, Value]] = list(architecture.hyperparameters.items())
    graphs = {"blueprint": architecture.blueprint}
    graphs |= {f"module.{slot}": graph for slot, graph in architecture.modules.items()}
    for prefix, graph in graphs.items():
        in_blueprint = prefix == "blueprint"
        values.append((f"{prefix}.n_nodes", len(graph.nodes)))
        for node in graph.nodes:
            place = f"{prefix}.{node.id}"
            values.append((f"{place}.{'module' if in_blueprint else 'layer'}", node.kind))
            values.append((f"{place}.inputs", "+".join(node.inputs)))
            if node.merge is not None:
                values.append((f"{place}.merge", node.merge))
            gene_place = place if in_blueprint else f"{place}.{node.kind}"
            values += [(f"{gene_place}.{gene}", value) for gene, value in node.genes.items()]
        if graph.merge is not None:
            values.append((f"{prefix}.out.merge", graph.merge))
        values += graph.genes.items()
    return values
