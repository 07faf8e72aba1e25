from __future__ import annotations

import pickle
import warnings
from collections import Counter
from collections.abc import Callable
from math import inf
from math import nan
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.exceptions import UpdateFinishedTrialError
from optuna.samplers import BaseSampler
from optuna.samplers import NSGAIISampler
from optuna.samplers import TPESampler
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState
from sqlalchemy import event

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat.pruning import FrontPruner
from optuna_codeepneat.pruning import ParetoHalvingPruner
from optuna_codeepneat.pruning import PrunableTrial
from optuna_codeepneat.pruning import SizeClassPruner
from optuna_codeepneat.pruning._curve import Curve
from tests.counting import Counting
from tests.pruning.curves import METRICS
from tests.pruning.curves import STEPS
from tests.pruning.curves import objective


HALVING = ParetoHalvingPruner(METRICS, max_resource=9)
SIZE_CLASS = SizeClassPruner(METRICS, costs=["num_params"], max_resource=9, min_resource=2)


def stored_in(folder: Path, *, on_disk: bool) -> Any:
    return f"sqlite:///{folder}/study.db" if on_disk else InMemoryStorage()


@pytest.mark.parametrize(
    ("sampler", "pruner", "on_disk"),
    [
        (TPESampler(seed=1), HALVING, False),
        (TPESampler(seed=1), SIZE_CLASS, False),
        (NSGAIISampler(population_size=8, seed=1), HALVING, False),
        (NSGAIISampler(population_size=8, seed=1), SIZE_CLASS, False),
        (CoDeepNEATSampler(seed=1, surrogate=None), SIZE_CLASS, False),
        (CoDeepNEATSampler(seed=1, surrogate=None), HALVING, True),
    ],
)
def test_any_sampler_goes_on_beside_stopped_trials(
    tmp_path: Path, sampler: BaseSampler, pruner: FrontPruner, *, on_disk: bool
) -> None:
    study = optuna.create_study(
        directions=["maximize", "minimize"],
        sampler=sampler,
        storage=stored_in(tmp_path, on_disk=on_disk),
    )
    n = 10 if on_disk else 30  # a report to a disk takes its time
    study.optimize(objective(pruner), n_trials=n)
    stopped = [t for t in study.get_trials() if t.state == TrialState.PRUNED]
    complete = [t for t in study.get_trials() if t.state == TrialState.COMPLETE]
    assert len(stopped) >= 3
    assert len(complete) >= 2
    assert len(stopped) + len(complete) == n
    for trial in stopped:
        said = StoppedEarly.of(trial)
        curve = Curve.of(trial, 2)
        assert said is not None and said.step in pruner.rungs and said.max_step == 9
        assert curve.last == said.step and said.values == curve.reports[said.step]
    for trial in complete:
        assert StoppedEarly.of(trial) is None
        assert list(Curve.of(trial, 2).reports) == list(STEPS)
        assert trial.user_attrs["learning_curve"]["metrics"] == ["accuracy", "num_params"]


def test_trials_in_threads_are_judged_by_one_another() -> None:
    study = optuna.create_study(
        directions=["maximize", "minimize"], sampler=TPESampler(seed=1, n_startup_trials=50)
    )
    study.optimize(objective(HALVING), n_trials=40, n_jobs=4)
    for trial in study.get_trials():
        steps = list(Curve.of(trial, 2).reports)
        assert steps == list(STEPS)[: len(steps)]
        assert (trial.state == TrialState.PRUNED) == (StoppedEarly.of(trial) is not None)
    assert any(trial.state == TrialState.PRUNED for trial in study.get_trials())


def test_the_best_are_not_stopped() -> None:
    """The curves do not cross here but for their rates; both rules keep what is ahead of all."""
    for pruner in (HALVING, SIZE_CLASS):
        study = optuna.create_study(
            directions=["maximize", "minimize"], sampler=TPESampler(seed=3)
        )
        study.optimize(objective(pruner), n_trials=20)
        study.enqueue_trial({"width": 64, "rate": 1.0})
        study.optimize(objective(pruner), n_trials=1)
        assert study.get_trials()[-1].state == TrialState.COMPLETE


