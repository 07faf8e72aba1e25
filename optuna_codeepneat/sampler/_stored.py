"""What rebuilds the samplers of a study and its space, as its first records say it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._algorithm import is_same_part
from optuna_codeepneat.sampler._algorithm import without_own_modules
from optuna_codeepneat.sampler._base import EvolutionarySampler
from optuna_codeepneat.sampler._codeepneat import CoDeepNEATSampler
from optuna_codeepneat.sampler._codeepneat import Selection
from optuna_codeepneat.sampler._codeepneat import Speciation
from optuna_codeepneat.sampler._generations import Ledger
from optuna_codeepneat.sampler._generations import described_space
from optuna_codeepneat.sampler._genetics import Crossover
from optuna_codeepneat.sampler._genetics import Mutation
from optuna_codeepneat.sampler._genetics import came_later
from optuna_codeepneat.sampler._lemonade import Density
from optuna_codeepneat.sampler._lemonade import LemonadeSampler
from optuna_codeepneat.sampler._surrogate import Surrogate
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.study import Study

_SAMPLERS: Mapping[str, Callable[..., EvolutionarySampler]] = {
    "CoDeepNEATSampler": CoDeepNEATSampler,
    "LemonadeSampler": LemonadeSampler,
}
_PARTS = {
    part.__qualname__: part
    for part in (Mutation, Crossover, Speciation, Selection, Density, Surrogate)
}


def stored_space(study: Study) -> SearchSpace | None:
    """The search space that a study was begun with.

    Args:
        study:
            A study, with any sampler.

    Returns:
        The space; None if no sampler of this package ever began the study, if it had no space,
        or began it with an earlier version, which stored nothing that rebuilds it.

    Raises:
        StoredStateError: If the study is of a newer version of the package, or its space has
            layers that are not registered here.
    """
    described = next(filter(None, map(described_space, _roots_of(study))), None)
    if described is None:
        return None
    try:
        return SearchSpace.from_json(described)
    except ValueError as error:
        raise StoredStateError(
            f"the search space of the study {study.study_name!r} cannot be rebuilt: {error}"
        ) from None


def stored_samplers(study: Study, space: SearchSpace | None = None) -> list[EvolutionarySampler]:
    """Samplers with which a study can go on, and be verified.

    Args:
        study:
            A study, with any sampler.
        space:
            Its search space, if that is known; else `stored_space`.

    Returns:
        The sampler that began the study, and then any other of this package that took turns; none
        where it was none of this package, or the space is not known.

    Raises:
        StoredStateError: As with `stored_space`; or if a sampler has a part of the user's own,
            which only the user's code can make again.
    """
    samplers: list[EvolutionarySampler] = []
    for root in _roots_of(study):
        if root["space"] is None:
            samplers.append(_sampler(root, None, study))
            continue
        space = space or stored_space(study)
        if space is not None:
            samplers.append(_sampler(root, space, study))
    return samplers


def _sampler(
    root: Mapping[str, Any], space: SearchSpace | None, study: Study
) -> EvolutionarySampler:
    """The sampler of a first record."""
    name = str(root.get("sampler", "CoDeepNEATSampler"))
    make = _SAMPLERS.get(name)
    if make is None:
        raise StoredStateError(f"the study {study.study_name!r} was begun with {name}.")
    settings = without_own_modules(root["settings"])
    default = make(space)._algorithm.settings.to_json()
    given = {
        key: _part(key, value, name, study)
        for key, value in settings.items()
        if not is_same_part(value, default.get(key))
    }
    try:
        sampler = make(space, seed=root["seed"], **given)
    except (TypeError, ValueError) as error:
        raise StoredStateError(
            f"the sampler of the study {study.study_name!r} cannot be made again: {error}"
        ) from None
    ours = sampler._algorithm.settings.to_json()
    for key, value in settings.items():
        if not is_same_part(value, ours.get(key)):
            raise _own_part(key, name, study)
    return sampler


def _roots_of(study: Study) -> list[Mapping[str, Any]]:
    """The first record of each sampler that bred a study, that of the one that began it first."""
    first = Ledger(study)
    first.refresh()
    ledgers = [first, *(Ledger(study, sampler) for sampler in sorted(first.others))]
    roots: list[Mapping[str, Any]] = []
    for ledger in ledgers:
        ledger.refresh()
        found = sorted(ledger.roots(), key=lambda record: record.number)
        root = found[0].root if found else None
        if root is not None and isinstance(root.get("settings"), dict) and "space" in root:
            roots.append(root)
    return roots


def _part(key: str, value: Any, sampler: str, study: Study) -> Any:
    """The argument that a stored setting describes."""
    if isinstance(value, dict):
        fields = dict(value)
        part = _PARTS.get(fields.pop("type", ""))
        try:
            return fields if part is None else part(**{**came_later(part), **fields})
        except (TypeError, ValueError):
            raise _own_part(key, sampler, study) from None
    if isinstance(value, str) and "." in value:  # a name with its module
        raise _own_part(key, sampler, study)
    if key == "density" and value is None:
        return False
    if key.endswith("_morphisms") and isinstance(value, list):
        return {name: rate for name, rate in value}
    return value


def _own_part(key: str, sampler: str, study: Study) -> StoredStateError:
    return StoredStateError(
        f"the study {study.study_name!r} was begun with a `{key}` of its user's own, so that only "
        f"the code that made its {sampler} can make it again."
    )
