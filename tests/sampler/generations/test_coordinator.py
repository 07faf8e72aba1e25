"""Records, states and assignments, as any process computes them from the storage."""

from __future__ import annotations

import copy
import re
import time
from dataclasses import replace
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import distribution_to_json
from optuna.trial import TrialState

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._generations import _places
from optuna_codeepneat.sampler._generations import _records
from optuna_codeepneat.sampler._generations._coordinator import Coordinator
from optuna_codeepneat.sampler._generations._records import ASSIGNMENT
from optuna_codeepneat.sampler._generations._records import RECORD
from optuna_codeepneat.sampler._generations._records import WAITED
from optuna_codeepneat.sampler._generations._records import pack
from optuna_codeepneat.sampler._generations._states import StateStore
from optuna_codeepneat.sampler._generations._verify import Verification
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.studies import SPACE
from tests.sampler.studies import assignments
from tests.sampler.studies import audit
from tests.sampler.studies import finish
from tests.sampler.studies import ledger
from tests.sampler.studies import network_objective
from tests.sampler.studies import network_study
from tests.sampler.studies import params
from tests.sampler.studies import records
from tests.sampler.studies import sampler
from tests.sampler.studies import sphere
from tests.sampler.studies import sphere_study
from tests.sampler.studies import state_of
from tests.sampler.studies import stored


def running(study: optuna.Study) -> list[int]:
    return [trial.number for trial in study.get_trials(states=[TrialState.RUNNING])]


# -- replay ----------------------------------------------------------------------------------


def test_every_record_replays_to_its_digest() -> None:
    study = network_study(n_trials=35)
    found = audit(study, sampler(SPACE))
    assert [(r.number, r.generation) for r in found] == [(5 * g, g) for g in range(7)]
    assert [r.parent for r in found] == [None, 0, 5, 10, 15, 20, 25]
    assert [r.evidence for r in found] == [tuple(range(max(0, n - 5), n)) for n in range(0, 35, 5)]


def test_new_worker_breeds_only_what_it_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    study = network_study(n_trials=32)
    study.sampler = sampler(SPACE)
    bred = []
    breed = StateStore.breed
    monkeypatch.setattr(
        StateStore,
        "breed",
        lambda self, r, *rest: bred.append(r.generation) or breed(self, r, *rest),
    )
    study.optimize(network_objective, n_trials=5)
    assert bred == [7]


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


def test_what_is_stored_is_short_strings(monkeypatch: pytest.MonkeyPatch) -> None:
    """MySQL's TEXT ends at 65,535 bytes; here the pieces are so short that there are many."""
    monkeypatch.setattr(_records, "_PIECE", 400)
    study = network_study(n_trials=22, module_population_size=60)
    attrs = [attr for trial in stored(study) for attr in trial.system_attrs.items()]
    assert sum(key.startswith(f"{RECORD}:") for key, _ in attrs) > 20
    assert sum(key.startswith(f"{ASSIGNMENT}:") for key, _ in attrs) > 5
    assert all(isinstance(value, str) and len(value) <= 400 for _, value in attrs)
    (lineage,) = study._storage.get_study_system_attrs(study._study_id).items()
    assert re.fullmatch("codeepneat:lineage:[0-9a-f]{16}", lineage[0]) and lineage[1] == "alive"
    own = sampler(SPACE, module_population_size=60)
    audit(study, own)
    study.sampler = own
    study.optimize(network_objective, n_trials=8)
    audit(study, own)


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


@pytest.mark.parametrize(
    ("begun", "wrong", "difference"),
    [
        (SPACE, None, "a search space"),
        (None, SPACE, "no search space"),
        (SPACE, {"n_module_slots": 3}, "another search space (`n_module_slots` was 2 and is 3)"),
        (SPACE, {"max_params": 99}, "another search space (`max_params` was None and is 99)"),
        (
            SPACE,
            {"layers": SPACE.to_json()["layers"][:1]},
            "another search space (`layers` was conv1d, separable_conv1d and is conv1d)",
        ),
        (
            SPACE,
            {"hyperparameters": {"lr": distribution_to_json(FloatDistribution(0.1, 1, log=True))}},
            "another search space (`hyperparameters.lr` was not there and is 0.1 to 1.0, log",
        ),
        (
            SPACE,
            {"graph_genes": {"head.pool": distribution_to_json(CategoricalDistribution(["max"]))}},
            "another search space (`global_pools` was mean, max, mean+max and is max)",
        ),
    ],
)
def test_another_search_space_is_refused(
    begun: SearchSpace | None, wrong: SearchSpace | dict[str, Any] | None, difference: str
) -> None:
    study = optuna.create_study(sampler=sampler(begun))
    study.tell(study.ask(), 1.0)
    if isinstance(wrong, dict):
        wrong = SearchSpace.from_json({**SPACE.to_json(), **wrong})
    study.sampler = sampler(wrong, module_population_size=12 if wrong else None)
    with pytest.raises(ValueError, match=re.escape(f"was begun with {difference}")):
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


@pytest.mark.parametrize("reproducible", [False, True])
@pytest.mark.parametrize("text", ["1 nonsense", None], ids=["damaged", "lost"])
@pytest.mark.parametrize("number", [0, 5, 10])
def test_record_that_is_damaged_or_lost_is_passed_over(
    number: int, text: str | None, reproducible: bool
) -> None:
    """With all that descends from it; the evolution goes on from what is left."""
    study = sphere_study(n_trials=12, reproducible=reproducible)
    attrs = stored(study)[number].system_attrs
    if text is None:
        del attrs[RECORD]
    else:
        attrs[RECORD] = text
    study.sampler = sampler(reproducible=reproducible)
    study.optimize(sphere, n_trials=14)
    assert [trial.state for trial in stored(study)] == [TrialState.COMPLETE] * 26
    last = records(study)[-1]
    assert reproducible or set(range(25)) == set(
        StateStore(study, study.sampler._algorithm, ledger(study)).counted(last)
    )
    problems = sampler(reproducible=reproducible).verify(study).problems
    assert all(re.search(f"trial ({number}|5|10)[ ,]", problem) for problem in problems)
    assert problems