@pytest.mark.parametrize("n_objectives", [1, 2])
def test_a_report_is_one_call_and_a_rung_one_more(n_objectives: int) -> None:
    metrics = dict(list(METRICS.items())[:n_objectives])
    pruner = ParetoHalvingPruner(metrics, max_resource=600, min_resource=300, reduction_factor=2)
    storage = Counting()
    study = optuna.create_study(
        directions=list(metrics.values()), storage=storage, sampler=TPESampler(seed=1)
    )
    for number in range(3):
        trial = study.ask()
        for step in range(1, 401):
            storage.clear()
            values = {"accuracy": float(number), "num_params": 10.0}
            pruner.report(trial, {name: values[name] for name in metrics}, step)
            reported = dict(storage.calls)
            storage.clear()
            assert not pruner.should_prune(trial)
            asked = dict(storage.calls)
            # The first one looks whether the study has these objectives.
            first = {"get_study_system_attrs": 1} if step == 1 else {}
            if n_objectives == 1:
                assert reported == {"set_trial_intermediate_value": 1, **first}
            else:
                assert reported == {"set_trial_user_attr": 1, **first}
            assert asked == ({"get_all_trials": 1} if step == 300 else {})
        study.tell(trial, [1.0] * n_objectives)
    trial = study.get_trials()[-1]
    assert list(Curve.of(trial, n_objectives).reports) == list(range(1, 401))
    assert all(len(str(value)) < 20_000 for value in trial.user_attrs.values())


def test_statements_of_a_report_do_not_grow(tmp_path: Path) -> None:
    study = optuna.create_study(
        directions=["maximize", "minimize"], storage=f"sqlite:///{tmp_path}/study.db"
    )
    statements = [0]

    def count(*_: Any) -> None:
        statements[0] += 1

    engine = study._storage._backend.engine  # type: ignore[attr-defined]  # that of an RDBStorage
    event.listen(engine, "before_cursor_execute", count)
    pruner = ParetoHalvingPruner(METRICS, max_resource=60, min_resource=30)
    per_report, at_rung = set(), []
    for number in range(4):
        trial = study.ask()
        for step in range(1, 33):
            statements[0] = 0
            pruner.report(trial, {"accuracy": number + step, "num_params": 10}, step)
            assert not pruner.should_prune(trial)
            if step == 30:
                at_rung.append(statements[0])
            elif step > 1:
                per_report.add(statements[0])
        study.tell(trial, [1, 2])
    # The first attribute of a trial is inserted, later ones replace it.
    assert len(per_report) == 1
    assert at_rung[0] == at_rung[-1], at_rung


@pytest.fixture
def trial() -> optuna.Trial:
    return optuna.create_study(directions=["maximize", "minimize"]).ask()


def test_a_step_counts_once(trial: optuna.Trial) -> None:
    HALVING.report(trial, {"accuracy": 0.1, "num_params": 7}, 1)
    with pytest.warns(UserWarning, match="trial 0 has reported at step 1 before"):
        HALVING.report(trial, {"accuracy": 0.9}, 1)
    HALVING.report(trial, {"accuracy": 0.2}, 2)  # its size is as it was
    curve = Curve.of(trial.study.get_trials()[0], 2)
    assert curve.reports == {1: (0.1, 7.0), 2: (0.2, 7.0)}


