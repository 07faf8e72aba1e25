"""Networks in an artifact store, whole or not at all; `test_damaged_weights.py` damages them."""

from __future__ import annotations

import pytest
import torch

from optuna_codeepneat import build_network
from optuna_codeepneat.morphism import Checkpoint
from optuna_codeepneat.morphism import NotStoredError
from optuna_codeepneat.morphism import UnusableWeightsError
from optuna_codeepneat.morphism import _store
from optuna_codeepneat.morphism import fetch_weights
from optuna_codeepneat.morphism import store_weights
from optuna_codeepneat.morphism import weights_of
from tests.morphism.lines import SPACE
from tests.morphism.lines import Flaky


def checkpoint() -> Checkpoint:
    architecture = SPACE.smallest()
    return Checkpoint(architecture, weights_of(build_network(architecture)), 7)


def test_what_is_stored_is_fetched(store: Flaky) -> None:
    made = checkpoint()
    saved = store_weights(store, "a.safetensors", made)
    found = fetch_weights(store, saved)
    assert (saved.artifact, found.line_steps) == ("a.safetensors", 7)
    assert found.architecture == made.architecture
    assert all(torch.equal(found.weights[name], made.weights[name]) for name in made.weights)


def test_what_is_not_stored_leaves_nothing(store: Flaky, monkeypatch: pytest.MonkeyPatch) -> None:
    made = checkpoint()
    broken = Checkpoint(
        made.architecture, {name: x / 0 - x / 0 for name, x in made.weights.items()}, 7
    )
    with pytest.raises(NotStoredError, match="they are not finite"):
        store_weights(store, "a", broken)
    store.full = True
    with pytest.raises(NotStoredError, match=r"the artifact store failed \(OSError: .* No space"):
        store_weights(store, "a", made)
    store.full = False
    monkeypatch.setattr(_store, "_MOST_BYTES", 10)
    with pytest.raises(NotStoredError, match="bytes, more than 10"):
        store_weights(store, "a", made)
    assert not list(store._base_path.iterdir())


def test_a_store_that_is_away(store: Flaky) -> None:
    saved = store_weights(store, "a", checkpoint())
    store.away = True
    with pytest.raises(UnusableWeightsError, match=r"the artifact store failed \(ConnectionErr"):
        fetch_weights(store, saved)
