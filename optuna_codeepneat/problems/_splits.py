"""`Splits`: what a search may see, and what it may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

import numpy as np


if TYPE_CHECKING:
    from optuna_codeepneat.training import Examples


@dataclass(frozen=True, kw_only=True, eq=False)
class Splits:
    """The examples of a problem, divided once and for all.

    Args:
        train:
            Networks are trained on them.
        validation:
            Networks are compared on them during a search.
        test:
            Used once, after the search, for the networks that it chose.
    """

    train: Examples
    validation: Examples
    test: Examples


def stratified_split(
    labels: Any, *, n_validation: int, seed: int = 0
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Divides examples so that both parts have every class in the same proportion.

    Args:
        labels:
            Class of each example, ``(examples,)``.
        n_validation:
            How many examples go to the second part.
        seed:
            Seed of the choice.

    Returns:
        The indices of the training examples and of the validation examples, both ascending.

    Raises:
        ValueError: If a part would be empty.

    Example:
        >>> from optuna_codeepneat.problems import stratified_split
        >>> train, validation = stratified_split([0, 1] * 50, n_validation=20)
        >>> len(train), len(validation)
        (80, 20)
    """
    labels = np.asarray(labels)
    if not 1 <= n_validation < len(labels):
        raise ValueError(
            f"`n_validation` must be between 1 and {len(labels) - 1}, one less than there are "
            f"examples, got {n_validation}."
        )
    rng = np.random.Generator(np.random.PCG64(seed))
    classes, counts = np.unique(labels, return_counts=True)
    shares = counts * n_validation / len(labels)
    sizes = np.floor(shares).astype(int)
    # Largest remainders: the sizes sum up to `n_validation` exactly.
    most = np.argsort(sizes - shares, kind="stable")[: n_validation - int(sizes.sum())]
    sizes[most] += 1
    chosen = np.zeros(len(labels), dtype=bool)
    for value, size in zip(classes, sizes, strict=True):
        chosen[rng.permutation(np.flatnonzero(labels == value))[:size]] = True
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
