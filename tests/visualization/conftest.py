"""Studies that several tests look at; none changes them."""

from __future__ import annotations

from collections.abc import Iterator

import optuna
import pytest

from tests.visualization.studies import OBJECTIVES
from tests.visualization.studies import lemonade
from tests.visualization.studies import searched


@pytest.fixture(scope="session", autouse=True)
def quiet_optuna() -> Iterator[None]:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


@pytest.fixture(scope="session")
def evolved(quiet_optuna: None) -> optuna.Study:
    """CoDeepNEAT for accuracy and size."""
    return searched(60)


@pytest.fixture(scope="session")
def single(quiet_optuna: None) -> optuna.Study:
    """CoDeepNEAT for accuracy alone."""
    return searched(40, objectives=["accuracy"])


@pytest.fixture(scope="session")
def unlucky(quiet_optuna: None) -> optuna.Study:
    """Trials failed, were pruned, violate a constraint, and one returned infinity."""
    return searched(40, unlucky=True, bounded=True)


@pytest.fixture(scope="session")
def five(quiet_optuna: None) -> optuna.Study:
    """Five objectives, by random search."""
    sampler = optuna.samplers.RandomSampler(seed=1)
    return searched(40, objectives=list(OBJECTIVES), sampler=sampler)


@pytest.fixture(scope="session")
def foreign(quiet_optuna: None) -> optuna.Study:
    """A sampler of Optuna's, and no names."""
    return searched(30, sampler=optuna.samplers.TPESampler(seed=1), names=False)


@pytest.fixture(scope="session")
def heirs(quiet_optuna: None) -> optuna.Study:
    """LEMONADE, with inherited weights."""
    return lemonade(40)


@pytest.fixture(scope="session")
def empty(quiet_optuna: None) -> optuna.Study:
    return searched(0)
