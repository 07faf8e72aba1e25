"""Signals that take effect only where that does no harm."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from optuna_codeepneat.cli._signals import StopNote
from optuna_codeepneat.cli._signals import StopSignal
from optuna_codeepneat.cli._signals import signals_held_back


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def hit(number: int) -> None:
    # This thread and no other, as signals are held back for one thread.
    signal.pthread_kill(threading.get_ident(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_interrupts_where_it_may(number: int) -> None:
    stop = StopSignal()
    stop.install()
    with pytest.raises(KeyboardInterrupt), stop.interruptible():
        hit(number)


def test_signal_elsewhere_waits_for_the_next_stretch() -> None:
    stop = StopSignal()
    stop.install()
    hit(signal.SIGINT)
    hit(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), stop.interruptible():
        pytest.fail("the stretch began")


def test_signal_held_back_comes_with_install() -> None:
    stop = StopSignal()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    hit(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), stop.interruptible():
        stop.install()


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
    assert signal.getsignal(signal.SIGINT) == before
