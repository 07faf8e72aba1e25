from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore
from optuna.samplers import RandomSampler
from optuna.trial import FixedTrial
from optuna.trial import TrialState

from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat._ranking import Score
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.pruning import Curve
from optuna_codeepneat.pruning import FrontPruner
from optuna_codeepneat.pruning import ParetoHalvingPruner
from tests.cli.small_problem import small as problem


pytestmark = pytest.mark.filterwarnings("error::UserWarning")


class Patient(FrontPruner):
    """Stops nothing, and remembers what it was told."""

    def __init__(self, metrics: Mapping[str, Any], rungs: Sequence[int]) -> None:
        super().__init__(metrics, rungs, 100)

    def _goes_on(self, own: Score, others: Sequence[Score]) -> bool:
        return True


class Strict(Patient):
    """Stops everything at the first rung, but for the first trials."""

    def _goes_on(self, own: Score, others: Sequence[Score]) -> bool:
        return len(others) < 3


def study_of(own: Problem, **more: Any) -> optuna.Study:
    return optuna.create_study(
        directions=own.directions, **{"sampler": RandomSampler(seed=1), **more}
    )


def test_looking_changes_no_training() -> None:
    plain, watched = study_of(problem), study_of(problem)
    plain.optimize(problem.objective, n_trials=2)
    pruner = Patient(problem.objectives, (25, 50))
    watched.optimize(lambda trial: problem.objective(trial, pruner=pruner), n_trials=2)
    for before, after in zip(plain.get_trials(), watched.get_trials(), strict=True):
        assert before.values == after.values
        curve = Curve.of(after, 2)
        assert list(curve.reports) == [25, 50]  # after 3 and 5 of 10 steps
        assert all(reported[1] == after.values[1] for reported in curve.reports.values())


def test_a_score_is_that_of_a_training_which_ends_there() -> None:
    """With a constant learning rate, that is: no schedule knows of the end."""
    steady = replace(
        problem, search_recipe=problem.search_recipe.replace(schedule="constant"), objective=None
    )
    half = replace(steady, search_recipe=steady.search_recipe.replace(steps=5), objective=None)
    trial = study_of(steady).ask()
    steady.objective(trial, pruner=Patient(steady.objectives, (50,)))
    curve = Curve.of(trial.study.get_trials()[0], 2)
    assert curve.reports[50] == half.objective(FixedTrial(trial.params))


def test_a_training_is_stopped_where_the_pruner_says_so() -> None:
    pruner = Strict(problem.objectives, (25, 50))
    study = study_of(problem)
    with pytest.MonkeyPatch.context() as patch:
        steps: list[int] = []
        patch.setattr(
            "optuna_codeepneat.training._optimizer.Optimizer.step",
            _counting("optuna_codeepneat.training._optimizer", steps),
        )
        study.optimize(lambda trial: problem.objective(trial, pruner=pruner), n_trials=5)
    assert len(steps) == 3 * 10 + 2 * 3
    for trial in study.get_trials()[3:]:
        said = StoppedEarly.of(trial)
        assert trial.state == TrialState.PRUNED
        assert said is not None and (said.step, said.max_step) == (25, 100)
    trial = study.ask()
    with pytest.raises(optuna.TrialPruned, match="stopped early, after 3 of 10 training steps"):
        problem.objective(trial, pruner=pruner)


def _counting(module: str, steps: list[int]) -> Any:
    import importlib

    step = importlib.import_module(module).Optimizer.step

    def counted(self: Any, rate: float) -> None:
        steps.append(1)
        step(self, rate)

    return counted


def test_trainings_of_a_few_steps_and_trials_of_no_study() -> None:
    short = replace(problem, search_recipe=problem.search_recipe.replace(steps=1), objective=None)
    pruner = Patient(problem.objectives, (1, 3, 9))
    study = study_of(short)
    study.optimize(lambda trial: short.objective(trial, pruner=pruner), n_trials=1)
    assert Curve.of(study.get_trials()[0], 2).reports == {}  # it ends before one could stop it
    params = study.get_trials()[0].params
    assert short.objective(FixedTrial(params), pruner=pruner) == tuple(
        study.get_trials()[0].values
    )


def test_one_objective_is_reported_as_optuna_does() -> None:
    single = replace(problem, objectives={"accuracy": "maximize"}, objective=None)
    pruner = ParetoHalvingPruner(single.objectives, max_resource=100, min_resource=50)
    study = study_of(single)
    study.optimize(lambda trial: single.objective(trial, pruner=pruner), n_trials=3)
    assert all(list(trial.intermediate_values) == [50] for trial in study.get_trials())


def test_a_stopped_network_leaves_no_weights_and_says_its_steps(tmp_path: Path) -> None:
    from optuna_codeepneat.morphism import Checkpoints
    from optuna_codeepneat.sampler import saved_weights

    sampler = LemonadeSampler(
        problem.space, seed=1, children_per_generation=3, n_initial=3, surrogate=False
    )
    study = study_of(problem, sampler=sampler)
    checkpoints = Checkpoints(FileSystemArtifactStore(str(tmp_path)))
    pruner = Strict(problem.objectives, (25,))
    study.optimize(
        lambda trial: problem.objective(trial, checkpoints=checkpoints, pruner=pruner), n_trials=9
    )
    trials = study.get_trials()
    stopped = {t.number for t in trials if t.state == TrialState.PRUNED}
    assert stopped == {3, 4, 5, 6, 7, 8}
    for trial in trials:
        inherited = Inherited.of(trial)
        assert inherited is not None and inherited.donor not in stopped
        assert (saved_weights(trial) is None) == (trial.number in stopped)
        if trial.number in stopped:  # of ten steps or fewer, as it inherited much or little
            assert 1 <= inherited.steps <= 3
    assert any(Inherited.of(trials[n]).donor is not None for n in stopped)  # type: ignore[union-attr]
    assert sampler.verify(study).problems == ()


def test_which_problems_can_be_stopped() -> None:
    def own(trial: Any) -> Any:
        return 1.0, 2.0

    def knowing(trial: Any, *, pruner: Any) -> Any:
        return 1.0, 2.0

    assert problem.can_be_stopped
    assert not replace(problem, objective=own).can_be_stopped
    assert replace(problem, objective=knowing).can_be_stopped
    assert replace(problem, objective=lambda trial, **more: (1.0, 2.0)).can_be_stopped
