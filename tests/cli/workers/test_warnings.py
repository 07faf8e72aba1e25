"""What goes wrong with weights is collected, shown once and counted."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator

import optuna
import pytest
from optuna.logging import get_logger

from optuna_codeepneat.cli._workers._messages import Warned
from optuna_codeepneat.cli._workers._warnings import WarningCounts
from optuna_codeepneat.cli._workers._warnings import WarningLog


@pytest.fixture
def log() -> Iterator[WarningLog]:
    log, logger = WarningLog(), logging.getLogger("optuna.optuna_codeepneat.morphism")
    level, verbosity = logger.level, optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)  # as a worker process does
    log.open()
    yield log
    optuna.logging.set_verbosity(verbosity)
    log.close()
    logger.setLevel(level)


def test_warnings_are_collected_once(log: WarningLog) -> None:
    source = get_logger("optuna.optuna_codeepneat.morphism._checkpoints")
    source.info("nothing to worry about")
    source.warning("The network of trial 3 starts afresh.")
    get_logger("optuna.optuna_codeepneat.storages").warning("another matter")
    [warned] = log.take()
    assert (warned.package, warned.text) == ("morphism", "The network of trial 3 starts afresh.")
    assert log.take() == ()


def test_the_logger_tells_what_of_and_the_line_tells_the_kind(log: WarningLog) -> None:
    weights = get_logger("optuna.optuna_codeepneat.morphism._checkpoints")
    diagrams = get_logger("optuna.optuna_codeepneat.visualization._dashboard._diagrams")
    for number in (3, 14):
        weights.warning(f"The network of trial {number} starts afresh: no diagram is to blame.")
        diagrams.warning(f"Trial {number} shows nothing.")
    warned = log.take()
    assert [w.package for w in warned] == ["morphism", "visualization"] * 2
    assert [w.kind for w in warned[:2]] == [w.kind for w in warned[2:]]
    assert warned[0].kind != warned[1].kind
    assert pickle.loads(pickle.dumps(warned)) == warned


def weights(line: int) -> Warned:
    return Warned("morphism", ("_checkpoints", line), "The network of trial 3 starts afresh.")


def diagram(line: int) -> Warned:
    return Warned("visualization", ("_diagrams", line), "The diagram of trial 3 is missing.")


def test_first_of_a_kind_is_shown() -> None:
    warnings = WarningCounts()
    assert warnings.n_repeated == 0
    assert [warnings.add(weights(line)) for line in (1, 1, 2, 2)] == [True, False, True, False]
    assert warnings.n_repeated == 2
    assert str(warnings) == "Weights could not be passed on 4 times, at first as noted above"
    assert warnings.add(diagram(1))
    assert not warnings.add(diagram(1))
    assert warnings.n_repeated == 3
    assert str(warnings) == (
        "Weights could not be passed on 4 times, diagrams could not be stored at once 2 times, at "
        "first as noted above"
    )


def test_diagrams_alone() -> None:
    warnings = WarningCounts()
    warnings.add(diagram(1))
    assert str(warnings) == "Diagrams could not be stored at once 1 time, at first as noted above"
