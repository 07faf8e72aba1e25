"""What is shown of a front while it grows: its best network in words, a few members as rows."""

from __future__ import annotations

import time
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat.cli._terminal._tables import decoded
from optuna_codeepneat.visualization import format_metric


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.cli._terminal._front import Front
    from optuna_codeepneat.search_space import SearchSpace

_SECONDS_NEW = 15.0
_NOTHING = "-"


@dataclass(frozen=True)
class Member:
    """A member of a front: its cells in a table, and whether it has just entered."""

    cells: tuple[str, ...]
    is_new: bool


class FrontView:
    """What is shown of a front, prepared once for each member that is shown.

    Args:
        front:
            The front, which grows.
        metric_names:
            Names of the objectives.
        space:
            The search space.
    """

    def __init__(self, front: Front, metric_names: Sequence[str], space: SearchSpace) -> None:
        self._front = front
        self._names = metric_names
        self._space = space
        # The size has a column in any case.
        self._values = [i for i, name in enumerate(metric_names) if name != "num_params"]
        self._sizes: dict[int, int | None] = {}
        self._entered = {trial.number: -_SECONDS_NEW for trial in front.trials}
        self.columns = ("trial", *(metric_names[i] for i in self._values), "parameters")

    @property
    def is_ranking(self) -> bool:
        """Whether these are the best networks by one objective."""
        return len(self._names) == 1

    @property
    def best(self) -> str | None:
        """The best network by the first objective, in words."""
        best = self._front.best
        if best is None:
            return None
        words = format_metric(self._names[0], best.values[0])
        size = self._size(best)
        return words if size is None else f"{words} with {size:,} parameters"

    def __len__(self) -> int:
        return len(self._front)

    def members(self, n: int) -> list[Member]:
        """At most `n` members, the best first: those that span the front and newcomers."""
        now, trials = time.monotonic(), self._front.trials
        self._entered = {t.number: self._entered.get(t.number, now) for t in trials}
        new = [i for i, t in enumerate(trials) if now - self._entered[t.number] < _SECONDS_NEW]
        new.sort(key=lambda i: self._entered[trials[i].number], reverse=True)
        chosen = range(min(n, len(trials))) if self.is_ranking else span(len(trials), n, new)
        return [Member(self._cells(trials[i]), i in new) for i in chosen]

    def _cells(self, trial: FrozenTrial) -> tuple[str, ...]:
        size = self._size(trial)
        return (
            str(trial.number),
            *(format_metric(self._names[i], trial.values[i]) for i in self._values),
            _NOTHING if size is None else f"{size:,}",
        )

    def _size(self, trial: FrozenTrial) -> int | None:
        if trial.number not in self._sizes:
            architecture = decoded(trial, self._space)
            self._sizes[trial.number] = None if architecture is None else architecture.num_params
        return self._sizes[trial.number]


def span(length: int, n: int, wanted: Iterable[int] = ()) -> list[int]:
    """Up to `n` places of a list that are spread over it.

    Args:
        length:
            How long the list is.
        n:
            How many places at most.
        wanted:
            Places to prefer, the dearest first; they get up to half of what there is.

    Returns:
        The places in ascending order, the first and the last of the list among them.
    """
    if length <= n:
        return list(range(length))
    chosen = {0, length - 1} if n > 1 else set(range(n))
    for place in list(wanted)[: n // 2]:
        if len(chosen) < n:
            chosen.add(place)
    while len(chosen) < n:
        ordered = sorted(chosen)
        low, high = max(zip(ordered, ordered[1:], strict=False), key=lambda gap: gap[1] - gap[0])
        chosen.add((low + high) // 2)
    return sorted(chosen)
