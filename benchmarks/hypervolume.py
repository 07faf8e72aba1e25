"""Fronts of several samplers on one problem, same space, same number of networks.

    python benchmarks/hypervolume.py --problem mnist1d --trials 150 --seeds 3 --processes 2

For every sampler and seed one study in memory, one worker, as many trained networks; networks that
are pruned before their training, for being over the caps of the space, do not count. Then the
hypervolume of the networks, as the median over the seeds with the range. Objectives are those of
the problem: the first is maximised as it is, a size is compared by its logarithm. Everything is
measured on validation data; test data are not touched.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import time
import warnings
from datetime import date
from pathlib import Path
from typing import Any

from _parallel import run_all


SAMPLERS = ("codeepneat", "random", "nsgaii", "tpe")
CHECKPOINTS = (25, 50, 75, 100, 150, 200, 300, 500)


def make_sampler(name: str, space: Any, seed: int, options: dict[str, Any]) -> Any:
    import optuna

    from optuna_codeepneat import CoDeepNEATSampler

    if name.startswith("codeepneat"):
        return CoDeepNEATSampler(space, seed=seed, **options)
    if name == "nsgaii":
        return optuna.samplers.NSGAIISampler(seed=seed, population_size=20)
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=seed, multivariate=True)
    return optuna.samplers.RandomSampler(seed=seed)


def run(job: tuple[str, int, str, int, float | None, dict[str, Any], str]) -> dict[str, Any]:
    """One study: the values of each trial, None where it was pruned."""
    import optuna
    import torch
    from optuna.trial import TrialState

    from optuna_codeepneat.problems import get_problem

    sampler, seed, problem_name, trials, timeout, options, device = job
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    problem = get_problem(problem_name)
    study = optuna.create_study(
        directions=problem.directions,
        sampler=make_sampler(sampler, problem.space, seed, options),
    )
    began = time.perf_counter()
    study.optimize(
        lambda trial: problem.objective(trial, device=device, seed=seed),
        timeout=timeout,
        callbacks=[optuna.study.MaxTrialsCallback(trials, states=(TrialState.COMPLETE,))],
    )
    return {
        "sampler": sampler,
        "seed": seed,
        "seconds": time.perf_counter() - began,
        "values": [trial.values for trial in study.trials],
        "params": [trial.params for trial in study.trials],
    }


def hypervolume(values: list[list[float]], largest: float) -> float:
    """Of (first objective, log10 of the second), between chance and 1, and 100 and `largest`.

    1 would be a perfect network of no more than 100 parameters.
    """
    import moocore
    import numpy as np

    points = [
        (1 - value[0], (math.log10(max(value[1], 100)) - 2) / (math.log10(largest) - 2))
        for value in values
    ]
    if not points:
        return 0.0
    return float(moocore.hypervolume(np.array(points), ref=[0.9, 1.0])) / 0.9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problem", default="mnist1d")
    parser.add_argument("--trials", type=int, default=150)
    parser.add_argument("--timeout", type=float, default=None, help="seconds a study")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--samplers", nargs="+", default=list(SAMPLERS))
    parser.add_argument("--options", default="{}", help="JSON: arguments of CoDeepNEATSampler")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--largest", type=float, default=10_000)
    parser.add_argument("--out", type=Path, default=None, help="JSON file for all values")
    args = parser.parse_args()

    seeds = range(args.first_seed, args.first_seed + args.seeds)
    options = json.loads(args.options)
    jobs = [
        (sampler, seed, args.problem, args.trials, args.timeout, options, args.device)
        for seed in seeds
        for sampler in args.samplers
    ]
    runs = run_all(
        run,
        jobs,
        processes=args.processes,
        out=args.out,
        describe=lambda done: f"{done['sampler']} seed {done['seed']}: {done['seconds']:.0f} s",
    )
    report(runs, args)


def report(runs: list[dict[str, Any]], args: argparse.Namespace) -> None:
    import numpy as np
    import optuna
    import torch

    print(
        f"\n{args.problem}, {args.trials} networks, {args.seeds} seeds, {date.today()}, "
        f"optuna {optuna.__version__}, torch {torch.__version__}, {platform.machine()}"
    )
    counts = [n for n in CHECKPOINTS if n < args.trials] + [args.trials]
    print("normalised hypervolume, median (least to most)")
    print("| networks | " + " | ".join(map(str, counts)) + " | pruned | s a network |")
    print("|---|" + "---|" * (len(counts) + 2))
    for sampler in args.samplers:
        own = [r for r in runs if r["sampler"] == sampler]
        if not own:
            continue
        cells = []
        for n in counts:
            volumes = [
                hypervolume([v for v in r["values"] if v is not None][:n], args.largest)
                for r in own
            ]
            low, high = min(volumes), max(volumes)
            cells.append(f"{np.median(volumes):.3f} ({low:.3f} to {high:.3f})")
        lost = sum(value is None for r in own for value in r["values"])
        pace = sum(r["seconds"] for r in own) / sum(len(r["values"]) for r in own)
        print(f"| {sampler} | " + " | ".join(cells) + f" | {lost} | {pace:.2f} |")


if __name__ == "__main__":
    main()
