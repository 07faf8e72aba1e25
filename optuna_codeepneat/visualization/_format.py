"""Values, trials and networks in a few words, for hovering over figures and for tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from math import isfinite
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._attributes import NUM_PARAMS
from optuna_codeepneat._objectives import LATENCY
from optuna_codeepneat._text import cut
from optuna_codeepneat.visualization._trials import generation_of


if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna.trial import FrozenTrial

    from optuna_codeepneat.visualization._trials import Objective

_MOST_CHARACTERS = 90
_SLOT = re.compile(r"module\.(\w+)\.n_nodes")
_SHORT = {"width": "{}", "kernel": "k{}", "dilation": "d{}", "stride": "s{}"}


def format_metric(name: str, value: float) -> str:
    """A value of a metric: shares in percent, latencies in milliseconds, whole numbers in full."""
    if is_share(name) and 0 <= value <= 1:
        return f"{100 * value:.1f} %"
    if name == LATENCY:
        return f"{1000 * value:,.2f} ms"
    if isfinite(value) and value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.4g}"


def is_share(name: str) -> bool:
    """Whether values of a metric are read in percent."""
    return "accuracy" in name


def network_in_words(params: Mapping[str, Any]) -> list[str]:
    """The network that a trial's parameters describe: a line for the blueprint and each module.

    It needs no search space, so it tells only what the space leaves open. Empty where the
    parameters describe no network.
    """
    if "blueprint.0.module" not in params and not any(map(_SLOT.fullmatch, params)):
        return []
    slots = sorted(
        {match[1] for match in map(_SLOT.fullmatch, params) if match}
        | {name.split(".")[1] for name in params if name.startswith("module.")}
    )
    blueprint = _graph_in_words(params, "blueprint")
    lines = [f"blueprint: {blueprint}"] if blueprint else []
    return lines + [f"{slot}: {_graph_in_words(params, f'module.{slot}')}" for slot in slots]


def hover(trial: FrozenTrial, objectives: Sequence[Objective], *, lines: int = 6) -> str:
    """What a figure says of a trial, in Plotly's HTML.

    Args:
        trial:
            A completed trial.
        objectives:
            What to give the values of.
        lines:
            The most lines about its network.
    """
    generation = generation_of(trial)
    of = "" if generation is None else f", generation {generation}"
    parts = [f"<b>trial {trial.number}</b>{of}"]
    for objective in objectives:
        value = objective.of(trial)
        if value is not None:
            parts.append(f"{escape(objective.title)} {format_metric(objective.name, value)}")
    size = trial.user_attrs.get(NUM_PARAMS)
    if isinstance(size, int) and all(objective.name != NUM_PARAMS for objective in objectives):
        parts.append(f"parameters {size:,}")
    network = network_in_words(trial.params)
    parts += [escape(cut(line, _MOST_CHARACTERS)) for line in network[:lines]]
    if len(network) > lines:
        parts.append(f"and {len(network) - lines} more modules")
    return "<br>".join(parts)


def _graph_in_words(params: Mapping[str, Any], prefix: str) -> str:
    """The nodes of a graph: an arrow where one reads the node before it, else what it reads."""
    words = ""
    for i in range(int(params.get(f"{prefix}.n_nodes", 1))):
        place = f"{prefix}.{i}"
        before = "in" if i == 0 else str(i - 1)
        inputs = str(params.get(f"{place}.inputs", before))
        if prefix == "blueprint":
            node = str(params.get(f"{place}.module", "A"))
            node += "↓" if params.get(f"{place}.pool") else ""
        else:
            node = _layer_in_words(params, place)
        if inputs == before:
            words += f" → {node}" if i else node
        else:
            words += f", {node} (of {inputs})"
    return words


def _layer_in_words(params: Mapping[str, Any], place: str) -> str:
    kind = params.get(f"{place}.layer")
    if kind is None:  # a space with one layer alone doesn't ask for it
        kinds = [name.split(".")[3] for name in params if name.startswith(f"{place}.")]
        kind = next((k for k in kinds if k not in ("inputs", "merge")), "layer")
    parts = [str(kind)]
    for gene, form in _SHORT.items():
        value = params.get(f"{place}.{kind}.{gene}")
        if value is not None and (gene in ("width", "kernel") or value != 1):
            parts.append(form.format(value))
    residual = params.get(f"{place}.{kind}.residual")
    return " ".join(parts) + ("+" if residual else "")
