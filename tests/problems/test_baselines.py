"""Hand-made networks for every kind of data are networks that build and train."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import optuna
import pytest
from optuna.distributions import FloatDistribution

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import hand_made
from optuna_codeepneat.search_space import SearchSpace
from tests.problems.test_problem import ask
from tests.problems.test_problem import make_problem


torch = pytest.importorskip("torch")

SPACES = {
    "a table": SearchSpace.dense(input_shape=(7,), num_outputs=1),
    "signals": SearchSpace.conv1d(input_shape=(2, 40), num_outputs=10),
    "short signals": SearchSpace.conv1d(input_shape=(1, 1), num_outputs=3),
    "images": SearchSpace.conv2d(input_shape=(1, 14, 14), num_outputs=10),
    "a pixel": SearchSpace.conv2d(input_shape=(3, 1, 1), num_outputs=2),
    "LEAF's images": SearchSpace.chest_xray(input_shape=(1, 32, 24)),
    "texts": SearchSpace.sequence(input_shape=(8, 12), num_outputs=4, vocab_size=20),
}


@pytest.mark.parametrize("kind", SPACES)
def test_they_build_and_have_the_sizes_that_they_say(kind: str) -> None:
    from optuna_codeepneat import build_network

    space = SPACES[kind]
    networks = hand_made(space)
    assert 2 < len(networks) <= 4
    assert len({network.signature for network in networks.values()}) == len(networks)
    for architecture in networks.values():
        network = build_network(architecture)
        assert sum(p.numel() for p in network.parameters()) == architecture.num_params
        if space.vocab_size is None:
            inputs = torch.rand(2, *space.input_shape)
        else:
            inputs = torch.zeros(2, space.input_shape[1], dtype=torch.long)
        assert network.eval()(inputs).shape == (2, space.num_outputs)


def test_signals_have_the_dilated_residual_networks() -> None:
    network = hand_made(SPACES["signals"])["residual, 8 channels"]
    first, *blocks = (*network.modules["A"].nodes, *network.modules["B"].nodes)
    assert not first.genes["residual"] and all(node.genes["residual"] for node in blocks)
    assert [node.genes["dilation"] for node in blocks] == [1, 2, 4, 8]


def test_images_are_narrower_where_the_space_has_caps() -> None:
    sizes: dict[str, Any] = {"input_shape": (1, 28, 28), "num_outputs": 10}
    free = hand_made(SearchSpace.conv2d(**sizes))
    capped = SearchSpace.conv2d(**sizes, max_macs=2_000_000)
    found = hand_made(capped)
    assert all(capped.excess(network) is None for network in found.values())
    assert found["plain convolutions"] == free["plain convolutions"]
    assert found["residual convolutions"].macs < free["residual convolutions"].macs


def test_one_is_trained_as_a_network_of_the_search_is() -> None:
    problem = make_problem()
    trial = ask(problem)
    values = problem.objective(trial, device="cpu", seed=3)
    architecture = problem.space.suggest(trial)
    assert problem.evaluate(architecture, device="cpu", seed=3) == values
    for architecture in problem.baselines.values():
        score, size = problem.evaluate(architecture, device="cpu")
        assert 0.0 <= score <= 1.0 and size == architecture.num_params


def test_a_problem_may_have_its_own_or_none() -> None:
    problem = make_problem()
    own = replace(problem, make_baselines=lambda space: {"smallest": space.smallest()})
    assert own.baselines == {"smallest": problem.space.smallest()}
    assert replace(problem, make_baselines=None).baselines == {}


def test_an_objective_of_the_users_own_has_none_beside_it() -> None:
    problem = Problem(
        name="mine",
        title="Mine",
        make_space=lambda: SPACES["a table"],
        objective=lambda trial: (1.0, 2.0),
    )
    assert problem.baselines == {}
    with pytest.raises(
        ValueError, match="'mine' has an objective of its own, which takes a trial"
    ):
        problem.evaluate(SPACES["a table"].smallest())


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("a table", ("one layer of 64", "two layers of 64")),
        (
            "signals",
            (
                "residual, 8 channels",
                "residual, 12 channels",
                "residual, 16 channels, separable",
            ),
        ),
        ("images", ("plain convolutions", "residual convolutions")),
        ("texts", ("one convolution", "three convolutions", "bidirectional GRU")),
        ("LEAF's images", ()),  # which have no batch normalisation there
    ],
)
def test_a_study_begins_with_those_of_its_space(kind: str, expected: tuple[str, ...]) -> None:
    space = SPACES[kind]
    rates = {
        "learning_rate": FloatDistribution(1e-3, 4e-2, log=True),
        "weight_decay": FloatDistribution(0.2, 0.5),  # without that of the recipe
    }
    problem = replace(make_problem(hyperparameters=rates), make_space=lambda: space)
    study = optuna.create_study(directions=problem.directions)
    for _ in range(2):  # each once
        assert problem.enqueue_baselines(study) == expected
    assert len(study.trials) == len(expected)
    for name in expected:
        trial = study.ask({**problem.hyperparameters})
        assert trial.user_attrs == {"hand_made": name}
        assert space.suggest(trial).signature == problem.baselines[name].signature
        assert trial.params["learning_rate"] == problem.search_recipe.learning_rate


def test_those_that_are_too_large_are_left_out() -> None:
    capped = SearchSpace.dense(input_shape=(7,), num_outputs=1, max_params=1_000)
    problem = replace(make_problem(), make_space=lambda: capped)
    study = optuna.create_study(directions=problem.directions)
    assert problem.enqueue_baselines(study) == ("one layer of 64",)


@pytest.mark.parametrize("sampler", [CoDeepNEATSampler, LemonadeSampler])
def test_evolution_goes_on_from_them(sampler: Any) -> None:
    problem = make_problem()
    space = problem.space
    study = optuna.create_study(directions=problem.directions, sampler=sampler(space, seed=1))
    names = problem.enqueue_baselines(study)

    def objective(trial: optuna.Trial) -> tuple[float, ...]:
        network = space.suggest(trial)
        for name, distribution in problem.hyperparameters.items():
            trial.suggest_float(name, distribution.low, distribution.high)  # type: ignore[attr-defined]
        return (network.depth, *(float(network.num_params) for _ in problem.directions[1:]))

    study.optimize(objective, n_trials=20)
    assert names
    assert [trial.user_attrs.get("hand_made") for trial in study.trials[: len(names) + 1]] == [
        *names,
        None,
    ]
    assert study.sampler.verify(study).problems == ()
