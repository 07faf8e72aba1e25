"""What Optuna Dashboard's diagrams cost a trial, and its figures whoever asks for one.

    python benchmarks/dashboard.py --trials 200 --storages memory sqlite postgresql

Networks of `SearchSpace.conv1d` are suggested by `CoDeepNEATSampler` and get their diagram by
`Diagrams`. The foreground is what `attach` takes of the trial's own time: the line and the link
that it writes. The CPU time is all that the process spends on it, the thread that draws and stores
included; every second trial goes without, and both kinds sleep between their calls, so that the
thread is done before the next trial begins.

Then NSGA-II asks for trials of the same study before and after `publish` has put figures and a
note into it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from statistics import mean
from statistics import median

import _storages
import optuna

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import SearchSpace
from optuna_codeepneat.storages import open_artifacts
from optuna_codeepneat.storages import open_storage
from optuna_codeepneat.visualization import Diagrams
from optuna_codeepneat.visualization import network_svg
from optuna_codeepneat.visualization import publish


SPACE = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--storages", nargs="+", choices=_storages.NAMES, default=_storages.NAMES)
    parser.add_argument("--pause", type=float, default=0.05, help="seconds of each trial")
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    print(
        "storage     foreground, ms: median, mean, most  CPU, ms  NSGA-II asks, ms: before, after"
    )
    with _storages.databases(arguments.storages) as new:
        for name in arguments.storages:
            url = new[name]()
            storage = optuna.storages.InMemoryStorage() if url is None else open_storage(url)
            foreground, cpu, study = attach(storage, arguments.trials, arguments.pause)
            asks(study)  # to warm up
            before = asks(study)
            publish(study)
            after = asks(study)
            times = "  ".join(f"{1000 * f(foreground):6.2f}" for f in (median, mean, max))
            print(f"{name:12}{times:>37}  {1000 * cpu:7.2f}  {before:20.2f}  {after:6.2f}")
            attrs = study._storage.get_study_system_attrs(study._study_id)
            sizes = [len(str(attrs[name])) for name in attrs if name.startswith("dashboard:")]
            trials = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    print(f"figures and note of {len(trials)} trials: {sum(sizes):,} characters")
    networks = [SPACE.decode(trial.params) for trial in trials]
    begin = time.process_time()
    sizes = [len(network_svg(network, title="trial")) for network in networks]
    drawing = 1000 * (time.process_time() - begin) / len(networks)
    print(f"drawing alone: {drawing:.2f} ms, {mean(sizes):,.0f} characters")


def attach(
    storage: optuna.storages.BaseStorage, n_trials: int, pause: float
) -> tuple[list[float], float, optuna.Study]:
    """Times of `attach` in the foreground, the CPU time of one diagram, and the study."""
    study = optuna.create_study(
        directions=["maximize", "minimize"],
        storage=storage,
        sampler=CoDeepNEATSampler(SPACE, seed=1, assembled_population_size=24),
    )
    foreground: list[float] = []
    cpu: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder:
        with Diagrams(open_artifacts(folder)) as diagrams:
            for i in range(2 * n_trials):
                with_diagram = i % 2 == 0
                trial = study.ask()
                architecture = SPACE.suggest(trial)
                spent, begin = time.process_time(), time.perf_counter()
                if with_diagram:
                    diagrams.attach(trial, architecture)
                    foreground.append(time.perf_counter() - begin)
                time.sleep(pause)
                cpu[with_diagram].append(time.process_time() - spent)
                bump = int(architecture.signature, 16) % 1000 / 1000
                study.tell(trial, [architecture.depth + bump, architecture.num_params])
    # The first one loads modules and starts the thread.
    foreground, first = foreground[1:], cpu[True].pop(0)
    print(f"first diagram of a process: {1000 * first:.0f} ms of CPU time")
    return foreground, mean(cpu[True]) - mean(cpu[False]), study


def asks(study: optuna.Study, n: int = 40) -> float:
    """Milliseconds that NSGA-II takes to begin a trial, the median."""
    study.sampler = optuna.samplers.NSGAIISampler(seed=1)
    times = []
    for _ in range(n):
        begin = time.perf_counter()
        trial = study.ask()
        trial.suggest_float("x", 0, 1)
        times.append(time.perf_counter() - begin)
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    return 1000 * median(times)


if __name__ == "__main__":
    main()
