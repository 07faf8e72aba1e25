"""What a network costs a worker and the server where many others work in the same study.

    python benchmarks/crowd.py --workers 2 64 1000

One worker is real, with its own connection to a PostgreSQL server on this machine; all others are
a recorded evolution. While the worker trains a network, each of the others finishes one and begins
the next: their rows are written as they would have been. So a crowd needs no processors, and what
is measured is the processor time of the worker, and of the server for it, between the end of a
training and the end of the next: ask, suggest, tell. Every network of a real crowd costs that.

What it leaves out are waits: for locks, for the one who leads a generation. `--creators` threads
with nothing else to do measure the one lock that all of a study share: how many trials a second
can begin.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
import warnings
from collections.abc import Sequence
from statistics import mean
from typing import Any

import _storages
import optuna
from ask_tell import DIRECTIONS
from ask_tell import SPACE
from ask_tell import bumpy
from optuna.distributions import distribution_to_json
from optuna.trial import FrozenTrial
from optuna.trial import TrialState
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import insert
from sqlalchemy import text
from sqlalchemy import update

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat._optuna import innermost
from optuna_codeepneat.storages import open_storage


WARM_UP = 2
"""So many of the worker's networks are not measured."""

GENERATIONS = 3
"""So long the study is when the worker joins, at least."""


def sampler(workers: int, with_model: bool) -> CoDeepNEATSampler:
    size = max(24, workers)
    return CoDeepNEATSampler(SPACE, seed=0, assembled_population_size=size, surrogate=with_model)


class Crowd:
    """All workers but one: what a recorded evolution says they did.

    Args:
        study:
            The recorded evolution.
        url:
            A database with an empty study.
        others:
            How many of them there are.
    """

    def __init__(self, study: optuna.Study, url: str, others: int) -> None:
        self._engine = create_engine(url)
        self._trials = study.get_trials(deepcopy=False)
        self._others = others
        self._running: Sequence[FrozenTrial] = ()

    def work(self, begin: int) -> None:
        """Each finishes a network and begins the next, the first of which has this number."""
        self._write(self._trials[begin : begin + self._others])

    def begin_with(self, number: int) -> None:
        """So many have finished before."""
        self._write(self._trials[:number])
        self._write(())
        with self._engine.begin() as connection:
            connection.execute(text("analyze"))

    def _write(self, beginning: Sequence[FrozenTrial]) -> None:
        from optuna.storages._rdb import models

        table, kind = models.TrialModel.__table__, models.TrialValueModel.TrialValueType.FINITE
        with self._engine.begin() as connection:
            for model, rows in rows_of(beginning).items():
                if rows:
                    connection.execute(insert(model.__table__), rows)
            values = [
                {"trial_id": t.number + 1, "objective": i, "value": value, "value_type": kind}
                for t in self._running
                for i, value in enumerate(t.values)
            ]
            if values:
                connection.execute(insert(models.TrialValueModel.__table__), values)
            keys = [t.number + 1 for t in self._running]
            ended = update(table).where(table.c.trial_id.in_(keys))
            connection.execute(
                ended.values(state=TrialState.COMPLETE, datetime_complete=table.c.datetime_start)
            )
            if beginning:
                last = beginning[-1].number + 1
                connection.execute(text(f"select setval('trials_trial_id_seq', {last})"))
        self._running = beginning


def rows_of(trials: Sequence[FrozenTrial]) -> dict[Any, list[dict[str, Any]]]:
    """Running trials as a database has them."""
    from optuna.storages._rdb import models

    return {
        models.TrialModel: [
            {
                "trial_id": t.number + 1,
                "number": t.number,
                "study_id": 1,
                "state": TrialState.RUNNING,
                "datetime_start": t.datetime_start,
            }
            for t in trials
        ],
        models.TrialParamModel: [
            {
                "trial_id": t.number + 1,
                "param_name": name,
                "param_value": t.distributions[name].to_internal_repr(value),
                "distribution_json": distribution_to_json(t.distributions[name]),
            }
            for t in trials
            for name, value in t.params.items()
        ],
        models.TrialUserAttributeModel: attributes(trials, "user_attrs"),
        models.TrialSystemAttributeModel: attributes(trials, "system_attrs"),
    }


