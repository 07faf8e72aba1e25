"""Databases that stop, crash or lose answers: every trial is there once."""

from __future__ import annotations

import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from integration_tests.servers import GrpcProxy
from integration_tests.servers import MariaDB
from integration_tests.servers import PostgreSQL
from integration_tests.servers import Redis
from integration_tests.servers import Server
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import RetryingStorage
from optuna_codeepneat.storages import open_storage


OUTAGE_SECONDS = 2.0


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    optuna.logging.disable_default_handler()
    optuna.logging.enable_propagation()
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.INFO)
    yield caplog
    optuna.logging.set_verbosity(verbosity)
    optuna.logging.disable_propagation()
    optuna.logging.enable_default_handler()


class Told:
    """An objective that remembers what it returned for which trial."""

    def __init__(self) -> None:
        self.values: dict[int, float] = {}

    def __call__(self, trial: optuna.Trial) -> float:
        value = sum(trial.suggest_float(name, 0, 1) for name in "xy")
        trial.set_user_attr("key", "value")
        time.sleep(0.02)
        assert trial.number not in self.values
        self.values[trial.number] = value
        return value


def study_in(storage: BaseStorage) -> optuna.Study:
    return optuna.create_study(storage=storage, sampler=optuna.samplers.RandomSampler(seed=1))


def check(study: optuna.Study, url: str, told: Told, number: int) -> None:
    """Every told trial is there once, with its value; also for a process that comes later."""
    for storage in (study._storage, open_storage(url)):
        trials = storage.get_all_trials(study._study_id)
        assert Counter(trial.state for trial in trials) == {TrialState.COMPLETE: number}
        assert {trial.number: trial.value for trial in trials} == told.values
        assert [trial.number for trial in trials] == list(range(number))
        assert all(set(trial.params) == {"x", "y"} for trial in trials)


# -- servers that are away ---------------------------------------------------------------------


@contextmanager
def outages(server: Server, how: tuple[str, ...]) -> Iterator[threading.Event]:
    """Stops the server again and again, and starts it after a while; set when that is over."""
    over = threading.Event()

    def trouble() -> None:
        for end in how:
            time.sleep(0.5)
            getattr(server, end)()
            time.sleep(OUTAGE_SECONDS)
            server.start()
        time.sleep(0.5)
        over.set()

    thread = threading.Thread(target=trouble)
    thread.start()
    yield over
    thread.join()


