"""Which evolutions belong to a study: those that were begun in it, or in what it is a copy of.

A *lineage* is a first record, its *root*, and all that descend from it. Trials carry their
records wherever they go; that they were bred here is said by the study: its system attributes
name the lineage before its root is stored. `optuna.copy_study` copies them, so that a copy goes
on; `study.add_trials` does not, so that trials of another study are evidence and nothing else.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from optuna_codeepneat import _optuna


if TYPE_CHECKING:
    from optuna.study import Study

    from optuna_codeepneat.sampler._generations._records import Record

LINEAGE = "lineage"
"""The key of a root that names its lineage; older roots have none."""

_PREFIX = "codeepneat:lineage:"
_UNNAMED = ""
_ALIVE, _RETIRED = "alive", "retired"


class Lineages:
    """The lineages of one study, as its attributes name them."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._named: dict[str, str] | None = None

    def found(self, *, beside_unnamed: bool) -> str:
        """Names a new lineage, which is about to begin.

        `beside_unnamed` says whether the study has one without a name, which then stays its own.
        """
        name = secrets.token_hex(8)
        if beside_unnamed:
            _optuna.set_study_system_attr(self._study, _PREFIX + _UNNAMED, _ALIVE)
        _optuna.set_study_system_attr(self._study, _PREFIX + name, _ALIVE)
        return name

    def has(self, root: Record) -> bool:
        """Whether the study, or what it is a copy of, began with this record.

        One without a name is taken for its own as long as the study names none.
        """
        name = name_of(root)
        named = self._named
        if named is None or name not in named:
            named = self._read()
        return named[name] == _ALIVE if name in named else name == _UNNAMED and not named

    def retire(self) -> None:
        """Ends all lineages; the next trial begins a new one, from all that is finished."""
        for name in {*self._read(), _UNNAMED}:
            _optuna.set_study_system_attr(self._study, _PREFIX + name, _RETIRED)

    def forget(self) -> None:
        """Asks the storage again when something is to be known."""
        self._named = None

    def _read(self) -> dict[str, str]:
        attrs = _optuna.study_system_attrs(self._study)
        self._named = {
            key.removeprefix(_PREFIX): str(value)
            for key, value in attrs.items()
            if key.startswith(_PREFIX)
        }
        return self._named


def name_of(root: Record) -> str:
    """The name of a lineage that begins with this record; empty if it has none."""
    return str((root.root or {}).get(LINEAGE, _UNNAMED))


def restart_evolution(study: Study) -> None:
    """Lets the evolution of a study begin anew: a way out where its stored state is unusable.

    The populations are given up; all finished trials are evidence for new ones, which the next
    trial breeds. Processes that work with the study meanwhile end with an error that says so.

    Args:
        study:
            The study, with any sampler.
    """
    Lineages(study).retire()
