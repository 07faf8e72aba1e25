"""Signals that take effect only where that does no harm."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from optuna_codeepneat.cli._signals import WORKER_SIGNAL
from optuna_codeepneat.cli._signals import StopNote
from optuna_codeepneat.cli._signals import StopSignal
from optuna_codeepneat.cli._signals import signals_held_back


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, WORKER_SIGNAL)
    before = {number: signal.getsignal(number) for number in numbers}
    # As in a terminal: what is started in the background ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def hit(number: int) -> None:
    # This thread and no other, as signals are held back for one thread.
    signal.pthread_kill(threading.get_ident(), number)


def test_signal_interrupts_where_it_may() -> None:
    stop = StopSignal()
    stop.install()
    with pytest.raises(KeyboardInterrupt), stop.interruptible():
        hit(WORKER_SIGNAL)


def test_signal_elsewhere_waits_for_the_next_stretch() -> None:
    stop = StopSignal()
    stop.install()
    hit(WORKER_SIGNAL)
    hit(WORKER_SIGNAL)
    with pytest.raises(KeyboardInterrupt), stop.interruptible():
        pytest.fail("the stretch began")


def test_signal_held_back_comes_with_install() -> None:
    stop = StopSignal()
    signal.pthread_sigmask(signal.SIG_BLOCK, [WORKER_SIGNAL])
    hit(WORKER_SIGNAL)
    with pytest.raises(KeyboardInterrupt), stop.interruptible():
        stop.install()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_a_whole_group_gets_is_left_to_the_parent(number: int) -> None:
    stop = StopSignal()
    stop.install()
    with stop.interruptible():
        hit(number)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_what_a_worker_forks_can_be_ended() -> None:
    StopSignal().install()
    context = multiprocessing.get_context("fork")
    is_up = context.Event()
    forked = context.Process(target=lambda: (is_up.set(), time.sleep(60)))
    forked.start()
    assert is_up.wait(10)
    assert forked.pid is not None
    os.kill(forked.pid, signal.SIGTERM)
    forked.join(10)
    assert forked.exitcode == -signal.SIGTERM


def test_nothing_is_lost_while_signals_are_held_back() -> None:
    with StopNote() as note:
        with signals_held_back():
            hit(signal.SIGTERM)
            assert note.number is None
        assert note.number == signal.SIGTERM


def test_note_keeps_the_first_signal_and_gives_handlers_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with StopNote() as note:
        hit(signal.SIGTERM)
        hit(signal.SIGINT)
    assert note.number == signal.SIGTERM
    assert not note.insisted  # one request may come as several signals
    assert signal.getsignal(signal.SIGINT) == before


def test_a_later_signal_insists(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with StopNote() as note:
        hit(signal.SIGTERM)
        now += 5.0
        hit(signal.SIGINT)
        assert (note.number, note.insisted) == (signal.SIGTERM, True)
        with pytest.raises(KeyboardInterrupt):  # and a third is as ever
            hit(signal.SIGINT)
