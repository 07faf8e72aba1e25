"""How long workers take to begin, and what memory each of them takes, on Linux.

    python benchmarks/starting.py --workers 2 4 --trials 16 --rounds 3

`search` with worker processes that are forked from one that has loaded torch, and with such that
load it themselves (`spawn`, as on other systems), in turns. Memory is what is a process's own
(PSS: pages that several have count in parts), summed over the command and all that it started, at
its most; what a further worker takes is the difference between two numbers of workers.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from datetime import timezone
from pathlib import Path
from statistics import median


RUN = """
import sys
from optuna_codeepneat.cli._workers import _starting
_starting._CAN_FORK = sys.argv.pop(1) == "fork"
from optuna_codeepneat.cli import main
sys.exit(main())
"""


def run(method: str, workers: int, trials: int, problem: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        numbers = ("--workers", str(workers), "--trials", str(trials))
        command = [sys.executable, "-c", RUN, method, "search", problem, *numbers, "--no-report"]
        began, memory = datetime.now(timezone.utc).replace(tzinfo=None), 0.0
        with open(Path(folder, "said.txt"), "w") as said:
            process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
            while process.poll() is None:
                memory = max(memory, sum(map(pss, family(process.pid))))
                time.sleep(0.25)
        if process.returncode:
            sys.exit(Path(folder, "said.txt").read_text())
        (database,) = Path(folder).glob("*.db")
        with sqlite3.connect(database) as connection:
            rows = connection.execute(
                "select datetime_start, datetime_complete from trials order by number"
            ).fetchall()
    starts = [(datetime.fromisoformat(start) - began).total_seconds() for start, _ in rows]
    ends = [(datetime.fromisoformat(end) - began).total_seconds() for _, end in rows]
    return {
        "first": starts[0],
        "last": starts[workers - 1],
        "rate": 60 * trials / max(ends),
        "memory": memory / 2**20,
    }


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for parent in found:
        for tasks in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += map(int, tasks.read_text().split())
            except OSError:  # it has just ended
                pass
    return found


def pss(pid: int) -> float:
    """A process's share of the memory, in bytes."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return 1024.0 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", nargs="+", type=int, default=[2, 4])
    parser.add_argument("--trials", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--problem", default="mnist1d")
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    print(
        "| workers | processes | s to the first network | s until each has one "
        "| networks a minute | MiB in all |"
    )
    print("|---:|---|---:|---:|---:|---:|")
    for workers in args.workers:
        found: dict[str, list[dict[str, float]]] = {"spawn": [], "fork": []}
        for _ in range(args.rounds):
            for method, rounds in found.items():
                rounds.append(run(method, workers, args.trials, args.problem))
        for method, rounds in found.items():
            first, last, rate, memory = (
                median(own[key] for own in rounds) for key in ("first", "last", "rate", "memory")
            )
            row = f"{first:.1f} | {last:.1f} | {rate:.1f} | {memory:.0f}"
            print(f"| {workers} | {method} | {row} |", flush=True)


if __name__ == "__main__":
    main()
