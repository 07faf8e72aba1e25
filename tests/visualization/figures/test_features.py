from __future__ import annotations

import optuna
from optuna.trial import FixedTrial
from optuna.trial import FrozenTrial
from optuna.trial import create_trial

from optuna_codeepneat import SearchSpace
from optuna_codeepneat.sampler import Ancestry
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.visualization._figures._features import features_of
from tests.visualization.studies import SPACE


def of(space: SearchSpace, blueprint: list[Node], modules: dict[str, list[Node]]) -> FrozenTrial:
    params = space.encode(space.architecture(blueprint=blueprint, modules=modules))
    fixed = FixedTrial(params)
    space.suggest(fixed)
    return create_trial(value=0.0, params=params, distributions=fixed.distributions)


def test_layers_count_as_often_as_they_stand_in_the_network() -> None:
    trial = of(
        SPACE,
        [
            Node("0", "A", genes={"pool": True}),
            Node("1", "A", inputs=["0"]),
            Node("2", "B", inputs=["0", "1"], merge="concat"),
        ],
        {
            "A": [Node("0", "conv1d", genes={"width": 10})],
            "B": [
                Node("0", "conv1d", genes={"width": 20}),
                Node("1", "separable_conv1d", inputs=["0"]),
            ],
        },
    )
    features = features_of(trial)
    assert features["conv1d layers"] == 3
    assert features["separable_conv1d layers"] == 1
    assert features["merges by concat"] == 1
    assert features["extra connections"] == 1
    assert features["poolings"] == 1
    assert features["modules in the blueprint"] == 3
    assert features["different modules"] == 2
    assert features["conv1d: width"] == 15


def test_a_space_that_leaves_no_choice_of_modules() -> None:
    space = SearchSpace.dense(input_shape=(4,), num_outputs=2, n_module_slots=1)
    trial = of(space, [Node("0", "A"), Node("1", "A", inputs=["0"])], {"A": [Node("0", "dense")]})
    features = features_of(trial)
    assert features["modules in the blueprint"] == 2
    assert features["different modules"] == 1


def test_other_parameters_and_the_components_themselves() -> None:
    study = optuna.create_study()
    study.optimize(
        lambda trial: trial.suggest_int("n", 2, 2) + len(trial.suggest_categorical("c", ["ab"])),
        n_trials=1,
    )
    ancestry = Ancestry(0, "assembly", None, None, None, "abc", {"A": "def"}, {})
    assert features_of(study.trials[0], ancestry) == {
        "n": 2.0,
        "c": "ab",
        "blueprint": "abc",
        "module in slot A": "def",
    }
