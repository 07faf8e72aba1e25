"""What goes wrong with weights and diagrams of networks, none of which fails for it."""

from __future__ import annotations

import logging
import re


_LOGGERS = tuple(f"optuna.optuna_codeepneat.{name}" for name in ("morphism", "visualization"))
_DIAGRAM = re.compile("diagram", re.IGNORECASE)


class WarningLog(logging.Handler):
    """Collects what a worker process warns of, whatever else is silenced."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._texts: list[str] = []

    def listen(self) -> None:
        """Begins to collect."""
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            logger.setLevel(logging.WARNING)  # the level of Optuna's loggers is higher here
            logger.addHandler(self)

    def close(self) -> None:
        """Collects no more."""
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(self)
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        """Collects a warning."""
        self._texts.append(record.getMessage())

    def taken(self) -> tuple[str, ...]:
        """The warnings since this was last asked."""
        texts, self._texts = tuple(self._texts), []
        return texts


class WarningCounts:
    """What went wrong with weights and diagrams of a command, whose networks can do without."""

    def __init__(self) -> None:
        self._weights = self._diagrams = 0
        self._kinds: set[str] = set()

    def add(self, text: str) -> bool:
        """Counts a warning; whether it is the first of its kind, which is worth showing."""
        if _DIAGRAM.search(text.partition(":")[0]):
            self._diagrams += 1
        else:
            self._weights += 1
        kind = re.sub(r"\d+", "", text.partition(":")[0])
        is_new = kind not in self._kinds
        self._kinds.add(kind)
        return is_new

    @property
    def n_unseen(self) -> int:
        """Those that were not worth showing."""
        return self._weights + self._diagrams - len(self._kinds)

    def __str__(self) -> str:
        what = []
        if self._weights:
            what.append(f"Weights could not be passed on {_times(self._weights)}")
        if self._diagrams:
            diagrams = f"diagrams could not be stored at once {_times(self._diagrams)}"
            what.append(diagrams if what else diagrams.capitalize())
        return f"{', '.join(what)}, at first as noted above"


def _times(count: int) -> str:
    return f"{count} time{'s' * (count != 1)}"
