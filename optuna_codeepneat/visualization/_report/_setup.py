"""How a search was set up: its sampler, its space, the versions; and what failed in it."""

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
from optuna_codeepneat._attributes import Searched
from optuna_codeepneat._text import cut
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import Ledger
from optuna_codeepneat.version import __version__


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

_PACKAGES = ("optuna", "torch", "numpy", "plotly")
_MOST_FAILURES = 30
_MOST_CHARACTERS = 300


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


def settings_of(study: optuna.Study) -> tuple[dict[str, str], str]:
    """The settings of a search and of its sampler by their names, and why some may be missing."""
    searched = Searched.of(study.user_attrs)
    said = {"problem": searched.problem, "target": searched.target or None}
    settings = {name: _said(value) for name, value in said.items() if value is not None}
    settings |= _flat(searched.settings or {})
    ledger = Ledger(study)
    try:
        ledger.refresh()
        record = ledger.lead(0)
        root = {} if record is None or record.root is None else record.root
        own = root.get("settings", {})
        own = own if isinstance(own, Mapping) else {}
        seed = {"seed": str(root["seed"])} if "seed" in root and "seed" not in settings else {}
    except (StoredStateError, TypeError, ValueError, AttributeError) as error:
        return settings, f"The settings of the sampler can't be read: {error}"
    settings |= seed | {name: text for name, text in _flat(own).items() if name not in settings}
    return settings, "" if settings else "The study doesn't say how it was set up."


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

    Reasons that differ in numbers alone count as the same.
    """
    groups: dict[tuple[str, str], Failure] = {}
    for trial in trials:
        if trial.state not in (TrialState.FAIL, TrialState.PRUNED):
            continue
        state = "failed" if trial.state == TrialState.FAIL else "pruned"
        said = trial.user_attrs.get(FAILURE)
        reason = "it left no reason" if said is None else _said(said)
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
        return ", ".join(map(_said, choices)), len(choices) == 1
    low, high = attributes["low"], attributes["high"]
    if low == high:
        return _said(low), True
    step = attributes.get("step")
    more = f" in steps of {step:g}" if step not in (None, 1) else ""
    return f"{low:g} to {high:g}{more}{', logarithmic' if attributes.get('log') else ''}", False


def _flat(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings with the names of nested ones put together; a part's own settings follow it."""
    flat: dict[str, str] = {}
    for name, value in settings.items():
        title = str(name).replace("_", " ")
        if isinstance(value, Mapping):
            inner = ", ".join(
                f"{str(key).replace('_', ' ')} {_said(item)}"
                for key, item in value.items()
                if key != "type"
            )
            flat[title] = ": ".join(filter(None, [str(value.get("type", "")), inner]))
        else:
            flat[title] = _said(value)
    return flat


def _said(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        between = " " if any(isinstance(item, int | float) for item in value) else ", "
        text = between.join(map(_said, value)) or "–"
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value)
    return cut(text, _MOST_CHARACTERS)
