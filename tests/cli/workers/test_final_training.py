"""Which networks of a front are trained finally."""

from __future__ import annotations

import math

import numpy as np
import optuna
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat import SearchSpace
from optuna_codeepneat.cli._terminal import Front
from optuna_codeepneat.cli._workers._final_training import Candidate
from optuna_codeepneat.cli._workers._final_training import choose
from optuna_codeepneat.cli._workers._final_training import choose_finals
from optuna_codeepneat.sampler import believed_values


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


def test_the_lucky_are_not_chosen_first() -> None:
    """Of a front, the network is the best that the model believes to be it."""
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