def attributes(trials: Sequence[FrozenTrial], kind: str) -> list[dict[str, Any]]:
    return [
        {"trial_id": t.number + 1, "key": key, "value_json": json.dumps(value)}
        for t in trials
        for key, value in getattr(t, kind).items()
    ]


def record(workers: int, networks: int, with_model: bool) -> optuna.Study:
    """The evolution that the others repeat."""
    study = optuna.create_study(directions=DIRECTIONS, sampler=sampler(workers, with_model))
    earlier = GENERATIONS * max(24, workers)
    study.optimize(bumpy, n_trials=earlier + (networks + 1) * workers)
    study.set_user_attr("earlier", earlier)
    return study


def measure(url: str, workers: int, networks: int, with_model: bool) -> dict[str, float]:
    recorded = record(workers, networks, with_model)
    study = optuna.create_study(
        directions=DIRECTIONS, storage=open_storage(url), sampler=sampler(workers, with_model)
    )
    for key, value in recorded._storage.get_study_system_attrs(recorded._study_id).items():
        study._storage.set_study_system_attr(study._study_id, key, value)
    server = _storages.server_of(url)
    counts = {"statements": 0, "commits": 0, "rows": 0}
    engine = innermost(study._storage).engine  # type: ignore[attr-defined]

    def count(name: str, n: int = 1) -> None:
        counts[name] += n

    event.listen(
        engine, "after_cursor_execute", lambda *args: count("rows", max(0, args[1].rowcount))
    )
    event.listen(engine, "before_cursor_execute", lambda *args: count("statements"))
    event.listen(engine, "commit", lambda *args: count("commits"))
    crowd = Crowd(recorded, url, workers - 1)
    number = recorded.user_attrs["earlier"]
    crowd.begin_with(number)
    costs = []
    for network in range(networks):
        crowd.work(number)
        number += workers - 1
        if network == WARM_UP:
            counts |= dict.fromkeys(counts, 0)
        began, served = time.process_time(), _storages.server_seconds(server)
        trial = study.ask()
        values = bumpy(trial)
        study.tell(trial, values)
        assert trial.number == number
        number += 1
        costs.append((time.process_time() - began, _storages.server_seconds(server) - served))
    worker, served = (1000 * mean(own) for own in zip(*costs[WARM_UP:], strict=True))
    n = networks - WARM_UP
    return {"worker": worker, "server": served, **{key: v / n for key, v in counts.items()}}


def begun_a_second(url: str, threads: int, seconds: float) -> float:
    """How many trials threads begin that do nothing else, each with a connection of its own."""
    study = optuna.create_study(storage=open_storage(url), directions=DIRECTIONS)
    ready, stop, begun = threading.Barrier(threads + 1), threading.Event(), [0] * threads

    def begin(i: int) -> None:
        storage = open_storage(url)
        ready.wait()
        while not stop.is_set():
            storage.create_new_trial(study._study_id)
            begun[i] += 1

    creators = [threading.Thread(target=begin, args=(i,)) for i in range(threads)]
    for creator in creators:
        creator.start()
    ready.wait()
    time.sleep(seconds)
    stop.set()
    for creator in creators:
        creator.join()
    return sum(begun) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", nargs="+", type=int, default=[2, 64, 1000])
    parser.add_argument("--networks", type=int, default=12, help="of the worker")
    parser.add_argument("--model", action="store_true", help="a sampler with its surrogate")
    parser.add_argument("--creators", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10.0, help="for which they create")
    args = parser.parse_args()
    print("| workers | ms of the worker | of the server | statements | commits | rows |")
    print("|---:|---:|---:|---:|---:|---:|")
    with _storages.databases(["postgresql"]) as new:
        for workers in args.workers:
            row = measure(new["postgresql"](), workers, args.networks, args.model)
            cells = [f"{workers:,}", *(f"{row[key]:,.0f}" for key in row)]
            print(f"| {' | '.join(cells)} |", flush=True)
        if args.creators:
            rate = begun_a_second(new["postgresql"](), args.creators, args.seconds)
            print(f"\n{args.creators} threads began {rate:.0f} trials a second.")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    main()
