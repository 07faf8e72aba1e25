"""A trial that confirms what it evaluated needs no look at its parameters."""

from __future__ import annotations

from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution

from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._generations._confirmation import CONFIRMATION
from optuna_codeepneat.sampler._generations._confirmation import Confirmation
from optuna_codeepneat.sampler._generations._confirmation import confirmed
from optuna_codeepneat.sampler._generations._evidence import confirmation_of
from optuna_codeepneat.sampler._generations._evidence import evaluated_key
from optuna_codeepneat.sampler._generations._evidence import global_genes_of
from tests.sampler.generations.test_evidence import CONV1D
from tests.sampler.generations.test_evidence import assigned
from tests.sampler.generations.test_evidence import bred
from tests.sampler.generations.test_evidence import told
from tests.sampler.studies import SPACE


def evaluated(seed: int, **changes: Any) -> optuna.trial.FrozenTrial:
    network = bred(seed)
    return assigned(network, network.architecture(CONV1D).signature, **changes)


def confirming(trial: optuna.trial.FrozenTrial) -> optuna.trial.FrozenTrial:
    """The same trial with its confirmation, and with nothing else to say."""
    confirmation = confirmation_of(trial, CONV1D)
    assert confirmation is not None
    attrs = {**trial.system_attrs, CONFIRMATION: confirmation.pack(CONV1D)}
    return optuna.create_trial(value=trial.value, system_attrs=attrs)


@given(st.integers(0, 1000))
def test_it_tells_all_that_the_parameters_tell(seed: int) -> None:
    trial = evaluated(seed)
    short = confirming(trial)
    assert short.params == {}
    assert told(short) == told(trial)
    assert evaluated_key(short, CONV1D) == evaluated_key(trial, CONV1D)
    assert global_genes_of([short], CONV1D) == global_genes_of([trial], CONV1D)


@pytest.mark.parametrize("text", ["1 x", "1 a b c", "", "x", 1, None])
def test_a_damaged_one_is_passed_over(text: Any) -> None:
    trial = evaluated(3)
    damaged = evaluated(3, system_attrs={CONFIRMATION: text})
    assert confirmed(damaged, CONV1D) is None
    assert told(damaged) == told(trial)


def test_one_of_a_newer_version_is_refused() -> None:
    trial = evaluated(3, system_attrs={CONFIRMATION: "2 a b"})
    with pytest.raises(StoredStateError, match="newer version"):
        told(trial)


def test_what_is_of_another_space_says_nothing_here() -> None:
    trial = confirming(evaluated(3))
    assert confirmed(trial, CONV1D) is not None
    assert confirmed(trial, SPACE) is None and confirmed(trial, None) is None


def test_who_did_something_else_confirms_nothing() -> None:
    trial = evaluated(3)
    assert confirmation_of(trial, None) is None
    pool = "max" if trial.params["head.pool"] != "max" else "mean"
    assert confirmation_of(evaluated(3, params={"head.pool": pool}), CONV1D) is None
    assert confirmation_of(optuna.create_trial(value=1.0), CONV1D) is None


def test_round_trip() -> None:
    said = Confirmation(
        {"lr": 0.1, "kind": None, "two words": [1, "ü b"]},
        {
            "lr": FloatDistribution(0.01, 1.0, log=True),
            "kind": CategoricalDistribution((None, True)),
            "two words": CategoricalDistribution(("a",)),
        },
    )
    trial = optuna.create_trial(value=1.0, system_attrs={CONFIRMATION: said.pack(SPACE)})
    assert confirmed(trial, SPACE) == said
