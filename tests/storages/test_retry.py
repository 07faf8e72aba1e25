"""How long is waited, and what is said."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable

import pytest

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import _retry
from optuna_codeepneat.storages._retry import Patience


def away(times: int, error: type[Exception] = ConnectionError) -> Callable[[], str]:
    """What fails some times and then doesn't."""
    left = iter(range(times))

    def action() -> str:
        if next(left, None) is not None:
            raise error("gone")
        return "done"

    return action


def said(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in log.records]


def test_one_failure_is_repeated_silently(log: pytest.LogCaptureFixture) -> None:
    start = time.monotonic()
    assert Patience(5).call(away(1)) == "done"
    assert time.monotonic() - start < 1
    assert said(log) == []


def test_failure_that_took_its_time_is_no_secret(
    log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a call that waited for a lock."""
    monkeypatch.setattr(_retry, "_SILENT_SECONDS", 0.05)

    def slow() -> str:
        time.sleep(0.06)
        return action()

    action = away(1)
    assert Patience(5).call(slow) == "done"
    assert ["can't be used" in line for line in said(log)] == [True, False]


def test_an_outage_is_told_once_and_so_is_its_end(log: pytest.LogCaptureFixture) -> None:
    patience = Patience(5)
    assert patience.call(away(3)) == "done"
    assert patience.call(away(0)) == "done"
    first, last = said(log)
    assert first == "The storage can't be used now: gone. Trying again for 5 seconds."
    assert last.startswith("The storage is back after 0.")


def test_threads_tell_an_outage_once(log: pytest.LogCaptureFixture) -> None:
    patience = Patience(5)
    threads = [threading.Thread(target=patience.call, args=(away(4),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("can't be used" in line for line in said(log)) == 1
    assert sum("is back" in line for line in said(log)) == 1


def test_gives_up_with_one_error() -> None:
    start = time.monotonic()
    with pytest.raises(StorageError, match="has been away for 0.3 seconds: gone") as caught:
        Patience(0.3).call(away(10**6))
    assert 0.3 <= time.monotonic() - start < 2
    assert isinstance(caught.value.__cause__, ConnectionError)


@pytest.mark.parametrize("times", [0, 1])
def test_none_gives_up_at_once(times: int) -> None:
    if times:
        with pytest.raises(StorageError):
            Patience(0).call(away(1))
    else:
        assert Patience(0).call(away(0)) == "done"


def test_other_errors_come_at_once() -> None:
    action = away(1, KeyError)
    with pytest.raises(KeyError):
        Patience(5).call(action)
    assert action() == "done"


def test_does_something_else_at_every_further_attempt() -> None:
    again = away(2)
    assert Patience(5).call(away(1), lambda: f"{again()} again") == "done again"


def test_pickles() -> None:
    assert pickle.loads(pickle.dumps(Patience(7))).seconds == 7
