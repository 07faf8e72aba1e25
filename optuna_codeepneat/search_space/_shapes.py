"""How tensors of different shapes meet: pooling to the smallest, projecting for a sum.

A shape is ``(channels, *sizes)`` without the batch: ``(features,)`` for vectors,
``(channels, length)`` for sequences, ``(channels, height, width)`` for images. Its *rank* is the
number of sizes and never changes between a network's input and its head.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from math import prod
from operator import index
from typing import TypeAlias


Shape: TypeAlias = tuple[int, ...]

MERGES = ("sum", "concat", "scaled_sum", "convex")
"""Ways to make one tensor of several. All but a concatenation project narrower inputs to the
widest; of n inputs a scaled sum learns n numbers, a convex combination n - 1."""

DEFAULT_MERGES = ("sum", "concat")
"""Those of a search space that does not say otherwise."""

GLOBAL_POOLS = ("mean", "max", "mean+max", "flatten")
"""Ways to make a vector of a feature map, in front of the output layer; the last keeps every
position."""

DEFAULT_GLOBAL_POOLS = ("mean", "max", "mean+max")
"""Those of a search space that does not say otherwise."""


def checked_shape(value: Sequence[int]) -> Shape:
    """The shape of one example as a tuple; ValueError if it is none."""
    try:
        shape = tuple(index(size) for size in value)
    except TypeError:
        shape = ()
    if not 1 <= len(shape) <= 3 or min(shape) < 1:
        raise ValueError(
            "`input_shape` must be (features,), (channels, length) or (channels, height, "
            f"width), whole numbers from 1, got {value!r}."
        )
    return shape


def rank(shape: Shape) -> int:
    """The number of sizes beside the channels: 0 vector, 1 sequence, 2 image."""
    return len(shape) - 1


def pooled(shape: Shape, factor: int) -> Shape:
    """The shape after max pooling by `factor`: sizes are rounded up, so never below 1."""
    return (shape[0], *(ceil(size / factor) for size in shape[1:]))


def smallest(shapes: Sequence[Shape]) -> tuple[int, ...]:
    """The sizes to which tensors of these shapes are pooled before they meet."""
    return tuple(min(sizes) for sizes in zip(*(shape[1:] for shape in shapes), strict=True))


def merged(merge: str, shapes: Sequence[Shape]) -> Shape:
    """The shape of merged tensors: ``"concat"`` has all channels, any other merge the most."""
    channels = [shape[0] for shape in shapes]
    return (sum(channels) if merge == "concat" else max(channels), *smallest(shapes))


def num_scales(merge: str, n_inputs: int) -> int:
    """How many numbers a merge learns, beside its projections."""
    return {"scaled_sum": n_inputs, "convex": n_inputs - 1}.get(merge, 0)


def merge_cost(merge: str, shapes: Sequence[Shape]) -> tuple[int, int]:
    """Parameters and multiply-adds of a merge (scaling counts as none, like adding)."""
    if merge == "concat":
        return 0, 0
    target = merged(merge, shapes)
    narrower = [shape[0] for shape in shapes if shape[0] != target[0]]
    weights = sum(channels * target[0] for channels in narrower)
    return weights + num_scales(merge, len(shapes)), weights * prod(target[1:])


def head_features(pool: str, shape: Shape) -> int:
    """Length of the vector that global pooling makes of a feature map."""
    if pool == "flatten":
        return prod(shape)
    return shape[0] * (2 if pool == "mean+max" and rank(shape) else 1)
