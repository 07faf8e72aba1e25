"""Networks that fail: why, in one line, where the study keeps it, and when it is enough."""

from __future__ import annotations

import gc
import sys
import warnings
from collections import Counter
from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING
from typing import Any

from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import TrialState

from optuna_codeepneat import _optuna
from optuna_codeepneat._attributes import FAILURE
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import one_line


if TYPE_CHECKING:
    import optuna

_MOST_FAILURES_BEFORE_A_SUCCESS = 10
_MOST_FAILURES_IN_A_ROW = 50
_MOST_KINDS = 5


class Failures:
    """The networks of one command that failed; too many in a row end it."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._reasons: dict[str, str] = {}
        self._in_a_row = 0
        self._succeeded = False

    def __len__(self) -> int:
        return self._counts.total()

    def __str__(self) -> str:
        some = f"{_networks(len(self))} failed"
        if len(self._counts) == 1:
            return f"{some}, the first with {self._first}"
        named = self._counts.most_common(_MOST_KINDS)
        parts = [f"{n} with {self._reasons[kind]}" for kind, n in named]
        rest = len(self) - sum(n for _, n in named)
        if rest:
            parts.append(f"{rest} in other ways")
        return f"{some}: {'; '.join(parts)}"

    @property
    def _first(self) -> str:
        return next(iter(self._reasons.values()))

    def succeed(self) -> None:
        """Counts a network that did not fail."""
        self._succeeded = True
        self._in_a_row = 0

    def knows(self, kind: str) -> bool:
        """Whether a network has failed in this way before."""
        return kind in self._counts

    def add(self, reason: str, kind: str | None = None) -> None:
        """Counts a network that failed.

        Args:
            reason:
                Why, in one line.
            kind:
                What it has in common with others that failed in the same way; by default the
                whole reason.

        Raises:
            CommandError: If it is one too many.
        """
        kind = kind or reason
        self._reasons.setdefault(kind, reason)
        self._counts[kind] += 1
        self._in_a_row += 1
        most = _MOST_FAILURES_IN_A_ROW if self._succeeded else _MOST_FAILURES_BEFORE_A_SUCCESS
        if self._in_a_row >= most:
            raise CommandError(
                f"the search stopped after {self._in_a_row} failures in a row, "
                f"the first of {len(self)} with {self._first}"
            )


def _networks(n: int) -> str:
    return "1 network" if n == 1 else f"{n} networks"


def reason_of(error: BaseException) -> str:
    """Why a network failed, in one line, from what it raised."""
    described = one_line(error)
    return f"out of memory: {described}" if is_out_of_memory(error) else described


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that a GPU's or the machine's memory is full."""
    torch = sys.modules.get("torch")  # where torch isn't loaded, it raised nothing
    if torch is not None and isinstance(error, torch.cuda.OutOfMemoryError):
        return True
    return isinstance(error, MemoryError) or "DefaultCPUAllocator" in str(error)


def is_lasting(error: BaseException) -> bool:
    """Whether an exception leaves the process of no use: CUDA errors stay until its end."""
    return "CUDA error:" in str(error) and not is_out_of_memory(error)


def free_memory() -> None:
    """Gives back what a network left behind, once its exception is gone."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def objection(values: Any, n_objectives: int) -> str | None:
    """Why what an objective returned is no result; None if it is one."""
    several = values if isinstance(values, Sequence) else [values]
    try:
        fine = len(several) == n_objectives and not any(map(isnan, several))
    except (TypeError, ValueError):
        fine = False
    return None if fine else f"the objective returned {values!r}"


def has_ended(study: optuna.Study, number: int) -> bool:
    """Whether a trial is finished for the storage."""
    return _optuna.all_trials(study)[number].state.is_finished()


def tell_failed(study: optuna.Study, number: int, reason: str) -> None:
    """Ends a trial whose process can't do it any more, unless it has ended by itself."""
    if has_ended(study, number):
        return
    try:
        _optuna.set_user_attr(study, _optuna.all_trials(study)[number], FAILURE, reason)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            study.tell(number, state=TrialState.FAIL, skip_if_finished=True)
    except (ValueError, UpdateFinishedTrialError):
        if not has_ended(study, number):  # else another process was faster
            raise
