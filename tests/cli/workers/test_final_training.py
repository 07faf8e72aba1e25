"""Which networks of a front are trained finally, and what is kept of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat import SearchSpace
from optuna_codeepneat import build_network
from optuna_codeepneat._attributes import store_final_network
from optuna_codeepneat._attributes import store_test_score
from optuna_codeepneat._attributes import stored_final_networks
from optuna_codeepneat._attributes import stored_test_scores
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._terminal import Front
from optuna_codeepneat.cli._workers import _final_training
from optuna_codeepneat.cli._workers import _searched_weights
from optuna_codeepneat.cli._workers._final_settings import FinalSettings
from optuna_codeepneat.cli._workers._final_training import Candidate
from optuna_codeepneat.cli._workers._final_training import choose
from optuna_codeepneat.cli._workers._final_training import choose_finals
from optuna_codeepneat.cli._workers._messages import TrainFinally
from optuna_codeepneat.cli._workers._pool import Crashed
from optuna_codeepneat.cli._workers._searched_weights import searched_network
from optuna_codeepneat.morphism import Checkpoint
from optuna_codeepneat.morphism import fetch_weights
from optuna_codeepneat.morphism import store_weights
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import _check
from optuna_codeepneat.problems import _checked_data
from optuna_codeepneat.sampler import SavedWeights
from optuna_codeepneat.sampler import believed_values
from optuna_codeepneat.storages import open_artifacts
from tests.cli.small_problem import small
from tests.cli.small_study import NETWORK
from tests.cli.small_study import InlinePool
from tests.cli.small_study import Notes
from tests.cli.small_study import searched
from tests.cli.small_study import trained_finally


# Accuracy after a short training and size, as a search on one-dimensional digits finds them.
FRONT = [
    Candidate(7, 0.961, 21_000),
    Candidate(3, 0.958, 9_800),
    Candidate(9, 0.951, 5_400),
    Candidate(1, 0.943, 2_900),
    Candidate(4, 0.921, 1_300),
    Candidate(8, 0.874, 700),
    Candidate(2, 0.610, 240),
    Candidate(5, 0.190, 60),
]
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        number=st.integers(0, 1000),
        gain=st.floats(-10, 10),
        size=st.integers(1, 10**6),
    ),
    unique_by=lambda c: c.number,
)


def test_choice_spans_the_front() -> None:
    assert choose(FRONT, 3) == [7, 1, 8]
    assert choose(FRONT, 1) == [7]


def test_poor_networks_stand_back() -> None:
    assert set(choose(FRONT, 6)) == {7, 3, 9, 1, 4, 8}


def test_all_are_chosen_where_there_are_no_more() -> None:
    assert sorted(choose(FRONT, 20)) == sorted(c.number for c in FRONT)
    assert choose([], 3) == []
    assert choose(FRONT, 0) == []


def test_networks_of_like_size_are_told_apart_by_gain() -> None:
    alike = [Candidate(i, 0.9 + i / 1000, 1000 + i) for i in range(5)]
    assert choose(alike, 2)[0] == 4
    assert len(choose(alike, 2)) == 2


def test_equal_networks_are_told_apart_by_size_then_number() -> None:
    assert choose([Candidate(2, 1.0, 9), Candidate(1, 1.0, 9), Candidate(0, 1.0, 10)], 1) == [1]


@given(CANDIDATES, st.integers(0, 8))
def test_choice_is_the_best_and_others_once_each(candidates: list[Candidate], k: int) -> None:
    chosen = choose(candidates, k)
    assert len(chosen) == len(set(chosen)) == min(k, len(candidates))
    assert set(chosen) <= {c.number for c in candidates}
    assert chosen == choose(reversed(candidates), k)
    if chosen:
        gains = {c.number: c.gain for c in candidates}
        assert gains[chosen[0]] == max(gains.values())


def test_an_infinite_value_is_better_than_all_others() -> None:
    space = SearchSpace.dense(input_shape=(4,), num_outputs=2)
    study = optuna.create_study(direction="maximize")
    study.optimize(
        lambda trial: math.inf if space.suggest(trial) and trial.number == 2 else 0.5, n_trials=4
    )
    front = Front(study.directions)
    for trial in study.trials:
        front.add(trial)
    assert choose_finals(study, front, space, 4)[0] == 2


def test_the_lucky_are_not_chosen_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a front, the network is the best that the model believes to be it, if it knows enough."""
    space = SearchSpace.conv1d(input_shape=(1, 12), num_outputs=2)
    luck = np.random.default_rng(5).normal(size=80)
    study = optuna.create_study(
        directions=["minimize", "minimize"], sampler=optuna.samplers.RandomSampler(seed=1)
    )

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        architecture = space.suggest(trial)
        return luck[trial.number] - min(architecture.depth, 3), architecture.num_params

    study.optimize(objective, n_trials=80)
    front = Front(study.directions)
    for trial in study.trials:
        front.add(trial)
    believed = believed_values(study, space)
    best = min(front.trials, key=lambda trial: believed[trial.number][0])
    assert choose_finals(study, front, space, 3)[0] == best.number
    assert front.best is not None and front.best.number != best.number
    assert choose_finals(study, front, space, 0) == []
    monkeypatch.setattr(_final_training, "_ENOUGH_TO_BELIEVE", 81)
    assert choose_finals(study, front, space, 3)[0] == front.best.number