@pytest.mark.parametrize("text", ["- 1 nonsense", None], ids=["all", "network"])
def test_damaged_assignment_is_passed_over(text: str | None) -> None:
    study = network_study(n_trials=5)
    attrs = stored(study)[3].system_attrs
    attrs[ASSIGNMENT] = text or attrs[ASSIGNMENT][:-5]
    study.sampler = sampler(SPACE)
    study.optimize(network_objective, n_trials=10)
    assert [r.evidence for r in records(study)][1] == tuple(range(5))
    (problem,) = sampler(SPACE).verify(study).problems
    assert problem.startswith("the assignment of trial 3 ")


def test_damaged_note_of_a_wait_is_passed_over() -> None:
    study = sphere_study(n_trials=5, reproducible=True)
    stored(study)[0].system_attrs[WAITED] = "nonsense"
    study.sampler = sampler(reproducible=True)
    study.optimize(sphere, n_trials=5)
    assert len(audit(study, sampler(reproducible=True))) == 2


def test_damaged_state_is_bred_again() -> None:
    study, whole = (network_study(n_trials=12) for _ in range(2))
    attrs = stored(study)[10].system_attrs
    attrs[RECORD] = attrs[RECORD][:-5]
    study.sampler = sampler(SPACE)
    study.optimize(network_objective, n_trials=8)
    whole.optimize(network_objective, n_trials=8)
    assert params(study) == params(whole)


def test_verification_names_what_does_not_replay() -> None:
    study = sphere_study(n_trials=17)
    honest = records(study)
    trials = stored(study)
    forged = {"0": 1.0}
    for number, changes in (
        (5, {"digest": content_hash(forged), "packed": pack(forged)}),
        (10, {"evidence": (*honest[2].evidence, 0)}),
        (15, {"generation": 2, "parent": 4}),
    ):
        record = replace(honest[number // 5], **changes)
        trials[number].system_attrs[RECORD] = record.pack()
    trials[16].system_attrs[ASSIGNMENT] = trials[14].system_attrs[ASSIGNMENT]
    problems = " ".join(sampler().verify(study).problems)
    for sentence in (
        "generation 1 on trial 5 comes out differently when it is bred again",
        "generation 2 on trial 10 counts a trial that counted before",
        "the generation record on trial 15 descends from that of trial 4, which is not there",
    ):
        assert re.search(sentence, problems), problems
    with pytest.raises(ValueError, match="begun with `archive_size`=50"):
        sampler(archive_size=7).verify(study)


def test_record_that_counts_a_lost_trial_is_damaged() -> None:
    study = sphere_study(n_trials=12)
    record = replace(records(study)[1], evidence=(3, 99))
    stored(study)[5].system_attrs[RECORD] = record.pack()
    problems = sampler().verify(study).problems
    assert problems[0] == "the generation record on trial 5 is damaged and cannot be read."


def test_verification_writes_nothing_and_shows_progress() -> None:
    study = network_study(n_trials=12)
    before = copy.deepcopy(stored(study))
    steps: list[tuple[int, int]] = []
    found = sampler(SPACE).verify(study, lambda done, total: steps.append((done, total)))
    assert found == Verification(3, 3, 12, 10, ())
    assert steps == [(i + 1, 15) for i in range(15)]
    assert stored(study) == before


def test_interrupted_start_leaves_no_running_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    study = sphere_study(n_trials=6)

    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Coordinator, "assign", interrupted)
        with pytest.raises(KeyboardInterrupt):
            study.optimize(sphere, n_trials=1)
    assert running(study) == []
    study.optimize(sphere, n_trials=6)
    audit(study, sampler())


# -- results that come late, or from elsewhere -------------------------------------------------


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
    populations = [state_of(study, sampler(), r).blueprints for r in found]
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


def test_retried_trial_whose_assignment_is_damaged_gets_a_new_one() -> None:
    study = network_study(n_trials=5)
    study.ask()
    retried(study, 5)
    attrs = stored(study)[6].system_attrs
    attrs[ASSIGNMENT] = attrs[ASSIGNMENT][:-5]
    study.optimize(network_objective, n_trials=6)
    again = assignments(study)[6]
    assert again.number == 6 and again.network.modules
    assert [r.number for r in audit(study, sampler(SPACE))] == [0, 5, 10]


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
    assert time.monotonic() - started < 2.0 < _places.TAKEOVER_SECONDS
    assert [r.number for r in audit(study, sampler())] == [0, 5]


def test_record_copied_by_a_retry_is_not_taken_for_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = sphere_study(n_trials=10)

    def killed(*args: Any) -> None:
        raise RuntimeError

    # The leader of generation 2 dies between its record and its assignment.
    with monkeypatch.context() as patch:
        patch.setattr(Coordinator, "_proposer", killed)
        with pytest.raises(RuntimeError):
            study.ask()
    for _ in range(4):
        study.optimize(sphere, n_trials=1)
    retried_trial = copy.deepcopy(stored(study)[10])
    optuna.storages.RetryHeartbeatStaleTrialCallback()(study, retried_trial)
    study.optimize(sphere, n_trials=6)
    # Number 15, the copy, led generation 3.
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
