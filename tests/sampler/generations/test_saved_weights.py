"""What a trial says of its network's weights."""

from __future__ import annotations

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.exceptions import DamagedStateError
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._generations import _records
from optuna_codeepneat.sampler._generations._saved_weights import WEIGHTS
from optuna_codeepneat.sampler._generations._saved_weights import SavedWeights
from optuna_codeepneat.sampler._generations._saved_weights import saved_weights


SAVED = SavedWeights("weights-study-3-00ff.safetensors", "0123456789abcdef" * 4, 4_096, 620)


@given(
    artifact=st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,80}", fullmatch=True),
    sha256=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    size=st.integers(0, 10**15),
    line_steps=st.integers(0, 10**15),
)
def test_pack_and_unpack_are_inverse(
    artifact: str, sha256: str, size: int, line_steps: int
) -> None:
    saved = SavedWeights(artifact, sha256, size, line_steps)
    assert SavedWeights.unpack(saved.pack(), 3) == saved


def test_the_text_is_what_it_was() -> None:
    """Studies hold it for ever."""
    text = f"1 weights-study-3-00ff.safetensors {'0123456789abcdef' * 4} 4096 620"
    assert SAVED.pack() == text
    assert SavedWeights.unpack(text, 3) == SAVED


def test_newer_format_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    text = SAVED.pack().replace("1 ", f"{_records.FORMAT + 1} ", 1)
    with pytest.raises(StoredStateError, match="what trial 3 says of its weights .* newer"):
        SavedWeights.unpack(text, 3)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("weights-study-3", "../weights"),
        ("weights-study-3", "/etc/weights"),
        ("weights-study-3", ".."),
        ("0123", "012"),
        ("0123", "ABCD"),
        (" 4096", " 4,096"),
        (" 4096", " -4096"),
        (" 620", ""),
        (" 620", " 620 0"),
        ("1 ", ""),
    ],
)
def test_what_is_damaged_is_refused(old: str, new: str) -> None:
    text = SAVED.pack().replace(old, new, 1)
    assert text != SAVED.pack()
    with pytest.raises(DamagedStateError, match="what trial 3 says of its weights is damaged"):
        SavedWeights.unpack(text, 3)


def test_most_trials_say_nothing() -> None:
    trial = optuna.trial.create_trial(value=1.0)
    assert saved_weights(trial) is None
    trial = optuna.trial.create_trial(value=1.0, system_attrs={WEIGHTS: SAVED.pack()})
    assert saved_weights(trial) == SAVED
