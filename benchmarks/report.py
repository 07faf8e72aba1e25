"""How long the report of a study takes, and how large it is.

The studies are searched by a formula in place of training, on the space of one-dimensional
convolutions: CoDeepNEAT for two objectives, and random search for five, whose front is large.
Where Chromium and Playwright are installed, a browser opens each report, opens its first network
and sorts its table.

Usage: python benchmarks/report.py --trials 100 1000 5000
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
import time
import warnings
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import optuna

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import SearchSpace
from optuna_codeepneat.visualization import write_report


SPACE = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
OBJECTIVES = ("accuracy", "num_params", "macs", "depth", "latency")

OPENED = """async () => {
    const begin = performance.now();
    document.querySelector(".open").click();
    while (!document.querySelector(".network")) await new Promise((go) => setTimeout(go, 1));
    document.body.offsetHeight;
    return performance.now() - begin;
}"""
SORTED = """() => {
    const begin = performance.now();
    document.querySelectorAll("#networks thead button")[2].click();
    document.body.offsetHeight;
    return performance.now() - begin;
}"""


def searched(n_trials: int, n_objectives: int) -> optuna.Study:
    """A study whose objectives are formulas."""

    def objective(trial: optuna.Trial) -> tuple[float, ...]:
        network = SPACE.suggest(trial)
        rate = trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True)
        size = 1 - math.exp(-network.num_params / 3000)
        accuracy = 0.3 + 0.5 * size + 0.15 * math.tanh(network.depth / 4) - abs(rate - 0.01)
        latency = 1e-5 * len(network.operations) * (1 + rate)
        values = (accuracy, network.num_params, network.macs, network.depth, latency)
        return values[:n_objectives]

    study = optuna.create_study(
        study_name="report",
        directions=["maximize"] + ["minimize"] * (n_objectives - 1),
        sampler=CoDeepNEATSampler(SPACE, seed=0)
        if n_objectives == 2
        else optuna.samplers.RandomSampler(seed=0),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.set_metric_names(list(OBJECTIVES[:n_objectives]))
    study.optimize(objective, n_trials=n_trials)
    return study


def browsed(path: Path) -> tuple[float, float, float] | None:
    """Seconds to load a report, milliseconds to open a network and to sort; None without one."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or find_spec("playwright") is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto("about:blank")
        begin = time.perf_counter()
        page.goto(path.as_uri(), wait_until="load")
        loaded = time.perf_counter() - begin
        times = loaded, page.evaluate(OPENED), page.evaluate(SORTED)
        browser.close()
        return times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, nargs="+", default=[100, 1000, 5000])
    parser.add_argument("--objectives", type=int, nargs="+", default=[2, 5])
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    print(f"Python {sys.version.split()[0]}, plotly {version('plotly')}")
    print(
        "| trials | objectives | front | s to write | MB | s to load | ms to open | ms to sort |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for n_trials in arguments.trials:
            for n_objectives in arguments.objectives:
                study = searched(n_trials, n_objectives)
                begin = time.perf_counter()
                path = write_report(study, Path(folder) / "report.html", space=SPACE)
                seconds = time.perf_counter() - begin
                front, size = len(study.best_trials), path.stat().st_size / 1e6
                times = browsed(path)
                seen = "| | |" if times is None else " {:.1f} | {:.0f} | {:.0f} |".format(*times)
                cells = f"{n_trials:,} | {n_objectives} | {front:,} | {seconds:.1f} | {size:.1f}"
                print(f"| {cells} |{seen}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
