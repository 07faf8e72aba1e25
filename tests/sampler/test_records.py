"""What is stored in trials: versioned, compressed, checked."""

from __future__ import annotations

import string
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution

from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import _records
from optuna_codeepneat.sampler._assembly import Network
from optuna_codeepneat.sampler._genes import draw
from optuna_codeepneat.sampler._genome import mark
from optuna_codeepneat.sampler._records import Assignment
from optuna_codeepneat.sampler._records import Record
from optuna_codeepneat.sampler._records import pack
from optuna_codeepneat.sampler._records import pack_chunks
from optuna_codeepneat.sampler._records import signature_of
from optuna_codeepneat.sampler._records import unpack
from optuna_codeepneat.sampler._records import unpack_chunks
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.genomes import CONV1D
from tests.sampler.genomes import random_genome


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_pack_and_unpack_are_inverse(value: Any) -> None:
    text = pack(value)
    assert unpack(text, "it") == value
    # No quotes or backslashes, which storages would double.
    assert set(text) <= set(string.printable) - set("\"'\\\n")


def test_packing_is_canonical() -> None:
    assert pack({"a": 1, "b": [2]}) == pack({"b": [2], "a": 1})


def test_newer_format_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(_records, "FORMAT", _records.FORMAT + 1)
        text = pack([1])
    newer = f"the record .* newer version .*format {_records.FORMAT + 1}.* up to {_records.FORMAT}"
    with pytest.raises(StoredStateError, match=newer):
        unpack(text, "the record on trial 3")


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "nonsense",
        "1",
        "1 ",
        "1 !!",
        pack([1, 2, 3])[:-3],
        pack([1])[2:],
        None,
        {"a": 1},
        "é 1",
    ],
)
def test_damaged_text_is_named(damaged: Any) -> None:
    with pytest.raises(StoredStateError, match="the record on trial 3 is damaged"):
        unpack(damaged, "the record on trial 3")


@given(st.integers(0, 200_000), st.integers(0, 2**32))
def test_chunks_are_short_and_come_back(size: int, seed: int) -> None:
    value = np.random.default_rng(seed).integers(0, 10**6, size=size // 10).tolist()
    chunks = pack_chunks("key", value)
    assert all(0 < len(text) <= 60_000 for text in chunks.values())
    assert unpack_chunks("key", {"other": "x", **chunks}, "it") == value
    assert unpack_chunks("other", chunks, "it") is None


def test_lost_chunk_is_damage() -> None:
    chunks = pack_chunks("key", np.random.default_rng(0).random(20_000).tolist())
    assert len(chunks) > 2
    assert max(map(len, chunks.values())) == 60_000  # MySQL's TEXT ends at 65,535 bytes
    del chunks[f"key:{len(chunks) - 1}"]
    with pytest.raises(StoredStateError, match="the state is damaged"):
        unpack_chunks("key", chunks, "the state")


@given(
    st.builds(
        Record,
        number=st.integers(0, 10**6),
        generation=st.integers(0, 10**4),
        parent=st.none() | st.integers(0, 10**6),
        evidence=st.sets(st.integers(0, 300)).map(lambda numbers: tuple(sorted(numbers))),
        digest=st.text("0123456789abcdef", min_size=16, max_size=16),
        root=st.none() | st.just({"seed": 1, "settings": {"a": [1, 2.5]}, "space": "abc"}),
    )
)
def test_record_round_trip(record: Record) -> None:
    assert Record.unpack(record.pack(), record.number) == record


def test_record_stays_short_however_many_trials_it_counts() -> None:
    evidence = tuple(range(0, 100_000)) + tuple(range(100_000, 101_000, 2))
    assert len(Record(0, 1, 0, evidence, "0" * 16).pack()) < 10_000


@given(st.integers(0, 5000), st.booleans())
def test_assignment_round_trip(seed: int, alone: bool) -> None:
    blueprint = random_genome(CONV1D, "hyperparameters" if alone else "blueprint", seed)
    modules = {node.kind: random_genome(CONV1D, "module", seed) for node in blueprint.nodes}
    network = Network(blueprint, modules, "archive", seed)
    assignment = Assignment(7, 3, 5, "" if alone else "ab12", network)
    assert Assignment.unpack(assignment.pack(), 7) == assignment
    assert signature_of(assignment.pack()) == assignment.signature


def test_damaged_assignment_is_named() -> None:
    with pytest.raises(StoredStateError, match="the assignment of trial 12 is damaged"):
        Assignment.unpack("abcd 1 nonsense", 12)


def test_assignment_of_a_huge_network_fits_one_attribute() -> None:
    """26 slots, all in use, 12 layers each with real-valued genes, which compress badly."""
    space = SearchSpace(
        layers={"dense": {}, "dropout": {}},
        input_shape=(8,),
        num_outputs=2,
        n_module_slots=26,
        max_module_nodes=12,
        max_blueprint_nodes=40,
        max_inputs=3,
        hyperparameters={f"x{i}": FloatDistribution(0, 1) for i in range(20)},
    )
    rng = np.random.default_rng(0)

    def largest(name: str, distribution: Any) -> Any:
        if name.endswith("n_nodes"):
            return distribution.high
        if name.endswith("module") and isinstance(distribution, CategoricalDistribution):
            return space.slots[int(name.split(".")[1]) % 26]
        return draw(distribution, rng)

    architecture = space.walk(largest)
    assert len(architecture.modules) == 26
    network = Network(
        mark(architecture.blueprint), {s: mark(m) for s, m in architecture.modules.items()}
    )
    text = Assignment(0, 0, 0, architecture.signature, network).pack()
    assert len(text) <= 60_000
