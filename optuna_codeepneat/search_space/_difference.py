"""What tells two search spaces apart, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Where a space differs first from another.

    Args:
        before:
            What `SearchSpace.to_json` said of the one.
        now:
            What it says of the other.

    Returns:
        For instance "`max_params` was 20000 and is 30000"; empty if they are equal.
    """
    one, other = _flat(before), _flat(now)
    for name in {**one, **other}:
        if one.get(name) != other.get(name):
            return f"`{name}` was {_said(one, name)} and is {_said(other, name)}"
    return ""


def _flat(space: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a space by the names that a user knows them by."""
    value = {"weight_sharing": False, "padding_index": None, **space}
    layers, pools = dict(value.pop("layers")), value.pop("graph_genes").get("head.pool")
    flat = {name: part for name, part in value.items() if name != "hyperparameters"}
    if pools is not None:
        flat["global_pools"] = json.loads(pools)["attributes"]["choices"]
    flat["layers"] = list(layers)
    for name, genes in {**layers, "hyperparameters": value["hyperparameters"]}.items():
        flat |= {f"{name}.{gene}": json.loads(text) for gene, text in genes.items()}
    return flat


def _said(flat: Mapping[str, Any], name: str) -> str:
    if name not in flat:
        return "not there"
    value = flat[name]
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if not (isinstance(value, dict) and "attributes" in value):
        return str(value)
    limits = value["attributes"]
    if "choices" in limits:
        return f"one of {', '.join(map(str, limits['choices']))}"
    return f"{limits['low']} to {limits['high']}" + (", logarithmic" if limits.get("log") else "")
