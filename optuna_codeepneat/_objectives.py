"""The names of what networks are compared by."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    import optuna

MIN_SCORE = "min_score"
"""The constraint that a network violates whose score is too low to be of use."""

SIZES = {"num_params": "parameters", "macs": "multiply-adds", "depth": "depth"}
"""Objectives known without training, attributes of an `Architecture`, as people read them."""

LATENCY = "latency"
"""The objective that is measured before training: seconds, see `training.Latency`."""


def objective_names(study: optuna.Study) -> list[str]:
    """The names of a study's objectives, also where it has given them none."""
    n = len(study.directions)
    return study.metric_names or (
        ["objective"] if n == 1 else [f"objective {i}" for i in range(n)]
    )
