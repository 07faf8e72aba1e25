"""Networks that are there learn from new examples, of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from optuna_codeepneat import build_network
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.exceptions import NetworkDivergedError
from optuna_codeepneat.export import LoadedNetwork
from optuna_codeepneat.export import ModelCard
from optuna_codeepneat.export import load_network
from optuna_codeepneat.export import recipe_for
from optuna_codeepneat.export import retrain
from optuna_codeepneat.export import save_network
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import hand_made
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.training import Recipe
from tests.export.networks import PRESETS
from tests.export.networks import trained


SHORT = Recipe(steps=60, batch_size=32, learning_rate=1e-2)
DENSE = PRESETS["dense"].smallest()  # 6 numbers, 3 outputs


def weights(loaded: LoadedNetwork) -> torch.Tensor:
    return torch.cat([each.flatten().double() for each in loaded.network.state_dict().values()])


def loaded_from(
    directory: Path, problem: Problem, architecture: Architecture | None = None
) -> LoadedNetwork:
    """A new network of a problem, written and read."""
    made = problem.preprocessing
    assert made is not None
    chosen = architecture or problem.space.smallest()
    card = ModelCard(name="x", task=made.task, metric=problem.metric_names[0])  # type: ignore[arg-type]  # it is one of them
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        save_network(directory, build_network(chosen), chosen, preprocessing=made, card=card)
    return load_network(directory)


def plain(directory: Path, **card: Any) -> LoadedNetwork:
    """A network that reads six numbers as they are, and says three."""
    told = ModelCard(**{"name": "x", "task": "classification", **card})
    save_network(directory, trained(DENSE, 5), DENSE, card=told)
    return load_network(directory)


def vectors(n: int, seed: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).normal(size=(n, 4))


def which(x: np.ndarray[Any, Any], shift: float = 0.0) -> list[str]:
    return ["left" if row[0] < row[1] + shift else "right" for row in x]


def test_it_gains_on_a_shifted_distribution(tmp_path: Path) -> None:
    x = vectors(300, 0)
    problem = Problem.from_arrays(x, which(x))
    blank = loaded_from(tmp_path / "x", problem, hand_made(problem.space)["one layer of 64"])
    first = retrain(blank, blank.examples(x, which(x)), recipe=SHORT, device="cpu")
    new, judges = vectors(200, 1), vectors(300, 2)
    shifted = first.examples(judges, which(judges, 1.5))
    before = weights(first)
    second = retrain(first, first.examples(new, which(new, 1.5)), recipe=SHORT, device="cpu")

    assert first.measure(first.examples(judges, which(judges))).score > 0.9
    assert second.measure(shifted).score > first.measure(shifted).score + 0.1
    assert second.measure(shifted).low is not None
    assert torch.equal(weights(first), before)
    assert not any(each.requires_grad for each in second.network.parameters())
    assert not second.network.training
    assert second.config["metric"]["score"] is None and "weights" not in second.config


def test_it_goes_on_from_its_weights_or_from_new_ones(tmp_path: Path) -> None:
    loaded = plain(tmp_path / "x")
    x = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    hardly = Recipe(steps=1, batch_size=20, learning_rate=1e-12)
    names = [name for name, _ in loaded.network.named_parameters()]

    def parameters(of: LoadedNetwork) -> torch.Tensor:
        return torch.cat([of.network.state_dict()[name].flatten() for name in names])

    def retrained(**how: Any) -> torch.Tensor:
        return parameters(
            retrain(
                loaded,
                loaded.examples(x, [0, 1] * 20),
                **{"recipe": hardly, "device": "cpu", **how},
            )
        )

    assert torch.allclose(retrained(), parameters(loaded), atol=1e-6)
    anew = retrained(new_weights=True)
    assert not torch.allclose(anew, parameters(loaded), atol=1e-2)
    assert torch.equal(anew, retrained(new_weights=True))
    assert not torch.equal(anew, retrained(new_weights=True, seed=1))
    assert not torch.equal(retrained(recipe=SHORT.replace(steps=3)), parameters(loaded))
    heard: list[tuple[int, int]] = []
    retrained(on_progress=lambda done, total, loss: heard.append((done, total)))
    assert heard == [(1, 1)]


def test_the_recipe_goes_by_the_examples(tmp_path: Path) -> None:
    loaded = plain(tmp_path / "x")
    few, many = (recipe_for(loaded, n, new_weights=True) for n in (50, 20_000))
    onward = recipe_for(loaded, 50, new_weights=False)

    assert (few.steps, few.batch_size) == (1000, 16)
    assert (many.steps, many.batch_size) == (5000, 100)
    assert onward.learning_rate < few.learning_rate
    assert onward == few.replace(learning_rate=onward.learning_rate)
    assert few.gradient_clip is None


def test_numbers_are_learnt_in_their_own_units(tmp_path: Path) -> None:
    ages = [i % 90 for i in range(200)]
    prices = [1000.0 + 5 * age for age in ages]
    rows = [{"age": age, "city": "Oslo" if age % 2 else "Rome"} for age in ages]
    table = [{**row, "price": price} for row, price in zip(rows, prices, strict=True)]
    problem = Problem.from_table(table, target="price")
    loaded = loaded_from(tmp_path / "x", problem, hand_made(problem.space)["one layer of 64"])
    doubled = [2 * price for price in prices]
    retrained = retrain(
        loaded, loaded.examples(rows, doubled), recipe=SHORT.replace(steps=200), device="cpu"
    )

    said = [answer["value"] for answer in retrained.predict(rows)]
    assert said == pytest.approx(doubled, rel=0.1)
    with pytest.raises(DataError, match=r"^example 2 has no target; fill it"):
        loaded.examples(rows[:3], [1.0, 2.0, float("nan")])
    with pytest.raises(DataError, match=r"^example 1 has the target 'dear', and the task"):
        loaded.examples(rows[:2], [1.0, "dear"])
    with pytest.raises(DataError, match=r"has 1 output, and 2 targets of each example are given"):
        loaded.examples(rows[:2], [[1.0, 2.0], [3.0, 4.0]])


def test_images_and_texts(tmp_path: Path) -> None:
    from PIL import Image

    for i in range(24):
        folder = tmp_path / "images" / ("dark" if i % 2 else "light")
        folder.mkdir(parents=True, exist_ok=True)
        grey = np.random.default_rng(i).integers(0, 90, (8, 8)) + 160 * (i % 2 == 0)
        Image.fromarray(grey.astype(np.uint8)).save(folder / f"{i}.png")
    problem = Problem.from_image_folder(tmp_path / "images")
    paths = sorted((tmp_path / "images").rglob("*.png"))
    gains(loaded_from(tmp_path / "a", problem), paths, [path.parent.name for path in paths])
    texts = ["what a good day", "what a bad day"] * 20
    problem = Problem.from_text(texts, target=["good", "bad"] * 20)
    loaded = loaded_from(tmp_path / "b", problem)
    gains(loaded, ["a bad day", "good"] * 20, ["bad", "good"] * 20)
    assert recipe_for(loaded, 40, new_weights=False).gradient_clip is not None


def gains(loaded: LoadedNetwork, raw: Any, answers: Sequence[str]) -> None:
    retrained = retrain(loaded, loaded.examples(raw, answers), recipe=SHORT, device="cpu")
    assert retrained.measure(retrained.examples(raw, answers)).score > 0.9


def test_labels(tmp_path: Path) -> None:
    loaded = plain(tmp_path / "x", task="labels", classes=["a", "b", "c"], metric="accuracy")
    x = torch.randn(100, 6, generator=torch.Generator().manual_seed(0))
    y = (x[:, [0, 0, 0]] > 0).int()
    assert loaded.examples(x, y).targets.dtype == torch.float32
    retrained = retrain(
        loaded, loaded.examples(x, y), recipe=SHORT.replace(learning_rate=0.1), device="cpu"
    )
    said = [set(answer["labels"]) for answer in retrained.predict(x)]
    assert (
        np.mean(
            [
                found == (set("abc") if all_of[0] else set())
                for found, all_of in zip(said, y, strict=True)
            ]
        )
        > 0.8
    )
    with pytest.raises(DataError, match="example 0 has a label that is neither 0 nor 1"):
        loaded.examples(x, 2 * y + 2)


def test_without_a_preprocessing_classes_are_names_or_numbers(tmp_path: Path) -> None:
    named, numbered = plain(tmp_path / "x", classes=["a", "b", "c"]), plain(tmp_path / "y")
    x = np.zeros((3, 6))
    for loaded, answers in [
        (named, ["c", "a", " b"]),
        (named, [2, 0, 1]),
        (numbered, np.array([2, 0, 1])),
        (numbered, ["2", "0", "1"]),
        (numbered, np.eye(3)[[2, 0, 1]]),
    ]:
        assert loaded.examples(x, answers).targets.tolist() == [2, 0, 1]


def test_what_is_wrong_is_one_sentence(tmp_path: Path) -> None:
    loaded = plain(tmp_path / "x", classes=["ant", "bee", "cat"])
    x = np.zeros((3, 6))
    for answers, said in [
        (["ant", "bees", "cat"], r"^example 1 is of the class 'bees', .* the closest is 'bee'\.$"),
        ([0, 1, 3], r"^example 2 is of the class '3', .* there are '0', '1', '2'\.$"),
        (["ant", None, "cat"], r"^example 1 has no target"),
        (["ant", "bee"], r"an answer for each of the 3 examples, got 2 answers\.$"),
        ("ant", r"an answer for each of the 3 examples"),
        ([["ant"], ["bee", "cat"], ["cat"]], r"must all have one shape"),
        (np.ones((3, 3)), r"^example 0 is not of exactly one class"),
    ]:
        with pytest.raises(DataError, match=said):
            loaded.examples(x, answers)
    with pytest.raises(DataError, match="line 3 is of the class 'x'"):
        loaded.examples(x, ["ant", "x", "x"], place=lambda i: f"line {i + 2}")
    with pytest.raises(DataError, match="at least two examples to learn from, got 1"):
        retrain(loaded, loaded.examples(x[:1], ["ant"]))
    with pytest.raises(DataError, match="nobody said what the network's outputs mean"):
        plain(tmp_path / "y", task=None).examples(x, [0, 1, 2])
    with pytest.raises(NetworkDivergedError):
        wild = Recipe(steps=50, learning_rate=1e30, batch_size=2)
        other = plain(tmp_path / "z")
        retrain(other, other.examples(np.ones((3, 6)) * 1e20, [0, 1, 2]), recipe=wild)


def test_a_metric_that_is_not_known_here_is_the_usual_one(tmp_path: Path) -> None:
    for name, measured in [("balanced_accuracy", "balanced_accuracy"), ("my_own", "accuracy")]:
        loaded = plain(tmp_path / name, metric=name)
        assert loaded.metric.__name__ == measured  # type: ignore[attr-defined]  # both have one


def test_a_score_that_there_is_not_is_one_sentence(tmp_path: Path) -> None:
    loaded = plain(tmp_path / "x", metric="auroc")
    with pytest.raises(DataError, match="'auroc' has no value for 3 examples such as these"):
        loaded.measure(loaded.examples(np.zeros((3, 6)), [0, 0, 0]))
