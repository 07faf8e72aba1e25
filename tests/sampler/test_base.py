"""One sampler and several studies; trials that come from elsewhere or end elsewhere."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
from optuna.trial import FrozenTrial
from optuna.trial import TrialState

from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import EvolutionarySampler
from optuna_codeepneat.sampler import ancestry_of
from tests.sampler.studies import SPACE
from tests.sampler.studies import assignments
from tests.sampler.studies import colleague
from tests.sampler.studies import finish
from tests.sampler.studies import lemonade
from tests.sampler.studies import network_objective
from tests.sampler.studies import records
from tests.sampler.studies import sampler
from tests.sampler.studies import sphere
from tests.sampler.studies import sphere_study


Maker = Callable[[], EvolutionarySampler]
SAMPLERS: dict[str, Maker] = {"codeepneat": lambda: sampler(SPACE), "lemonade": lemonade}
BOTH = pytest.mark.parametrize("make", SAMPLERS.values(), ids=SAMPLERS)


def two_objectives(own: EvolutionarySampler, *directions: str) -> optuna.Study:
    return optuna.create_study(directions=directions or ("maximize", "minimize"), sampler=own)


def evaluated_as_assigned(study: optuna.Study) -> bool:
    params = {
        assignment.number: SPACE.encode(assignment.network.architecture(SPACE))
        for assignment in assignments(study)
    }
    return all(trial.params.items() >= params[trial.number].items() for trial in study.trials)


# -- several studies of one sampler -----------------------------------------------------------


@BOTH
def test_one_sampler_serves_interleaved_studies(make: Maker) -> None:
    own = make()
    studies = [two_objectives(own), two_objectives(own, "minimize", "maximize")]
    for _ in range(15):
        begun = [study.ask() for study in studies]
        for study, trial in zip(studies, begun, strict=True):
            study.tell(trial, network_objective(trial))
    for study in studies:
        assert evaluated_as_assigned(study)
        assert make().verify(study).problems == ()


@BOTH
def test_one_sampler_serves_nested_studies_and_threads(make: Maker) -> None:
    own = make()
    inner: list[optuna.Study] = []

    def outer(trial: optuna.Trial) -> tuple[float, float]:
        within = two_objectives(own)
        inner.append(within)
        within.optimize(network_objective, n_trials=6)
        return network_objective(trial)

    study = two_objectives(own)
    study.optimize(outer, n_trials=6)
    parallel = [two_objectives(own) for _ in range(3)]
    threads = [
        threading.Thread(target=each.optimize, args=(network_objective, 12)) for each in parallel
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in (study, *inner, *parallel):
        assert evaluated_as_assigned(each)
        assert make().verify(each).problems == ()


# -- trials that end elsewhere ----------------------------------------------------------------


def test_trials_that_others_end_are_forgotten() -> None:
    study = sphere_study()
    other = colleague(study, sampler())
    for _ in range(12):
        trial = study.ask()
        other.tell(trial.number, sphere(trial))
    finish(study, study.ask())
    assert len(study.sampler._pending) <= 1  # type: ignore[attr-defined]


# -- trials that come from elsewhere ----------------------------------------------------------


def rescored(trial: FrozenTrial, values: list[float]) -> FrozenTrial:
    trial = copy.deepcopy(trial)
    trial.values = values
    return trial


@pytest.mark.parametrize("shift", [0, 3])
@BOTH
def test_trials_of_another_study_are_evidence_and_nothing_else(make: Maker, shift: int) -> None:
    """With another number of objectives and other directions; wherever their numbers begin."""
    old = two_objectives(make())
    old.optimize(network_objective, n_trials=23)
    study = optuna.create_study(direction="minimize", sampler=make())
    for _ in range(shift):
        study.add_trial(optuna.create_trial(value=1.0))
    study.add_trials([rescored(trial, [trial.values[1]]) for trial in old.trials])

    study.optimize(lambda trial: network_objective(trial)[1], n_trials=22)

    found = make().verify(study)
    assert found.problems == ()
    assert {record.number for record in records(study)}.isdisjoint(range(23 + shift))
    assert found.n_assigned == 22
    assert found.n_counted >= 23
    first = records(study)[0]
    assert first.evidence[-23:] == tuple(range(shift, shift + 23))
    before = sorted(trial.values[1] for trial in old.trials)
    assert max(trial.value for trial in study.trials[-10:]) <= before[-2]
    if shift:
        assert all(a.parent is None for t in study.trials[:26] if (a := ancestry_of(t)))


def test_added_trials_with_another_search_space_do_not_refuse_the_study() -> None:
    other = optuna.create_study(sampler=sampler(seed=3))
    other.optimize(sphere, n_trials=7)
    study = two_objectives(sampler(SPACE))
    study.add_trials([rescored(trial, [1.0, 2.0]) for trial in other.trials])

    study.optimize(network_objective, n_trials=8)

    assert sampler(SPACE).verify(study).problems == ()


@BOTH
def test_copy_of_a_study_goes_on(make: Maker) -> None:
    study = two_objectives(make())
    study.optimize(network_objective, n_trials=12)
    storage = optuna.storages.InMemoryStorage()
    optuna.copy_study(
        from_study_name=study.study_name,
        from_storage=study._storage,
        to_storage=storage,
        to_study_name="copy",
    )
    again = optuna.load_study(study_name="copy", storage=storage, sampler=make())
    for each in (study, again):
        each.optimize(network_objective, n_trials=9)
    assert [trial.params for trial in again.trials] == [trial.params for trial in study.trials]
    assert [r.digest for r in records(again)] == [r.digest for r in records(study)]


# -- studies that are deleted -----------------------------------------------------------------


@pytest.mark.parametrize("anew", [2, 12])
def test_study_that_is_deleted_and_made_anew_is_noticed(tmp_path: Path, anew: int) -> None:
    """SQLite gives the new one the key of the old one; both processes still open the first."""
    url = f"sqlite:///{tmp_path}/study.db"

    def opened() -> optuna.Study:
        return optuna.create_study(
            study_name="x", storage=url, sampler=sampler(), load_if_exists=True
        )

    old = opened()
    old.optimize(sphere, n_trials=7)
    optuna.delete_study(study_name="x", storage=url)
    new = opened()
    new.optimize(sphere, n_trials=anew)
    noticed = 0
    for _ in range(7):
        try:
            old.optimize(sphere, n_trials=1)
        except StoredStateError as error:
            assert "deleted and made anew" in str(error)
            noticed += 1
    new.optimize(sphere, n_trials=7)

    assert noticed
    assert [t.number for t in new.trials if t.state == TrialState.RUNNING] == []
    assert sampler().verify(opened()).n_generations >= (anew + 7) // 5
