"""How lucky the networks of a front are, and what believing a model does about it.

    python benchmarks/noise.py --seeds 5 --networks 200 --repeats 10

One search of `mnist1d` for each seed. Then the networks of two fronts, of what was observed and
of what the model believes (`believed_values`), are trained again by the search recipe, with seeds
that the search never had; the mean of these is taken for what a network is truly worth. Printed
are

* the hypervolume of each front as the search has it, and of its networks' true values;
* what comes of choosing `--final` networks by observed values, by believed ones among the observed
  front, and by believed ones among the believed front: the mean of their true accuracies, and the
  hypervolume of their true values.

All on validation examples; test examples are not touched. A search takes minutes, and so do the
trainings after it: `--processes` searches run at once.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import warnings
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import mean
from typing import Any


sys.path.insert(0, str(Path(__file__).parents[1]))  # for `benchmarks.compare`

_LEAST = 0.5
"""Networks below this accuracy are left out of the fronts: they would be most of the work."""

Values = Mapping[int, tuple[float, float]]


def searched(seed: int, networks: int, sampler: str) -> Any:
    """A study of the problem."""
    import optuna
    import torch

    from benchmarks.compare._problems import PROBLEMS
    from benchmarks.compare._samplers import entry

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    benchmark = PROBLEMS["mnist1d"]()
    study = optuna.create_study(
        directions=benchmark.directions, sampler=entry(sampler, {}).sampler(benchmark, seed)
    )
    complete = optuna.trial.TrialState.COMPLETE
    study.optimize(
        benchmark.make_objective(seed, None),
        callbacks=[optuna.study.MaxTrialsCallback(networks, states=(complete,))],
    )
    return study


def trained_again(problem: Any, params: Mapping[str, Any], seed: int) -> float:
    """The accuracy that a network of a search has with another seed."""
    import optuna

    study = optuna.create_study(
        directions=problem.directions, sampler=optuna.samplers.RandomSampler(seed=0)
    )
    study.enqueue_trial(dict(params))
    accuracy, _ = problem.objective(study.ask(), device="cpu", seed=seed)
    return float(accuracy)


def front_of(values: Values) -> list[int]:
    """Numbers of the networks on the front of (accuracy, parameters), the best first."""
    from optuna_codeepneat._ranking import front

    numbers = [number for number, (accuracy, _) in values.items() if accuracy >= _LEAST]
    kept = front([(values[n][0], -values[n][1]) for n in numbers], twins=False)
    return sorted((numbers[i] for i in kept), key=lambda n: -values[n][0])


def hypervolume(values: Values, numbers: Sequence[int]) -> float:
    """As `benchmarks.compare` has it."""
    from benchmarks.compare._measures import curve
    from benchmarks.compare._problems import PROBLEMS

    return float(curve(PROBLEMS["mnist1d"](), [values[n] for n in numbers])[-1])


def measure(seed: int, *, networks: int, repeats: int, final: int, sampler: str) -> dict[str, Any]:
    """What is printed, for one search."""
    from optuna_codeepneat.cli._workers._final_training import Candidate
    from optuna_codeepneat.cli._workers._final_training import choose
    from optuna_codeepneat.problems import get_problem
    from optuna_codeepneat.sampler import believed_values

    study = searched(seed, networks, sampler)
    problem = get_problem("mnist1d")
    trials = {t.number: t for t in study.get_trials(deepcopy=False) if t.values}
    observed: Values = {number: tuple(trial.values) for number, trial in trials.items()}
    believed: Values = believed_values(study, problem.space)
    fronts = {"observed": front_of(observed), "believed": front_of(believed)}
    true: dict[int, tuple[float, float]] = {}
    spread: list[float] = []
    for number in {n for own in fronts.values() for n in own}:
        scores = [
            trained_again(problem, trials[number].params, seed=10_000 + i) for i in range(repeats)
        ]
        true[number] = mean(scores), observed[number][1]
        spread.append(max(scores) - min(scores))

    def chosen(values: Values, among: Sequence[int]) -> list[int]:
        return choose((Candidate(n, values[n][0], int(values[n][1])) for n in among), final)

    choices = {
        "observed": chosen(observed, fronts["observed"]),
        "believed, of the observed front": chosen(believed, fronts["observed"]),
        "believed": chosen(believed, fronts["believed"]),
    }
    return {
        "seed": seed,
        "observed": hypervolume(observed, fronts["observed"]),
        "believed": hypervolume(believed, fronts["believed"]),
        "true of observed": hypervolume(true, fronts["observed"]),
        "true of believed": hypervolume(true, fronts["believed"]),
        "luck": mean(observed[n][0] - true[n][0] for n in fronts["observed"]),
        "spread": mean(spread),
        "chosen": {
            by: (mean(true[n][0] for n in own), hypervolume(true, own))
            for by, own in choices.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--networks", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--final", type=int, default=3)
    parser.add_argument("--sampler", default="codeepneat")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    versions = ", ".join(f"{name} {version(name)}" for name in ("optuna", "torch", "numpy"))
    size = f"{args.networks} networks, {args.repeats} trainings each"
    print(f"{args.sampler}, {size}; {date.today()}, {versions}", flush=True)
    measured = partial(
        measure,
        networks=args.networks,
        repeats=args.repeats,
        final=args.final,
        sampler=args.sampler,
    )
    seeds = range(args.first_seed, args.first_seed + args.seeds)
    found = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(args.processes, mp_context=context) as pool:
        for one in pool.map(measured, seeds):
            found.append(one)
            print(json.dumps(one), flush=True)
    print("\nmeans over the seeds")
    for name in ("observed", "true of observed", "believed", "true of believed", "luck", "spread"):
        print(f"  {name}: {mean(one[name] for one in found):.4f}")
    for by in found[0]["chosen"]:
        accuracy, volume = (mean(one["chosen"][by][i] for one in found) for i in (0, 1))
        print(f"  chosen by {by}: {accuracy:.4f}, hypervolume {volume:.4f}")


if __name__ == "__main__":
    main()