# -- the trainings -----------------------------------------------------------------------------


def test_what_is_trained_is_kept_and_not_trained_again(folder: Path) -> None:
    search, place = searched(), str(folder / "kept")
    outcome = trained_finally(search, [2, 0], InlinePool(search, finals=place))
    assert list(outcome.scores) == [2, 0] == list(outcome.networks)
    assert outcome.n_trained == 2 and not outcome.errors
    attrs = search.study.user_attrs
    assert stored_test_scores(attrs) == outcome.scores
    kept = stored_final_networks(attrs)[2][0]
    assert kept == outcome.networks[2][0]
    assert (kept.steps, kept.seed, kept.n_train, kept.n_test) == (3, 1, 40, 20)
    assert kept.low is not None and kept.high is not None
    assert kept.low <= kept.score <= kept.high
    assert (folder / "kept" / kept.artifact).stat().st_size == kept.size

    again = InlinePool(search, finals=place)
    assert trained_finally(search, [2, 0], again, keeping=True).scores == outcome.scores
    assert not again.tasks


def test_one_that_was_tested_is_trained_again_but_not_tested(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in studies of versions that kept no weights."""
    search = searched()
    store_test_score(search.study, 1, 0.123)
    pool = InlinePool(search, finals=str(folder))
    assert trained_finally(search, [1], pool).scores == {1: 0.123}
    assert not pool.tasks  # a search wants the score alone

    monkeypatch.setattr(Problem, "measure", None)
    outcome = trained_finally(search, [1], pool, keeping=True)
    assert outcome.scores == {1: 0.123} == stored_test_scores(search.study.user_attrs)
    assert (outcome.networks[1][0].score, outcome.networks[1][0].low) == (0.123, None)


def test_a_command_that_was_killed_in_between(folder: Path) -> None:
    search = searched()
    store_final_network(search.study, 1, NETWORK)
    pool = InlinePool(search, finals=str(folder))
    assert trained_finally(search, [1], pool).scores == {1: NETWORK.score}
    assert not pool.tasks
    assert stored_test_scores(search.study.user_attrs) == {1: NETWORK.score}


def test_several_trainings_have_weights_of_their_own(folder: Path) -> None:
    search = searched()
    pool = InlinePool(search, finals=str(folder), finally_by=FinalSettings(steps=2))
    outcome = trained_finally(search, [1], pool, trainings=3)
    networks = outcome.networks[1]
    assert list(networks) == [0, 1, 2] == list(stored_final_networks(search.study.user_attrs)[1])
    assert len({network.seed for network in networks.values()}) == 3
    assert len({network.sha256 for network in networks.values()}) == 3
    assert {network.steps for network in networks.values()} == {2}
    assert outcome.scores == {1: networks[0].score}  # not the best of them

    longer = InlinePool(search, finals=str(folder), finally_by=FinalSettings(epochs=5))
    outcome = trained_finally(search, [1], longer, again=True)
    assert outcome.networks[1][0].steps == 5  # all 40 examples fit into a batch
    assert stored_final_networks(search.study.user_attrs)[1][0].steps == 5


def test_one_reading_of_the_data_does_for_all_trainings(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, read = searched(), []

    def fitted(*given: Any) -> Any:
        read.append(given)
        return _check.fitted(*given)

    monkeypatch.setattr(_checked_data, "fitted", fitted)
    pool = InlinePool(search, finals=str(folder), finally_by=FinalSettings(steps=2))
    assert trained_finally(search, [0, 1, 2], pool).n_trained == 3
    assert len(read) <= 2  # once to look whether they fit, unless they were known


def test_a_wider_network_is_another_one(folder: Path) -> None:
    search = searched()
    store_test_score(search.study, 1, 0.123)  # of the narrow one, whose weights were not kept
    by = FinalSettings(widen=2.0, augment=True, copies=3, schedule="plateau")
    pool = InlinePool(search, finals=str(folder), finally_by=by)
    outcome = trained_finally(search, [1], pool, keeping=True, others=True)
    network = outcome.networks[1][0]
    narrow = search.problem.space.decode(search.study.trials[1].params)
    assert network.num_params is not None and network.num_params > narrow.num_params
    assert (network.widen, network.schedule, network.copies) == (2.0, "plateau", 3)
    assert network.augmentation == "noise 0.1"
    assert network.plain is not None
    assert network.inherited is None  # a random search keeps no weights
    assert outcome.scores == {1: network.score} == stored_test_scores(search.study.user_attrs)
    saved = SavedWeights(network.artifact, network.sha256, network.size, 0)
    found = fetch_weights(open_artifacts(folder), saved)
    assert found.architecture.num_params == network.num_params
    assert not trained_finally(search, [1], pool, keeping=True, others=True).n_trained


def test_a_wider_network_begins_with_the_weights_of_the_search(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = searched()
    narrow = build_network(search.problem.space.decode(search.study.trials[1].params))
    saved = store_weights(
        open_artifacts(folder), "w", Checkpoint(narrow.architecture, weights_of(narrow), 10)
    )
    monkeypatch.setattr(
        _searched_weights, "saved_weights", lambda trial: saved if trial.number == 1 else None
    )
    by = FinalSettings(widen=2.0, weights=str(folder))
    outcome = trained_finally(search, [1], InlinePool(search, finals=str(folder), finally_by=by))
    share = outcome.networks[1][0].inherited
    assert share is not None and 0.1 < share < 0.9
    (folder / "w").unlink()
    assert searched_network(search.study, 1, str(folder)) is None
    assert searched_network(search.study, 0, str(folder)) is None


def test_what_a_problem_can_not_do_is_said() -> None:
    plain = replace(small, augmentation=None)
    for by, words in [
        (FinalSettings(augment=True), "`--augment`: the problem 'small' has no `augmentation`"),
        (FinalSettings(copies=3), "`--tta`: the problem 'small' has no `augmentation`"),
    ]:
        with pytest.raises(CommandError, match=words):
            by.check(plain)
        by.check(small)

    class Own(Problem):
        def train_final(self, *args: Any, **more: Any) -> Any:
            return None

    own = Own(name="own", title="", make_space=small.make_space, load_splits=small.load_splits)
    with pytest.raises(CommandError, match="`--widen`: the problem 'own' trains networks in"):
        FinalSettings(widen=2.0).check(own)
    FinalSettings(steps=3).check(own)


def test_a_place_that_fails_costs_the_weights_alone(folder: Path) -> None:
    search, notes = searched(), Notes()
    (folder / "file").touch()
    pool = InlinePool(search, finals=str(folder / "file"))
    outcome = trained_finally(search, [0, 1], pool, notes)
    assert list(outcome.scores) == [0, 1] and not outcome.networks
    [text] = notes.texts
    assert text.startswith("The weights of network 0 are not kept: artifacts can't be kept in")


class _Crashing:
    """A pool whose workers die of their tasks."""

    def __init__(self) -> None:
        self.tasks: list[TrainFinally] = []
        self._given: TrainFinally | None = None

    def give(self, task: TrainFinally) -> bool:
        if self._given is not None:
            return False
        self.tasks.append(task)
        self._given = task
        return True

    def events(self, seconds: float) -> Iterator[tuple[int, Any]]:
        if self._given is not None:
            task, self._given = self._given, None
            yield 1, Crashed(task, None, -9)


def test_a_network_that_kills_workers_is_given_up(folder: Path) -> None:
    pool = _Crashing()
    outcome = trained_finally(searched(), [3], pool)
    assert outcome.errors == ["network 3 failed: a worker process was killed by SIGKILL"]
    assert len(pool.tasks) == 2 and not outcome.scores
