"""LEAF's search space for text on real sentences (Liang et al. 2019, table 3)."""

from __future__ import annotations

import pytest

from optuna_codeepneat import build_network
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace


training = pytest.importorskip("optuna_codeepneat.training")

LAYERS = ("conv1d", "lstm", "gru", "dropout", "conv1d")


def test_networks_with_five_poolings_learn_from_tweets() -> None:
    problem = get_problem("tweets", preset="wikidetox")
    try:
        splits = problem.load()
    except DataError as error:
        pytest.skip(str(error))  # of another package: CI installs it, a developer need not
    some = splits.train.take(range(0, len(splits.train), 100))
    # As many modules as poolings, each with one of LEAF's layers.
    larger = {"max_blueprint_nodes": 5, "n_module_slots": 5}
    space = SearchSpace.from_json({**problem.space.to_json(), **larger})
    architecture = space.architecture(
        [
            Node(str(i), "ABCDE"[i], (str(i - 1) if i else "in",), Genes(pool=True))
            for i in range(5)
        ],
        {slot: [Node("0", layer)] for slot, layer in zip("ABCDE", LAYERS, strict=True)},
    )
    pools = [operation for operation in architecture.operations if operation.kind == "max_pool"]
    assert [pool.shape[1] for pool in pools] == [20, 10, 5, 3, 2]
    with training.seeded(0):
        network = build_network(architecture)
    recipe = problem.search_recipe.replace(steps=120, batch_size=40, learning_rate=3e-3)

    training.fit(network, some, recipe, device="cpu", seed=0)

    # Better than chance on what it has learnt: words of every tweet come through all of it.
    frequent = float(some.targets.bincount().max()) / len(some)
    assert training.evaluate(network, some) > frequent + 0.2
