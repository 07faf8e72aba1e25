"""Populations that do not depend on how many workers there are, and which of them are killed."""

from __future__ import annotations

import logging
import random
import threading
import time
from datetime import timedelta
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from optuna.trial import TrialState

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat.sampler._generations import _places
from optuna_codeepneat.sampler._generations._records import Record
from tests.sampler.studies import SPACE
from tests.sampler.studies import audit
from tests.sampler.studies import colleague
from tests.sampler.studies import ledger
from tests.sampler.studies import lemonade
from tests.sampler.studies import network_objective
from tests.sampler.studies import sampler
from tests.sampler.studies import sphere
from tests.sampler.studies import stored


GENERATIONS = 4
SIZE = 5


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_places, "TAKEOVER_SECONDS", 0.3)


def own(what: str, *, reproducible: bool = True) -> CoDeepNEATSampler | LemonadeSampler:
    if what == "lemonade":
        return lemonade(n_proposals=2, reproducible=reproducible)
    inheritance = "exact" if what == "heirs" else None
    space = None if what == "sphere" else SPACE
    return sampler(space, reproducible=reproducible, inheritance=inheritance)


def new_study(what: str) -> optuna.Study:
    directions = ["minimize"] if what == "sphere" else ["maximize", "minimize"]
    return optuna.create_study(directions=directions, sampler=own(what))


def objective(what: str, trial: optuna.Trial) -> Any:
    return sphere(trial) if what == "sphere" else network_objective(trial)


def leads(study: optuna.Study) -> list[Record]:
    """The records of the first generations that everyone goes by."""
    read = ledger(study)
    return [record for g in range(GENERATIONS + 1) if (record := read.lead(g)) is not None]


def bred(study: optuna.Study) -> bool:
    """Whether the evolution has come as far as these tests look."""
    last = ledger(study).last_generation
    return last is not None and last >= GENERATIONS


def populations(study: optuna.Study) -> list[str]:
    """The states of all generations, byte for byte."""
    return [record.packed for record in leads(study)]


ALONE: dict[str, list[str]] = {}


def alone(what: str) -> list[str]:
    """The populations of one worker that nothing disturbs."""
    if what not in ALONE:
        study = new_study(what)
        study.optimize(lambda trial: objective(what, trial), n_trials=SIZE * GENERATIONS + 1)
        audit(study, own(what))
        assert len(populations(study)) == GENERATIONS + 1
        ALONE[what] = populations(study)
    return ALONE[what]


@pytest.mark.parametrize("what", ["networks", "sphere", "heirs", "lemonade"])
def test_one_worker_does_as_without(what: str) -> None:
    """With one worker that nothing disturbs, waiting for results makes no difference."""
    study = new_study(what)
    study.sampler = own(what, reproducible=False)
    study.optimize(lambda trial: objective(what, trial), n_trials=SIZE + 1)
    assert populations(study)[0] == alone(what)[0]


@hypothesis_settings(max_examples=8)
@given(
    what=st.sampled_from(["networks", "sphere", "heirs", "lemonade"]),
    seed=st.integers(0, 2**32),
    most=st.integers(1, SIZE),
)
def test_results_in_any_order_with_failures(what: str, seed: int, most: int) -> None:
    """Several trials at a time, told in any order; some are lost, but no place three times."""
    expected = alone(what)
    rng = random.Random(seed)
    study = new_study(what)
    running: list[optuna.Trial] = []
    while not bred(study):
        # A worker may ask as long as a place is free; another would wait.
        while len(running) < most and not all_taken(study):
            running.append(study.ask())
        trial = running.pop(rng.randrange(len(running)))
        place = next(c for c in ledger(study)._claims.values() if trial.number in dict(c))
        if rng.random() < 0.15 and len(place) < _places.MOST_FAILURES:
            study._storage.set_trial_state_values(trial._trial_id, state=TrialState.FAIL)
        else:
            study.tell(trial, objective(what, trial))
    assert populations(study) == expected
    audit(study, own(what))


def all_taken(study: optuna.Study) -> bool:
    read = ledger(study)
    last = read.last_generation
    if last is None:
        return False
    places = [read._claims.get((last, place), []) for place in range(SIZE)]
    states = [{stored(study)[n].state for n, _ in claims} for claims in places]
    done = [s & {TrialState.COMPLETE} for s in states]
    return all(s - {TrialState.FAIL} for s in states) and not all(done)


@pytest.mark.parametrize("what", ["networks", "sphere", "heirs", "lemonade"])
@pytest.mark.parametrize(
    "workers", [pytest.param(2, marks=[pytest.mark.long, pytest.mark.soak]), 8]
)
def test_threads_with_lost_trials(what: str, workers: int) -> None:
    """More threads than places; every now and then one loses its trial, which runs for ever."""
    study = new_study(what)
    lost: list[int] = []
    lock = threading.Lock()

    def work(index: int) -> None:
        rng = random.Random(index)
        mine = colleague(study, own(what))
        while not bred(study):
            trial = mine.ask()
            values = objective(what, trial)
            time.sleep(rng.random() * 0.02)
            with lock:
                if rng.random() < 0.1 and len(lost) < 3:
                    lost.append(trial.number)
                    continue
            mine.tell(trial, values)

    threads = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(workers)]
    for thread in threads:
        thread.start()
    while not bred(study):
        assert any(thread.is_alive() for thread in threads)
        time.sleep(0.05)
    assert populations(study) == alone(what)
    states = [stored(study)[number].state for number in lost]
    assert set(states) <= {TrialState.RUNNING}
    # Those that wait for results of the last generation get a place once it is done.
    finisher = colleague(study, own(what))
    while any(thread.is_alive() for thread in threads):
        trial = finisher.ask()
        finisher.tell(trial, objective(what, trial))
    audit(study, own(what))


