"""What a terminal shows of a search, to the last column and row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import optuna
import pytest
from optuna.trial import create_trial
from rich.console import Console

from optuna_codeepneat.cli._terminal._display import Display
from optuna_codeepneat.cli._terminal._display import lines_of
from optuna_codeepneat.cli._terminal._front import Front
from optuna_codeepneat.cli._terminal._front_view import FrontView
from optuna_codeepneat.cli._terminal._snapshot import Snapshot
from optuna_codeepneat.search_space import SearchSpace
from tests.cli.screen import Screen


SPACE = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
NAMES = ["accuracy", "num_params", "latency", "macs", "depth"]
SNAPSHOT = Snapshot(
    done=57,
    total=150,
    per_minute=34.125,
    seconds_left=242.6,
    own=40,
    workers=(3, 4),
    elsewhere=12,
    failed=3,
    pruned=1,
    steps=123_456,
    front=13,
    best="95.1 % with 2,014 parameters",
)


class Clock:
    """A time that passes when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A terminal that remembers how often it was written to and what it shows."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self.screen = Screen(width)
        self.n_writes = 0
        self.console = Console(file=self, force_terminal=True, width=width, height=height)

    def write(self, text: str) -> int:
        self.n_writes += 1
        self.screen.write(text)
        return super().write(text)

    def narrow(self, width: int) -> None:
        self.screen.narrow(width)
        self.console.width = width


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    yield clock


def growing(n: int, *, several: bool = True) -> tuple[Front, FrontView]:
    """A front of so many members, and the view of it."""
    directions = ["maximize", "minimize", "minimize", "minimize", "minimize"]
    study = optuna.create_study(directions=directions if several else ["maximize"])
    front = Front(study.directions)
    view = FrontView(front, NAMES if several else NAMES[:1], SPACE)
    for number in range(n):
        front.add(member(number, several=several))
    return front, view


def member(number: int, *, several: bool = True) -> optuna.trial.FrozenTrial:
    values = [0.5 + number / 1000, 1e5 + number, 0.01 + number / 1000, 1e9 + number, 7.0]
    trial = create_trial(values=values if several else values[:1])
    trial.number = number
    return trial


def plain(snapshot: Snapshot, width: int, height: int) -> list[str]:
    console = Console(file=io.StringIO(), force_terminal=True, width=width, height=height)
    return [line.plain for line in lines_of(snapshot, console)]


def test_bar_facts_and_front() -> None:
    front, view = growing(13)
    assert plain(replace(SNAPSHOT, view=view), 80, 24) == [
        "━━━━━━━╸━━━━━━━━━━━━ 57/150 networks, 34.1/min, 4:03 left, 40 by this command,",
        "                     3 of 4 workers, 12 elsewhere, 3 failed, 1 pruned,",
        "                     123,456 steps",
        "",
        "Pareto front, 13 networks",
        "trial  accuracy   latency           macs  depth  parameters",
        *(
            f"   {n:>2}    {50 + n / 10} %  {10 + n}.00 ms  1,000,000,{n:03}      7           -"
            for n in (12, 11, 10, 9, 7, 5, 3, 0)
        ),
        "and 5 more",
    ]


def test_best_networks_of_one_objective() -> None:
    front, view = growing(10, several=False)
    lines = plain(replace(SNAPSHOT, front=None, view=view), 80, 24)
    assert lines[4:7] == [
        "Best networks",
        "trial  accuracy  parameters",
        "    9    50.9 %           -",
    ]
    assert len(lines) == 14


@pytest.mark.parametrize("several", [True, False])
@pytest.mark.parametrize("n", [0, 1, 8, 200])
@pytest.mark.parametrize(
    ("width", "height"),
    [(200, 60), (120, 40), (80, 24), (80, 14), (60, 12), (60, 10), (40, 13), (24, 8), (12, 4)],
)
def test_terminal_is_large_enough(several: bool, n: int, width: int, height: int) -> None:
    front, view = growing(n, several=several)
    lines = plain(replace(SNAPSHOT, view=view), width, height)
    assert max(map(len, lines)) <= width - 2  # a ^C has room
    assert len(lines) < height
    assert "57/150 net" in lines[0]
    has_table = any(line.startswith("trial") for line in lines)
    if n == 0 or height < 12:
        assert not has_table
        assert width < 60 or "best" in " ".join(lines)
    elif width >= 60:
        assert has_table


def test_columns_without_room_are_left_out() -> None:
    front, view = growing(3)
    snapshot = Snapshot(done=3, total=9, view=view)
    assert plain(snapshot, 60, 24)[3].split()[2:] == ["latency", "macs", "parameters"]
    assert plain(snapshot, 50, 24)[3].split()[2:] == ["latency", "parameters"]
    assert plain(snapshot, 35, 24)[3].split() == ["trial", "accuracy", "parameters"]
    assert plain(snapshot, 20, 24)[3].split()[:2] == ["trial", "parameters"]


