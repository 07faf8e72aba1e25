"""What goes wrong with weights and diagrams of networks, none of which fails for it."""

from __future__ import annotations

import logging
from collections import Counter

from optuna_codeepneat.cli._workers._messages import Warned


_LOGGER = "optuna.optuna_codeepneat."
_FAILED = {
    "morphism": "weights could not be passed on",
    "visualization": "diagrams could not be stored at once",
}
"""What has failed when a package warns."""


class WarningLog(logging.Handler):
    """Collects what a worker process warns of, whatever else is silenced."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._warned: list[Warned] = []

    def open(self) -> None:
        """Begins to collect."""
        for package in _FAILED:
            logger = logging.getLogger(_LOGGER + package)
            logger.setLevel(logging.WARNING)  # the level of Optuna's loggers is higher here
            logger.addHandler(self)

    def close(self) -> None:
        """Collects no more."""
        for package in _FAILED:
            logging.getLogger(_LOGGER + package).removeHandler(self)
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        """Collects a warning."""
        package = record.name.removeprefix(_LOGGER).partition(".")[0]
        kind = (record.name, record.lineno)  # all that one line of code says is of one kind
        self._warned.append(Warned(package, kind, record.getMessage()))

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
        self._counts[warned.package] += 1
        is_first = warned.kind not in self._kinds
        self._kinds.add(warned.kind)
        return is_first

    @property
    def n_repeated(self) -> int:
        """Those that were not the first of their kind."""
        return self._counts.total() - len(self._kinds)

    def __str__(self) -> str:
        what = [
            f"{failed} {n} time{'s' * (n != 1)}"
            for package, failed in _FAILED.items()
            if (n := self._counts[package])
        ]
        return f"{', '.join(what)}, at first as noted above".capitalize()
