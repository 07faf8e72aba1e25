"""What networks are made of, as features that can be held against how good they are."""

from __future__ import annotations

from collections import Counter
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeAlias

from optuna.distributions import CategoricalDistribution

from optuna_codeepneat.search_space import BLUEPRINT
from optuna_codeepneat.search_space import GraphNames
from optuna_codeepneat.search_space import graphs_in
from optuna_codeepneat.search_space import is_architecture_parameter


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.sampler import Ancestry

Feature: TypeAlias = float | str
"""A number, or one of several categories."""


def features_of(trial: FrozenTrial, ancestry: Ancestry | None = None) -> dict[str, Feature]:
    """The components of a trial's network.

    They are read off the parameters, so that networks of any sampler have them: how many modules
    the blueprint has and how many of them differ, layers of each kind, merges and connections,
    the mean of each gene over the layers that have it, and the parameters beside the
    architecture. Where a sampler of this package says so, also which blueprint and which modules.
    """
    features: dict[str, Feature] = {}
    for name, value in trial.params.items():
        if not is_architecture_parameter(name):
            is_categorical = isinstance(trial.distributions[name], CategoricalDistribution)
            features[name] = str(value) if is_categorical else float(value)
    if "head.pool" in trial.params:
        features["global pooling"] = str(trial.params["head.pool"])
    features |= _of_network(trial.params)
    if ancestry is not None and ancestry.modules:
        features["blueprint"] = ancestry.blueprint
        features |= {f"module in slot {slot}": id for slot, id in ancestry.modules.items()}
    return features


def _of_network(params: Mapping[str, Any]) -> dict[str, Feature]:
    """What the architecture's parameters say, counted over the assembled network."""
    graphs = graphs_in(params)
    if not graphs:
        return {}
    blueprint = graphs.pop(BLUEPRINT)
    slots = Counter(node.kind for node in blueprint.nodes)
    counts: Counter[str] = Counter()
    numbers: dict[str, list[float]] = defaultdict(list)
    # What stands in the blueprint is once in the network, what stands in module A as often as A.
    for graph, times in [(blueprint, 1), *((graphs[slot], slots[slot]) for slot in graphs)]:
        for merge in (graph.merge, *(node.merge for node in graph.nodes)):
            if merge is not None:
                counts[f"merges by {merge}"] += times
        if len(graph.nodes) > 1:
            counts["extra connections"] += times * (len(graph.edges) - len(graph.nodes))
    for node in blueprint.nodes:
        if "pool" in node.genes:
            counts["poolings"] += int(node.genes["pool"])
    for slot, module in graphs.items():
        for node in module.nodes:
            if GraphNames(slot).node(node.id)[0] in params:
                counts[f"{node.kind} layers"] += slots[slot]
            # A category counts how often it stands there, a number by its mean.
            for gene, value in node.genes.items():
                if isinstance(value, str):
                    counts[f"{node.kind}: {gene} {value}"] += 1
                else:
                    numbers[f"{node.kind}: {gene}"].append(float(value))
    features: dict[str, Feature] = {name: float(n) for name, n in counts.items()}
    features |= {name: sum(values) / len(values) for name, values in numbers.items()}
    features["modules in the blueprint"] = float(slots.total())
    features["different modules"] = float(len(slots))
    return features
