"""Records, states and assignments, as any process computes them from the storage."""

from __future__ import annotations

import copy
import threading
import time
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import _history
from optuna_codeepneat.sampler import _records
from optuna_codeepneat.sampler._history import History
from optuna_codeepneat.sampler._records import ASSIGNMENT
from optuna_codeepneat.sampler._records import RECORD
from optuna_codeepneat.sampler._records import STATE
from optuna_codeepneat.sampler._records import pack
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.studies import SPACE
from tests.sampler.studies import assignments
from tests.sampler.studies import audit
from tests.sampler.studies import network_objective
from tests.sampler.studies import network_study
from tests.sampler.studies import params
from tests.sampler.studies import records
from tests.sampler.studies import sampler
from tests.sampler.studies import sphere
from tests.sampler.studies import sphere_study
from tests.sampler.studies import stored


def running(study: optuna.Study) -> list[int]:
    return [trial.number for trial in study.get_trials(states=[TrialState.RUNNING])]


def finish(study: optuna.Study, trial: optuna.Trial) -> None:
    study.tell(trial, sphere(trial))


# -- replay ----------------------------------------------------------------------------------


def test_every_record_replays_to_its_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_history, "SNAPSHOT_EVERY", 3)
    study = network_study(n_trials=35)
    found = audit(study, sampler(SPACE))
    assert [(r.number, r.generation) for r in found] == [(5 * g, g) for g in range(7)]
    assert [r.parent for r in found] == [None, 0, 5, 10, 15, 20, 25]
    assert [r.evidence for r in found] == [tuple(range(max(0, n - 5), n)) for n in range(0, 35, 5)]
    with_state = [t.number for t in stored(study) if any(STATE in key for key in t.system_attrs)]
    assert with_state == [15, 30]


def test_new_worker_replays_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_history, "SNAPSHOT_EVERY", 3)
    study = network_study(n_trials=35)
    history = History(study, SPACE, sampler(SPACE)._settings, seed=0)
    bred = []
    breed = history._breed
    history._breed = lambda record, *rest: bred.append(record.generation) or breed(record, *rest)
    history._state(records(study)[5], stored(study))
    assert bred == [4, 5]


@pytest.mark.parametrize("seed", [2, None])
def test_resumed_study_goes_on_as_the_uninterrupted_one(seed: int | None) -> None:
    """Also where the second sampler has another seed, or none: the study keeps its own."""
    whole = network_study(n_trials=22)
    study = network_study(n_trials=13)
    study.sampler = sampler(SPACE, seed=seed)
    study.optimize(network_objective, n_trials=9)
    assert params(study) == params(whole)
    assert [r.digest for r in records(study)] == [r.digest for r in records(whole)]


def test_seed_decides() -> None:
    assert params(sphere_study(8)) == params(sphere_study(8))
    assert params(sphere_study(8)) != params(sphere_study(8, seed=2))
    assert params(sphere_study(8, seed=None)) != params(sphere_study(8, seed=None))


def test_records_and_assignments_are_short_strings() -> None:
    """MySQL's TEXT ends at 65,535 bytes."""
    study = network_study(n_trials=52, module_population_size=60)
    attrs = [attr for trial in stored(study) for attr in trial.system_attrs.items()]
    assert any(key.startswith(STATE) for key, _ in attrs)
    assert all(isinstance(value, str) and len(value) <= 60_000 for _, value in attrs)
    assert study._storage.get_study_system_attrs(study._study_id) == {}


def test_large_states_are_stored_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_history, "SNAPSHOT_EVERY", 2)
    monkeypatch.setattr(_records, "_CHUNK", 200)
    study = network_study(n_trials=22)
    pieces = [key for t in stored(study) for key in t.system_attrs if key.startswith(STATE)]
    assert len(pieces) > 6
    audit(study, sampler(SPACE))


