"""The command `dashboard`: Optuna Dashboard for studies of this package."""

from __future__ import annotations

import errno
import io
import socket
import sys
import threading
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from typing import Any
from typing import BinaryIO
from wsgiref.simple_server import WSGIRequestHandler
from wsgiref.simple_server import WSGIServer
from wsgiref.simple_server import make_server

import optuna
from optuna.artifacts import FileSystemArtifactStore
from optuna.artifacts.exceptions import ArtifactNotFound

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._study import SearchSettings
from optuna_codeepneat.cli._study import absolute_artifacts
from optuna_codeepneat.cli._study import find_study
from optuna_codeepneat.cli._study import is_here
from optuna_codeepneat.cli._study import load_problem
from optuna_codeepneat.cli._study import open_searched
from optuna_codeepneat.cli._study import study_of
from optuna_codeepneat.cli._terminal import say
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.problems import canonical_name
from optuna_codeepneat.storages import open_artifacts


if TYPE_CHECKING:
    from optuna_codeepneat._optuna import ArtifactStore
    from optuna_codeepneat.cli._signals import StopNote
    from optuna_codeepneat.visualization import DashboardView


_LEAST_SECONDS = 60.0
"""Between two looks at a study."""

_SHARE = 0.02
"""Of the time that drawing its figures may take."""

_TICK_SECONDS = 0.2


def studies_shown(
    problem: str | None, storage: str | None, name: str | None
) -> tuple[optuna.storages.BaseStorage, list[optuna.Study]]:
    """A storage, and its studies that the command line names, by default all.

    Raises:
        CommandError: If there is none.
    """
    problem = problem and canonical_name(problem)
    opened = open_searched(problem, storage)
    names = optuna.get_all_study_names(opened)
    chosen = name
    if name is None and problem is not None:
        chosen = study_of(problem, opened, load_problem) or problem
    if chosen is not None or len(names) < 2:
        return opened, [find_study(opened, chosen)]
    return opened, [optuna.load_study(study_name=each, storage=opened) for each in names]


def make_app(
    storage: optuna.storages.BaseStorage, artifacts: ArtifactStore | None
) -> tuple[DashboardView, Any]:
    """What is served: the storage as the dashboard sees it, and the dashboard.

    Raises:
        CommandError: If the dashboard is not installed.
    """
    try:
        import optuna_dashboard

        from optuna_codeepneat.visualization import DashboardView
        from optuna_codeepneat.visualization import leave_out_infeasible
    except ModuleNotFoundError as error:
        raise CommandError(
            f"the Python package {error.name!r} is missing; install it with: "
            "pip install optuna-codeepneat[dashboard]"
        ) from error
    leave_out_infeasible()
    view = DashboardView(storage, has_artifacts=artifacts is not None)
    return view, optuna_dashboard.wsgi(view, artifact_store=artifacts)


def serve(
    app: Any,
    view: DashboardView,
    studies: Sequence[optuna.Study],
    *,
    host: str,
    port: int,
    stop: StopNote,
    debug: bool = False,
) -> None:
    """Serves a dashboard until the command is told to stop.

    Args:
        app:
            The dashboard.
        view:
            Its storage.
        studies:
            The studies whose figures and notes are kept up to date.
        host:
            Where to listen.
        port:
            Where to listen; 0 for any free port.
        stop:
            Whether the command was told to stop.
        debug:
            Whether to show what goes wrong with a request.

    Raises:
        CommandError: If nobody can listen there.
    """

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def process_request_thread(self, request: Any, client_address: Any) -> None:
            try:
                super().process_request_thread(request, client_address)
            finally:
                view.remove_session()  # the connection to the database, which is this thread's

    class Handler(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def get_stderr(self) -> Any:
            return sys.stderr if debug else io.StringIO()

    try:
        server = make_server(host, port, app, server_class=Server, handler_class=Handler)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            text = f"the port {port} of {host} is in use; choose another `--port`."
        else:
            text = f"can't listen on {host}, port {port}: {error.strerror or error}."
        raise CommandError(text) from error
    if not debug:
        warnings.simplefilter("ignore")  # what plots of a small study give rise to
    with server:
        threading.Thread(target=_keep_fresh, args=(view, studies, debug), daemon=True).start()
        print(_url(host, server.server_port, studies), flush=True)
        say("Ctrl-C ends it.")
        server.timeout = _TICK_SECONDS
        while stop.number is None:
            server.handle_request()


def _keep_fresh(view: DashboardView, studies: Sequence[optuna.Study], debug: bool) -> None:
    """Draws the figures of studies when there is news, at little cost; never fails."""
    seen: dict[str, object] = {}
    while True:
        begin = time.monotonic()
        for study in studies:
            try:
                trials = study.get_trials(deepcopy=False)
                news = (len(trials), sum(trial.state.is_finished() for trial in trials))
                if seen.get(study.study_name) != news:
                    view.refresh(study)
                    seen[study.study_name] = news
            except Exception as error:  # the database is away, a trial is odd
                if debug:
                    say(f"{type(error).__name__}: {error}")
        view.remove_session()
        time.sleep(max(_LEAST_SECONDS, (time.monotonic() - begin) * (1 / _SHARE - 1)))


def _url(host: str, port: int, studies: Sequence[optuna.Study]) -> str:
    from optuna_codeepneat._optuna import identity

    named = socket.gethostname() if host in ("", "0.0.0.0", "::") else host
    named = f"[{named}]" if ":" in named else named
    page = f"/studies/{identity(studies[0])[1]}" if len(studies) == 1 else ""
    return f"http://{named}:{port}/dashboard{page}"


def open_places(studies: Sequence[optuna.Study], place: str | None) -> ArtifactStore | None:
    """Where the artifacts of studies are read; None where there is nothing to read.

    Args:
        studies:
            The studies, each of which remembers where its search put them.
        place:
            What the command line says instead.

    Raises:
        CommandError: If that can't be opened.
    """
    places = [place] if place is not None else [_recorded(study) for study in studies]
    stores: list[ArtifactStore] = []
    for each in dict.fromkeys(places):
        if each is None:
            continue
        try:
            stores.append(_open_place(absolute_artifacts(each)))
        except CommandError as error:
            if place is not None:
                raise
            say(f"No diagrams: {error}")
    return _Places(stores) if stores else None


def _recorded(study: optuna.Study) -> str | None:
    try:
        settings = SearchSettings.recorded(study)
    except CommandError:  # a newer version's
        return None
    return None if settings is None else settings.artifacts


def _open_place(place: str) -> ArtifactStore:
    if not is_here(place):
        raise CommandError(f"`--artifacts`: the folder {place} is not here.")
    if Path(place).is_dir():  # which need not be one that this user may write to
        return FileSystemArtifactStore(place)
    try:
        return open_artifacts(place)
    except StorageError as error:
        raise CommandError(f"`--artifacts`: {error}") from error


class _Places:
    """Places that are read as one: an artifact is where it is found first."""

    def __init__(self, stores: Sequence[ArtifactStore]) -> None:
        self._stores = stores

    def open_reader(self, artifact_id: str) -> BinaryIO:
        for store in self._stores:
            try:
                return store.open_reader(artifact_id)
            except ArtifactNotFound:
                continue
        from bottle import HTTPError

        # Raised within a request: a worker was killed before it had stored its last diagram.
        raise HTTPError(404, "This file is not stored.")

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self._stores[0].write(artifact_id, content_body)

    def remove(self, artifact_id: str) -> None:
        for store in self._stores:
            try:
                return store.remove(artifact_id)
            except ArtifactNotFound:
                continue
        raise ArtifactNotFound(artifact_id)