def test_every_lost_trial_is_waited_for_equally_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waited for the one before was not busy for so long, and is not itself taken for lost."""
    # Longer than any trial takes on a busy machine.
    monkeypatch.setattr(_places, "TAKEOVER_SECONDS", 0.7)
    study = new_study("sphere")
    waits = []
    for _ in range(3):
        lost = study.ask()
        for _ in range(SIZE - 1):
            study.tell(study.ask(), 1.0)
        begin = time.monotonic()
        study.tell(study.ask(), 1.0)  # in the place of the lost one
        waits.append(time.monotonic() - begin)
        assert stored(study)[lost.number].state == TrialState.RUNNING
    assert min(waits) >= _places.TAKEOVER_SECONDS
    # The third was four times as long as the first; a busy machine may stretch them.
    assert waits[2] < 3.0 * waits[0]
    assert ledger(study).longest < 0.5 * sum(waits)
    audit(study, own("sphere"))


@pytest.mark.parametrize("step", [timedelta(hours=3), timedelta(hours=-3)])
def test_clock_that_is_set_changes_nothing(step: timedelta) -> None:
    """Else who waits for a lost trial would do so for twice as long as the clock was put on."""
    study = new_study("sphere")
    study.optimize(sphere, n_trials=3)
    for trial in stored(study):
        assert trial.datetime_complete is not None
        trial.datetime_complete += step
    assert 0 <= ledger(study).longest < 3.0


def test_duration_of_a_trial_that_others_end_is_taken_from_the_clock() -> None:
    study = new_study("sphere")
    trial = study.ask()
    sphere(trial)
    time.sleep(0.2)
    colleague(study, own("sphere")).tell(trial.number, 1.0)
    assert 0.2 <= ledger(study).longest < 3.0


def test_what_fails_for_good_fails_its_place() -> None:
    """A place is tried three times; the same populations come out, however often it is lost."""

    def picky(trial: optuna.Trial) -> float:
        if trial.suggest_float("x", -5, 5) < 0:
            raise RuntimeError("a negative number")
        return sphere(trial)

    studies = []
    for n_lost in (0, 1):
        study = new_study("sphere")
        for _ in range(n_lost):
            study._storage.set_trial_state_values(study.ask()._trial_id, state=TrialState.FAIL)
        while not bred(study):
            study.optimize(picky, n_trials=1, catch=RuntimeError)
        studies.append(study)
    assert populations(studies[0]) == populations(studies[1])
    for study in studies:
        tried = [len(claims) for claims in ledger(study)._claims.values()]
        assert max(tried) == _places.MOST_FAILURES
        audit(study, own("sphere"))


def test_lost_enqueued_network_is_evaluated_again() -> None:
    study = new_study("sphere")
    study.enqueue_trial({"x": 0.125, "y": 1.5, "z": -2.5})
    lost = study.ask()
    assert sphere(lost) == 0.125**2 + 1.5**2 + 2.5**2
    study._storage.set_trial_state_values(lost._trial_id, state=TrialState.FAIL)
    study.optimize(sphere, n_trials=1)
    assert stored(study)[1].params == {"x": 0.125, "y": 1.5, "z": -2.5}


def test_who_has_to_wait_says_so(caplog: pytest.LogCaptureFixture) -> None:
    study = new_study("sphere")
    trials = [study.ask() for _ in range(SIZE)]
    for trial in trials:
        sphere(trial)
    waiting = threading.Thread(target=study.ask)
    optuna.logging.set_verbosity(optuna.logging.INFO)
    optuna.logging.enable_propagation()
    try:
        with caplog.at_level(logging.INFO):
            waiting.start()
            waiting.join(0.2)
    finally:
        optuna.logging.disable_propagation()
    assert waiting.is_alive()
    assert "Trial 5 waits for the results of generation 0" in caplog.text
    for trial in trials:
        study.tell(trial, 1.0)
    waiting.join(5)
    assert not waiting.is_alive()
    assert [record.generation for record in leads(study)] == [0, 1]


def test_all_workers_must_agree() -> None:
    study = new_study("sphere")
    study.optimize(sphere, n_trials=2)
    study.sampler = sampler()
    with pytest.raises(ValueError, match="begun with `reproducible`=True, this sampler has False"):
        study.ask()


def test_trials_of_another_sampler_count_first() -> None:
    found = []
    for _ in range(2):
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        study.optimize(sphere, n_trials=7)
        study.sampler = own("sphere")
        study.optimize(sphere, n_trials=SIZE + 1)
        found.append(populations(study))
        assert leads(study)[0].evidence == tuple(range(7))
    assert found[0] == found[1]
    audit(study, own("sphere"))