def run_through(server: Server, url: str, how: tuple[str, ...], jobs: int) -> None:
    study, told = study_in(open_storage(url, heartbeat=60)), Told()
    with outages(server, how) as over:

        def stop_when_over(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
            if over.is_set():
                study.stop()

        study.optimize(told, n_trials=2000, n_jobs=jobs, callbacks=[stop_when_over])
    assert over.is_set()
    check(study, url, told, len(told.values))


@pytest.mark.long
@pytest.mark.parametrize("jobs", [1, 3])
def test_postgresql_goes_away(
    jobs: int, postgresql: PostgreSQL, log: pytest.LogCaptureFixture
) -> None:
    run_through(postgresql, postgresql.new_database(), ("stop", "kill"), jobs)
    said = [record.getMessage() for record in log.records]
    away = [line for line in said if "can't be used now" in line]
    back = [line for line in said if "is back after" in line]
    # One that is back before a call comes, or between two of its repetitions, goes unnoticed.
    assert 1 <= len(away) == len(back) <= 2
    assert re.fullmatch(r"The storage is back after \d\.\d seconds\.", back[0])


@pytest.mark.long
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_mariadb_goes_away(end: str, mariadb_server: MariaDB) -> None:
    run_through(mariadb_server, mariadb_server.new_database(), (end,), 1)


@pytest.mark.long
def test_grpc_proxy_goes_away(postgresql: PostgreSQL) -> None:
    with GrpcProxy(postgresql.new_database()) as proxy:
        run_through(proxy, proxy.new_database(), ("kill",), 1)


def test_postgresql_stays_away(postgresql: PostgreSQL) -> None:
    study = study_in(open_storage(postgresql.new_database(), patience=1))
    postgresql.stop()
    with pytest.raises(StorageError, match="has been away for 1 seconds: .*refused"):
        study.ask()
    postgresql.start()
    assert study.ask().number == 0


def test_starting_server_is_waited_for(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    postgresql.stop()
    starter = threading.Timer(1, postgresql.start)
    starter.start()
    assert open_storage(url).get_all_studies() == []
    starter.join()


# -- answers that are lost ---------------------------------------------------------------------


class LossyNetwork:
    """Forwards TCP connections, and cuts one when the answer to something chosen comes back.

    Args:
        port:
            Where the server listens.
        word:
            What a message must contain for its answer to be lost.
        share:
            How many of those answers are lost.
    """

    def __init__(self, port: int, word: bytes, share: float) -> None:
        self.lost = 0
        self._server, self._word = port, word
        self._share, self._random = share, random.Random(1)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> LossyNetwork:
        return self

    def __exit__(self, *details: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                cut = threading.Event()
                for work in (self._ask, self._answer):
                    threading.Thread(target=work, args=(client, server, cut), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(1 << 16):
                if self._word in data and self._random.random() < self._share:
                    cut.set()
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answer(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while (data := server.recv(1 << 16)) and not cut.is_set():
                client.sendall(data)
        if cut.is_set():
            self.lost += 1
        for side in (client, server):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()


def run_lossy(url: str, port: int, word: bytes, share: float) -> None:
    with LossyNetwork(port, word, share) as network:
        lossy = url.replace(f":{port}", f":{network.port}")
        study, told = study_in(open_storage(lossy)), Told()
        study.optimize(told, n_trials=12)
        assert network.lost >= 3
        check(study, url, told, 12)


@pytest.mark.long
def test_postgresql_whose_answers_are_lost(postgresql: PostgreSQL) -> None:
    run_lossy(postgresql.new_database(), postgresql.port, b"COMMIT", 0.1)


@pytest.mark.long
def test_mariadb_whose_answers_are_lost(mariadb_server: MariaDB) -> None:
    run_lossy(mariadb_server.new_database(), mariadb_server.port, b"COMMIT", 0.1)


def test_redis_whose_answers_are_lost(redis_server: Redis) -> None:
    run_lossy(redis_server.new_database(), redis_server.port, b"EVAL", 0.1)


@pytest.mark.long
def test_grpc_proxy_whose_answers_are_lost(postgresql: PostgreSQL) -> None:
    with GrpcProxy(postgresql.new_database()) as proxy:
        run_lossy(proxy.new_database(), proxy.port, b"", 0.06)


# -- errors that waiting does not mend -----------------------------------------------------------


def test_unknown_database_and_refused_user_come_at_once(
    postgresql: PostgreSQL, mariadb_server: MariaDB
) -> None:
    postgres, maria = (s.new_database() for s in (postgresql, mariadb_server))
    urls = {
        postgres.rpartition("/")[0] + "/nowhere": 'database "nowhere" does not exist',
        postgres.replace("postgres@", "stranger@"): "stranger.* does not exist",
        maria.rpartition("/")[0] + "/nowhere": "Unknown database",
        maria.replace("root@", "stranger@"): "Access denied",
    }
    start = time.monotonic()
    for url, sentence in urls.items():
        with pytest.raises(StorageError, match=sentence):
            open_storage(url)
    assert time.monotonic() - start < 5


def test_too_long_attribute_comes_at_once(mariadb_server: MariaDB) -> None:
    storage = open_storage(mariadb_server.new_database())
    assert isinstance(storage, RetryingStorage)
    trial = study_in(storage).ask()
    start = time.monotonic()
    with pytest.raises(optuna.exceptions.StorageInternalError):
        trial.set_user_attr("key", "x" * 70_000)  # MySQL's limit
    assert time.monotonic() - start < 2
    trial.set_user_attr("key", "x")
