"""Studies that several tests look at; none changes them."""

from __future__ import annotations

from collections.abc import Iterator

import optuna
import pytest

from tests.visualization.studies import OBJECTIVES
from tests.visualization.studies import hushed
from tests.visualization.studies import lemonade
from tests.visualization.studies import searched


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """For the tests of this folder alone: others look at what is logged."""
    with hushed():
        yield


@pytest.fixture(scope="session")
def evolved() -> optuna.Study:
    """CoDeepNEAT for accuracy and size."""
    return searched(60)


@pytest.fixture(scope="session")
def single() -> optuna.Study:
    """CoDeepNEAT for accuracy alone."""
    return searched(40, objectives=["accuracy"])


@pytest.fixture(scope="session")
def unlucky() -> optuna.Study:
    """Trials failed, were pruned, violate a constraint, and one returned infinity."""
    return searched(40, unlucky=True, bounded=True)


@pytest.fixture(scope="session")
def five() -> optuna.Study:
    """Five objectives, by random search."""
    sampler = optuna.samplers.RandomSampler(seed=1)
    return searched(40, objectives=list(OBJECTIVES), sampler=sampler)


@pytest.fixture(scope="session")
def foreign() -> optuna.Study:
    """A sampler of Optuna's, and no names."""
    return searched(30, sampler=optuna.samplers.TPESampler(seed=1), names=False)


@pytest.fixture(scope="session")
def heirs() -> optuna.Study:
    """LEMONADE, with inherited weights."""
    return lemonade(40)


@pytest.fixture(scope="session")
def empty() -> optuna.Study:
    return searched(0)
