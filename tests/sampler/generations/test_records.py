"""What is stored in trials: versioned, compressed, checked."""

from __future__ import annotations

import base64
import string
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution

from optuna_codeepneat.exceptions import DamagedStateError
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._generations import _records
from optuna_codeepneat.sampler._generations._records import ASSIGNMENT
from optuna_codeepneat.sampler._generations._records import Assignment
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._records import from_pieces
from optuna_codeepneat.sampler._generations._records import in_pieces
from optuna_codeepneat.sampler._generations._records import pack
from optuna_codeepneat.sampler._generations._records import unpack
from optuna_codeepneat.sampler._genetics import Origin
from optuna_codeepneat.sampler._genetics import TrialNumber
from optuna_codeepneat.sampler._genetics._genes import draw
from optuna_codeepneat.sampler._genetics._genome import with_innovation_ids
from optuna_codeepneat.sampler._genetics._network_genome import NetworkGenome
from optuna_codeepneat.search_space import SearchSpace
from tests.sampler.genomes import CONV1D
from tests.sampler.genomes import assigned_text
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
    # No quotes or backslashes, which storages would double; no spaces, which separate fields.
    assert set(text) <= set(string.printable) - set("\"'\\\n ")


def test_packing_is_canonical() -> None:
    assert pack({"a": 1, "b": [2]}) == pack({"b": [2], "a": 1})


def test_newer_format_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(_records, "FORMAT", _records.FORMAT + 1)
        text = RECORD_0.pack()
    newer = f"the generation record on trial 3 .* newer version .*format {_records.FORMAT + 1}"
    with pytest.raises(StoredStateError, match=f"{newer}.* up to {_records.FORMAT}"):
        Record.unpack(text, 3, 4)


def _packed(head: Any) -> str:
    return f"1 abc {pack(head)} {pack({})}"


BOMB = base64.b64encode(zlib.compress(b" " * 2**28)).decode()
DEEP = base64.b64encode(zlib.compress(b"[" * 10**6)).decode()
RECORD_0 = Record(0, 0, None, (), "abc", pack({"a": 1}), {"seed": 1})


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "nonsense",
        "1",
        "1 ",
        "1 a b c",
        _packed([3, 0, None, [[0, 10**12]], {}]),
        _packed([3, 0, None, [[0, 3]] * 10**5, {}]),
        _packed([3, 10**12, None, [], {}]),
        _packed([3, True, None, [], {}]),
        _packed([3, -1, None, [], {}]),
        _packed([3, 0, None, [[1]], {}]),
        _packed([3, 0, None, 5, {}]),
        _packed([3, 0, None, [], None]),
        _packed([3, 0, 2, [], {}]),
        _packed({"number": 3}),
        f"1 abc {BOMB} {BOMB}",
        f"1 abc {DEEP} {DEEP}",
        RECORD_0.pack()[2:],
        RECORD_0.pack().replace("abc ", "abc x"),
        RECORD_0.pack() + " more",
        None,
        {"a": 1},
        "é 1",
    ],
)
def test_damaged_record_is_named(damaged: Any) -> None:
    with pytest.raises(DamagedStateError, match="the generation record on trial 3 is damaged"):
        Record.unpack(damaged, 3, 4)


def test_damaged_state_is_named_when_it_is_read() -> None:
    record = Record.unpack(RECORD_0.pack()[:-3], 0, 1)
    assert record.evidence == ()
    with pytest.raises(DamagedStateError, match="the state stored on trial 0 is damaged"):
        _ = record.state
    assert RECORD_0.state == {"a": 1}


@given(st.integers(1, 200_000))
def test_pieces_are_short_and_come_back(length: int) -> None:
    text = "x" * (length - 1) + "y"
    pieces = in_pieces("key", text)
    assert all(0 < len(piece) <= 60_000 for piece in pieces.values())  # MySQL's TEXT: 65,535
    assert list(pieces)[-1] == "key"  # written last
    assert from_pieces("key", {"other": "x", **pieces}) == text
    # A retried trial may carry the pieces of a longer text from before.
    stale = {f"key:{i}": "z" * 60_000 for i in range(1, 9)}
    assert from_pieces("key", stale | pieces) == text


