"""Optuna Dashboard in a real browser: what a search leaves there for people to look at."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import optuna
import pytest

from integration_tests.browser import Tab
from integration_tests.browser import needs_browser
from integration_tests.browser import open_tab
from integration_tests.command import Command
from integration_tests.command import until
from integration_tests.servers import free_port
from integration_tests.servers import listens


pytestmark = needs_browser


@pytest.fixture
def command(short_search: Path) -> Command:
    """The command where a search has ended, which left a diagram of each network."""
    names = [path.name for path in (short_search / "bounded-artifacts").iterdir()]
    kept = [name for name in names if not name.startswith("final-")]  # weights
    assert len(kept) == 14 and ".codeepneat" in kept  # which marks it as a folder of searches
    return Command(short_search)


@contextmanager
def serving(
    process: subprocess.Popen[str], url: str | None = None, end: signal.Signals = signal.SIGINT
) -> Iterator[str]:
    """The address that a dashboard is at, which gets a signal in the end."""
    try:
        if url is None:
            assert process.stdout is not None
            url = process.stdout.readline().strip().partition("/dashboard")[0]
        yield url
    finally:
        process.send_signal(end)
        process.communicate(timeout=30)


def text_of(tab: Tab) -> str:
    return tab.page.inner_text("body")


def widths(tab: Tab) -> list[int]:
    """The widths of the artifacts that are shown as images, 0 for one that didn't load."""
    script = "images => images.map(image => image.complete ? image.naturalWidth : 0)"
    found: list[int] = tab.page.eval_on_selector_all("img[src*='/artifacts/']", script)
    return found


def trial_page(tab: Tab, url: str, number: int) -> str:
    tab.open(f"{url}/dashboard/studies/1/trials?numbers={number}")
    until(lambda: bool(widths(tab)) and all(widths(tab)), f"the diagram of trial {number}")
    return text_of(tab)


def test_dashboard_of_a_search(command: Command) -> None:
    url = ("--storage", "sqlite:///study.db", "--port", "0")
    process = command.start("dashboard", *url)
    with serving(process) as url, open_tab() as tab:
        page = tab.open(f"{url}/dashboard/studies/1")
        until(lambda: "Pareto front:" in text_of(tab), "the figures")
        ours = page.locator(
            "[id='user-defined-plot:codeepneat-pareto-front'] .scatterlayer .trace"
        )
        until(lambda: ours.count() > 0, "our front")
        theirs = page.locator("#graph-pareto-front .scatterlayer .trace")
        until(lambda: theirs.count() > 0, "the dashboard's front")
        shown = text_of(tab)
        for title in ("Best networks", "Species over generations", "violates a constraint"):
            assert title in shown

        page = tab.open(f"{url}/dashboard/studies/1/note")
        until(lambda: page.locator("table").count() == 1, "the note")
        assert "Networks for the problem bounded_problem:bounded" in text_of(tab)
        links = page.locator("table a")
        assert links.count() > 0
        links.first.click()
        page.wait_for_url("**/trials?numbers=*")
        best = int(page.url.rpartition("=")[2])
        # In full in its note, and in its card.
        until(lambda: len([width for width in widths(tab) if width]) == 2, "the diagram")
        assert re.search(r"network \d+ layers?: ", text_of(tab))

        storage = f"sqlite:///{command.folder}/study.db"
        study = optuna.load_study(study_name="bounded", storage=storage)
        violating = [t.number for t in study.trials if "violated" in t.user_attrs]
        assert violating
        assert best not in violating
        assert "violated size by" in trial_page(tab, url, violating[0])
        assert "failure RuntimeError: out of luck" in trial_page(tab, url, 3)
        assert not tab.complaints
    assert process.returncode == 130


@pytest.mark.long
def test_optuna_dashboard_itself(command: Command) -> None:
    """The search has left its figures, its note and its diagrams for Optuna's own command."""
    place, port = command.folder / "bounded-artifacts", free_port()
    process = subprocess.Popen(
        [Path(sys.executable).with_name("optuna-dashboard"), "sqlite:///study.db"]
        + ["--artifact-dir", str(place), "--port", str(port)],
        cwd=command.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    until(lambda: listens(port), "the dashboard")
    # How Optuna's command ends is not ours; an interrupt may pass it by while it answers.
    own = f"http://localhost:{port}"
    with serving(process, own, signal.SIGKILL) as url, open_tab() as tab:
        tab.open(f"{url}/dashboard/studies/1")
        until(lambda: "Pareto front:" in text_of(tab), "the figures")
        tab.open(f"{url}/dashboard/studies/1/note")
        until(lambda: "Written by optuna-codeepneat" in text_of(tab), "the note")
        trial_page(tab, url, 0)
        assert not tab.complaints
