"""Rungs: the steps at which trainings are judged."""

from __future__ import annotations


def geometric(first: int, factor: int, end: int) -> tuple[int, ...]:
    """Steps from `first` to before `end`, each `factor` times the one before.

    Raises:
        ValueError: If there is none.
    """
    if first >= end:
        raise ValueError(
            f"`min_resource`={first} must be less than `max_resource`={end}: the first rung lies "
            "beyond the training."
        )
    rungs = [first]
    while (following := rungs[-1] * factor) < end:
        rungs.append(following)
    return tuple(rungs)
