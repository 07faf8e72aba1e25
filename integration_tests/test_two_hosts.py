"""Two hosts share a database over the network; one is cut off for a while, and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from integration_tests.networks import Network
from integration_tests.networks import NoNamespaces
from integration_tests.servers import PostgreSQL
from integration_tests.study_worker import SIZE
from integration_tests.worker_processes import Worker
from integration_tests.worker_processes import WorkerProcesses


pytestmark = [pytest.mark.long, pytest.mark.soak]


@pytest.fixture
def network() -> Iterator[Network]:
    with ExitStack() as stack:
        try:
            network = stack.enter_context(Network("server", "near", "far"))
        except NoNamespaces as error:
            # Linux alone has them, for root and with iproute2; CI has both.
            pytest.skip(f"no network namespaces here: {error}")
        yield network


def n_finished(workers: list[Worker]) -> int:
    return sum(len(worker.finished) for worker in workers)


def test_host_is_cut_off_and_comes_back(network: Network, tmp_path: Path) -> None:
    # A host that vanishes in the middle of a transaction keeps its locks until the server finds
    # out; the defaults of Linux are two hours.
    settings = {
        "tcp_keepalives_idle": 1,
        "tcp_keepalives_interval": 1,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": "3s",
    }
    inside = network.inside("server")
    with PostgreSQL(wrapper=inside, addresses="*", settings=settings) as server:
        url = server.new_database()
        local = server.through(url, server.socket_folder)
        with WorkerProcesses(local, "sphere", tmp_path, seconds=0.05) as processes:

            def hire(host: str) -> list[Worker]:
                there = server.through(url, network.center_for(host))
                return [processes.start(url=there, wrapper=network.inside(host)) for _ in range(2)]

            near, far = hire("near"), hire("far")
            processes.until(
                lambda: min(n_finished([w]) for w in near + far) >= 2, "everybody's trials"
            )

            network.cut_off("far")
            time.sleep(0.5)  # for what was on its way
            before, begin = [len(worker.finished) for worker in far], n_finished(near)
            time.sleep(4.0)  # until the server has given them up
            processes.until(lambda: n_finished(near) >= begin + SIZE, "work of the other host")
            assert [len(worker.finished) for worker in far] == before
            assert server.clients == {network.address("near")}

            network.join("far")
            processes.until(
                lambda: all(len(w.finished) >= n + 2 for w, n in zip(far, before, strict=True)),
                "work of the host that was cut off",
            )
            processes.dismiss()
            processes.check(views=2)