@pytest.mark.parametrize(
    ("values", "step", "said"),
    [
        ({"accuracy": 1, "acc": 2}, 1, "`values` must be of accuracy, num_params, got 'acc'"),
        ({"accuracy": "high", "num_params": 1}, 1, r"`values\['accuracy'\]` must be a number"),
        ({"accuracy": 1.0}, 1, "the first report of trial 0 lacks 'num_params'"),
        ({"accuracy": 1, "num_params": 1}, -1, "`step` must be a whole number from 0, got -1"),
        ({"accuracy": 1, "num_params": 1}, 1.5, "`step` must be a whole number from 0, got 1.5"),
    ],
)
def test_bad_reports(trial: optuna.Trial, values: Any, step: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        HALVING.report(trial, values, step)
    HALVING.report(trial, {"accuracy": 1, "num_params": 1}, 1)  # nothing is lost
    assert trial.study.get_trials()[0].state == TrialState.RUNNING


@pytest.mark.parametrize("directions", [["maximize"], ["minimize", "minimize"]])
def test_a_study_of_other_objectives(directions: list[str]) -> None:
    study = optuna.create_study(directions=directions, study_name="mine")
    with pytest.raises(ValueError, match=r"are m\w+imize(, minimize)?\.$"):
        HALVING.report(study.ask(), {"accuracy": 1, "num_params": 1}, 1)


def test_a_study_with_other_names() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"], study_name="mine")
    study.set_metric_names(["accuracy", "macs"])
    with pytest.raises(
        ValueError,
        match=r"objectives maximize accuracy, minimize num_params; those of the study 'mine' are "
        r"maximize accuracy, minimize macs\.$",
    ):
        HALVING.report(study.ask(), {"accuracy": 1, "num_params": 1}, 1)


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_trial_that_has_finished(tmp_path: Path, *, on_disk: bool) -> None:
    study = optuna.create_study(
        directions=["maximize", "minimize"], storage=stored_in(tmp_path, on_disk=on_disk)
    )
    trial = study.ask()
    study.tell(trial, [1, 2])
    with pytest.raises(UpdateFinishedTrialError, match="already finished"):
        HALVING.report(trial, {"accuracy": 1, "num_params": 1}, 1)
    assert study.get_trials()[0].values == [1, 2]


@pytest.mark.parametrize("pruner", [HALVING, SIZE_CLASS], ids=["halving", "size class"])
def test_what_is_not_a_number_is_stopped_and_no_rival(pruner: FrontPruner) -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    for _ in range(6):
        trial = study.ask()
        pruner.report(trial, {"accuracy": nan, "num_params": 10}, pruner.rungs[0])
        assert pruner.should_prune(trial)
        study.tell(trial, state=TrialState.PRUNED)
        # It diverged, it was not outdone: it says nothing of what it would be worth.
        assert StoppedEarly.of(study.get_trials()[trial.number]) is None
    trial = study.ask()
    pruner.report(trial, {"accuracy": 0.1, "num_params": 10}, pruner.rungs[0])
    assert not pruner.should_prune(trial)


def test_infinite_values(tmp_path: Path) -> None:
    study = optuna.create_study(directions=["maximize"], storage=f"sqlite:///{tmp_path}/s.db")
    pruner = ParetoHalvingPruner({"accuracy": "maximize"}, max_resource=9)
    for value in (1.0, -inf):
        trial = study.ask()
        pruner.report(trial, {"accuracy": value}, 1)
        assert pruner.should_prune(trial) == (value < 0)
        study.tell(trial, state=TrialState.PRUNED)
    said = StoppedEarly.of(study.get_trials()[1])
    assert said is not None and said.values == (-1e300,)


@pytest.mark.parametrize("pruner", [HALVING, SIZE_CLASS], ids=["halving", "size class"])
def test_what_violates_a_constraint_is_behind(pruner: FrontPruner) -> None:
    def states(*, violates: bool) -> bool:
        study = optuna.create_study(directions=["maximize", "minimize"])
        for i in range(4):
            trial = study.ask()
            pruner.report(trial, {"accuracy": 0.5 + i / 100, "num_params": 10}, pruner.rungs[0])
            study.tell(trial, [0.5, 10])
        trial = study.ask()
        trial.set_constraint("heat", 1.0 if violates else -1.0)
        pruner.report(trial, {"accuracy": 0.9, "num_params": 10}, pruner.rungs[0])
        return pruner.should_prune(trial)

    assert states(violates=True) and not states(violates=False)


def test_a_retried_trial_begins_a_curve_of_its_own() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    first = study.ask()
    for step in range(1, 300):
        HALVING.report(first, {"accuracy": 0.1, "num_params": 1}, step)
    study.tell(first, state=TrialState.FAIL)
    said = study.get_trials()[0].user_attrs
    study.enqueue_trial({}, user_attrs={**said, "stopped_early": {"trial": 0}})  # as Optuna does
    retried = study.ask()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        HALVING.report(retried, {"accuracy": 0.2, "num_params": 1}, 1)
    assert Curve.of(study.get_trials()[1], 2).reports == {1: (0.2, 1.0)}
    study.tell(retried, state=TrialState.PRUNED)
    assert StoppedEarly.of(study.get_trials()[1]) is None


def test_trials_of_no_study_are_never_stopped() -> None:
    fixed = optuna.trial.FixedTrial({"width": 3, "rate": 0.1})
    for pruner in (HALVING, SIZE_CLASS):
        assert objective(pruner)(fixed)[1] == 30  # type: ignore[arg-type]
    PrunableTrial(fixed).report({"anything": 1}, 1)
    assert not PrunableTrial(fixed).should_prune()


def test_a_trial_that_reports_by_itself() -> None:
    def run(trial: optuna.Trial) -> tuple[float, float]:
        own = PrunableTrial(trial)
        width = own.suggest_int("width", 1, 9)
        for step in STEPS:
            own.report({"accuracy": width * step, "num_params": width}, step)
            if own.should_prune():
                raise optuna.TrialPruned
        own.set_user_attr("done", value=True)
        return width * 9, width

    study = optuna.create_study(directions=["maximize", "minimize"], pruner=HALVING)
    study.optimize(run, n_trials=12)
    states = Counter(trial.state for trial in study.get_trials())
    assert set(states) == {TrialState.PRUNED, TrialState.COMPLETE}
    assert all(t.user_attrs["done"] for t in study.get_trials(states=[TrialState.COMPLETE]))


def test_a_study_without_a_pruner_of_this_kind(trial: optuna.Trial) -> None:
    with pytest.raises(ValueError, match=r"`pruner` must be given.* a MedianPruner\.$"):
        PrunableTrial(trial)


def test_a_pruner_can_be_sent_to_another_process() -> None:
    for pruner in (HALVING, SIZE_CLASS):
        assert pickle.loads(pickle.dumps(pruner)).rungs == pruner.rungs


@given(st.integers(2, 10_000))
def test_rungs_are_well_before_the_end(steps: int) -> None:
    halving = ParetoHalvingPruner(METRICS, max_resource=steps).rungs
    size_class = SizeClassPruner(METRICS, costs=["num_params"], max_resource=steps).rungs
    for rungs, factor in ((halving, 3), (size_class, 2)):
        assert 1 <= len(rungs) <= 2
        assert rungs[-1] * factor >= steps
    if steps >= 100:
        assert halving[-1] <= 0.37 * steps and size_class[-1] <= 0.52 * steps


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ParetoHalvingPruner({}, max_resource=9), "`metrics` must name"),
        (
            lambda: ParetoHalvingPruner({"a": "up"}, max_resource=9),
            r"`metrics\['a'\]` must be 'maximize' or 'minimize', got 'up'",
        ),
        (
            lambda: ParetoHalvingPruner(METRICS, max_resource=9, min_resource=9),
            "`min_resource`=9 must be less than `max_resource`=9",
        ),
        (lambda: ParetoHalvingPruner(METRICS, max_resource=1), "less than `max_resource`=1"),
        (
            lambda: ParetoHalvingPruner(METRICS, max_resource=9, reduction_factor=1),
            "`reduction_factor` must be a whole number from 2",
        ),
        (
            lambda: SizeClassPruner(METRICS, costs=["macs"], max_resource=9),
            "`costs` must be of accuracy, num_params, got 'macs'",
        ),
        (
            lambda: SizeClassPruner(METRICS, costs=list(METRICS), max_resource=9),
            "`costs` must leave a metric",
        ),
        (
            lambda: SizeClassPruner(METRICS, costs=[], max_resource=9, margin=nan),
            "`margin` must be from 0, got nan",
        ),
        (
            lambda: SizeClassPruner(METRICS, costs=[], max_resource=9, n_better=0),
            "`n_better` must be a whole number from 1",
        ),
    ],
)
def test_bad_arguments(make: Callable[[], FrontPruner], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()
