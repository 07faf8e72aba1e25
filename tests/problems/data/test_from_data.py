"""What all kinds of data have in common: options, losses, recipes, and a search that learns."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Recipe


torch = pytest.importorskip("torch")

X = np.random.default_rng(0).normal(size=(240, 3))
SIDE = X[:, 0] > X[:, 1]


def train(problem: Problem) -> Any:
    """A trial of a small network, finally trained, and the problem's preprocessing."""
    architecture = problem.space.smallest()
    return problem.train_final(architecture, {"learning_rate": 0.05, "weight_decay": 1e-3})


def test_classes_are_learnt_and_named() -> None:
    problem = Problem.from_arrays(X, np.where(SIDE, "left", "right"), steps=60)
    study = optuna.create_study(directions=problem.directions)

    study.optimize(problem.objective, n_trials=2)

    assert all(0.0 <= trial.values[0] <= 1.0 for trial in study.trials)
    network, preprocessing = train(problem), problem.preprocessing
    assert problem.test(network) > 0.9
    assert preprocessing is not None
    network.eval()
    answers = preprocessing.answers(network(preprocessing.inputs(X)))
    assert np.mean([a["class"] == ("left" if s else "right") for a, s in zip(answers, SIDE)]) > 0.9  # noqa: B905


def test_numbers_are_learnt_on_their_own_scale() -> None:
    problem = Problem.from_arrays(X, 1e4 + 100.0 * X[:, 0], metric="mae", steps=80)

    network, preprocessing = train(problem), problem.preprocessing

    assert problem.test(network) < 20.0
    assert preprocessing is not None
    network.eval()
    answer = preprocessing.answers(network(preprocessing.inputs(X)))[0]["value"]
    assert answer == pytest.approx(1e4 + 100.0 * X[0, 0], abs=60.0)


def test_labels_are_learnt() -> None:
    problem = Problem.from_arrays(X, (X > 0.0).astype(int), steps=60)

    assert problem.test(train(problem)) > 0.9


def test_rare_classes_may_count_as_much_as_frequent_ones() -> None:
    y = (X[:, 0] > 1.2).astype(int)
    problem = Problem.from_arrays(X, y, class_weights=True, metric="balanced_accuracy")
    problem.check()

    loss: Any = problem.loss
    counts = np.bincount(problem.load().train.targets)
    assert np.prod([loss.weights, counts], axis=0) == pytest.approx([72.0, 72.0])
    outputs, targets = torch.zeros(4, 2), torch.tensor([0, 0, 0, 1])
    assert float(loss(outputs, targets)) == pytest.approx(np.log(2.0))
    with pytest.raises(ValueError, match="`class_weights` is for classification"):
        Problem.from_arrays(X, X[:, 0], class_weights=True)


def test_the_space_may_be_another() -> None:
    own = SearchSpace.dense(input_shape=(3,), num_outputs=2, max_params=900)
    preset = partial(SearchSpace.dense, n_module_slots=1)

    assert Problem.from_arrays(X, SIDE, space=own).space is own
    assert Problem.from_arrays(X, SIDE, space=preset).space.slots == ("A",)
    for wrong in (
        SearchSpace.dense(input_shape=(4,), num_outputs=2),
        SearchSpace.dense(input_shape=(3,), num_outputs=3),
        lambda **sizes: None,
    ):
        with pytest.raises(ValueError, match="`space` must"):
            Problem.from_arrays(X, SIDE, space=wrong)


@pytest.mark.parametrize(
    ("n", "steps", "expected"),
    [
        (240, None, Recipe(steps=200, batch_size=16)),
        (3_000, None, Recipe(steps=200, batch_size=100)),
        (10_000, None, Recipe(steps=600, batch_size=100)),
        (50_000, None, Recipe(steps=1_000, batch_size=100)),
        (240, 7, Recipe(steps=7, batch_size=16)),
    ],
)
def test_recipes_go_by_the_number_of_examples(n: int, steps: int | None, expected: Recipe) -> None:
    x = np.random.default_rng(0).normal(size=(n, 1))

    problem = Problem.from_arrays(x, x[:, 0] > 0, steps=steps)

    recipe = problem.search_recipe
    assert (recipe.steps, recipe.batch_size) == (expected.steps, expected.batch_size)
    assert problem.final_recipe.steps == 5 * recipe.steps


def test_what_was_found_and_chosen_is_said() -> None:
    problem = Problem.from_arrays(X, SIDE, name="my data", group=np.arange(240) // 4)

    assert problem.name == "my-data" and problem.title == "my data"
    assert list(problem.findings) == [
        "data",
        "inputs",
        "target",
        "split",
        "space",
        "metric",
        "recipe",
    ]
    assert problem.findings["split"] == (
        "144 training, 48 validation and 48 test examples, by 60 groups, none of which is in two "
        "parts"
    )
    assert "2 classes: False" in problem.findings["target"]
    assert replace(problem, min_score=None).findings == problem.findings


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"colour": "red"}, TypeError, "there is no option `colour`; there are 'task'"),
        ({"task": "clustering"}, ValueError, "`task` must be 'classification', 'regression'"),
        ({"metric": "r2"}, ValueError, "for the task 'classification', got 'r2'"),
        ({"validation": 0.6, "test": 0.5}, ValueError, "must leave something to train on"),
        ({"test": 1.0}, ValueError, "`test` must be a share between 0 and 1"),
        ({"steps": 0}, ValueError, "`steps` must be a whole number from 1"),
        ({"seed": -1}, ValueError, "`seed` must be a whole number from 0"),
        ({"split": ["train"]}, ValueError, "`split` must hold 240 values"),
        ({"group": "city"}, ValueError, "`group` must be a list of 240 values"),
        ({"split": ["train"] * 240, "group": [1] * 240}, ValueError, "exclude each other"),
        ({"group": [1] * 240}, DataError, "1 groups, too few"),
    ],
)
def test_options_that_do_not_do(options: dict[str, Any], error: Any, said: str) -> None:
    with pytest.raises(error, match=said):
        Problem.from_arrays(X, SIDE, **options)


@pytest.mark.parametrize(
    ("package", "call", "said"),
    [
        (
            "pandas",
            lambda: Problem.from_table({"a": [1]}, target="a"),
            "reading tables needs pandas",
        ),
        (
            "pyarrow",
            lambda: Problem.from_table("t.parquet", target="a"),
            "reading Parquet files needs PyArrow",
        ),
        ("PIL", lambda: Problem.from_image_folder("."), "reading images needs Pillow"),
        (
            "sklearn",
            lambda: Problem.from_arrays(X, X[:, 0]),
            "the metric 'r2' needs scikit-learn",
        ),
    ],
)
def test_a_missing_package_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, call: Any, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.parquet").write_text("x")
    Path("cat").mkdir()
    Path("cat", "1.png").write_text("x")
    hide(monkeypatch, package)

    with pytest.raises(ImportError) as raised:
        call()

    expected = f"{said}; install it with: pip install optuna-codeepneat[data]"
    assert str(raised.value) == expected


def test_arrays_and_accuracy_need_none_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("pandas", "pyarrow", "PIL", "sklearn"):
        hide(monkeypatch, package)

    Problem.from_arrays(X, SIDE).check()


def hide(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """Lets imports of a package fail as where it is not installed."""
    for name in (package, *(name for name in sys.modules if name.startswith(f"{package}."))):
        monkeypatch.setitem(sys.modules, name, None)
