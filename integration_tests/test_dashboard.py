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

CONSTRAINED = '''
"""A problem whose networks may not be large, and of which one fails."""

from dataclasses import replace

from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.training import Recipe


class Bounded(Problem):
    def objective(self, trial, **kwargs):
        values = super().objective(trial, **kwargs)
        trial.set_constraint("size", values[1] / 1500 - 1)
        if trial.number == 3:
            raise RuntimeError("out of luck")
        return values


mnist1d = get_problem("mnist1d")
bounded = Bounded(
    name="bounded",
    title="Small networks on MNIST-1D",
    make_space=mnist1d.make_space,
    load_splits=mnist1d.load_splits,
    objectives=mnist1d.objectives,
    search_recipe=Recipe(steps=5),
)
'''


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """A study of mnist1d that was searched by two workers."""
    command = Command(tmp_path_factory.mktemp("search"))
    (command.folder / "bounded_problem.py").write_text(CONSTRAINED)
    options = ("--trials", "8", "--workers", "2", "--final", "0", "--seed", "1")
    names = ("--storage", "sqlite:///study.db", "--study-name", "bounded")
    status, _, err = command.run("search", "bounded_problem:bounded", *options, *names)
    assert status == 0, err
    assert len(list((command.folder / "bounded_problem-bounded-artifacts").iterdir())) == 9
    return command


@contextmanager
def serving(process: subprocess.Popen[str], url: str | None = None) -> Iterator[str]:
    """The address that a dashboard is at."""
    try:
        if url is None:
            assert process.stdout is not None
            url = process.stdout.readline().strip().partition("/dashboard")[0]
        yield url
    finally:
        process.send_signal(signal.SIGINT)
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
        assert re.search(r"network [A-C]", text_of(tab))

        storage = f"sqlite:///{command.folder}/study.db"
        study = optuna.load_study(study_name="bounded", storage=storage)
        violating = [t.number for t in study.trials if "violated" in t.user_attrs]
        assert violating
        assert best not in violating
        assert "violated size by" in trial_page(tab, url, violating[0])
        assert "failure RuntimeError: out of luck" in trial_page(tab, url, 3)
        assert not tab.complaints
    assert process.returncode == 130


def test_optuna_dashboard_itself(command: Command) -> None:
    """The search has left its figures, its note and its diagrams for Optuna's own command."""
    place, port = command.folder / "bounded_problem-bounded-artifacts", free_port()
    process = subprocess.Popen(
        [Path(sys.executable).with_name("optuna-dashboard"), "sqlite:///study.db"]
        + ["--artifact-dir", str(place), "--port", str(port)],
        cwd=command.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    until(lambda: listens(port), "the dashboard")
    with serving(process, f"http://localhost:{port}") as url, open_tab() as tab:
        tab.open(f"{url}/dashboard/studies/1")
        until(lambda: "Pareto front:" in text_of(tab), "the figures")
        tab.open(f"{url}/dashboard/studies/1/note")
        until(lambda: "Written by optuna-codeepneat" in text_of(tab), "the note")
        trial_page(tab, url, 0)
        assert not tab.complaints


def test_dashboard_of_mnist1d(mnist1d_search: Path) -> None:
    process = Command(mnist1d_search).start("dashboard", "mnist1d", "--port", "0")
    with serving(process) as url, open_tab() as tab:
        tab.open(f"{url}/dashboard/studies/1")
        until(lambda: "Pareto front:" in text_of(tab), "the figures")
        assert "of 12 networks" in text_of(tab)
        for number in (0, 11):
            assert "num_params" in trial_page(tab, url, number)
        assert not tab.complaints
