"""The settings of a search in plain words, and those of its sampler as Python has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._attributes import Searched
from optuna_codeepneat._text import cut
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import Ledger
from optuna_codeepneat.visualization._format import sampler_in_words


if TYPE_CHECKING:
    import optuna

_MOST_CHARACTERS = 300
_OURS = "optuna_codeepneat."
_TITLES = {
    "population_size": "networks in a generation",
    "inherit": "inherited weights",
    "reproducible": "the same for any number of workers",
    "evolution": "begun with",
    "pruner": "stops trainings early",
    "artifacts": "diagrams and weights",
}
"""What people call the settings of a search; others have their own names."""

_FINGERPRINT = "space"


@dataclass(frozen=True)
class Settings:
    """How a search was set up."""

    search: dict[str, str] = field(default_factory=dict)  # in plain words
    arguments: dict[str, str] = field(default_factory=dict)  # of its sampler, in Python
    unsaid: str = ""  # why some may be missing, a sentence


def settings_of(study: optuna.Study) -> Settings:
    """The settings of a search, as far as its study says them."""
    search = _search_in_words(Searched.of(study.user_attrs))
    try:
        root = _root(study)
        own = root.get("settings", {})
        arguments = {str(name): _in_python(value) for name, value in own.items()}
    except (StoredStateError, TypeError, ValueError, AttributeError) as error:
        return Settings(search, {}, f"The settings of the sampler can't be read: {error}")
    if "seed" in root:
        search.setdefault("seed", str(root["seed"]))
    nothing = "" if search or arguments else "The study doesn't say how it was set up."
    return Settings(search, arguments, nothing)


def in_words(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        between = " " if any(isinstance(item, int | float) for item in value) else ", "
        text = between.join(map(in_words, value)) or "–"
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value)
    return cut(text, _MOST_CHARACTERS)


def _search_in_words(searched: Searched) -> dict[str, str]:
    """What a search said of itself, without what is the default or says nothing to people."""
    first = {"problem": searched.problem, "networks asked for": searched.target or None}
    said = searched.settings or {}
    values = {title: value for title, value in first.items() if value is not None}
    for name, value in said.items():
        if value is None or name == _FINGERPRINT:
            continue
        if name == "evolution" and value == said.get("sampler"):
            continue
        if name in ("sampler", "evolution"):
            value = sampler_in_words(str(value))
        elif name == "inherit":
            value = False if value == "off" else value
        values[_TITLES.get(name, str(name).replace("_", " "))] = value
    return {title: in_words(value) for title, value in values.items()}


def _root(study: optuna.Study) -> Mapping[str, Any]:
    """What the sampler of a study was begun with; empty where it is none of this package."""
    ledger = Ledger(study)
    ledger.refresh()
    record = ledger.lead(0)
    return {} if record is None or record.root is None else record.root


def _in_python(value: Any) -> str:
    """A stored setting as one writes it: a part with its own settings as a call."""
    if isinstance(value, Mapping):
        inner = {str(name): item for name, item in value.items() if name != "type"}
        if "type" not in value:
            return _shortened(repr(inner))
        inside = ", ".join(f"{name}={_in_python(item)}" for name, item in inner.items())
        return _shortened(f"{_named(str(value['type']))}({inside})")
    return _shortened(repr(_named(value) if isinstance(value, str) else value))


def _named(name: str) -> str:
    """The name of a class or function, without where this package once had it."""
    return name.rpartition(".")[2] if name.startswith(_OURS) else name


def _shortened(text: str) -> str:
    return cut(text, _MOST_CHARACTERS)
