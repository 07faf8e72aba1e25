"""Where the channels of a tensor come from, told in terms of an ancestor's network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import numpy as np

from optuna_codeepneat.search_space import Shape


NEW = -1
"""In place of an ancestor's channel, unit or branch: there is none."""

_MOST_CHANNELS = 1 << 32


@dataclass(frozen=True, eq=False)
class Channels:
    """The origin of every channel of a tensor."""

    keys: np.ndarray  # (channels,): equal for the same channel of the ancestor, or `NEW`
    pooling: np.ndarray  # (channels,): equal where pooled alike since that operation
    exact: np.ndarray  # (channels,): whether values are exactly the ancestor's
    sizes: Shape

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, indices: np.ndarray) -> Channels:
        """These channels; `NEW` for an index takes a new one."""
        if not len(self.keys):
            return unknown(len(indices), self.sizes)
        known = indices >= 0
        return Channels(
            np.where(known, self.keys[indices], NEW),
            np.where(known, self.pooling[indices], 0),
            known & self.exact[indices],
            self.sizes,
        )

    def roughly(self, exact: bool) -> Channels:
        """The same channels, exact only if `exact` says so as well."""
        return (
            self
            if exact
            else Channels(self.keys, self.pooling, np.zeros_like(self.exact), self.sizes)
        )


def unknown(n: int, sizes: Shape) -> Channels:
    """New channels."""
    return Channels(np.full(n, NEW), np.zeros(n, int), np.zeros(n, bool), sizes)


def concatenated(tensors: Sequence[Channels]) -> Channels:
    """The channels of tensors of the same sizes, side by side."""
    return Channels(
        np.concatenate([tensor.keys for tensor in tensors]),
        np.concatenate([tensor.pooling for tensor in tensors]),
        np.concatenate([tensor.exact for tensor in tensors]),
        tensors[0].sizes,
    )


@dataclass
class Origins:
    """Numbers for the operations of an ancestor, and for the ways in which tensors are pooled."""

    _operations: dict[str, int] = field(default_factory=dict)
    _ways: dict[tuple[int, Shape, Shape], int] = field(default_factory=dict)

    def output_of(self, operation: str, n: int, sizes: Shape) -> Channels:
        """All channels that an operation of the ancestor computes."""
        number = self._operations.setdefault(operation, len(self._operations))
        keys = number * _MOST_CHANNELS + np.arange(n)
        return Channels(keys, np.zeros(n, int), np.ones(n, bool), sizes)

    def pooled(self, tensor: Channels, sizes: Shape) -> Channels:
        """The tensor max-pooled to these sizes."""
        if tensor.sizes == sizes:
            return tensor
        ways = {
            way: self._ways.setdefault((way, tensor.sizes, sizes), len(self._ways) + 1)
            for way in sorted(set(tensor.pooling.tolist()))
        }
        pooling = np.array([ways[way] for way in tensor.pooling.tolist()], dtype=int)
        return Channels(tensor.keys, pooling, tensor.exact, sizes)

    def operation_of(self, key: int) -> str:
        """The operation of the ancestor whose channel a key names."""
        return list(self._operations)[key // _MOST_CHANNELS]


def lined_up(now: Channels, before: Channels) -> tuple[np.ndarray, bool, bool]:
    """For each channel the ancestor's that it is, and whether all of the ancestor's are there.

    Args:
        now:
            What an operation of the descendant reads.
        before:
            What that operation of the ancestor read.

    Returns:
        Indices into `before`, `NEW` for channels that it had not; whether each of those that it
        had is there, pooled as it was; and whether each also has exactly the values that it had.
        A channel that is there twice counts once: the second time it is new.
    """
    places: defaultdict[int, list[int]] = defaultdict(list)
    for place in range(len(before) - 1, -1, -1):
        places[int(before.keys[place])].append(place)
    indices = np.full(len(now), NEW)
    for i, key in enumerate(now.keys.tolist()):
        if key != NEW and places[key]:
            indices[i] = places[key].pop()
    found = indices >= 0
    complete = bool(
        found.sum() == len(before) and (now.pooling[found] == before.pooling[indices[found]]).all()
    )
    return indices, complete, complete and bool(now.exact[found].all())


def by_position(n: int, n_before: int) -> np.ndarray:
    """Each channel is the ancestor's in the same position."""
    indices = np.arange(n)
    return np.where(indices < n_before, indices, NEW)
