"""Whose weights a network may still ask for."""

from __future__ import annotations

import threading
from collections.abc import Callable

import optuna
import pytest

from optuna_codeepneat.sampler import donors_of
from optuna_codeepneat.sampler._generations._ledger import assignment_of
from optuna_codeepneat.sampler._generations._ledger import donor_of
from optuna_codeepneat.sampler._generations._records import RECORD
from tests.sampler.studies import SPACE
from tests.sampler.studies import colleague
from tests.sampler.studies import lemonade
from tests.sampler.studies import lemonade_study
from tests.sampler.studies import network_objective
from tests.sampler.studies import network_study
from tests.sampler.studies import records
from tests.sampler.studies import sampler
from tests.sampler.studies import sphere_study
from tests.sampler.studies import state_of
from tests.sampler.studies import stored


def codeepneat_study(n_trials: int = 0) -> optuna.Study:
    return network_study(n_trials, inheritance="exact")


STUDIES = {"codeepneat": codeepneat_study, "lemonade": lemonade_study}


@pytest.mark.parametrize("name", STUDIES)
def test_whoever_is_asked_for_was_inheritable_ever_since(name: str) -> None:
    """Several trials at a time: a donor was among the donors from its end to its use."""
    study = STUDIES[name]()
    seen: list[tuple[int, frozenset[int]]] = []
    running: list[optuna.Trial] = []
    for i in range(60):
        running.append(study.ask())
        donor = donor_of(assignment_of(stored(study)[-1]))  # type: ignore[arg-type]
        if donor is not None:
            assert all(donor in alive for n, alive in seen if n > donor)
        if len(running) > i % 4:
            trial = running.pop(0)
            study.tell(trial, network_objective(trial))
        alive = donors_of(study)
        assert alive is not None
        seen.append((len(stored(study)), alive))
        donors = {donor_of(assignment_of(stored(study)[t.number])) for t in running}  # type: ignore[arg-type]
        assert {t.number for t in running} | donors - {None} <= alive
    assert len(alive) < 45


@pytest.mark.parametrize("name", STUDIES)
def test_the_living_and_what_has_not_counted(name: str) -> None:
    study = STUDIES[name](23)
    state = state_of(study, study.sampler, records(study)[-1])
    living = {r.position for r in (*state.archive, *state.recent)}
    assert donors_of(study) == living | {20, 21, 22}
    own = lemonade() if name == "lemonade" else sampler(SPACE, inheritance="exact")
    again = colleague(study, own)
    assert donors_of(again) == donors_of(study)


@pytest.mark.parametrize("name", STUDIES)
def test_study_that_has_not_begun(name: str) -> None:
    assert donors_of(STUDIES[name]()) == frozenset()


@pytest.mark.parametrize(
    "make",
    [
        lambda: network_study(3),
        lambda: sphere_study(3),
        lambda: lemonade_study(3, inheritance=None),
        lambda: optuna.create_study(),
    ],
    ids=["codeepneat", "hyperparameters", "lemonade", "tpe"],
)
def test_nothing_is_known_where_nothing_is_inherited(make: Callable[[], optuna.Study]) -> None:
    assert donors_of(make()) is None


def test_damaged_records_are_no_reason_to_remove_weights() -> None:
    study = lemonade_study(12)
    again = colleague(study, lemonade())
    stored(study)[0].system_attrs[RECORD] = "1 nonsense"
    assert donors_of(again) == frozenset(range(12))


def test_trial_that_waits_for_its_network_keeps_the_donors_of_its_window() -> None:
    """A worker that is slow to begin takes a network of a generation that others have left."""
    study = lemonade_study(9)
    slow = study._storage.create_new_trial(study._study_id)
    study.optimize(network_objective, n_trials=15)
    first = [r for r in records(study) if r.generation == 1]
    old = {r.position for r in state_of(study, study.sampler, first[0]).archive}
    alive = donors_of(study)
    assert alive is not None and old <= alive
    trial = optuna.Trial(study, slow)
    donor = donor_of(assignment_of(stored(study)[trial.number]))  # type: ignore[arg-type]
    assert donor in alive


def test_threads() -> None:
    study = lemonade_study(6)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(8):
                study.tell(trial := study.ask(), network_objective(trial))
                assert donors_of(study)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
