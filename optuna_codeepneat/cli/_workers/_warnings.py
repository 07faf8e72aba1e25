"""What goes wrong with weights and diagrams of networks, none of which fails for it."""

from __future__ import annotations

import logging
from collections import Counter

from optuna_codeepneat.cli._workers._messages import Warned


_SUBJECTS = {
    "optuna.optuna_codeepneat.morphism": "weights",
    "optuna.optuna_codeepneat.visualization": "diagrams",
}
"""What goes wrong where a logger, or one below it, warns."""


class WarningLog(logging.Handler):
    """Collects what a worker process warns of, whatever else is silenced."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._warned: list[Warned] = []

    def open(self) -> None:
        """Begins to collect."""
        for name in _SUBJECTS:
            logger = logging.getLogger(name)
            logger.setLevel(logging.WARNING)  # the level of Optuna's loggers is higher here
            logger.addHandler(self)

    def close(self) -> None:
        """Collects no more."""
        for name in _SUBJECTS:
            logging.getLogger(name).removeHandler(self)
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        """Collects a warning."""
        subject = _SUBJECTS[".".join(record.name.split(".")[:3])]
        kind = (record.name, record.lineno)  # all that one line of code says is of one kind
        self._warned.append(Warned(subject, kind, record.getMessage()))

    def take(self) -> tuple[Warned, ...]:
        """The warnings since this was last called."""
        warned, self._warned = tuple(self._warned), []
        return warned


class WarningCounts:
    """What went wrong with weights and diagrams of a command, whose networks can do without."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._kinds: set[tuple[str, int]] = set()

    def add(self, warned: Warned) -> bool:
        """Counts a warning; whether it is the first of its kind, which is worth showing."""
        self._counts[warned.subject] += 1
        is_first = warned.kind not in self._kinds
        self._kinds.add(warned.kind)
        return is_first

    @property
    def n_repeated(self) -> int:
        """Those that were not the first of their kind."""
        return self._counts.total() - len(self._kinds)

    def __str__(self) -> str:
        counts = self._counts
        what = []
        if counts["weights"]:
            what.append(f"weights could not be passed on {_times(counts['weights'])}")
        if counts["diagrams"]:
            what.append(f"diagrams could not be stored at once {_times(counts['diagrams'])}")
        return f"{', '.join(what)}, at first as noted above".capitalize()


def _times(count: int) -> str:
    return f"{count} time{'s' * (count != 1)}"
