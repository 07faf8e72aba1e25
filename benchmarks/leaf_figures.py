"""Two of LEAF's claims (Liang et al. 2019, figures 3 and 4), at equal numbers of networks.

    python benchmarks/leaf_figures.py fashion14 word_language --networks 60 --seeds 3

Searches of three kinds on validation examples, by the recipe of the problem:

* *two objectives*: architectures, by their score and their size;
* *one objective*: the same architectures, by their score alone;
* *hyperparameters*: those of a line of three convolutions that stays as it is, their widths,
  kernels and activations, and the same hyperparameters of the training; by score and size.

Figure 4 says that the front of all networks that the first kind has trained dominates that of the
second, and that it gets to the same score sooner; figure 3 that searching architectures comes to
better scores than searching hyperparameters alone.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from importlib.metadata import version
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING


os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch loads
sys.path.insert(0, str(Path(__file__).parents[1]))  # for `benchmarks`

if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.search_space import Architecture

KINDS = ("two objectives", "one objective", "hyperparameters")
_N_LAYERS = 3
_PARTS = (0.25, 0.5, 1.0)
"""Of a search: when it is looked at."""

Networks = list[tuple[float, int]]
"""Score and size, in the order of the search."""


def line(space: object, trial: optuna.Trial) -> Architecture:
    """Three convolutions one after the other, whose genes are the trial's; images are halved."""
    from optuna_codeepneat.search_space import Graph
    from optuna_codeepneat.search_space import Node
    from optuna_codeepneat.search_space import SearchSpace

    assert isinstance(space, SearchSpace)
    is_image = len(space.input_shape) == 3
    layer = "conv2d" if is_image else "conv1d"
    own = SearchSpace(
        layers=(layer,),
        input_shape=space.input_shape,
        num_outputs=space.num_outputs,
        vocab_size=space.vocab_size,
        n_module_slots=_N_LAYERS,
        global_pools=("max", "flatten"),
    )

    def node(i: int) -> Node:
        genes = {
            "width": trial.suggest_int(f"width_{i}", 8, 64, log=True),
            "kernel": trial.suggest_int(f"kernel_{i}", 1, 7, step=2),
            "activation": trial.suggest_categorical(f"activation_{i}", ("relu", "elu", "linear")),
            "residual": False,
        }
        return Node("0", layer, genes=genes)

    modules = {slot: [node(i)] for i, slot in enumerate(own.slots)}
    blueprint = tuple(
        Node(str(i), slot, inputs=(str(i - 1),) if i else ("in",), genes={"pool": is_image})
        for i, slot in enumerate(own.slots)
    )
    genes = {"head.pool": "flatten" if is_image else "max"}
    return own.architecture(Graph(blueprint, genes=genes), modules, strict=False)


def searched(name: str, kind: str, seed: int, n: int) -> Networks:
    """The networks of a search."""
    import optuna
    import torch

    from benchmarks.presets import PROBLEMS
    from optuna_codeepneat import CoDeepNEATSampler

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    problem = PROBLEMS[name]()
    networks: Networks = []
    evaluate = partial(by_genes, problem, seed) if kind == "hyperparameters" else None
    if evaluate is None:
        evaluate = partial(problem.objective, device="cpu", seed=seed)

    def objective(trial: optuna.Trial) -> float | tuple[float, int]:
        score, size = evaluate(trial)
        networks.append((score, int(size)))
        return score if kind == "one objective" else (score, size)

    directions = [*problem.directions][: 1 if kind == "one objective" else None]
    space = None if kind == "hyperparameters" else problem.space
    study = optuna.create_study(directions=directions, sampler=CoDeepNEATSampler(space, seed=seed))
    complete = optuna.trial.TrialState.COMPLETE
    enough = optuna.study.MaxTrialsCallback(n, states=(complete,))
    study.optimize(objective, callbacks=[enough])
    return networks


def by_genes(problem: Problem, seed: int, trial: optuna.Trial) -> tuple[float, int]:
    """The values of a trial of hyperparameters."""
    import optuna

    from optuna_codeepneat import build_network
    from optuna_codeepneat import training
    from optuna_codeepneat.search_space import suggest

    network = line(problem.space, trial)
    varied = {key: suggest(trial, key, d) for key, d in problem.hyperparameters.items()}
    if problem.space.excess(network) is not None:
        raise optuna.TrialPruned
    splits = problem.load()
    with training.seeded(seed):
        module = build_network(network)
    recipe = problem.search_recipe.replace(**varied)
    training.fit(module, splits.train, recipe, device="cpu", seed=seed)
    return training.evaluate(module, splits.validation), network.num_params


def volume(networks: Networks) -> float:
    """The hypervolume of (error, decades of size) between no and all errors, 100 and 100,000."""
    import moocore
    import numpy as np

    from benchmarks.compare._problems._benchmark import score_and_size

    points = score_and_size(100, 100_000)(np.array(networks, dtype=float))
    return float(moocore.hypervolume(points, ref=(1.0, 1.0)))


def smallest(networks: Networks, score: float) -> float:
    """The size of the smallest network with at least this score."""
    return min((size for own, size in networks if own >= score), default=float("inf"))


def table(name: str, found: dict[tuple[str, int], Networks], seeds: list[int]) -> None:
    """Prints medians over the seeds."""

    def shown(kind: str, value: Callable[[Networks, int], float], digits: int) -> str:
        values = [value(found[kind, seed], seed) for seed in seeds]
        return f"{median(values):,.{digits}f}"

    print(f"\n## {name}\n")
    n = len(found[KINDS[0], seeds[0]])
    after = [max(1, round(n * part)) for part in _PARTS]
    best = " | ".join(f"best after {m}" for m in after)
    hyper = " | ".join(f"hypervolume after {m}" for m in after)
    print(f"| | {best} | {hyper} | smallest as good |\n|{'---|' * (2 * len(after) + 2)}")
    # As good as the worst of the three kinds, less what chance does to an accuracy.
    goals = {
        seed: min(max(own for own, _ in found[kind, seed]) for kind in KINDS) - 0.005
        for seed in seeds
    }
    for kind in KINDS:
        bests = [
            shown(kind, lambda nets, _, m=m: max(own for own, _ in nets[:m]), 3) for m in after
        ]
        volumes = [shown(kind, lambda nets, _, m=m: volume(nets[:m]), 3) for m in after]
        small = shown(kind, lambda nets, seed: smallest(nets, goals[seed]), 0)
        print(f"| {kind} | {' | '.join([*bests, *volumes, small])} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("problems", nargs="+", help="see benchmarks/presets.py")
    parser.add_argument("--networks", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    args = parser.parse_args()
    seeds = list(range(args.seeds))
    print(f"{date.today()}, torch {version('torch')}, optuna {version('optuna')}", flush=True)
    # Spawned, as torch would have threads of its own in a fork.
    with ProcessPoolExecutor(args.processes, mp_context=get_context("spawn")) as pool:
        for name in args.problems:
            jobs = list(product(KINDS, seeds))
            waiting = [pool.submit(searched, name, *job, args.networks) for job in jobs]
            table(
                name, {job: each.result() for job, each in zip(jobs, waiting, strict=True)}, seeds
            )


if __name__ == "__main__":
    main()
