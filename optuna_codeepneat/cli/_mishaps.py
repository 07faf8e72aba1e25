"""What goes wrong with the weights of networks, none of which fails for it."""

from __future__ import annotations

import logging
import re


_LOGGER = "optuna.optuna_codeepneat.morphism"


class MishapLog(logging.Handler):
    """Collects what a worker process warns of, whatever else is silenced."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._texts: list[str] = []

    def listen(self) -> None:
        """Begins to collect."""
        logger = logging.getLogger(_LOGGER)
        logger.setLevel(logging.WARNING)  # the level of Optuna's loggers is higher here
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Collects a warning."""
        self._texts.append(record.getMessage())

    def taken(self) -> tuple[str, ...]:
        """The warnings since this was last asked."""
        texts, self._texts = tuple(self._texts), []
        return texts


class Mishaps:
    """What went wrong with the weights of a command's networks, none of which fails for it."""

    def __init__(self) -> None:
        self._count = 0
        self._kinds: set[str] = set()

    def add(self, text: str) -> bool:
        """Counts a mishap; whether it is the first of its kind, which is worth showing."""
        self._count += 1
        kind = re.sub(r"\d+", "", text.partition(":")[0])
        is_new = kind not in self._kinds
        self._kinds.add(kind)
        return is_new

    @property
    def n_unseen(self) -> int:
        """Those that were not worth showing."""
        return self._count - len(self._kinds)

    def __str__(self) -> str:
        return f"Weights could not be passed on {self._count} times, at first as noted above"
