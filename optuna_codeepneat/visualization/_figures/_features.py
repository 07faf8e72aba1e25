"""What networks are made of, as features that can be held against how good they are."""

from __future__ import annotations

from collections import Counter
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeAlias

from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

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

    Args:
        trial:
            The trial.
        ancestry:
            Where its network comes from, if it says so.
    """
    features: dict[str, Feature] = {}
    for name, value in trial.params.items():
        if not is_architecture_parameter(name):
            features[name] = _feature(value, trial.distributions[name])
    if "head.pool" in trial.params:
        features["global pooling"] = str(trial.params["head.pool"])
    features |= _of_network(trial.params)
    if ancestry is not None and ancestry.modules:
        features["blueprint"] = ancestry.blueprint
        features |= {f"module in slot {slot}": id for slot, id in ancestry.modules.items()}
    return features


def _feature(
    value: Any, distribution: FloatDistribution | IntDistribution | CategoricalDistribution | Any
) -> Feature:
    if isinstance(distribution, CategoricalDistribution):
        return str(value)
    return float(value)


def _of_network(params: Mapping[str, Any]) -> dict[str, Feature]:
    """What the architecture's parameters say, counted over the assembled network."""
    own = {n: v for n, v in params.items() if is_architecture_parameter(n) and n != "head.pool"}
    if not own:
        return {}
    # With one slot nobody asks which: all nodes point to it.
    slots = Counter(
        str(own.get(f"blueprint.{i}.module", "A"))
        for i in range(int(own.get("blueprint.n_nodes", 1)))
    )
    counts: Counter[str] = Counter()
    genes: dict[str, list[float]] = defaultdict(list)
    for name, value in own.items():
        parts = name.split(".")
        last = parts[-1]
        # "blueprint.2.inputs" stands once in the network, "module.A.2.inputs" as often as A.
        times = 1 if parts[0] == "blueprint" else slots[parts[1]]
        if last == "layer":
            counts[f"{value} layers"] += times
        elif last == "merge":
            counts[f"merges by {value}"] += times
        elif last == "inputs":
            counts["extra connections"] += times * str(value).count("+")
        elif last == "pool":
            counts["poolings"] += int(bool(value))
        elif parts[0] == "module" and len(parts) == 5:
            kind = parts[3]
            if isinstance(value, str):
                genes[f"{kind}: {last} {value}"].append(1.0)
            else:
                genes[f"{kind}: {last}"].append(float(value))
    features: dict[str, Feature] = {name: float(n) for name, n in counts.items()}
    for name, values in genes.items():
        # A category counts how often it stands there, a number by its mean.
        categorical = " " in name.partition(": ")[2]
        features[name] = float(len(values)) if categorical else sum(values) / len(values)
    features["modules in the blueprint"] = float(slots.total())
    features["different modules"] = float(len(slots))
    return features
