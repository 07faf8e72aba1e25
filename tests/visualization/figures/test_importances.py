from __future__ import annotations

from collections.abc import Callable

import numpy as np
import optuna
import pytest
from optuna.trial import Trial

from optuna_codeepneat import Architecture
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization import plot_component_importances
from optuna_codeepneat.visualization._figures._importances import ComponentImportances
from optuna_codeepneat.visualization._figures._importances import _explained
from tests.visualization.studies import SPACE


def sampled(n: int, value: Callable[[Architecture, float], float]) -> optuna.Study:
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.RandomSampler(seed=3)
    )

    def objective(trial: Trial) -> float:
        architecture = SPACE.suggest(trial)
        rate = trial.suggest_float("rate", 0, 1)
        return float(value(architecture, rate))

    study.optimize(objective, n_trials=n)
    return study


def test_what_decides_comes_first() -> None:
    study = sampled(150, lambda network, rate: rate)
    first, *rest = ComponentImportances.of(study).importances
    assert (first.component, first.kind) == ("rate", "more is better")
    assert first.share > 0.85
    assert all(other.share < 0.15 for other in rest)


def test_less_may_be_better() -> None:
    study = sampled(150, lambda network, rate: -len(network.blueprint.nodes))
    importances = {i.component: i for i in ComponentImportances.of(study).importances}
    assert importances["modules in the blueprint"].share > 0.8
    assert importances["modules in the blueprint"].kind == "less is better"


def test_a_component_that_some_networks_lack_counts() -> None:
    def kinds(network: Architecture) -> int:
        nodes = [node for graph in network.modules.values() for node in graph.nodes]
        return int(any(node.kind == "separable_conv1d" for node in nodes))

    study = sampled(150, lambda network, rate: kinds(network))
    first = ComponentImportances.of(study).importances[0]
    assert "separable_conv1d" in first.component
    assert first.share > 0.8


def test_chance_explains_nothing_however_many_groups_it_makes() -> None:
    rng = np.random.default_rng(1)
    shares = []
    for _ in range(50):
        merits = rng.permutation(200).astype(float)
        shares.append(_explained([str(g) for g in rng.integers(20, size=200)], merits))
    assert np.mean(shares) < 0.03  # unadjusted it would be about a tenth


def test_a_share_is_one_where_groups_say_all() -> None:
    merits = np.array([1.0] * 10 + [2.0] * 10)
    assert _explained(["a"] * 10 + ["b"] * 10, merits) == pytest.approx(1.0)
    assert _explained(["a"] * 20, merits) == 0.0


def test_components_of_the_evolution_are_among_them(evolved: optuna.Study) -> None:
    shown = ComponentImportances.of(evolved, most=100)
    assert {"blueprint", "module in slot A"} & {i.component for i in shown.importances}
    figure = plot_component_importances(evolved, most=7)
    assert sum(len(bar.y) for bar in figure.data) == 7


def test_for_another_objective_less_is_more(evolved: optuna.Study) -> None:
    shown = ComponentImportances.of(evolved, "num_params")
    width = next(i for i in shown.importances if i.component == "conv1d: width")
    assert width.kind == "less is better"


def test_too_few_networks_say_so(empty: optuna.Study) -> None:
    with pytest.raises(NoFigureError, match="has 8 networks .*; importances need 20"):
        plot_component_importances(sampled(8, lambda network, rate: rate))
    with pytest.raises(NoFigureError, match="has no trial yet"):
        plot_component_importances(empty)
    with pytest.raises(NoFigureError, match="no component explains"):
        plot_component_importances(sampled(30, lambda network, rate: 1.0))
    with pytest.raises(ValueError, match="`most` must be a whole number from 1, got 0"):
        plot_component_importances(empty, most=0)
