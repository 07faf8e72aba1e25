"""Where channels come from: pooled, concatenated, taken, and found again."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.alignment._channels import NEW
from optuna_codeepneat.alignment._channels import Channels
from optuna_codeepneat.alignment._channels import Origins
from optuna_codeepneat.alignment._channels import concatenated
from optuna_codeepneat.alignment._channels import lined_up
from optuna_codeepneat.alignment._channels import unknown


def tensors() -> tuple[Origins, Channels, Channels]:
    origins = Origins()
    return origins, origins.output_of("a", 5, (8,)), origins.output_of("b", 3, (8,))


@given(order=st.permutations(range(8)), n_new=st.integers(0, 4))
def test_channels_are_found_wherever_they_are(order: list[int], n_new: int) -> None:
    _, a, b = tensors()
    before = concatenated([a, b])
    now = concatenated([unknown(n_new, (8,)), before.take(np.array(order))])
    indices, complete, same = lined_up(now, before)
    assert indices.tolist() == [NEW] * n_new + order
    assert complete and same


@given(kept=st.sets(st.integers(0, 7), max_size=7))
def test_what_is_missing_is_noticed(kept: set[int]) -> None:
    _, a, b = tensors()
    before = concatenated([a, b])
    indices, complete, same = lined_up(before.take(np.array(sorted(kept), dtype=int)), before)
    assert indices.tolist() == sorted(kept)
    assert not complete and not same


def test_a_channel_that_is_there_twice_counts_once() -> None:
    _, a, _ = tensors()
    indices, complete, same = lined_up(concatenated([a, a]), a)
    assert indices.tolist() == [0, 1, 2, 3, 4, *[NEW] * 5]
    assert complete and same
    # And where it was there twice, it is needed twice.
    assert lined_up(a, concatenated([a, a]))[1] is False


def test_what_is_no_longer_exact_is_there_all_the_same() -> None:
    _, a, _ = tensors()
    assert lined_up(a.roughly(False), a)[1:] == (True, False)
    assert a.roughly(True) is a


def test_pooling_is_a_part_of_the_origin() -> None:
    origins, a, _ = tensors()
    once = origins.pooled(a, (4,))
    assert origins.pooled(a, (8,)) is a
    assert lined_up(once, a)[1] is False
    assert lined_up(origins.pooled(a, (4,)), once)[1:] == (True, True)
    # 8 to 2 by way of 4 is not 8 to 2.
    assert lined_up(origins.pooled(once, (2,)), origins.pooled(a, (2,)))[1] is False


def test_new_channels_have_no_origin() -> None:
    origins, a, b = tensors()
    assert (unknown(3, (8,)).keys == NEW).all()
    taken = a.take(np.array([4, NEW, 0]))
    assert [key == NEW for key in taken.keys.tolist()] == [False, True, False]
    assert taken.exact.tolist() == [True, False, True]
    assert len(unknown(0, ()).take(np.array([NEW, NEW]))) == 2
    assert {origins.operation_of(key) for key in a.keys.tolist()} == {"a"}
    assert {origins.operation_of(key) for key in b.keys.tolist()} == {"b"}
