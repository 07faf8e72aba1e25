from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore  # noqa: E402
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution
from optuna.trial import TrialState

from optuna_codeepneat import LemonadeSampler  # noqa: E402
from optuna_codeepneat import training  # noqa: E402
from optuna_codeepneat.exceptions import NetworkDivergedError
from optuna_codeepneat.morphism import Checkpoints  # noqa: E402
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import Splits
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Continuation  # noqa: E402
from optuna_codeepneat.training import Examples  # noqa: E402
from optuna_codeepneat.training import Recipe


torch = pytest.importorskip("torch")


def half_planes(n: int) -> Examples:
    """Points, and on which side of a line they are."""
    inputs = torch.rand(n, 2, generator=torch.Generator().manual_seed(n)) - 0.5
    return Examples(inputs, (inputs[:, 0] > inputs[:, 1]).long())


def make_problem(**changes: Any) -> Problem:
    arguments: dict[str, Any] = {
        "name": "half-planes",
        "title": "Half-planes",
        "make_space": lambda: SearchSpace.dense(input_shape=(2,), num_outputs=2),
        "load_splits": lambda: Splits(
            train=half_planes(200), validation=half_planes(60), test=half_planes(40)
        ),
        "search_recipe": Recipe(steps=20, batch_size=40, learning_rate=3e-2),
        "final_recipe": Recipe(steps=60, batch_size=40, learning_rate=3e-2),
    }
    return Problem(**{**arguments, **changes})


def ask(problem: Problem, seed: int = 0) -> optuna.Trial:
    sampler = optuna.samplers.RandomSampler(seed=seed)
    return optuna.create_study(directions=problem.directions, sampler=sampler).ask()


def test_a_study_of_a_problem() -> None:
    problem = make_problem(hyperparameters={"learning_rate": FloatDistribution(1e-2, 1e-1)})
    study = optuna.create_study(
        directions=problem.directions, sampler=optuna.samplers.RandomSampler(seed=0)
    )

    study.optimize(problem.objective, n_trials=4)

    for trial in study.trials:
        architecture = problem.space.decode(trial.params)
        assert 0.4 < trial.values[0] <= 1.0
        assert trial.values[1] == architecture.num_params
        assert 1e-2 <= trial.params["learning_rate"] <= 1e-1
    assert max(trial.values[0] for trial in study.trials) > 0.8


def test_a_trial_is_the_same_each_time() -> None:
    problem = make_problem()

    first = problem.objective(ask(problem), seed=5)
    torch.rand(3)
    again = problem.objective(ask(problem), seed=5)

    assert first == again


def test_objectives_may_be_others() -> None:
    problem = make_problem(
        objectives={"error": "minimize", "macs": "minimize", "depth": "maximize"},
        metric=lambda outputs, targets: float((outputs.argmax(1) != targets).float().mean()),
    )
    trial = ask(problem)

    values = problem.objective(trial)

    architecture = problem.space.decode(trial.params)
    assert problem.metric_names == ("error", "macs", "depth")
    assert problem.directions == ("minimize", "minimize", "maximize")
    assert 0.0 <= values[0] <= 0.6
    assert values[1:] == (architecture.macs, architecture.depth)


def test_latency_is_measured_and_changes_nothing_else() -> None:
    plain = make_problem()
    timed = make_problem(
        objectives={"accuracy": "maximize", "latency": "minimize", "num_params": "minimize"}
    )
    accuracy, latency, num_params = timed.objective(ask(timed), seed=5)
    assert (accuracy, num_params) == plain.objective(ask(plain), seed=5)
    assert 0.0 < latency < 1.0
    assert timed.objective(ask(timed), seed=6)[1] == latency  # it knows the network


def test_one_objective() -> None:
    problem = make_problem(objectives={"accuracy": "maximize"})
    study = optuna.create_study(directions=problem.directions)

    study.optimize(problem.objective, n_trials=1)

    assert study.best_value > 0.3


def test_every_kind_of_hyperparameter(monkeypatch: pytest.MonkeyPatch) -> None:
    ranges = {
        "weight_decay": FloatDistribution(1e-4, 1e-1, log=True),
        "label_smoothing": FloatDistribution(0.0, 0.5, step=0.25),
        "batch_size": IntDistribution(8, 32, log=True),
        "steps": IntDistribution(5, 15, step=5),
        "schedule": CategoricalDistribution(("one_cycle", "cosine")),
    }
    problem = make_problem(hyperparameters=ranges)
    recipes = []
    from optuna_codeepneat import training

    def spy(network: Any, data: Any, recipe: Recipe, **kwargs: Any) -> Any:
        recipes.append(recipe)
        return fit(network, data, recipe, **kwargs)

    fit = training.fit
    monkeypatch.setattr(training, "fit", spy)
    trial = ask(problem)

    problem.objective(trial)

    assert {name: trial.distributions[name] for name in ranges} == ranges
    assert recipes == [problem.search_recipe.replace(**{n: trial.params[n] for n in ranges})]


