"""Why networks fail, where that is kept, and when it is enough."""

from __future__ import annotations

import math
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from optuna_codeepneat._attributes import FAILURE
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._workers._failures import Failures
from optuna_codeepneat.cli._workers._failures import free_memory
from optuna_codeepneat.cli._workers._failures import is_lasting
from optuna_codeepneat.cli._workers._failures import objection
from optuna_codeepneat.cli._workers._failures import reason_of
from optuna_codeepneat.cli._workers._failures import tell_failed


def test_reason_is_one_line() -> None:
    assert reason_of(RuntimeError("the lab is\non fire")) == "RuntimeError: the lab is on fire"
    assert reason_of(MemoryError()) == "out of memory: MemoryError"


def test_full_gpu_is_told_from_a_broken_one() -> None:
    torch = pytest.importorskip("torch")
    full = torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")
    assert reason_of(full).startswith("out of memory: OutOfMemoryError: CUDA out of memory.")
    assert not is_lasting(full)
    assert is_lasting(RuntimeError("CUDA error: an illegal memory access was encountered"))
    assert not is_lasting(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    free_memory()  # does nothing where there is no GPU


def test_full_memory_of_a_cpu() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**55)
    assert reason_of(caught.value).startswith("out of memory: RuntimeError")


@pytest.mark.parametrize("values", [(0.5, 1.0), [1, 2], (math.inf, False)])
def test_what_is_a_result(values: Any) -> None:
    study = optuna.create_study(directions=["minimize"] * 2)
    assert objection(values, 2) is None
    study.tell(study.ask(), values)


@pytest.mark.parametrize(
    "values",
    [(0.5,), (math.nan, 1.0), None, "no", 0.5, ("a", "b"), (None, 1), ("0.5", 3), {1: 2, 3: 4}],
)
def test_what_is_no_result(values: Any) -> None:
    assert objection(values, 2) == f"the objective returned {values!r}"


def test_trial_of_a_lost_process_is_told() -> None:
    study = optuna.create_study()
    study.ask()
    tell_failed(study, 0, "a worker process was killed")
    assert study.trials[0].state == TrialState.FAIL
    assert study.trials[0].user_attrs == {FAILURE: "a worker process was killed"}
    tell_failed(study, 0, "again")  # has ended, so it stays as it is
    study.tell(study.ask(), 1.0)
    tell_failed(study, 1, "too late")
    assert study.trials[0].user_attrs == {FAILURE: "a worker process was killed"}
    assert study.trials[1].state == TrialState.COMPLETE


def test_ten_failures_before_a_success_are_enough() -> None:
    failures = Failures()
    for i in range(9):
        failures.add(f"reason {i}")
    with pytest.raises(CommandError, match="after 10 failures in a row, .* of 10 with reason 0"):
        failures.add("reason 9")


def test_many_failures_between_successes_are_no_end() -> None:
    failures = Failures()
    assert not failures
    for _ in range(20):
        failures.succeed()
        for _ in range(9):
            failures.add("bad luck")
    assert len(failures) == 180
    assert str(failures) == "180 networks failed, the first with bad luck"
    with pytest.raises(CommandError, match="after 50 failures in a row"):
        for _ in range(50):
            failures.add("worse luck")
