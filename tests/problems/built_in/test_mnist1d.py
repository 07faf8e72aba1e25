from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems._built_in._mnist1d import _load
from optuna_codeepneat.problems._built_in._mnist1d import mnist1d


torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def problem(cache: Path) -> Problem:
    """The problem as a new user has it: nothing is cached."""
    pytest.importorskip("mnist1d")
    made = mnist1d()
    streams = random.getstate(), np.random.get_state()[1].tolist()
    made.load()
    # The package seeds them.
    assert (random.getstate(), np.random.get_state()[1].tolist()) == streams
    return made


def test_the_data_are_the_published_ones(problem: Problem) -> None:
    splits = problem.load()

    both = splits.train + splits.validation
    assert splits.train.inputs.shape == (3200, 1, 40)
    assert splits.validation.inputs.shape == (800, 1, 40)
    assert splits.test.inputs.shape == (1000, 1, 40)
    assert both.inputs.dtype == torch.float32
    counts = [398, 396, 411, 394, 394, 402, 401, 404, 402, 398]
    assert torch.bincount(both.targets).tolist() == counts
    # All five thousand together were made to have mean 0 and standard deviation 1.
    everything = torch.cat([both.inputs, splits.test.inputs])
    assert float(everything.mean()) == pytest.approx(0.0, abs=1e-5)
    assert float(everything.std()) == pytest.approx(1.0, abs=1e-4)


def test_every_class_is_in_the_validation_examples_as_often_as_in_all(problem: Problem) -> None:
    splits = problem.load()

    train = torch.bincount(splits.train.targets)
    validation = torch.bincount(splits.validation.targets)

    assert int((train - 4 * validation).abs().max()) <= 4


def test_a_second_loading_gives_the_same_and_makes_nothing(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mnist1d.data", None)

    again = _load()

    for part in ("train", "validation", "test"):
        expected, loaded = getattr(problem.load(), part), getattr(again, part)
        assert torch.equal(loaded.inputs, expected.inputs)
        assert torch.equal(loaded.targets, expected.targets)


def test_without_its_package_the_problem_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "mnist1d", None)
    monkeypatch.delitem(sys.modules, "mnist1d.data", raising=False)

    with pytest.raises(ImportError, match=r"needs the package mnist1d; install .*\[torch\]$"):
        _load()


def test_a_small_network_learns_it(problem: Problem) -> None:
    """Two residual blocks, of dilation 1 and 4."""
    from optuna_codeepneat.training import evaluate
    from optuna_codeepneat.training import fit
    from optuna_codeepneat.training import seeded

    class Block(torch.nn.Module):
        def __init__(self, dilation: int) -> None:
            super().__init__()
            self.conv = torch.nn.Conv1d(8, 8, 3, padding=dilation, dilation=dilation, bias=False)
            self.norm = torch.nn.BatchNorm1d(8)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + self.norm(self.conv(x)).relu()

    class Pool(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat([x.mean(-1), x.amax(-1)], 1)

    with seeded(0):
        network = torch.nn.Sequential(
            torch.nn.Conv1d(1, 8, 5, padding=2), Block(1), Block(4), Pool(),
            torch.nn.Linear(16, 10),
        )  # fmt: skip
    splits = problem.load()

    fit(network, splits.train, problem.search_recipe.replace(steps=150))

    assert evaluate(network, splits.validation) > 0.7


def test_the_problem(problem: Problem) -> None:
    assert get_problem("mnist1d").metric_names == ("accuracy", "num_params")
    assert problem.directions == ("maximize", "minimize")
    assert problem.space.input_shape == (1, 40)
    assert problem.space.num_outputs == 10
    assert all(0.0 < reference.score < 1.0 for reference in problem.references)


def test_what_predict_reads(problem: Problem) -> None:
    made = problem.preprocessing
    assert made is not None and made.kind == "arrays" and made.num_outputs == 10
    test = problem.load().test
    for raw in (test.inputs[:5, 0], test.inputs[:5].numpy(), test.inputs[:5, 0].tolist()):
        assert torch.equal(made.inputs(raw), test.inputs[:5])
    assert made.answers(torch.eye(10))[3]["class"] == 3
