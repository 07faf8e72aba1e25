"""Whether trainings can be judged before their end, what rules get wrong, and what they save.

    python benchmarks/pruning.py curves mnist1d --networks 40
    python benchmarks/pruning.py rules mnist1d
    python benchmarks/pruning.py compare mnist1d --steps 20000 --seeds 5

The first trains random networks of a problem (`mnist1d` or `fashion14`), each with the same
hyperparameters and seed by every schedule of the learning rate, and scores each on the validation
examples as it goes. Printed is Spearman's rank correlation of what a network had come to at a
share of its training with what it came to in the end. What was trained is kept in `--out` and not
trained again.

The second replays the rules of `optuna_codeepneat.pruning` on these complete curves, in fifty
random orders: how much of the final front they would have stopped, at which rung, and how many of
all steps they would have saved.

The third compares searches at equal training steps in sum, with and without stopping, by
`benchmarks.compare`, whose options it takes. Scoring at a rung takes time too, about that of one
epoch of the validation examples without gradients, and counts as no step.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any


os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch loads
sys.path.insert(0, str(Path(__file__).parents[1]))  # for `benchmarks.compare`

import numpy as np

from optuna_codeepneat._ranking import Score
from optuna_codeepneat._ranking import front
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.pruning import FrontPruner
from optuna_codeepneat.pruning import ParetoHalvingPruner
from optuna_codeepneat.pruning import SizeClassPruner


WHOLE = 36
"""A training is so many parts, after some of which a network is scored."""

RUNGS = (2, 4, 9, 12, 18, 27, 30)

SCHEDULES: dict[str, dict[str, Any]] = {
    "one cycle": {"schedule": "one_cycle"},
    "cosine": {"schedule": "cosine"},
    "constant": {"schedule": "constant"},
    "wsd, decay 0.2": {"schedule": "wsd", "warmup": 0.1, "decay": 0.2},
    "wsd, decay 0.5": {"schedule": "wsd", "warmup": 0.1, "decay": 0.5},
}

METRICS = {"accuracy": "maximize", "num_params": "minimize"}

RULES: dict[str, Callable[[], FrontPruner]] = {
    "halving, a third": lambda: ParetoHalvingPruner(METRICS, max_resource=WHOLE),
    "halving, a half": lambda: ParetoHalvingPruner(
        METRICS, max_resource=WHOLE, min_resource=9, reduction_factor=2
    ),
    "size class": lambda: _by_size(),
    "size class, at 1/2 alone": lambda: _by_size(min_resource=18),
    "size class, 2 better": lambda: _by_size(n_better=2),
    "size class, margin 0": lambda: _by_size(margin=0.0),
    "size class, margin 1": lambda: _by_size(margin=1.0),
}

SEARCHED = ("codeepneat", "lemonade", "tpe")
"""LEMONADE with inheritance, as it is by default."""

ORDERS = 50


def _by_size(**more: Any) -> FrontPruner:
    return SizeClassPruner(METRICS, costs=["num_params"], max_resource=WHOLE, **more)


class Watching(FrontPruner):
    """Stops nothing; what it is told is the curve."""

    def __init__(self) -> None:
        super().__init__(METRICS, RUNGS, WHOLE)

    def _goes_on(self, own: Score, others: Sequence[Score]) -> bool:
        return True


# -- curves ---------------------------------------------------------------------------------------


def problem_of(name: str) -> Problem:
    """The problem as the comparison of samplers has it."""
    from optuna.distributions import FloatDistribution

    from optuna_codeepneat.problems import get_problem
    from optuna_codeepneat.training import Recipe

    if name == "mnist1d":
        return get_problem(name)
    return replace(
        get_problem("fashion_mnist", size=14, train=5_000),
        search_recipe=Recipe(steps=300, batch_size=50),
        hyperparameters={"learning_rate": FloatDistribution(3e-3, 3e-2, log=True)},
        objective=None,
    )


def curve_of(problem: Problem, seed: int) -> dict[str, Any] | None:
    """The curve of a random network; None if the space does not allow it, or it diverged."""
    import optuna

    from optuna_codeepneat.pruning import Curve

    sampler = optuna.samplers.RandomSampler(seed=seed)
    study = optuna.create_study(directions=problem.directions, sampler=sampler)
    watching = Watching()
    study.optimize(
        lambda trial: problem.objective(trial, device="cpu", seed=seed, pruner=watching),
        n_trials=1,
    )
    (trial,) = study.get_trials()
    if trial.values is None:
        return None
    reports = Curve.of(trial, 2).reports
    return {
        "rungs": {str(rung): values[0] for rung, values in reports.items()},
        "accuracy": trial.values[0],
        "num_params": trial.values[1],
        "feasible": all(violation <= 0.0 for violation in trial.constraints.values()),
    }


def train_curves(name: str, networks: int, file: Path) -> None:
    """Trains what is missing in a file; the same networks by every schedule."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    known = read_curves(file)
    problem = problem_of(name)
    for schedule, changes in SCHEDULES.items():
        recipe = problem.search_recipe.replace(**changes)
        trained = replace(problem, search_recipe=recipe, objective=None)
        own = known.setdefault(schedule, {})
        seed = 0
        while sum(curve is not None for curve in own.values()) < networks:
            while str(seed) in own:
                seed += 1
            own[str(seed)] = curve_of(trained, seed)
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps(known))
            os.replace(part, file)
        print(f"{schedule}: {networks} networks", file=sys.stderr, flush=True)


