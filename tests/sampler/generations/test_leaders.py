"""Who leads a generation, how long the others wait, and who takes over."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import optuna
import pytest
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial
from optuna.trial import TrialState

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import _optuna
from optuna_codeepneat.sampler import wait_with
from optuna_codeepneat.sampler._generations import _coordinator
from optuna_codeepneat.sampler._generations import _places
from optuna_codeepneat.sampler._generations._coordinator import Coordinator
from optuna_codeepneat.sampler._generations._places import Turn
from optuna_codeepneat.sampler._generations._records import RECORD
from optuna_codeepneat.sampler._generations._records import Record
from tests.sampler.studies import assignments
from tests.sampler.studies import audit
from tests.sampler.studies import begun_trial
from tests.sampler.studies import colleague
from tests.sampler.studies import finish
from tests.sampler.studies import records
from tests.sampler.studies import sampler
from tests.sampler.studies import sphere
from tests.sampler.studies import sphere_study
from tests.sampler.studies import stored


@pytest.mark.parametrize("begun", [0, 5], ids=["first", "later"])
def test_dead_leader_is_replaced(monkeypatch: pytest.MonkeyPatch, begun: int) -> None:
    study = sphere_study(n_trials=begun)
    begun_trial(study)
    monkeypatch.setattr(_places, "TAKEOVER_SECONDS", 0.6)
    started = time.monotonic()
    finish(study, study.ask())
    assert 0.6 <= time.monotonic() - started < 2.0
    started = time.monotonic()
    study.optimize(sphere, n_trials=9)
    # No one waits again; the other four of the window would wait 0.6 seconds each.
    assert time.monotonic() - started < 1.8
    expected = [0, 6, 10, 15] if begun else [1, 5, 10]
    assert [record.number for record in audit(study, sampler())] == expected


def test_waiting_can_be_interrupted() -> None:
    def interrupted(seconds: float) -> None:
        assert 0 < seconds < 5
        raise KeyboardInterrupt

    others = optuna.samplers.RandomSampler()
    wait_with(others, interrupted)  # which never waits
    study = colleague(sphere_study(n_trials=5), sampler())
    wait_with(study.sampler, interrupted)
    begun_trial(study)
    with pytest.raises(KeyboardInterrupt):
        study.ask()
    assert stored(study)[-1].state == TrialState.FAIL


def test_trial_that_others_end_while_it_waits_ends_alone() -> None:
    study = colleague(sphere_study(n_trials=5), sampler())
    begun_trial(study)  # whose worker is dead
    other = colleague(study, sampler())

    def ended_meanwhile(seconds: float) -> None:
        other.tell(stored(study)[-1].number, state=TrialState.FAIL)

    wait_with(study.sampler, ended_meanwhile)
    with pytest.raises(UpdateFinishedTrialError):
        study.ask()
    wait_with(study.sampler, time.sleep)
    other.tell(5, state=TrialState.FAIL)
    finish(study, study.ask())
    audit(study, sampler())


def test_followers_adopt_the_leaders_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """A follower who comes first waits for the leader, and then adopts."""
    study = sphere_study(n_trials=5)
    leader = begun_trial(study)
    found: list[optuna.Trial] = []
    follower = threading.Thread(target=lambda: found.append(study.ask()))
    follower.start()
    time.sleep(0.1)
    assert follower.is_alive()
    other = colleague(study, sampler())
    trial = optuna.Trial(other, leader)
    follower.join(5)
    for each, owner in ((trial, other), (found[0], study)):
        finish(owner, each)
    assert [record.number for record in records(study)] == [0, 5]
    assert {a.record for a in assignments(study)[5:]} == {5}
    audit(study, sampler())


def test_follower_waits_on_where_the_storage_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage takes as long for the leader, who is not taken for dead when it is over."""
    study = sphere_study(n_trials=5)
    leader = begun_trial(study)
    monkeypatch.setattr(_places, "TAKEOVER_SECONDS", 0.5)
    read, looks = _optuna.all_trials, 0

    def away(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
        nonlocal looks
        looks += 1
        if looks == 2:  # the follower has begun to wait
            time.sleep(0.8)
        return read(study)

    monkeypatch.setattr(_optuna, "all_trials", away)
    follower = threading.Thread(target=study.ask)
    follower.start()
    time.sleep(1.0)
    other = colleague(study, sampler())
    finish(other, optuna.Trial(other, leader))
    follower.join(5)
    assert [record.number for record in records(study)] == [0, 5]


def test_follower_waits_anew_where_another_generation_had_no_leader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it waited for the dead leader of the window before is not held against its own."""
    monkeypatch.setattr(_places, "TAKEOVER_SECONDS", 0.6)
    study = sphere_study(n_trials=5)
    begun_trial(study)
    for _ in range(3):
        study._storage.set_trial_state_values(begun_trial(study), TrialState.FAIL)
    threads = [threading.Thread(target=study.ask)]
    threads[0].start()
    time.sleep(0.1)
    leader = begun_trial(study)
    threads.append(threading.Thread(target=study.ask))
    threads[1].start()
    threads[0].join(5)
    time.sleep(0.3)
    other = colleague(study, sampler())
    finish(other, optuna.Trial(other, leader))
    threads[1].join(5)
    assert [(r.number, r.generation) for r in records(study)] == [(0, 0), (9, 1), (10, 2)]


def test_generation_waits_for_the_record_of_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The leader of a window dies, and the next window begins before it is replaced."""
    monkeypatch.setattr(_places, "TAKEOVER_SECONDS", 0.4)
    study = sphere_study(n_trials=5)
    begun_trial(study)
    threads = [
        threading.Thread(target=lambda: finish(study, study.ask()), daemon=True) for _ in range(7)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    found = audit(study, sampler())
    # Whichever trials lead: none is left out, as the one of generation 1 was.
    assert [r.generation for r in found] == [0, 1, 2]
    assert [r.parent for r in found] == [None, *(r.number for r in found[:-1])]


def founds(history: Coordinator, trial: Any) -> tuple[Record, int]:
    """Publishes without having seen the other's record, as in a race."""
    history.ledger.refresh()
    history._publish(trial, Turn(0, None, 0, tuple, ()))
    return history.ledger.records[trial.number], 0


def test_two_founders_do_not_part_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    """A leader who is too slow, and one who has taken over: two first records, two seeds."""
    storage = optuna.storages.InMemoryStorage()
    workers = [
        optuna.create_study(
            study_name="x", storage=storage, sampler=sampler(seed=s), load_if_exists=True
        )
        for s in (1, 2)
    ]
    slow = begun_trial(workers[0])
    monkeypatch.setattr(_places, "TAKEOVER_SECONDS", 0.0)
    second = workers[1].ask()
    with monkeypatch.context() as patch:
        patch.setattr(Coordinator, "_take_place", founds)
        first = optuna.Trial(workers[0], slow)
    monkeypatch.undo()
    finish(workers[0], first)
    finish(workers[1], second)
    assert [r.number for r in records(workers[0])] == [0, 1]
    for i in range(20):
        finish(workers[i % 2], workers[i % 2].ask())
    found = audit(workers[0], sampler())
    assert [r.generation for r in found] == [0, 0, 1, 2, 3, 4]
    assert found[2].parent in (0, 1) and [r.parent for r in found[3:]] == [5, 10, 15]
    assert len(workers[0].get_trials(states=[TrialState.COMPLETE])) == 22


@pytest.mark.parametrize("reproducible", [False, True])
@pytest.mark.parametrize("seed", [1, None])
@pytest.mark.parametrize("at", ["before", "after"])
@pytest.mark.parametrize("begun", [0, 4], ids=["first", "later"])
@pytest.mark.parametrize("meanwhile", [1, 9])
def test_leader_that_was_held_up_follows(
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: int,
    begun: int,
    at: str,
    seed: int | None,
    reproducible: bool,
) -> None:
    """As in a frozen machine: before or after it stores its record; the others go on."""
    monkeypatch.setattr(_places, "TAKEOVER_SECONDS", 0.0)

    def own() -> CoDeepNEATSampler:
        return sampler(seed=seed, assembled_population_size=4, reproducible=reproducible)

    leader = optuna.create_study(sampler=own())
    leader.optimize(sphere, n_trials=begun)
    other = colleague(leader, own())
    store, held_up = _coordinator.set_text, False

    def held_up_at(study: optuna.Study, trial: FrozenTrial, key: str, text: str) -> None:
        nonlocal held_up
        now = key == RECORD and study is leader and not held_up
        held_up = held_up or now
        if now and at == "before":
            other.optimize(sphere, n_trials=meanwhile)
        store(study, trial, key, text)
        if now and at == "after":
            other.optimize(sphere, n_trials=meanwhile)

    with monkeypatch.context() as patch:
        patch.setattr(_coordinator, "set_text", held_up_at)
        leader.optimize(sphere, n_trials=1)
    assert held_up
    published = {record.number: record for record in records(leader)}
    for _ in range(6):
        leader.optimize(sphere, n_trials=1)
        other.optimize(sphere, n_trials=1)
    newcomer = colleague(leader, own())
    newcomer.optimize(sphere, n_trials=5)

    assert {trial.state for trial in stored(leader)} == {TrialState.COMPLETE}
    assert own().verify(leader).problems == ()
    found = {record.number: record for record in records(leader)}
    assert found.items() >= published.items()  # what was known never changes
    views = [study.sampler._coordinator_of(study).ledger for study in (leader, other, newcomer)]
    for view in views:
        view.refresh()
        assert view.leads() == views[0].leads()
    assert [r.parent for r in views[0].leads()[1:]] == [r.number for r in views[0].leads()[:-1]]


def test_records_in_a_ring_are_passed_over() -> None:
    study = sphere_study(n_trials=16)
    attrs = stored(study)[5].system_attrs
    record = Record.unpack(attrs[RECORD], 5, 16)
    attrs[RECORD] = replace(record, parent=10, evidence=()).pack()
    study.sampler = sampler()

    study.optimize(sphere, n_trials=6)

    assert {trial.state for trial in stored(study)} == {TrialState.COMPLETE}
    problems = sampler().verify(study).problems
    assert problems[0].startswith(
        "the generation record on trial 5 descends from that of trial 10"
    )
