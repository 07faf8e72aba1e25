"""What final trainings come to by different recipes: schedules, augmentation, length and more.

    python benchmarks/final_training.py --seeds 2 --steps 1500 3000 -o final.jsonl

Small hand-written networks of the search space of `fashion_mnist` with 14 x 14 pixels are trained
on the 7,000 images that a final training with `train=5000` has, once for each recipe. They are
scored on 10,000 other images of the *training* part of Fashion-MNIST, which neither a search nor a
training sees: no test image is looked at, so that the figures may be used to choose. What is in
the file of `-o` is not done again. Printed is the mean accuracy over networks and seeds; where
images are changed at random, also that of predictions averaged over changed copies.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch

from optuna_codeepneat import build_network
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems._built_in._choices import chosen_of
from optuna_codeepneat.problems._built_in._fashion_mnist import _scaled
from optuna_codeepneat.problems._built_in._fashion_mnist import images_of
from optuna_codeepneat.problems._final import parted
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import accuracy
from optuna_codeepneat.training import evaluate
from optuna_codeepneat.training import fit
from optuna_codeepneat.training import predict_averaged
from optuna_codeepneat.training import seeded


_SIZE, _TRAIN, _JUDGES = 14, 5000, 10_000
_COPIES = 20  # as LEAF has

_FLIPS = Augmentation(flip=True)
_BOTH = Augmentation(flip=True, shift=0.1)

RECIPES: dict[str, Callable[[Recipe], Recipe]] = {
    "one cycle": lambda r: r,
    "one cycle, flips": lambda r: r.replace(augmentation=_FLIPS),
    "one cycle, flips and shifts": lambda r: r.replace(augmentation=_BOTH),
    "plateau": lambda r: r.replace(schedule="plateau"),
    "plateau, flips": lambda r: r.replace(schedule="plateau", augmentation=_FLIPS),
    "label smoothing 0.1": lambda r: r.replace(label_smoothing=0.1),
    "label smoothing 0.2": lambda r: r.replace(label_smoothing=0.2),
    "label smoothing 0.1, flips": lambda r: r.replace(label_smoothing=0.1, augmentation=_FLIPS),
    "label smoothing 0.1, weight decay 0.2": lambda r: r.replace(
        label_smoothing=0.1, weight_decay=0.2
    ),
    "weight decay 0.2": lambda r: r.replace(weight_decay=0.2),
    "noise 0.2": lambda r: r.replace(augmentation=Augmentation(noise=0.2)),
    "scale 0.3": lambda r: r.replace(augmentation=Augmentation(scale=0.3)),
}
"""What is changed of the recipe with nothing special."""


def networks(problem: Problem) -> dict[str, Architecture]:
    """Small networks: one of separable convolutions, two of two plain ones."""

    def network(*layers: tuple[str, int, bool], head: str) -> Architecture:
        names = "ABC"[: len(layers)]
        nodes = [
            Node(str(i), name, (str(i - 1),) if i else ("in",), {"pool": pool})  # type: ignore[arg-type]
            for i, (name, (_, _, pool)) in enumerate(zip(names, layers, strict=True))
        ]
        modules = {
            name: [Node("0", kind, genes={"width": width, "kernel": 3})]  # type: ignore[arg-type]
            for name, (kind, width, _) in zip(names, layers, strict=True)
        }
        graph = Graph(tuple(nodes), None, {"head.pool": head})  # type: ignore[arg-type]
        return problem.space.architecture(graph, modules)

    plain, separable = "conv2d", "separable_conv2d"
    return {
        "separable": network(
            (plain, 16, True), (separable, 24, True), (separable, 32, False), head="mean"
        ),
        "narrow": network((plain, 12, True), (plain, 24, True), head="flatten"),
        "wide": network((plain, 16, True), (plain, 32, True), head="flatten"),
    }


def judges() -> Examples:
    """Training images that neither the search nor a final training has."""
    images, labels = images_of("train")
    n_used = _TRAIN + 2_000
    others = np.setdiff1d(np.arange(len(labels)), chosen_of(labels, n_used))
    chosen = np.random.Generator(np.random.PCG64(0)).permutation(others)[:_JUDGES]
    return Examples.from_arrays(_scaled(images[chosen], _SIZE), labels[chosen])


def trained(
    architecture: Architecture, recipe: Recipe, data: Examples, judge: Examples, seed: int
) -> dict[str, float]:
    """The accuracies of a network on other images and on those that it learnt from."""
    begin, held_out = time.monotonic(), None
    learnt = data
    if recipe.schedule == "plateau":
        learnt, held_out = parted(data, recipe.plateau.held_out)
    with seeded(seed):
        network = build_network(architecture)
    fit(network, learnt, recipe, held_out=held_out, device="cpu", seed=seed)
    found = {
        "accuracy": evaluate(network, judge),
        "learnt": evaluate(network, data),
        "seconds": time.monotonic() - begin,
    }
    if recipe.augmentation is not None:
        outputs = predict_averaged(network, judge, recipe.augmentation, copies=_COPIES)
        found["averaged"] = accuracy(outputs, judge.targets)
    return found


def main() -> None:
    """Trains what is missing, and prints a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES), choices=list(RECIPES))
    parser.add_argument("--networks", nargs="+", help="some of: separable, narrow, wide")
    parser.add_argument("--steps", nargs="+", type=int, default=[1500, 3000, 6000])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("-o", "--output", type=Path, default=Path("final_training.jsonl"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    problem = get_problem(f"fashion_mnist?size={_SIZE}&train={_TRAIN}")
    splits, judge = problem.load(), judges()
    data = splits.train + splits.validation
    chosen = networks(problem)
    lines = options.output.read_text().splitlines() if options.output.exists() else []
    done: dict[tuple[Any, ...], dict[str, float]] = {
        tuple(entry["key"]): entry for entry in map(json.loads, lines)
    }
    names = options.networks or list(chosen)
    for seed in range(options.seeds):
        for steps in options.steps:
            for name in options.recipes:
                for network in names:
                    key = (network, name, steps, seed)
                    if key in done:
                        continue
                    plain = problem.final_recipe.replace(
                        steps=steps, augmentation=None, label_smoothing=0.0
                    )
                    recipe = RECIPES[name](plain)
                    found = trained(chosen[network], recipe, data, judge, seed)
                    done[key] = {"key": list(key), **found}  # type: ignore[dict-item]
                    with options.output.open("a") as file:
                        file.write(json.dumps(done[key]) + "\n")
    sizes = ", ".join(f"{name} {chosen[name].num_params:,}" for name in names)
    print(f"networks: {sizes} parameters; {options.seeds} seeds; accuracy in %\n")
    print("| recipe | " + " | ".join(f"{steps:,} steps" for steps in options.steps) + " |")
    print("|---|" + "---|" * len(options.steps))
    for name in options.recipes:
        for score, words in (("accuracy", ""), ("averaged", f", mean of {_COPIES} copies")):
            cells = []
            for steps in options.steps:
                keys = [(n, name, steps, seed) for n in names for seed in range(options.seeds)]
                if any(score not in done[key] for key in keys):
                    continue
                of_each = [
                    f"{100 * mean(done[key][score] for key in keys if key[0] == n):.1f}"
                    for n in names
                ]
                all_of = 100 * mean(done[key][score] for key in keys)
                cells.append(f"{all_of:.1f} ({', '.join(of_each)})")
            if cells:
                print(f"| {name}{words} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
