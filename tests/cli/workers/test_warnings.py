"""What goes wrong with weights is collected, shown once and counted."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import optuna
import pytest
from optuna.logging import get_logger

from optuna_codeepneat.cli._workers._warnings import WarningCounts
from optuna_codeepneat.cli._workers._warnings import WarningLog


@pytest.fixture
def log() -> Iterator[WarningLog]:
    log, logger = WarningLog(), logging.getLogger("optuna.optuna_codeepneat.morphism")
    level, verbosity = logger.level, optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)  # as a worker process does
    log.listen()
    yield log
    optuna.logging.set_verbosity(verbosity)
    log.close()
    logger.setLevel(level)


def test_warnings_are_collected_once(log: WarningLog) -> None:
    source = get_logger("optuna.optuna_codeepneat.morphism._checkpoints")
    source.info("nothing to worry about")
    source.warning("The network of trial 3 starts afresh.")
    get_logger("optuna.optuna_codeepneat.storages").warning("another matter")
    assert log.taken() == ("The network of trial 3 starts afresh.",)
    assert log.taken() == ()


def test_first_of_a_kind_is_shown() -> None:
    warnings = WarningCounts()
    assert warnings.n_unseen == 0
    said = [
        warnings.add("The network of trial 3 starts afresh and not with those of trial 1: gone."),
        warnings.add("The network of trial 14 starts afresh and not with those of trial 5: cut."),
        warnings.add("The weights of trial 15 are not saved: the store failed (id 07ab)."),
        warnings.add("The weights of trial 16 are not saved: the store failed (id 1c)."),
    ]
    assert said == [True, False, True, False]
    assert warnings.n_unseen == 2
    assert str(warnings) == "Weights could not be passed on 4 times, at first as noted above"
    assert warnings.add("The diagram of trial 16 is not stored yet: OSError: full")
    assert not warnings.add("The diagram of trial 20 is not stored yet: OSError: full")
    assert warnings.n_unseen == 3
    assert str(warnings) == (
        "Weights could not be passed on 4 times, diagrams could not be stored at once 2 times, at "
        "first as noted above"
    )


def test_diagrams_alone() -> None:
    warnings = WarningCounts()
    warnings.add("1 diagram could not be stored before the end.")
    assert str(warnings) == "Diagrams could not be stored at once 1 time, at first as noted above"