# -- other studies, other versions, damage -----------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"archive_size": 7}, "begun with `archive_size`=50, this sampler has 7"),
        ({"assembled_population_size": 6}, "`assembled_population_size`=5, this sampler has 6"),
        ({"credit": "mean"}, "begun with `credit`="),
    ],
)
def test_other_settings_are_refused(changes: dict[str, Any], sentence: str) -> None:
    study = sphere_study(n_trials=7)
    study.sampler = sampler(**changes)
    for _ in range(2):  # the second time as well as the first
        with pytest.raises(ValueError, match=sentence):
            study.ask()
    assert running(study) == []
    study.sampler = sampler()
    study.optimize(sphere, n_trials=5)
    audit(study, sampler())


@pytest.mark.parametrize("space", [SPACE, None], ids=["networks", "hyperparameters"])
def test_another_search_space_is_refused(space: SearchSpace | None) -> None:
    study = optuna.create_study(sampler=sampler(space))
    study.tell(study.ask(), 1.0)
    other = SearchSpace.conv1d(input_shape=(1, 12), num_outputs=2, n_module_slots=2)
    for wrong in {SPACE, None, other} - {space}:
        study.sampler = sampler(wrong, module_population_size=12 if wrong else None)
        with pytest.raises(ValueError, match="was begun with another search space"):
            study.ask()
    assert running(study) == []


@pytest.mark.parametrize("at", ["begin", "end"])
def test_newer_format_is_named_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    study = sphere_study(n_trials=5)
    with monkeypatch.context() as patch:
        patch.setattr(_records, "FORMAT", 99)
        if at == "begin":
            study = sphere_study(n_trials=5)
        else:
            study.optimize(sphere, n_trials=1)
    study.sampler = sampler()
    with pytest.raises(StoredStateError, match="newer version of optuna-codeepneat .format 99"):
        study.ask()
    assert running(study) == []
    assert len(study.get_trials(states=[TrialState.COMPLETE])) >= 5


def test_damaged_record_is_named() -> None:
    study = sphere_study(n_trials=6)
    stored(study)[5].system_attrs[RECORD] = "1 nonsense"
    study.sampler = sampler()
    with pytest.raises(StoredStateError, match="the generation record on trial 5 is damaged"):
        study.ask()
    assert running(study) == []


def test_damaged_assignment_is_named() -> None:
    study = sphere_study(n_trials=5)
    stored(study)[3].system_attrs[ASSIGNMENT] = "- 1 nonsense"
    study.sampler = sampler()
    with pytest.raises(StoredStateError, match="the assignment of trial 3 is damaged"):
        study.ask()
    assert running(study) == []


def test_lost_record_is_named() -> None:
    study = sphere_study(n_trials=12)
    del stored(study)[5].system_attrs[RECORD]
    study.sampler = sampler()
    with pytest.raises(StoredStateError, match="trial 5 of the study .* lost its generation"):
        study.ask()


def test_other_outcome_on_another_machine_is_named() -> None:
    study = sphere_study(n_trials=12)
    changed = pack({**_records.unpack(stored(study)[5].system_attrs[RECORD], ""), "digest": "0"})
    stored(study)[5].system_attrs[RECORD] = changed
    study.sampler = sampler()
    with pytest.raises(StoredStateError, match="generation 1 of the study .* comes out diff"):
        study.ask()
    assert running(study) == []


def test_interrupted_start_leaves_no_running_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    study = sphere_study(n_trials=6)

    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(History, "assign", interrupted)
        with pytest.raises(KeyboardInterrupt):
            study.optimize(sphere, n_trials=1)
    assert running(study) == []
    study.optimize(sphere, n_trials=6)
    audit(study, sampler())


# -- several workers -------------------------------------------------------------------------


def dead_trial(study: optuna.Study) -> int:
    """A trial whose worker was killed before it did anything."""
    return study._storage.create_new_trial(study._study_id)


