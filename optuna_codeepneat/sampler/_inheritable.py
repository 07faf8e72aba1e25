"""Whose weights a network may still inherit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._hooks import EvolutionarySampler


if TYPE_CHECKING:
    from optuna.study import Study


def never_inherits(study: Study) -> bool:
    """Whether the study's sampler is of this package and names no donors of weights."""
    sampler = study.sampler
    return isinstance(sampler, EvolutionarySampler) and sampler._algorithm.inheritance is None


def inheritable(study: Study) -> frozenset[int] | None:
    """Numbers of the trials whose weights a network may still ask for.

    They are the living, all whose results have not counted yet, and the donors of networks that
    are running now. It costs as much as a look at what is new in the study.

    Args:
        study:
            A study with its sampler.

    Returns:
        The numbers; None if that is not known: the sampler is none of this package, its networks
        do not inherit, or what it stored is damaged.
    """
    sampler = study.sampler
    if not isinstance(sampler, EvolutionarySampler) or never_inherits(study):
        return None
    try:
        return sampler._history_of(study).inheritable()
    except StoredStateError:
        return None
