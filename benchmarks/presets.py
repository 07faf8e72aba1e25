"""What searches begin with, and whether they pay: presets on two problems of each kind.

    python benchmarks/presets.py --random 10 --searched 30

For each problem, all trained by its recipe for searches and scored on validation examples:
networks drawn at random from the space that the problem has by itself; the best of a search; and
networks made by hand (`optuna_codeepneat.problems.hand_made`), each beside the best of the search
which is no larger. A search begins with those and is held to them as the command `search` is; they
are not counted for what it has found. Test examples are not touched.

The problems of images and texts read data that not every machine has, see docs/problems.md; those
of tables need scikit-learn.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Callable
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from statistics import median
from typing import TYPE_CHECKING


os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch loads
sys.path.insert(0, str(Path(__file__).parents[1]))  # for `benchmarks.compare`

if TYPE_CHECKING:
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.search_space import Architecture


def mnist1d() -> Problem:
    from optuna_codeepneat.problems import get_problem

    return get_problem("mnist1d")


def fashion_rows() -> Problem:
    """Fashion-MNIST at 14 x 14 pixels as sequences of 14 columns with 14 channels."""
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.problems import get_problem

    splits = get_problem("fashion_mnist", size=14, train=5_000).load()
    both = splits.train + splits.validation
    parts = ["train"] * len(splits.train) + ["validation"] * len(splits.validation)
    # There has to be a test part, which nobody looks at.
    inputs = both.inputs[:, 0].numpy()
    parts[::10] = ["test"] * len(parts[::10])
    return Problem.from_arrays(inputs, both.targets.numpy(), split=parts, steps=500)


def fashion14() -> Problem:
    from optuna_codeepneat.problems import get_problem

    return get_problem("fashion_mnist", size=14, train=5_000)


def emoji() -> Problem:
    from optuna_codeepneat.problems import get_problem

    return get_problem("emoji")


def word_language() -> Problem:
    from optuna_codeepneat.problems import get_problem

    return get_problem("word_language")


def tweets() -> Problem:
    from optuna_codeepneat.problems import get_problem

    return get_problem("tweets")


def digits() -> Problem:
    """The 8 x 8 pixels of scikit-learn's digits as a table."""
    from sklearn.datasets import load_digits

    from optuna_codeepneat.problems import Problem

    return Problem.from_arrays(*load_digits(return_X_y=True))


def friedman() -> Problem:
    """The first of Friedman's functions (1991): five of ten features matter."""
    from sklearn.datasets import make_friedman1

    from optuna_codeepneat.problems import Problem

    x, y = make_friedman1(n_samples=4_000, noise=1.0, random_state=0)
    return Problem.from_arrays(x, y)


def diabetes() -> Problem:
    """442 patients, where every network learns by heart what it sees."""
    from sklearn.datasets import load_diabetes

    from optuna_codeepneat.problems import Problem

    return Problem.from_arrays(*load_diabetes(return_X_y=True))


PROBLEMS: dict[str, Callable[[], Problem]] = {
    each.__name__: each
    for each in (
        *(mnist1d, fashion_rows, fashion14, emoji),
        *(word_language, tweets, digits, friedman, diabetes),
    )
}


@dataclass(frozen=True)
class Trained:
    """A score on validation examples, turned so that larger is better, and a size."""

    score: float
    size: int


def drawn(problem: Problem, n: int, seed: int) -> list[Architecture]:
    """Networks at random."""
    import optuna

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    networks: list[Architecture] = []
    while len(networks) < n:
        try:
            networks.append(problem.space.suggest(study.ask()))
        except optuna.TrialPruned:  # larger than it may be
            continue
    return networks