@pytest.mark.parametrize("begun", [0, 5], ids=["first", "later"])
def test_dead_leader_is_replaced(monkeypatch: pytest.MonkeyPatch, begun: int) -> None:
    study = sphere_study(n_trials=begun)
    dead_trial(study)
    monkeypatch.setattr(_history, "TAKEOVER_SECONDS", 0.6)
    started = time.monotonic()
    finish(study, study.ask())
    assert 0.6 <= time.monotonic() - started < 2.0
    started = time.monotonic()
    study.optimize(sphere, n_trials=9)
    # No one waits again; the other four of the window would wait 0.6 seconds each.
    assert time.monotonic() - started < 1.8
    expected = [0, 6, 10, 15] if begun else [1, 5, 10]
    assert [record.number for record in audit(study, sampler())] == expected


def test_followers_adopt_the_leaders_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """A follower who comes first waits for the leader, and then adopts."""
    study = sphere_study(n_trials=5)
    leader = study._storage.create_new_trial(study._study_id)
    found: list[optuna.Trial] = []
    follower = threading.Thread(target=lambda: found.append(study.ask()))
    follower.start()
    time.sleep(0.1)
    assert follower.is_alive()
    other = optuna.load_study(
        study_name=study.study_name, storage=study._storage, sampler=sampler()
    )
    trial = optuna.Trial(other, leader)
    follower.join(5)
    for each, owner in ((trial, other), (found[0], study)):
        finish(owner, each)
    assert [record.number for record in records(study)] == [0, 5]
    assert {a.record for a in assignments(study)[5:]} == {5}
    audit(study, sampler())


def test_two_founders_do_not_part_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    """A leader who is too slow, and one who has taken over: two first records, two seeds."""
    storage = optuna.storages.InMemoryStorage()
    workers = [
        optuna.create_study(
            study_name="x", storage=storage, sampler=sampler(seed=s), load_if_exists=True
        )
        for s in (1, 2)
    ]
    slow = dead_trial(workers[0])
    monkeypatch.setattr(_history, "TAKEOVER_SECONDS", 0.0)
    second = workers[1].ask()
    with monkeypatch.context() as patch:
        patch.setattr(History, "_lead", lambda self, generation, trials: None)
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


def test_late_results_count_for_the_next_generation() -> None:
    study = sphere_study(n_trials=3)
    late = study.ask()
    study.optimize(sphere, n_trials=8)
    assert 3 not in {n for record in records(study) for n in record.evidence}
    finish(study, late)
    study.optimize(sphere, n_trials=5)
    assert [3 in record.evidence for record in audit(study, sampler())] == [0, 0, 0, 1]


def test_network_that_an_earlier_window_still_evaluates_is_not_proposed_again() -> None:
    """Half of the results come only after two generations, in a space of 64 points."""

    def coarse(trial: optuna.Trial) -> float:
        return sum(trial.suggest_int(name, 0, 7) for name in "ab")

    study = optuna.create_study(sampler=sampler())
    late: list[tuple[optuna.Trial, float]] = []
    for i in range(40):
        trial = study.ask()
        value = coarse(trial)
        if i % 2:
            late.append((trial, value))
        else:
            study.tell(trial, value)
        if len(late) > 5:
            study.tell(*late.pop(0))
    # From the third generation on; the genomes of the first two had values to be drawn yet.
    seen = [tuple(trial.params.values()) for trial in stored(study)]
    assert len(set(seen[10:])) == 30
    audit(study, sampler())


def test_failed_windows_go_on_with_the_populations_there_are() -> None:
    study = sphere_study(n_trials=5)
    for _ in range(10):
        study.tell(study.ask(), state=TrialState.FAIL)
    study.optimize(sphere, n_trials=1)
    found = audit(study, sampler())
    states = History(study, None, sampler()._settings, 0)
    populations = [states._state(r, stored(study)).blueprints for r in found]
    assert populations[1] != populations[0]
    assert populations[1] == populations[2] == populations[3]


def test_whole_windows_of_other_trials_are_passed_over() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(sphere, n_trials=12)
    study.sampler = sampler()
    study.optimize(sphere, n_trials=6)
    found = audit(study, sampler())
    assert [(r.number, r.generation, r.parent) for r in found] == [(12, 2, None), (15, 3, 12)]
    assert found[0].evidence == tuple(range(12))


