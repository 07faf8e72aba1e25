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
_BEGUN_HERE = "begun here"

_RESTARTED = "codeepneat:restarted"
"""The number of the first trial that may carry a record, since the evolution began anew."""


class Lineages:
    """The lineages of one study, as its attributes name them."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._names: frozenset[str] | None = None
        self._first_trial = 0

    @property
    def first_trial(self) -> int:
        """The number of the first trial whose record can be one of the study's own."""
        self._known()
        return self._first_trial

    def found(self, *, beside_unnamed: bool) -> str:
        """Names a new lineage, which is about to begin.

        `beside_unnamed` says whether the study has one without a name, which then stays its own.
        """
        name = secrets.token_hex(8)
        for each in [_UNNAMED, name] if beside_unnamed else [name]:
            _optuna.set_study_system_attr(self._study, _PREFIX + each, _BEGUN_HERE)
        return name

    def has(self, root: Record) -> bool:
        """Whether the study, or what it is a copy of, began with this record.

        One without a name is taken for its own as long as the study names none.
        """
        name = name_of(root)
        names = self._known()
        if name not in names:
            names = self._read()
        known = name in names or (name == _UNNAMED and not names)
        return known and root.number >= self._first_trial

    def forget(self) -> None:
        """Asks the storage again when something is to be known."""
        self._names = None

    def _known(self) -> frozenset[str]:
        return self._read() if self._names is None else self._names

    def _read(self) -> frozenset[str]:
        attrs = _optuna.study_system_attrs(self._study)
        first = attrs.get(_RESTARTED)
        self._first_trial = first if isinstance(first, int) else 0
        prefixed = (key for key in attrs if key.startswith(_PREFIX))
        self._names = frozenset(key.removeprefix(_PREFIX) for key in prefixed)
        return self._names


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
    n_trials = len(_optuna.all_trials(study))
    _optuna.set_study_system_attr(study, _RESTARTED, n_trials)