def test_lost_piece_is_damage() -> None:
    state = np.random.default_rng(0).random(20_000).tolist()
    pieces = in_pieces("key", replace(RECORD_0, packed=pack(state)).pack())
    assert len(pieces) > 2
    del pieces[f"key:{len(pieces) - 1}"]
    with pytest.raises(DamagedStateError, match="the state stored on trial 0 is damaged"):
        _ = Record.unpack(from_pieces("key", pieces), 0, 1).state


@given(
    st.builds(
        Record,
        number=st.integers(0, 10**6),
        generation=st.integers(0, 10**4),
        parent=st.integers(0, 10**6),
        evidence=st.lists(st.integers(0, 300), unique=True).map(tuple),
        digest=st.text("0123456789abcdef", min_size=16, max_size=16),
        packed=JSON.map(pack),
        root=st.just({"seed": 1, "settings": {"a": [1, 2.5]}, "space": "abc"}),
    ),
    st.booleans(),
)
def test_record_round_trip(record: Record, first: bool) -> None:
    record = replace(record, parent=None) if first else replace(record, root=None)
    assert Record.unpack(record.pack(), record.number, 10**6 + 1) == record


def test_record_stays_short_however_many_trials_it_counts() -> None:
    evidence = tuple(range(0, 100_000)) + tuple(range(100_000, 101_000, 2))
    assert len(Record(0, 1, 0, evidence, "0" * 16, "").pack()) < 10_000


@given(st.integers(0, 5000), st.booleans())
def test_assignment_round_trip(seed: int, alone: bool) -> None:
    blueprint = random_genome(CONV1D, "hyperparameters" if alone else "blueprint", seed)
    modules = {node.kind: random_genome(CONV1D, "module", seed) for node in blueprint.nodes}
    network = NetworkGenome(blueprint, modules)
    origin = Origin("archive", TrialNumber(seed), TrialNumber(seed + 1), "exact")
    hashes = ("", "cd34", "") if alone else ("ab12", "cd34", "ef56")
    assignment = Assignment(7, 3, 1, 5, *hashes, pack({**network.to_json(), **origin.to_json()}))
    again = Assignment.unpack(assignment.pack(), 7)
    assert again == assignment
    assert (again.network, again.origin) == (network, origin)


@pytest.mark.parametrize("text", ["abcd 1 nonsense", "1 7 3 x 5 - - - abc", "1 7 3 1 5 - - abc"])
def test_damaged_assignment_is_named(text: str) -> None:
    with pytest.raises(DamagedStateError, match="the assignment of trial 12 is damaged"):
        Assignment.unpack(text, 12)


@pytest.mark.parametrize("packed", ["", "nonsense", pack([]), pack({"blueprint": {}})])
def test_damaged_network_is_named_when_it_is_read(packed: str) -> None:
    assignment = Assignment.unpack(f"1 12 3 1 5 - - - {packed}", 12)
    with pytest.raises(DamagedStateError, match="the assignment of trial 12 is damaged"):
        _ = assignment.network


def test_assignment_of_a_huge_network_fits_into_attributes() -> None:
    """26 slots, all in use, 12 layers each with real-valued genes, which compress badly."""
    space = SearchSpace(
        layers={"dense": {}, "dropout": {}},
        input_shape=(8,),
        num_outputs=2,
        n_module_slots=26,
        max_module_nodes=12,
        max_blueprint_nodes=40,
        max_inputs=2,
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
    blueprint = with_innovation_ids(architecture.blueprint)
    blueprint = replace(blueprint, genes=blueprint.genes | architecture.hyperparameters)
    network = NetworkGenome(
        blueprint, {s: with_innovation_ids(m) for s, m in architecture.modules.items()}
    )
    text = assigned_text(network, space)
    pieces = in_pieces(ASSIGNMENT, text)
    assert max(map(len, pieces.values())) <= 60_000
    assert Assignment.unpack(from_pieces(ASSIGNMENT, pieces), 0).network == network
