"""What an algorithm has to say so that a study can carry its evolution (`_generations`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import is_dataclass
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from typing import Any
from typing import Protocol

from optuna_codeepneat.alignment import INHERITANCES
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._genetics import came_later
from optuna_codeepneat.sampler._surrogate import Surrogate
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


NOTHING_SEEN = Seen()


class Proposer(Protocol):
    """Proposes the networks of one generation; the same places, the same networks, anywhere."""

    def assemble(self, place: int, seen: Seen = NOTHING_SEEN) -> Proposal:
        """The network for a place of the generation, given what is known beside the state."""


class AlgorithmSettings(Protocol):
    """The settings of an algorithm, fixed for a whole study."""

    @property
    def generation_size(self) -> int:
        """Networks of a generation."""

    @property
    def allow_duplicates(self) -> bool:
        """Whether a network may be evaluated again, with the same hyperparameters."""

    @property
    def reproducible(self) -> bool:
        """Whether the evolution is to be the same for any number of workers."""

    @property
    def surrogate(self) -> Surrogate | None:
        """How a model chooses among candidates; None where none does."""

    @property
    def inheritance(self) -> str | None:
        """How networks inherit weights; None where they do not."""

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description, by which the workers of a study agree."""


class Algorithm(Protocol):
    """Pure functions from finished trials to the next networks, and the settings behind them.

    Everything that concerns storage, workers and time is `Coordinator`'s and the same for all.
    """

    @property
    def sampler(self) -> str:
        """The name of the sampler's class, by which a study knows what it was begun with."""

    @property
    def space(self) -> SearchSpace | None:
        """The search space, None in hyperparameter-only mode."""

    @property
    def settings(self) -> AlgorithmSettings:
        """The settings."""

    def as_begun(self, settings: Mapping[str, Any]) -> Algorithm:
        """The algorithm of a study that was begun with these stored settings.

        It differs only in what the version that began the study did not have yet.
        """

    def genesis(
        self, seed: int, generation: int, global_genes: Mapping[str, BaseDistribution]
    ) -> State:
        """The state before anything is known, but for some parameters beside the architecture."""

    def advance(
        self,
        state: State,
        results: Sequence[Result],
        seed: int,
        generation: int,
        global_genes: Mapping[str, BaseDistribution],
    ) -> State:
        """The state of the generation to breed, given that of the one before.

        The results are the finished trials that count as evidence now, in any order; the global
        genes are the parameters beside the architecture, as the results show them.
        """

    def proposer(self, state: State, seed: int) -> Proposer:
        """What proposes the networks of a state's generation."""


_OWN_MODULES = "optuna_codeepneat."


_MAIN_MODULES = ("__main__", "__mp_main__")
"""What the user's script is called where it was started, and where a worker imports it again."""


def described(value: Any) -> Any:
    """What tells a setting from others: fields of a dataclass, the name of a function.

    Any other object that is called like a function is told by its class and its public attributes
    of plain values, so that two with different settings are not taken for the same.
    """
    if is_dataclass(value) and not isinstance(value, type):
        before = came_later(value)
        fields = asdict(value).items()
        own = {name: v for name, v in fields if name not in before or v != before[name]}
        return {"type": _name_of(type(value)), **own}
    if isinstance(value, partial):
        given = [*map(described, value.args)], {k: described(v) for k, v in value.keywords.items()}
        return {"type": "functools.partial", "of": described(value.func), "given": given}
    if not isinstance(value, Callable):  # type: ignore[arg-type]
        return value
    if hasattr(value, "__qualname__"):
        return _name_of(value)
    plain = {
        name: setting
        for name, setting in sorted(getattr(value, "__dict__", {}).items())
        if not name.startswith("_") and isinstance(setting, bool | int | float | str | None)
    }
    name = _name_of(type(value))
    return {"type": name, **plain} if plain else name


def as_begun(part: Any, stored: Any) -> Any:
    """A part of a study that stored it like this: what it does not say is as it was before."""
    before = came_later(part) if isinstance(stored, dict) else {}
    missing = {name: value for name, value in before.items() if name not in stored}
    return replace(part, **missing) if missing else part


def _name_of(part: Any) -> str:
    """A part's name as studies store it: for ours without the module, which may move."""
    own = part.__module__.startswith(_OWN_MODULES)
    module = _MAIN_MODULES[0] if part.__module__ in _MAIN_MODULES else part.__module__
    return str(part.__qualname__ if own else f"{module}.{part.__qualname__}")


def is_same_part(begun: Any, ours: Any) -> bool:
    """Whether a study's setting, `described` there and stored, is the one that is described here.

    Version 0.1.0 told objects by their classes alone; and what is defined in a script has another
    module where the script is imported.
    """
    if isinstance(begun, dict) and isinstance(ours, dict):
        return begun.keys() == ours.keys() and all(
            is_same_part(value, ours[name]) for name, value in begun.items()
        )
    if isinstance(begun, list) and isinstance(ours, list):
        return len(begun) == len(ours) and all(map(is_same_part, begun, ours))
    if isinstance(begun, str) and isinstance(ours, dict):
        return is_same_part(begun, ours.get("type"))
    if isinstance(begun, str) and isinstance(ours, str) and begun != ours:
        modules = begun.partition(".")[0], ours.partition(".")[0]
        if any(module in _MAIN_MODULES for module in modules):
            return begun.rpartition(".")[2] == ours.rpartition(".")[2]
    return bool(begun == ours)


def without_own_modules(settings: Any) -> Any:
    """Stored settings with bare names for our own parts, whose modules 0.1.0 stored as well."""
    if isinstance(settings, dict):
        return {name: without_own_modules(value) for name, value in settings.items()}
    if isinstance(settings, list):
        return [without_own_modules(value) for value in settings]
    if isinstance(settings, str) and settings.startswith(_OWN_MODULES):
        return settings.rpartition(".")[2]
    return settings


def checked_inheritance(inheritance: str | None) -> str | None:
    """One of `INHERITANCES`, or None."""
    if inheritance is not None and inheritance not in INHERITANCES:
        raise ValueError(
            f"`inheritance` must be one of {', '.join(INHERITANCES)} or None, got {inheritance!r}."
        )
    return inheritance


def as_read_again(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as JSON gives them back, with lists for the tuples of a user's own parts."""
    read: dict[str, Any] = json.loads(json.dumps(settings, default=repr))
    return read
