"""Which examples train networks, which compare them, and which are kept for the end."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._preprocessing import is_missing
from optuna_codeepneat.problems._splits import stratified_split


Indices = np.ndarray[Any, Any]

PARTS = ("training", "validation", "test")

MOST_JUDGED = 10_000
"""More validation or test examples tell networks apart no better, but cost time."""

_NAMES = {
    "train": 0,
    "training": 0,
    "val": 1,
    "valid": 1,
    "validation": 1,
    "dev": 1,
    "test": 2,
    "testing": 2,
    "holdout": 2,
}


@dataclass(frozen=True)
class Split:
    """The examples of each part, by their numbers in ascending order.

    Args:
        train:
            Networks are trained on them.
        validation:
            Networks are compared on them.
        test:
            The final ones are tested on them.
        how:
            How they were chosen, for people.
    """

    train: Indices
    validation: Indices
    test: Indices
    how: str

    @property
    def parts(self) -> tuple[tuple[str, Indices], ...]:
        """The parts with their names."""
        return tuple(zip(PARTS, (self.train, self.validation, self.test), strict=True))

    @property
    def in_words(self) -> str:
        """How many examples each part has, and how they were chosen."""
        sizes = [f"{len(indices):,} {name}" for name, indices in self.parts]
        return f"{', '.join(sizes[:-1])} and {sizes[-1]} examples, {self.how}"


def part_of(name: object) -> int | None:
    """The number of a part in `PARTS` by any of the names that people give it."""
    return _NAMES.get(str(name).strip().casefold())


def by_chance(strata: Indices, *, validation: float, test: float, seed: int, how: str) -> Split:
    """Parts that have all strata in the same proportion.

    Args:
        strata:
            The stratum of each example, ``(examples,)``.
        validation:
            Share of the validation examples.
        test:
            Share of the test examples.
        seed:
            Of the choice.
        how:
            What the strata are, for people.

    Raises:
        DataError: If there are fewer than three examples.
    """
    n = len(strata)
    if n < len(PARTS):
        raise DataError(f"there are {n} examples, too few for three parts.")
    return _cut(strata, np.arange(n), [np.empty(0, dtype=int)] * 2, (validation, test), seed, how)


def held_out(strata: Indices, share: float, *, seed: int) -> tuple[Indices, Indices]:
    """Examples to learn from, and such as are kept for a test, with all strata in proportion.

    Args:
        strata:
            The stratum of each example, ``(examples,)``.
        share:
            Share of those for the test, of which there is at least one.
        seed:
            Of the choice.

    Returns:
        Their numbers in ascending order.

    Raises:
        DataError: If there are fewer than three examples.
    """
    if len(strata) < len(PARTS):
        raise DataError(f"there are {len(strata)} examples, too few to learn from some of them.")
    return _parted(strata, np.arange(len(strata)), len(strata) * share, seed)


def as_given(
    values: Sequence[Any],
    strata: Indices,
    *,
    validation: float,
    test: float,
    seed: int,
    place: Callable[[int], str],
) -> Split:
    """Parts as somebody has chosen them; what they left out is cut off the training examples.

    Args:
        values:
            The name of the part of each example.
        strata:
            The stratum of each example, ``(examples,)``.
        validation:
            Share of the validation examples, if there are none.
        test:
            Share of the test examples, if there are none.
        seed:
            Of the choice of what was left out.
        place:
            Names an example.

    Raises:
        DataError: If a name is none of a part, or there are no training examples.
    """
    given = np.empty(len(values), dtype=int)
    for i, value in enumerate(values):
        part = None if is_missing(value) else part_of(value)
        if part is None:
            raise DataError(
                f"{place(i)} is in the part {value!r} of the split; it must be 'train', "
                "'validation' or 'test'."
            )
        given[i] = part
    train, *others = (np.flatnonzero(given == part) for part in range(len(PARTS)))
    if len(train) == 0:
        raise DataError("the split has no training examples.")
    missing = [name for name, part in zip(PARTS[1:], others, strict=True) if len(part) == 0]
    if len(train) <= len(missing):
        raise DataError(f"the split has {len(train)} training examples, which is too few.")
    how = "as given"
    if missing:
        how += f", but for the {' and '.join(missing)} examples, chosen of those for training"
    return _cut(strata, train, others, (validation, test), seed, how)


def by_groups(
    groups: Sequence[Any],
    strata: Indices,
    *,
    validation: float,
    test: float,
    seed: int,
    place: Callable[[int], str],
) -> Split:
    """Parts none of which shares a group with another, of about the sizes that they shall have.

    Large groups come first, each to the part that lacks most of what the group has.

    Args:
        groups:
            The group of each example.
        strata:
            The stratum of each example, ``(examples,)``.
        validation:
            Share of the validation examples.
        test:
            Share of the test examples.
        seed:
            Of the order of groups of one size.
        place:
            Names an example.

    Raises:
        DataError: If an example has no group, or there are fewer groups than parts.
    """
    numbers: dict[str, int] = {}
    group_of = np.empty(len(groups), dtype=int)
    for i, value in enumerate(groups):
        if is_missing(value):
            raise DataError(f"{place(i)} has no group.")
        group_of[i] = numbers.setdefault(str(value), len(numbers))
    if len(numbers) < len(PARTS):
        raise DataError(f"there are {len(numbers)} groups, too few for three parts.")
    shares = np.array([1.0 - validation - test, validation, test])
    counts = np.zeros((len(numbers), int(strata.max()) + 1))
    np.add.at(counts, (group_of, strata), 1)
    wanted = shares[:, None] * counts.sum(0)
    lacking = wanted.copy()
    rng = np.random.Generator(np.random.PCG64(seed))
    order = rng.permutation(len(numbers))
    order = order[np.argsort(-counts.sum(1)[order], kind="stable")]
    part_of_group = np.empty(len(numbers), dtype=int)
    empty = set(range(len(PARTS)))
    for i, group in enumerate(order):
        # By shares, as else everything went to the largest part; each part gets a group.
        need = (lacking / np.maximum(wanted, 1e-9)) @ counts[group]
        if len(empty) == len(order) - i:
            need[[part for part in range(len(PARTS)) if part not in empty]] = -np.inf
        part = int(need.argmax())
        empty.discard(part)
        lacking[part] -= counts[group]
        part_of_group[group] = part
    train, among, last = (np.flatnonzero(part_of_group[group_of] == part) for part in range(3))
    return Split(train, among, last, f"by {len(numbers):,} groups, none of which is in two parts")


def strata_of_numbers(numbers: Indices, n_strata: int = 10) -> Indices:
    """Strata of about the same size, ``(examples,)``, from the least numbers to the largest."""
    ranks = np.argsort(np.argsort(numbers, kind="stable"), kind="stable")
    return ranks * min(n_strata, max(1, len(numbers) // 10)) // len(numbers)


def _cut(
    strata: Indices,
    train: Indices,
    others: Sequence[Indices],
    shares: tuple[float, float],
    seed: int,
    how: str,
) -> Split:
    """The parts, once those that are empty got their share of all that is there."""
    n = len(train)
    parts = list(others)
    # The test first, so that another share for validation leaves it as it is.
    for i in (1, 0):
        if len(parts[i]) == 0:
            train, parts[i] = _parted(strata, train, n * shares[i], seed + i)
    return Split(train, parts[0], parts[1], how)


def _parted(
    strata: Indices, examples: Indices, wanted: float, seed: int
) -> tuple[Indices, Indices]:
    """Some examples without about as many of them as are wanted, and these."""
    divisible = _without_rare(examples, strata)
    size = min(max(1, round(wanted)), MOST_JUDGED, len(divisible) - 1)
    _, taken = stratified_split(strata[divisible], n_validation=size, seed=seed)
    return np.setdiff1d(examples, divisible[taken]), divisible[taken]


def _without_rare(train: Indices, strata: Indices) -> Indices:
    """The examples of strata that are large enough for three parts, where there are such."""
    counts = np.bincount(strata[train])
    divisible = train[counts[strata[train]] >= len(PARTS)]
    return divisible if len(divisible) >= len(PARTS) else train
