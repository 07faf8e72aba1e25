"""How long importing the package takes, as a ratio to importing Optuna.

Runs fresh processes in turn, so that a busy machine slows all of them alike, and compares
medians. Exits with status 1 if the ratio of ``import optuna_codeepneat`` is above the limit. Since
names load their modules when they are first used, the first line of a script is shown as well.

Usage: python benchmarks/import_time.py
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.metadata import version
from statistics import median


BASE = "import optuna"
PACKAGE = "import optuna_codeepneat"
NAMES = "from optuna_codeepneat import CoDeepNEATSampler, SearchSpace"


def seconds(statement: str) -> float:
    """How long a statement takes in a process of its own, the start of Python aside."""
    code = (
        "from time import perf_counter\n"
        "start = perf_counter()\n"
        f"{statement}\n"
        "print(perf_counter() - start)"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True
    )
    return float(process.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15, help="fresh processes a statement")
    parser.add_argument("--limit", type=float, default=1.2, help="largest ratio that passes")
    arguments = parser.parse_args()

    times: dict[str, list[float]] = {s: [] for s in (BASE, PACKAGE, NAMES)}
    for statement in times:
        seconds(statement)  # fills the caches of the file system and of bytecode
    for _ in range(arguments.repeats):
        for statement, taken in times.items():
            taken.append(seconds(statement))

    base = median(times[BASE])
    print(f"Python {sys.version.split()[0]}, optuna {version('optuna')}")
    print(f"median of {arguments.repeats} processes; ratio to `{BASE}`, {base * 1000:.0f} ms")
    ratios = {statement: median(taken) / base for statement, taken in times.items()}
    for statement in (PACKAGE, NAMES):
        print(f"{ratios[statement]:6.2f}  {statement}")
    if ratios[PACKAGE] > arguments.limit:
        print(f"`{PACKAGE}` is above the limit of {arguments.limit}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