def test_the_search_sees_neither_test_examples_nor_their_number() -> None:
    def load() -> Splits:
        return Splits(train=half_planes(200), validation=half_planes(60), test=None)  # type: ignore[arg-type]

    problem = make_problem(load_splits=load)

    problem.objective(ask(problem))
    network = problem.train_final(problem.space.smallest())

    with pytest.raises(AttributeError):
        problem.test(network)


def test_final_training_uses_training_and_validation_examples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from optuna_codeepneat import training

    problem = make_problem(
        hyperparameters={
            "learning_rate": FloatDistribution(1e-3, 1e-1),
            "weight_decay": FloatDistribution(1e-3, 1e-1),
        },
        final_hyperparameters=["weight_decay"],
    )
    seen = []

    def spy(network: Any, data: Any, recipe: Recipe, **kwargs: Any) -> Any:
        seen.append((len(data), recipe))
        return fit(network, data, recipe, **kwargs)

    fit = training.fit
    monkeypatch.setattr(training, "fit", spy)
    chosen = {"learning_rate": 0.002, "weight_decay": 0.003, "batch_size": 3}
    network = problem.train_final(problem.space.smallest(), chosen)

    assert seen == [(260, problem.final_recipe.replace(weight_decay=0.003))]
    assert problem.test(network) > 0.5


def test_a_score_is_measured_with_its_interval_in_one_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = make_problem()
    network = problem.train_final(problem.space.smallest())
    looks = []
    predict = training.predict
    monkeypatch.setattr(training, "predict", lambda *given: looks.append(given) or predict(*given))
    measured = problem.measure(network)
    assert len(looks) == 1
    assert (measured.score, measured.n_examples) == (problem.test(network), 40)
    assert measured.low is not None and measured.high is not None
    assert measured.low <= measured.score <= measured.high
    with torch.no_grad():
        next(network.parameters()).fill_(math.nan)
    with pytest.raises(NetworkDivergedError):
        problem.measure(network)


def test_a_test_of_the_users_own_has_no_interval() -> None:
    class Own(Problem):
        def test(self, network: Any) -> float:
            return 0.75

    problem = Own(name="own", title="Own", make_space=make_problem().make_space, load_splits=dict)  # type: ignore[arg-type]
    assert problem.measure(torch.nn.Identity()) == training.Measurement(score=0.75)


def test_final_training_is_the_same_each_time() -> None:
    problem = make_problem()
    networks = [problem.train_final(problem.space.smallest(), seed=3) for _ in range(2)]

    vectors = [torch.nn.utils.parameters_to_vector(n.parameters()) for n in networks]
    assert torch.equal(*vectors)


def infinite(outputs: Any, targets: Any, smoothing: float) -> Any:
    return outputs.sum() * math.inf


def test_a_network_that_diverges_is_pruned_in_one_sentence() -> None:
    problem = make_problem(loss=infinite)
    study = optuna.create_study(directions=problem.directions)

    with pytest.raises(optuna.TrialPruned, match=r"^the network diverged: .* first 20 steps\.$"):
        problem.objective(study.ask())
    study.optimize(problem.objective, n_trials=1)

    assert study.trials[-1].state == TrialState.PRUNED


def test_a_network_that_diverges_in_its_final_training() -> None:
    problem = make_problem(loss=infinite)

    with pytest.raises(NetworkDivergedError):
        problem.train_final(problem.space.smallest())


def test_a_deadline_prunes() -> None:
    problem = make_problem()

    with pytest.raises(optuna.TrialPruned, match="time was up after 0 of 20 training steps"):
        problem.objective(ask(problem), deadline=time.monotonic() - 1.0)


def test_data_and_space_are_made_when_they_are_used_and_once() -> None:
    calls = []

    def make_space() -> SearchSpace:
        calls.append("space")
        return SearchSpace.dense(input_shape=(2,), num_outputs=2)

    def load() -> Splits:
        calls.append("data")
        return Splits(train=half_planes(200), validation=half_planes(60), test=half_planes(40))

    problem = make_problem(make_space=make_space, load_splits=load)
    assert calls == []

    problem.objective(ask(problem))
    problem.objective(ask(problem))
    assert problem.space is problem.space
    assert problem.load() is problem.load()

    assert calls == ["space", "data"]


