"""Values, trials and networks in a few words, for hovering over figures and for tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape
from math import ceil
from math import isfinite
from math import log10
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._attributes import NUM_PARAMS
from optuna_codeepneat._attributes import count_in
from optuna_codeepneat._objectives import LATENCY
from optuna_codeepneat._text import cut
from optuna_codeepneat.search_space import BLUEPRINT
from optuna_codeepneat.search_space import IN
from optuna_codeepneat.search_space import GraphNames
from optuna_codeepneat.search_space import graphs_in
from optuna_codeepneat.visualization._scale import is_share
from optuna_codeepneat.visualization._trials import generation_of


if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna.trial import FrozenTrial

    from optuna_codeepneat.search_space import Graph
    from optuna_codeepneat.search_space import Node
    from optuna_codeepneat.visualization._trials import Objective

_MOST_CHARACTERS = 90
_SAMPLERS = {
    "codeepneat": "CoDeepNEAT",
    "lemonade": "LEMONADE",
    "nsgaii": "NSGA-II",
    "tpe": "TPE",
    "random": "random search",
}
_SHORT = {
    "width": "{}",
    "kernel": "k{}",
    "dilation": "d{}",
    "stride": "s{}",
    "heads": "h{}",
    "reduction": "r{}",
}


def format_metric(name: str, value: float) -> str:
    """A value of a metric: shares in percent, latencies in milliseconds, whole numbers in full."""
    if is_share(name) and 0 <= value <= 1:
        # 99.97 % is not 100 %: as many decimals as tell them apart.
        rest = round(1 - value, 9)
        decimals = ceil(-log10(rest)) - 2 if 0 < rest < 1e-3 else 1
        return f"{100 * value:.{decimals}f} %"
    if name == LATENCY:
        return f"{1000 * value:,.2f} ms"
    if isfinite(value) and value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.4g}"


def with_twins(number: int, twins: Sequence[int]) -> str:
    """The number of a trial, as in "71 (also 132)" where others have the same network."""
    return f"{number} (also {', '.join(map(str, twins))})" if twins else str(number)


def network_in_words(params: Mapping[str, Any]) -> list[str]:
    """The network that a trial's parameters describe: a line for the blueprint and each module.

    It needs no search space, so it tells only what the space leaves open. Empty where the
    parameters describe no network.
    """
    graphs = graphs_in(params)
    telling = {GraphNames(slot).n_nodes for slot in graphs if slot != BLUEPRINT}
    if telling.isdisjoint(params) and GraphNames(BLUEPRINT).node(0)[0] not in params:
        return []
    return [f"{name}: {_graph_in_words(graph, name)}" for name, graph in graphs.items()]


def layers_in_words(params: Mapping[str, Any], most_characters: int = 78) -> str:
    """What the network of a trial's parameters consists of, in a short line; empty where none.

    A module that stands in the network twice counts twice.
    """
    if not network_in_words(params):
        return ""
    graphs = graphs_in(params)
    slots = [node.kind for node in graphs[BLUEPRINT].nodes]
    kinds = Counter(node.kind for slot in slots for node in graphs[slot].nodes)
    n_poolings = sum(bool(node.genes.get("pool")) for node in graphs[BLUEPRINT].nodes)
    counts = ", ".join(f"{n:,} {kind}" for kind, n in sorted(kinds.items()))
    around = [_counted(len(slots), "module")] + [_counted(n_poolings, "pooling")] * bool(
        n_poolings
    )
    return cut(
        f"{_counted(kinds.total(), 'layer')}: {counts}; {', '.join(around)}", most_characters
    )


def sampler_in_words(name: str) -> str:
    """What people call the sampler of a search."""
    return _SAMPLERS.get(name, name)


def hover(trial: FrozenTrial, objectives: Sequence[Objective], *, lines: int = 6) -> str:
    """What a figure says of a completed trial, with `lines` about its network, in HTML."""
    generation = generation_of(trial)
    of = "" if generation is None else f", generation {generation}"
    parts = [f"<b>trial {trial.number}</b>{of}"]
    for objective in objectives:
        value = objective.of(trial)
        if value is not None:
            parts.append(f"{escape(objective.title)} {format_metric(objective.name, value)}")
    size = count_in(trial.user_attrs, NUM_PARAMS)
    if size is not None and all(objective.name != NUM_PARAMS for objective in objectives):
        parts.append(f"parameters {size:,}")
    network = network_in_words(trial.params)
    parts += [escape(cut(line, _MOST_CHARACTERS)) for line in network[:lines]]
    if len(network) > lines:
        parts.append(f"and {len(network) - lines} more modules")
    return "<br>".join(parts)


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _graph_in_words(graph: Graph, name: str) -> str:
    """The nodes of a graph: an arrow where one reads the node before it, else what it reads."""
    words, before = "", IN
    for node in graph.nodes:
        pool = "↓" if node.genes.get("pool") else ""
        text = node.kind + pool if name == BLUEPRINT else _layer_in_words(node)
        if node.inputs == (before,):
            words += f" → {text}" if words else text
        else:
            words += f", {text} (of {'+'.join(node.inputs)})"
        before = node.id
    return words


def _layer_in_words(node: Node) -> str:
    parts = [node.kind]
    for gene, form in _SHORT.items():
        value = node.genes.get(gene)
        if isinstance(value, int) and (gene in ("width", "kernel") or value != 1):
            parts.append(form.format(value))
    return " ".join(parts) + ("+" if node.genes.get("residual") else "")