def test_newcomers_are_bold_for_a_while(clock: Clock) -> None:
    front, view = growing(1)
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=24)
    snapshot = Snapshot(done=3, total=9, view=view)

    def bold() -> list[str]:
        lines = lines_of(snapshot, console)[4:]
        return [line.plain.split()[0] for line in lines if line.style == "bold"]

    assert bold() == ["0"]
    clock.now += 10.0
    front.add(member(1))
    assert bold() == ["1", "0"]
    clock.now += 10.0
    assert bold() == ["1"]
    clock.now += 10.0
    assert bold() == []


def test_nothing_is_left_but_what_shall_stay(clock: Clock) -> None:
    front, view = growing(20)
    terminal = Terminal(80, 24)
    with Display(terminal.console) as display:
        assert not terminal.screen.cursor_is_shown
        for done in range(30):
            clock.now += 1.0
            front.add(member(20 + done))
            snapshot = Snapshot(done=done, total=30, view=view, seconds=60.0 if done % 3 else None)
            display.update(snapshot)
            assert f"{done}/30 networks" in terminal.screen.text
            assert terminal.screen.text.endswith(f"and {13 + done} more")
            if done in (10, 20):
                display.note(f"Something happened: {done}.")
        assert terminal.screen.text.count("Pareto front") == 1
        display.finish(Snapshot(done=30, total=30))
        display.update(Snapshot(done=0, total=1, noun="networks trained finally"))
    assert terminal.screen.text.splitlines() == [
        "Something happened: 10.",
        "Something happened: 20.",
        "30/30 networks",
    ]
    assert terminal.screen.cursor_is_shown
    assert terminal.screen.widest <= 78


def test_last_line_breaks_between_words(clock: Clock) -> None:
    terminal = Terminal(54, 24)
    with Display(terminal.console) as display:
        display.finish(SNAPSHOT)
        display.note("Report: " + "a/very/long/path/" * 4)
    lines = terminal.screen.text.splitlines()
    assert lines[:4] == [
        "57/150 networks, 34.1/min, 4:03 left, 40 by this",
        "command, 3 of 4 workers, 12 elsewhere, 3 failed, 1",
        "pruned, 123,456 steps, front 13, best 95.1 % with",
        "2,014 parameters",
    ]
    assert "".join(lines[4:]) == "Report:" + "a/very/long/path/" * 4


def test_notes_are_not_obeyed(clock: Clock) -> None:
    terminal = Terminal(80, 24)
    with Display(terminal.console) as display:
        display.note("gone \x1b[2J\x1b]0;title\x07 [bold]and[/bold]\nbelow")
    assert terminal.screen.text.splitlines() == [
        r"gone \x1b[2J\x1b]0;title\x07 [bold]and[/bold]",
        "below",
    ]


def test_error_leaves_nothing(clock: Clock) -> None:
    terminal = Terminal(80, 24)
    with pytest.raises(KeyboardInterrupt), Display(terminal.console) as display:
        clock.now += 1.0
        display.update(replace(SNAPSHOT, view=growing(20)[1]))
        raise KeyboardInterrupt
    assert terminal.screen.text == ""
    assert terminal.screen.cursor_is_shown


def test_narrower_terminal_is_not_garbled(clock: Clock) -> None:
    front, view = growing(20)
    terminal = Terminal(120, 40)
    terminal.console.print("$ optuna-codeepneat search mnist1d")
    with Display(terminal.console) as display:
        clock.now += 1.0
        for width in (120, 70, 40, 25):
            terminal.narrow(width)
            clock.now += 0.01
            display.update(replace(SNAPSHOT, view=view))
            assert terminal.screen.text.count("57/150") == 1
            assert terminal.screen.text.count("trial") == 1
        terminal.narrow(18)
        display.note("It goes on.")
        terminal.narrow(15)
    shown = terminal.screen.text.replace("\n", "")
    assert shown == "$ optuna-codeepneat search mnist1dIt goes on."


def test_draws_only_what_is_new(clock: Clock) -> None:
    terminal = Terminal(80, 24)
    with Display(terminal.console) as display:

        def writes(snapshot: Snapshot, seconds: float) -> int:
            before, clock.now = terminal.n_writes, clock.now + seconds
            display.update(snapshot)
            return terminal.n_writes - before

        assert writes(SNAPSHOT, 1.0) == 1  # all at once, so that nothing flickers
        assert writes(SNAPSHOT, 5.0) == 0
        later = replace(SNAPSHOT, seconds_left=230.0)
        assert writes(later, 0.9) == 0
        assert writes(later, 0.2) == 1
        assert writes(replace(later, done=58), 0.1) == 0
        assert writes(replace(later, done=58), 0.2) == 1


@pytest.mark.parametrize("is_coloured", [True, False])
def test_colours_may_be_off(monkeypatch: pytest.MonkeyPatch, is_coloured: bool) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not is_coloured:
        monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal(80, 24)
    line = lines_of(SNAPSHOT, terminal.console)[0]
    assert line.plain.count("━") == (19 if is_coloured else 7)  # what is missing has its colour
    terminal.console.print(line)
    assert ("\x1b[" in terminal.getvalue()) == is_coloured
