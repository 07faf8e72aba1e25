"""What a worker sees of a study when it proposes a network."""

from __future__ import annotations

import itertools

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import FloatDistribution

from optuna_codeepneat.sampler._generations._states import StateStore
from optuna_codeepneat.sampler._generations._view import View
from optuna_codeepneat.sampler._generations._view import seen_of_many
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._surrogate import Surrogate
from tests.sampler.studies import FEW
from tests.sampler.studies import SPACE
from tests.sampler.studies import assignments
from tests.sampler.studies import begun_trial
from tests.sampler.studies import ledger
from tests.sampler.studies import network_study
from tests.sampler.studies import records
from tests.sampler.studies import sampler
from tests.sampler.studies import sphere
from tests.sampler.studies import sphere_study
from tests.sampler.studies import stored


def seen_by(study: optuna.Study, number: int) -> tuple[Seen, list[int], StateStore]:
    """What a trial of the last generation sees, the trial at each position, and what was read."""
    own, read = study.sampler._algorithm, ledger(study)
    states = StateStore(study, own, read)
    record = records(study)[-1]
    seen, order = View(read, states, own).of(record, states.state(record), number)
    return seen, [int(n) for n in order], states


def test_every_result_is_that_of_the_trial_at_its_position() -> None:
    study = network_study(n_trials=33)
    seen, order, _ = seen_by(study, 33)
    assert sorted(order) == list(range(33)) and len(seen.results) == 33
    for result in seen.results:
        depth, size = stored(study)[order[result.position]].values
        assert result.score is not None and result.score.values == (depth, -size)


def test_origins_name_the_trials_that_children_come_from() -> None:
    """Also parents that no generation counts yet."""
    study = sphere_study(n_trials=60, assembled_population_size=30)
    origins = {a.number: a.origin for a in assignments(study) if a.origin.parent is not None}
    assert all(origin.parent < number for number, origin in origins.items())
    assert any(origin.parent // 30 == number // 30 for number, origin in origins.items())


def test_pending_networks_are_those_of_open_trials() -> None:
    study = network_study(n_trials=12)
    asked = [study.ask() for _ in range(3)]
    begun_trial(study)  # nothing was assigned to it yet
    seen, _, _ = seen_by(study, asked[-1].number)
    assert len(seen.pending) == 2 == len(seen.running)
    assert [proposal.network for proposal in seen.pending] == [
        a.network for n, a in ledger(study).open.items() if a is not None and n != asked[-1].number
    ]


def test_no_more_is_read_than_the_model_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the study is: the front, the last ones, and some of all others."""
    own = Surrogate(n_candidates=2, max_results=20)
    study = optuna.create_study(sampler=sampler(surrogate=own, archive_size=50))
    ranges = {name: FloatDistribution(-5, 5) for name in "xyz"}
    best = 1234

    def params(n: int) -> dict[str, float]:
        return {name: 0.0 if n == best else 1.0 + n % 97 / 50 for name in "xyz"}

    for n in range(10_000):
        own_params = params(n)
        value = sum(x**2 for x in own_params.values())
        study.add_trial(
            optuna.trial.create_trial(params=own_params, distributions=ranges, value=value)
        )
    study.optimize(sphere, n_trials=2)
    read: list[int] = []
    of = StateStore.result

    def counting(store: StateStore, number: int, position: int) -> object:
        read.append(number)
        return of(store, number, position)

    seen, order, states = seen_by(study, 10_002)
    assert len(seen.results) <= 20
    positions = [int(result.position) for result in seen.results]
    assert positions == sorted(set(positions))
    assert best in {order[position] for position in positions}
    assert positions[-11:] == list(range(len(order) - 11, len(order)))
    assert min(positions) < 5000
    monkeypatch.setattr(StateStore, "result", counting)
    study.ask()
    assert 0 < len(read) <= 20


@given(n=st.integers(0, 5000), most=st.integers(20, 400), data=st.data())
def test_of_many_results_the_same_are_seen_from_trial_to_trial(
    n: int, most: int, data: st.DataObject
) -> None:
    archive = data.draw(st.lists(st.integers(0, max(n - 1, 0)), max_size=50, unique=True))
    archive = archive if n else []
    chosen = seen_of_many(n, most, archive)
    assert chosen == sorted(set(chosen))
    assert n > most or len(chosen) == n
    assert len(chosen) <= most
    assert set(chosen) <= set(range(n))
    n_last = most // 2
    assert chosen[-n_last:] == list(range(max(0, n - n_last), n))
    assert set(archive[: most // 3]) <= set(chosen)


def test_what_a_model_sees_changes_at_times_alone() -> None:
    seen = [set(seen_of_many(n, 300, [3, 7])) for n in range(1000, 1400)]
    gone = [len(before - after) for before, after in itertools.pairwise(seen)]
    assert sum(map(bool, gone)) < 400 / 32 + 2
    assert all(n in after for n, after in enumerate(seen[1:], 1000))


def test_without_a_model_no_result_is_read() -> None:
    study = network_study(n_trials=12, surrogate=None)
    seen, _, _ = seen_by(study, 12)
    assert not seen.results and not seen.pending


def test_a_study_that_began_without_a_model_reads_none_for_one() -> None:
    """Whatever the sampler of this process would do in a study of its own."""
    study = network_study(n_trials=12, surrogate=None)
    study.sampler = sampler(SPACE, surrogate=FEW)
    study.tell(study.ask(), (1.0, 1.0))
    seen, _, _ = seen_by(study, 13)
    assert not seen.results and not seen.pending


def test_parameters_are_known_before_a_generation_counts_them() -> None:
    study = sphere_study(n_trials=12, assembled_population_size=10)

    def objective(trial: optuna.Trial) -> float:
        return sphere(trial) + trial.suggest_float("late", 0.0, 1.0)

    study.optimize(objective, n_trials=1)
    seen, _, _ = seen_by(study, 13)
    assert "late" in seen.global_genes
