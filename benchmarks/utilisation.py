"""How much of their time the workers of one study spend evaluating networks.

    python benchmarks/utilisation.py --workers 1 4 16 64 --seconds-per-network 0.1 1 10

Each worker is a process with its own connection to one PostgreSQL server, all on this machine. A
network is a sleep: LEAF's take 3 to 12 hours (Liang et al. 2019, section 4), drawn evenly and
scaled to the mean that is asked for. Everything else is real: `CoDeepNEATSampler`, the parameters
of a search space, two objectives. The measurement begins when every worker has finished its first
network, and says for each combination

* the share of worker time that was spent evaluating, and how many networks a second that makes;
* the time of a worker between two networks (ask, suggest, tell);
* how busy the processors were, workers and server together. Where they are all busy the share is
  that of this machine, on which all workers meet; real workers bring processors of their own. So
  the processor time of the workers and of the server for one network is shown too: it tells what a
  cluster, or a server of a given size, could bear.

Without a model (`--no-model`) the sampler itself costs little, and what is left is the study's.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
import time
import warnings
from datetime import date
from importlib.metadata import version
from typing import Any

import _storages
import optuna

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import SearchSpace
from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.storages import open_storage


SPACES: dict[str, dict[str, Any]] = {
    # About 35 parameters a network.
    "conv1d": {},
    # About 10: what is left is mostly Optuna's and the sampler's part for each trial.
    "small": {"n_module_slots": 1, "max_module_nodes": 1, "max_blueprint_nodes": 2},
}
DIRECTIONS = ["maximize", "minimize"]
context = multiprocessing.get_context("fork")  # 64 times importing would take minutes


def make_sampler(
    args: argparse.Namespace, space: SearchSpace, workers: int
) -> optuna.samplers.BaseSampler:
    name = args.sampler
    if name == "codeepneat":
        size = max(24, workers)  # as many networks in a generation as there are workers
        return CoDeepNEATSampler(
            space, assembled_population_size=size, surrogate=not args.no_model
        )
    if name == "nsgaii":
        return optuna.samplers.NSGAIISampler(population_size=max(24, workers))
    return optuna.samplers.RandomSampler()


def work(
    worker: int, url: str, args: argparse.Namespace, mean: float, workers: int, shared: Any
) -> None:
    """Evaluates networks until it is told to stop; reports when each began and ended."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ready, begun, stop, results = shared
    space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10, **SPACES[args.space])
    study = optuna.load_study(
        storage=url if args.plain else open_storage(url),
        study_name="study",
        sampler=make_sampler(args, space, workers),
    )
    ready.wait(timeout=300)  # broken if another worker could not start
    evaluated: list[tuple[float, float]] = []
    used = time.process_time()
    while not stop.is_set():
        trial = study.ask()
        architecture = space.suggest(trial)
        hours = rng_for(args.seed, "hours", trial.number).uniform(3.0, 12.0)
        start = time.monotonic()
        stop.wait(mean * hours / 7.5)
        evaluated.append((start, time.monotonic()))
        study.tell(trial, (architecture.depth, architecture.num_params))
        if not begun[worker]:
            begun[worker] = 1
            used = time.process_time()
    results.put((evaluated, time.process_time() - used))


def run(url: str, args: argparse.Namespace, workers: int, mean: float) -> dict[str, float]:
    study = optuna.create_study(directions=DIRECTIONS, storage=url, study_name="study")
    study._storage._backend.engine.dispose()  # a connection does not survive a fork
    server = _storages.server_of(url)
    ready, stop = context.Barrier(workers + 1), context.Event()
    begun, results = context.Array("b", workers), context.SimpleQueue()
    shared = (ready, begun, stop, results)
    processes = [
        context.Process(target=work, args=(worker, url, args, mean, workers, shared), daemon=True)
        for worker in range(workers)
    ]
    for process in processes:
        process.start()
    ready.wait(timeout=300)
    while not all(begun):
        time.sleep(0.05)
    low, busy, served = time.monotonic(), processor_seconds(), _storages.server_seconds(server)
    time.sleep(max(args.seconds, args.networks * mean))
    served = _storages.server_seconds(server) - served
    high, busy = time.monotonic(), processor_seconds() - busy
    stop.set()
    reports = [results.get() for _ in processes]
    for process in processes:
        process.join()
    spans = [span for evaluated, _ in reports for span in evaluated]
    evaluating = sum(max(0.0, min(end, high) - max(start, low)) for start, end in spans)
    networks = sum(low <= end < high for _, end in spans)
    all_seconds = workers * (high - low)
    return {
        "workers": workers,
        "mean": mean,
        "share": evaluating / all_seconds,
        "rate": networks / (high - low),
        "between": 1000 * (all_seconds - evaluating) / max(1, networks),
        "busy": busy / ((high - low) * len(os.sched_getaffinity(0))),
        # From each worker's own clock, which also runs a little before and after.
        "worker": 1000 * sum(used for _, used in reports) / max(1, len(spans) - workers),
        "server": 1000 * served / max(1, networks),
    }


def processor_seconds() -> float:
    """Time that all processors of the machine have worked, from Linux."""
    with open("/proc/stat") as file:
        user, nice, system, _idle, _wait, irq, softirq = map(int, file.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 4, 16, 64])
    parser.add_argument("--seconds-per-network", nargs="+", type=float, default=[0.1, 1.0, 10.0])
    parser.add_argument("--seconds", type=float, default=20.0, help="least time of a measurement")
    parser.add_argument("--networks", type=float, default=3.0, help="least networks of a worker")
    parser.add_argument("--space", choices=list(SPACES), default="conv1d")
    parser.add_argument(
        "--sampler", choices=["codeepneat", "nsgaii", "random"], default="codeepneat"
    )
    parser.add_argument("--no-model", action="store_true", help="a sampler without a surrogate")
    parser.add_argument("--plain", action="store_true", help="Optuna's storage instead of ours")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    versions = ", ".join(f"{name} {version(name)}" for name in ("optuna", "SQLAlchemy"))
    print(
        f"{date.today()}, {args.sampler}{' without a model' if args.no_model else ''}, "
        f"space {args.space}, "
        f"storage {'of Optuna' if args.plain else 'of open_storage'}, "
        f"Python {sys.version.split()[0]}, "
        f"{versions}, {len(os.sched_getaffinity(0))} cores for workers and server"
    )
    print(
        "\n| workers | s a network | share of time evaluating | networks a second | ms between "
        "two networks | processors busy | processor ms a network: worker | server |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    with _storages.databases(["postgresql"]) as new:
        for mean in args.seconds_per_network:
            for workers in args.workers:
                row = run(new["postgresql"](), args, workers, mean)
                print(
                    f"| {workers} | {mean:g} | {row['share']:.1%} | {row['rate']:.1f} | "
                    f"{row['between']:.0f} | {row['busy']:.0%} | {row['worker']:.0f} | "
                    f"{row['server']:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    main()