def test_enqueued_trials_keep_their_windows() -> None:
    study = sphere_study(n_trials=2)
    for i in range(8):
        study.enqueue_trial({"x": i / 10})
    study.optimize(sphere, n_trials=12)
    assert [trial.params["x"] for trial in stored(study)[2:10]] == [i / 10 for i in range(8)]
    found = audit(study, sampler())
    assert [r.number for r in found] == [0, 5, 10]


def retried(study: optuna.Study, number: int) -> None:
    """What Optuna's callback does after a missing heartbeat: a copy that waits."""
    trial = stored(study)[number]
    study._storage.set_trial_state_values(trial._trial_id, state=TrialState.FAIL)
    optuna.storages.RetryHeartbeatStaleTrialCallback()(study, copy.deepcopy(trial))


def test_retried_trial_evaluates_what_the_dead_one_was_to() -> None:
    study = network_study(n_trials=5)
    dead = study.ask()  # leads its window: it carries record and assignment
    assert (
        RECORD in dead._cached_frozen_trial.system_attrs or RECORD in stored(study)[5].system_attrs
    )
    intended = network_params(dead, study)
    retried(study, 5)
    study.optimize(network_objective, n_trials=1)
    again = stored(study)[6]
    assert again.state == TrialState.COMPLETE
    architecture = {n: v for n, v in again.params.items() if n != "lr"}
    assert architecture == intended
    study.optimize(network_objective, n_trials=10)
    found = audit(study, sampler(SPACE))
    assert [r.number for r in found] == [0, 5, 10, 15]
    assert 5 in found[2].evidence and 6 in found[2].evidence


def network_params(trial: optuna.Trial, study: optuna.Study) -> dict[str, Any]:
    (assignment,) = [a for a in assignments(study) if a.number == trial.number]
    return SPACE.encode(assignment.network.architecture(SPACE))


def test_retried_trial_leads_if_it_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait for a record that it would not write."""
    study = sphere_study(n_trials=4)
    study.ask()
    retried(study, 4)
    study.ask()  # the copy, number 5: the first of the second window, still running
    started = time.monotonic()
    study.optimize(sphere, n_trials=2)
    assert time.monotonic() - started < 2.0 < _history.TAKEOVER_SECONDS
    assert [r.number for r in audit(study, sampler())] == [0, 5]


def test_state_copied_by_a_retry_is_not_taken_for_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_history, "SNAPSHOT_EVERY", 2)
    study = sphere_study(n_trials=10)

    def killed(*args: Any) -> None:
        raise RuntimeError

    # The leader of generation 2 dies between its record and its assignment.
    with monkeypatch.context() as patch:
        patch.setattr(History, "_planned", killed)
        with pytest.raises(RuntimeError):
            study.ask()
    for _ in range(4):
        study.optimize(sphere, n_trials=1)
    retried_trial = copy.deepcopy(stored(study)[10])
    optuna.storages.RetryHeartbeatStaleTrialCallback()(study, retried_trial)
    study.optimize(sphere, n_trials=6)
    # Number 15, the copy, led generation 3, which stores no state.
    assert STATE in "".join(stored(study)[15].system_attrs)
    assert [r.number for r in audit(study, sampler())] == [0, 5, 10, 15, 20]


def test_threads_share_a_sampler() -> None:
    study = sphere_study()
    study.optimize(sphere, n_trials=40, n_jobs=4)
    assert len(study.get_trials(states=[TrialState.COMPLETE])) == 40
    found = audit(study, sampler())
    assert {record.generation for record in found} == set(range(8))
    assert len({tuple(p.items()) for p in params(study)}) == 40


def test_one_sampler_serves_two_studies() -> None:
    own = sampler()
    studies = [optuna.create_study(sampler=own) for _ in range(2)]
    for _ in range(12):
        for study in studies:
            study.optimize(sphere, n_trials=1)
    assert params(studies[0]) == params(studies[1])
    for study in studies:
        audit(study, sampler())
