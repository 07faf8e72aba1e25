"""Whose weights a network may still inherit."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from optuna.study import Study


def inheritable(study: Study) -> frozenset[int] | None:
    """Numbers of the trials whose weights a network may still ask for; None if not known."""
    return None