def read_curves(file: Path) -> dict[str, dict[str, Any]]:
    """By schedule and seed."""
    try:
        known: dict[str, dict[str, Any]] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return known


def print_correlations(known: Mapping[str, Mapping[str, Any]]) -> None:
    from scipy.stats import spearmanr

    print(f"| schedule | {' | '.join(_share(rung) for rung in RUNGS)} | mean accuracy, best |")
    print("|---" * (len(RUNGS) + 2) + "|")
    for schedule, curves in known.items():
        own = [curve for curve in curves.values() if curve is not None]
        final = np.array([curve["accuracy"] for curve in own])
        cells = [
            f"{spearmanr([curve['rungs'][str(rung)] for curve in own], final).statistic:.2f}"
            for rung in RUNGS
        ]
        accuracy = f"{final.mean():.1%}, {final.max():.1%}"
        print(f"| {schedule} ({len(own)}) | {' | '.join(cells)} | {accuracy} |")


def _share(rung: int) -> str:
    from fractions import Fraction

    return str(Fraction(rung, WHOLE))


# -- rules ----------------------------------------------------------------------------------------


def replayed(pruner: FrontPruner, curves: Sequence[Mapping[str, Any]]) -> list[int]:
    """After how many parts each of some trainings is stopped, one after the other."""
    import optuna

    study = optuna.create_study(directions=list(METRICS.values()))
    ends = []
    for curve in curves:
        trial, end = study.ask(), WHOLE
        for rung in pruner.rungs:
            values = {"accuracy": curve["rungs"][str(rung)], "num_params": curve["num_params"]}
            pruner.report(trial, values, rung)
            if pruner.should_prune(trial):
                end = rung
                break
        ends.append(end)
        state = optuna.trial.TrialState.PRUNED if end < WHOLE else None
        final = None if end < WHOLE else [curve["accuracy"], curve["num_params"]]
        study.tell(trial, final, state=state)
    return ends


def print_rules(known: Mapping[str, Mapping[str, Any]]) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    print(
        "| schedule | rule | steps saved | stopped | of the front, stopped by rung | best lost |"
    )
    print("|---" * 6 + "|")
    for schedule, curves in known.items():
        own = [curve for curve in curves.values() if curve is not None]
        values = np.array([[curve["accuracy"], -curve["num_params"]] for curve in own])
        feasible = np.flatnonzero([curve["feasible"] for curve in own])
        on_front = set(feasible[front(values[feasible])].tolist())
        best = int(feasible[np.argmax(values[feasible, 0])])
        for rule, make in RULES.items():
            saved, stopped, wrong, lost = 0.0, 0, Counter[int](), 0
            for seed in range(ORDERS):
                order = np.random.Generator(np.random.PCG64(seed)).permutation(len(own))
                ends = replayed(make(), [own[i] for i in order])
                for i, end in zip(order.tolist(), ends, strict=True):
                    saved += 1.0 - end / WHOLE
                    stopped += end < WHOLE
                    wrong[end] += i in on_front and end < WHOLE
                    lost += i == best and end < WHOLE
            n = ORDERS * len(own)
            members = ORDERS * len(on_front)
            by_rung = ", ".join(
                f"{wrong[rung] / members:.0%} at {_share(rung)}" for rung in make().rungs
            )
            print(
                f"| {schedule} | {rule} | {saved / n:.0%} | {stopped / n:.0%} "
                f"| {by_rung} | {lost / ORDERS:.0%} |",
                flush=True,
            )


# -- searches -------------------------------------------------------------------------------------


def compare(arguments: Sequence[str]) -> int:
    """Each sampler as it is, and with each kind of training below."""
    from benchmarks.compare.__main__ import main

    wsd = {"schedule": "wsd", "warmup": 0.1, "decay": 0.5}
    kinds: dict[str, dict[str, Any]] = {
        "halving": {"pruner": "halving"},
        "size-class": {"pruner": "size-class"},
        "wsd": wsd,
        "wsd-halving": {"pruner": "halving", **wsd},
        "wsd-size-class": {"pruner": "size-class", **wsd},
    }
    words = [*arguments, "--samplers", *SEARCHED]
    for sampler in SEARCHED:
        for kind, training in kinds.items():
            options = json.dumps({"base": sampler, "training": training})
            words += ["--variant", f"{sampler}-{kind}={options}"]
    return main(words)


def main(arguments: Sequence[str]) -> int:
    if arguments and arguments[0] == "compare":
        return compare(arguments[1:])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=["curves", "rules", "compare"])
    parser.add_argument("problem", choices=["mnist1d", "fashion14"])
    parser.add_argument("--networks", type=int, default=40)
    parser.add_argument("--out", type=Path, default=Path("benchmark-runs"), help="what is kept")
    args = parser.parse_args(arguments)
    file = args.out / "pruning" / f"{args.problem}.json"
    if args.part == "curves":
        train_curves(args.problem, args.networks, file)
    known = read_curves(file)
    if not known:
        parser.error(f"there is nothing in {file}: train `curves` first")
    (print_correlations if args.part == "curves" else print_rules)(known)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