def test_a_changed_problem_is_another_one() -> None:
    problem = make_problem()
    space = problem.space

    single = replace(problem, objectives={"accuracy": "maximize"})

    assert single.metric_names == ("accuracy",)
    assert single.space is not space


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objectives": {}}, "`objectives` must begin with the metric"),
        ({"objectives": {"num_params": "minimize"}}, "`objectives` must begin with the metric"),
        ({"objectives": {"latency": "minimize"}}, "`objectives` must begin with the metric"),
        (
            {"objectives": {"accuracy": "maximize", "seconds": "minimize"}},
            "must be of num_params, macs, depth, latency, got 'seconds'",
        ),
        (
            {"objectives": {"accuracy": "up"}},
            "`objectives\\['accuracy'\\]` must be 'maximize' or 'minimize', got 'up'",
        ),
        (
            {"hyperparameters": {"lr": FloatDistribution(0.1, 1.0)}},
            "`hyperparameters` must be of a recipe's steps, .* got 'lr'",
        ),
        (
            {"final_hyperparameters": ["learning_rate"]},
            "`final_hyperparameters` must be of `hyperparameters`, got 'learning_rate'",
        ),
    ],
)
def test_arguments_that_contradict_each_other(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_problem(**changes)


# -- networks that inherit ---------------------------------------------------------------------


class Line:
    """A study by morphisms whose fits are written down, with the seed and the steps of each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **changes: Any) -> None:
        self.fits: list[dict[str, Any]] = []
        fit = training.fit

        def spy(network: Any, data: Any, recipe: Recipe, **kwargs: Any) -> Any:
            self.fits.append({"steps": recipe.steps, "seed": kwargs["seed"], "data": data})
            return fit(network, data, recipe, **kwargs)

        monkeypatch.setattr(training, "fit", spy)
        monkeypatch.setattr("optuna_codeepneat.morphism._distillation.fit", spy)
        self.problem = make_problem(**changes)
        self.checkpoints = Checkpoints(FileSystemArtifactStore(tmp_path))

    def study(self, n_trials: int, **changes: Any) -> list[optuna.trial.FrozenTrial]:
        """The trials of a study in which one network at a time inherits from those before."""
        sizes = {"children_per_generation": 2, "n_initial": 2}
        arguments: dict[str, Any] = {"seed": 3, **sizes, **changes}
        study = optuna.create_study(
            directions=self.problem.directions,
            sampler=LemonadeSampler(self.problem.space, **arguments),
        )
        study.optimize(
            lambda trial: self.problem.objective(trial, seed=100, checkpoints=self.checkpoints),
            n_trials=n_trials,
        )
        return study.trials


def test_a_child_is_trained_for_fewer_steps_with_another_seed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    line = Line(monkeypatch, tmp_path)
    trials = line.study(12)
    said = [trial.user_attrs["inheritance"] for trial in trials]
    heirs = [told for told in said if told["from"] is not None]
    assert len(heirs) >= 8
    assert any(said[told["from"]]["from"] is not None for told in heirs)  # of the third generation
    for told, fit in zip(said, line.fits, strict=True):
        recipe = line.problem.continuation.recipe(line.problem.search_recipe, told["share"])
        before = 0 if told["from"] is None else said[told["from"]]["line_steps"]
        assert told["steps"] == fit["steps"]
        assert abs(fit["steps"] - recipe.steps) <= 1  # the share is rounded where it is shown
        assert told["line_steps"] == before + told["steps"]
        assert fit["seed"] == 100 + before
    assert sum(told["steps"] for told in heirs) < 0.9 * 20 * len(heirs)
    assert {told["steps"] for told in said if told["from"] is None} == {20}


def test_steps_of_distillation_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    continuation = Continuation(steps=0.5, distillation=0.25)
    line = Line(monkeypatch, tmp_path, continuation=continuation)
    trials = line.study(14, approximate_rate=1.0, continuation_rate=0.0)
    distilled = [fit for fit in line.fits if fit["data"].targets.is_floating_point()]
    assert distilled
    total = sum(trial.user_attrs["inheritance"]["steps"] for trial in trials)
    assert total == sum(fit["steps"] for fit in line.fits)
    for told in (trial.user_attrs["inheritance"] for trial in trials):
        recipe = continuation.recipe(line.problem.search_recipe, told["share"])
        assert abs(told["steps"] - recipe.steps) <= 1


def test_without_inheritance_checkpoints_change_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    line = Line(monkeypatch, tmp_path)
    trials = line.study(6, inheritance=None)
    assert {fit["steps"] for fit in line.fits} == {20}
    assert {fit["seed"] for fit in line.fits} == {100}
    assert {trial.user_attrs["inheritance"]["from"] for trial in trials} == {None}


def test_a_problem_without_checkpoints_says_nothing_of_them() -> None:
    problem = make_problem()
    study = optuna.create_study(
        directions=problem.directions, sampler=LemonadeSampler(problem.space, seed=0)
    )
    study.optimize(problem.objective, n_trials=1)
    assert "inheritance" not in study.trials[0].user_attrs
