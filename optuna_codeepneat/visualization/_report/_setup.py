"""How a search was set up: its space and the versions; and what failed in it."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version
from typing import TYPE_CHECKING
from typing import Any

from optuna.trial import TrialState

from optuna_codeepneat._attributes import FAILURE
from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat.version import __version__
from optuna_codeepneat.visualization._report._settings import in_words


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_PACKAGES = ("optuna", "torch", "numpy", "plotly")
_MOST_FAILURES = 30


@dataclass(frozen=True)
class Gene:
    """A gene of a layer with what it may be."""

    name: str
    range: str


@dataclass(frozen=True)
class Space:
    """A search space in words."""

    sentences: list[str]
    layers: dict[str, list[Gene]]  # with the genes that are open
    fixed: dict[str, str]  # for each layer its fixed genes in words
    others: list[Gene]  # beside those of layers


@dataclass
class Failure:
    """Trials that came to nothing in the same way."""

    reason: str  # of the first of them
    state: str  # "failed" or "pruned"
    trials: list[int] = field(default_factory=list)

    @property
    def numbers(self) -> str:
        """The first of the numbers."""
        named = ", ".join(map(str, self.trials[:8]))
        return named if len(self.trials) <= 8 else f"{named} and others"


def space_in_words(value: Mapping[str, Any]) -> Space:
    """A search space, as `SearchSpace.to_json` gives it, in words."""
    shape = " x ".join(map(str, value["input_shape"]))
    reads = (
        f"{value['vocab_size']:,} tokens, embedded as {shape}" if value["vocab_size"] else shape
    )
    sentences = [
        f"Networks read {reads} and have {value['num_outputs']:,} outputs.",
        f"A blueprint has up to {value['max_blueprint_nodes']} modules from "
        f"{value['n_module_slots']} slots, a module up to {value['max_module_nodes']} layers; "
        f"each reads up to {value['max_inputs']} others, joined by "
        f"{' or '.join(value['merges'])}.",
    ]
    if value["min_pooling"]:
        sentences.append(f"Sizes are halved at least {value['min_pooling']} times.")
    if value.get("padding_index") is not None:
        sentences.append(f"Padding, the token {value['padding_index']}, is left out.")
    if value.get("weight_sharing"):
        sentences.append("Modules of the same slot share their weights.")
    caps = {"max_params": "parameters", "max_macs": "multiply-adds"}
    most = [f"{value[cap]:,} {what}" for cap, what in caps.items() if value[cap] is not None]
    if most:
        sentences.append(f"At most {' and '.join(most)}.")
    layers: dict[str, list[Gene]] = {}
    fixed = {}
    for layer, ranges in value["layers"]:
        genes = {name: _range(text) for name, text in ranges.items()}
        layers[layer] = [Gene(name, text) for name, (text, single) in genes.items() if not single]
        fixed[layer] = ", ".join(
            f"{name} {text}" for name, (text, single) in genes.items() if single
        )
    others = {**value["graph_genes"], **value["hyperparameters"]}
    return Space(
        sentences, layers, fixed, [Gene(name, _range(text)[0]) for name, text in others.items()]
    )


def versions() -> dict[str, str]:
    """The versions of what is installed here, by names; nothing is imported."""
    found = {"optuna-codeepneat": __version__}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found | {"Python": f"{platform.python_version()} on {platform.system()}"}


def failures_of(trials: Sequence[FrozenTrial]) -> tuple[list[Failure], int]:
    """Failed and pruned trials by reasons, the most frequent first, and how many are left out.

    Reasons that differ in numbers alone count as the same. To be stopped early is no failure.
    """
    groups: dict[tuple[str, str], Failure] = {}
    for trial in trials:
        if trial.state not in (TrialState.FAIL, TrialState.PRUNED) or StoppedEarly.of(trial):
            continue
        state = "failed" if trial.state == TrialState.FAIL else "pruned"
        said = trial.user_attrs.get(FAILURE)
        reason = "it left no reason" if said is None else in_words(said)
        key = (state, re.sub(r"\d[\d.,]*", "#", reason))
        groups.setdefault(key, Failure(reason, state)).trials.append(trial.number)
    ranked = sorted(groups.values(), key=lambda failure: -len(failure.trials))
    return ranked[:_MOST_FAILURES], max(0, len(ranked) - _MOST_FAILURES)


def _range(text: str) -> tuple[str, bool]:
    """A distribution in words, and whether it holds a single value."""
    described = json.loads(text)
    attributes = described["attributes"]
    if "choices" in attributes:
        choices = attributes["choices"]
        return ", ".join(map(in_words, choices)), len(choices) == 1
    low, high = attributes["low"], attributes["high"]
    if low == high:
        return in_words(low), True
    step = attributes.get("step")
    more = f" in steps of {step:g}" if step not in (None, 1) else ""
    return f"{low:g} to {high:g}{more}{', logarithmic' if attributes.get('log') else ''}", False
