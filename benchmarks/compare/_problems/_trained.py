"""Networks that are really trained: accuracy on the validation examples, number of parameters."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.distributions import FloatDistribution

from benchmarks.compare._problems._benchmark import Benchmark
from benchmarks.compare._problems._benchmark import Objective
from benchmarks.compare._problems._benchmark import score_and_size
from optuna_codeepneat import SearchSpace
from optuna_codeepneat import training
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import Splits
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems import stratified_split


_FASHION = Path("/usr/share/datasets/fashion-mnist")
_N_TRAIN, _N_VALIDATION = 5_000, 2_000


def mnist1d() -> Benchmark:
    return _trained(get_problem("mnist1d"), largest=10_000)


def mnist1d_shuffled() -> Benchmark:
    """The negative control of Greydanus 2020: nothing is left of what convolutions can use."""
    problem = get_problem("mnist1d")
    load = problem.load_splits
    assert load is not None
    shuffled = replace(
        problem,
        title="MNIST-1D with shuffled positions",
        load_splits=lambda: _shuffled(load()),
        references=(),
        objective=None,
    )
    return _trained(shuffled, largest=10_000)


def fashion14() -> Benchmark:
    """Fashion-MNIST (Xiao et al. 2017) at 14 x 14 pixels, 5,000 images, three epochs."""
    problem = Problem(
        name="fashion14",
        title="Fashion-MNIST at 14 x 14 pixels",
        make_space=lambda: SearchSpace.conv2d(
            # Larger ones take half a minute and more on one core.
            input_shape=(1, 14, 14),
            num_outputs=10,
            max_params=30_000,
            max_macs=2_000_000,
        ),
        load_splits=_load_fashion,
        search_recipe=training.Recipe(steps=3 * _N_TRAIN // 50, batch_size=50),
        hyperparameters={"learning_rate": FloatDistribution(3e-3, 3e-2, log=True)},
    )
    return _trained(problem, largest=30_000)


def _trained(problem: Problem, *, largest: float) -> Benchmark:
    """The hypervolume is that of (error, decades of size), between chance and no error.

    It ends at 100 and at `largest` parameters: 1 is a perfect network of 100 parameters.
    """

    def make_objective(seed: int, checkpoints: Any) -> Objective:
        import torch

        torch.set_num_threads(1)
        problem.load()
        return lambda trial: problem.objective(
            trial, device="cpu", seed=seed, checkpoints=checkpoints
        )

    def steps(trial: optuna.trial.FrozenTrial) -> int:
        inheritance = trial.user_attrs.get("inheritance", {})
        return int(inheritance.get("steps", problem.search_recipe.steps))

    return Benchmark(
        title=f"{problem.title}: accuracy on the validation examples and number of parameters",
        directions=("maximize", "minimize"),
        make_objective=make_objective,
        space=problem.space,
        costs=("num_params",),
        points=score_and_size(100, largest),
        reference=(0.9, 1.0),
        whole=0.9,
        steps=steps,
        continued=lambda arguments: _trained(
            replace(problem, continuation=training.Continuation(**arguments), objective=None),
            largest=largest,
        ),
    )


def _shuffled(splits: Splits) -> Splits:
    """The same permutation of the positions for all examples."""
    order = np.random.Generator(np.random.PCG64(0)).permutation(40).tolist()

    def moved(examples: training.Examples) -> training.Examples:
        return training.Examples(examples.inputs[..., order], examples.targets)

    return Splits(
        train=moved(splits.train),
        validation=moved(splits.validation),
        test=moved(splits.test),
    )


def _load_fashion() -> Splits:
    if not _FASHION.is_dir():
        raise FileNotFoundError(
            f"there is no {_FASHION}; on Debian: apt-get install dataset-fashion-mnist"
        )
    images, labels = _images("train-images-idx3-ubyte"), _labels("train-labels-idx1-ubyte")
    _, chosen = stratified_split(labels, n_validation=_N_TRAIN + _N_VALIDATION)
    images, labels = images[chosen], labels[chosen]
    train, validation = stratified_split(labels, n_validation=_N_VALIDATION)
    examples = training.Examples.from_arrays(images, labels)
    return Splits(
        train=examples.take(train.tolist()),
        validation=examples.take(validation.tolist()),
        test=training.Examples.from_arrays(
            _images("t10k-images-idx3-ubyte"), _labels("t10k-labels-idx1-ubyte")
        ),
    )


def _images(name: str) -> np.ndarray:
    """Means of 2 x 2 pixels, ``(images, 1, 14, 14)``, about standardised."""
    data = np.frombuffer(gzip.decompress((_FASHION / f"{name}.gz").read_bytes()), np.uint8, -1, 16)
    pooled = data.reshape(-1, 1, 14, 2, 14, 2).mean(axis=(3, 5), dtype=np.float32)
    return np.asarray((pooled / 255.0 - 0.286) / 0.33)


def _labels(name: str) -> np.ndarray:
    data = gzip.decompress((_FASHION / f"{name}.gz").read_bytes())
    return np.frombuffer(data, np.uint8, -1, 8).astype(np.int64)