def trained(problem: Problem, network: Architecture) -> Trained:
    """A network after the recipe of searches, whose rate and decay are as they stand there."""
    from optuna_codeepneat import build_network
    from optuna_codeepneat import training

    splits = problem.load()
    metric = problem.metric or training.accuracy
    loss = problem.loss or training.cross_entropy
    with training.seeded(0):
        module = build_network(network)
    training.fit(module, splits.train, problem.search_recipe, device="cpu", loss=loss)
    return Trained(training.evaluate(module, splits.validation, metric), network.num_params)


def searched(
    problem: Problem, n: int, seed: int, by_hand: Iterable[float] | None
) -> list[Trained]:
    """The networks that a search has found itself, beside those whose scores it knew before."""
    import optuna

    from optuna_codeepneat import CoDeepNEATSampler

    study = optuna.create_study(
        directions=list(problem.directions), sampler=CoDeepNEATSampler(problem.space, seed=seed)
    )
    if by_hand is not None:
        problem.enqueue_baselines(study)
        problem = problem.with_floor(problem.floor_by_hand(by_hand))
    complete = optuna.trial.TrialState.COMPLETE
    study.optimize(
        lambda trial: problem.objective(trial, device="cpu", seed=seed),
        callbacks=[optuna.study.MaxTrialsCallback(n, states=(complete,))],
    )
    return [
        Trained(trial.values[0], int(trial.values[1]))
        for trial in study.get_trials(deepcopy=False, states=(complete,))
        if "hand_made" not in trial.user_attrs
    ]


def row(name: str, n_random: int, n_searched: int, seed: int, from_nothing: bool) -> list[str]:
    """The lines of a problem's table."""
    import optuna
    import torch

    from optuna_codeepneat.problems import hand_made

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    problem = replace(PROBLEMS[name](), objective=None)
    if problem.directions[0] != "maximize":
        raise SystemExit(f"{name}: only scores that are better the larger they are can be shown.")
    chance = [trained(problem, network) for network in drawn(problem, n_random, seed)]
    scores = [each.score for each in chance]
    lines = [
        f"| {name} | {n_random} at random, mean | {mean(scores):.3f} | |",
        f"| | median | {median(scores):.3f} | {median(each.size for each in chance):,.0f} |",
        "| | best | {0.score:.3f} | {0.size:,} |".format(max(chance, key=lambda e: e.score)),
    ]
    by_hand = {title: trained(problem, each) for title, each in hand_made(problem.space).items()}
    known = None if from_nothing else [each.score for each in by_hand.values()]
    found = searched(problem, n_searched, seed, known)
    best = max(found, key=lambda each: each.score)
    lines.append(f"| | best of a search of {n_searched} | {best.score:.3f} | {best.size:,} |")
    for title, own in by_hand.items():
        lines.append(f"| | by hand: {title} | {own.score:.3f} | {own.size:,} |")
        smaller = [each for each in found if each.size <= own.size]
        if smaller:
            rival = max(smaller, key=lambda each: each.score)
            lines.append(f"| | no larger, of the search | {rival.score:.3f} | {rival.size:,} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("problems", nargs="*", choices=[[], *PROBLEMS], default=list(PROBLEMS))
    parser.add_argument("--random", type=int, default=10, help="networks drawn at random")
    parser.add_argument("--searched", type=int, default=30, help="networks of the search")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--from-nothing",
        action="store_true",
        help="begin without the hand-made networks, with which the command `search` begins",
    )
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    args = parser.parse_args()
    names = args.problems or list(PROBLEMS)
    print(f"{date.today()}, torch {version('torch')}, optuna {version('optuna')}", flush=True)
    print("\n| problem | networks | score | parameters |\n|---|---|---|---|", flush=True)
    # Spawned, as torch would have threads of its own in a fork.
    with ProcessPoolExecutor(args.processes, mp_context=get_context("spawn")) as pool:
        waiting = [
            pool.submit(row, name, args.random, args.searched, args.seed, args.from_nothing)
            for name in names
        ]
        for each in waiting:
            print("\n".join(each.result()), flush=True)


if __name__ == "__main__":
    main()
