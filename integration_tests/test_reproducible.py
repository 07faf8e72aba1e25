"""The same populations from 1, 2 and 8 processes, also with some killed or frozen in between."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import optuna
import pytest

from integration_tests.study_worker import open_study
from integration_tests.study_worker import sampler
from integration_tests.worker_processes import WorkerProcesses
from integration_tests.worker_processes import url_of
from tests.sampler.studies import audit
from tests.sampler.studies import ledger


GENERATIONS = 6
OPTIONS = ("--reproducible", "--takeover", "1.5")


def last_generation(study: optuna.Study) -> int:
    last = ledger(study).last_generation
    return -1 if last is None else last


def evolve(
    backend: str,
    what: str,
    folder: Path,
    *,
    workers: int,
    kills: int = 0,
    freezes: int = 0,
    steps: Sequence[float] = (),
) -> list[str]:
    """The states of all generations, byte for byte.

    Clocks are set by the steps, in seconds, one before each kill.
    """
    url = url_of(backend, folder, f"{workers}-{kills}-{freezes}-{len(steps)}")
    study = open_study(url, what, 7, reproducible=True)
    with WorkerProcesses(url, what, folder, seconds=0.03, own_clocks=bool(steps)) as processes:
        for _ in range(workers):
            processes.start(seed=7, more=OPTIONS)
        for i in range(kills):
            # In one generation after the other, so that no place is lost three times.
            processes.until(lambda: last_generation(study) >= i + 1, f"generation {i + 1}")  # noqa: B023
            time.sleep(0.05)
            if i < len(steps):
                processes.set_one_clock(steps[i])
            processes.kill_one()
            processes.start(seed=7, more=OPTIONS)
        for _ in range(freezes):
            processes.freeze_one(2.5)  # longer than the others wait for a leader, or for a result
        processes.until(lambda: last_generation(study) >= GENERATIONS, "the last generation")
    audit(study, sampler(what, 7, reproducible=True))
    read = ledger(study)
    states = [read.lead(generation) for generation in range(GENERATIONS + 1)]
    return [record.packed for record in states if record is not None]


@pytest.mark.long
@pytest.mark.soak
def test_populations_do_not_depend_on_the_workers(tmp_path: Path) -> None:
    alone = evolve("sqlite", "networks", tmp_path, workers=1)
    assert len(set(alone)) == GENERATIONS + 1
    assert evolve("sqlite", "networks", tmp_path, workers=2) == alone
    assert evolve("journal", "networks", tmp_path, workers=8) == alone
    assert evolve("journal", "networks", tmp_path, workers=4, kills=3) == alone


def test_killed_workers_change_nothing(tmp_path: Path) -> None:
    alone = evolve("journal", "sphere", tmp_path, workers=1)
    assert evolve("sqlite", "sphere", tmp_path, workers=3, kills=4) == alone


@pytest.mark.long
def test_clocks_that_are_set_change_nothing(tmp_path: Path) -> None:
    """Nor does anyone wait for a lost place for twice as long as a clock was put on."""
    alone = evolve("journal", "sphere", tmp_path, workers=1)
    steps = (10800.0, -10800.0, 86400.0)
    assert evolve("sqlite", "sphere", tmp_path, workers=3, kills=3, steps=steps) == alone


@pytest.mark.long
@pytest.mark.parametrize("backend", ["sqlite", pytest.param("journal", marks=pytest.mark.soak)])
def test_frozen_workers_change_nothing(backend: str, tmp_path: Path) -> None:
    alone = evolve("journal", "sphere", tmp_path, workers=1)
    assert evolve(backend, "sphere", tmp_path, workers=3, freezes=4) == alone


@pytest.mark.long
def test_children_of_morphisms_do_not_depend_on_the_workers(tmp_path: Path) -> None:
    alone = evolve("journal", "lemonade", tmp_path, workers=1)
    assert len(set(alone)) == GENERATIONS + 1
    assert evolve("sqlite", "lemonade", tmp_path, workers=4, kills=2) == alone
