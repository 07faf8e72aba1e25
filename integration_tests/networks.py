"""Hosts on one machine, as Linux network namespaces: joined by cables that a test can pull."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from integration_tests.servers import MissingServer
from integration_tests.servers import program


if TYPE_CHECKING:
    from typing_extensions import Self


class NoNamespaces(Exception):
    """The machine does not let us make them."""


class Network:
    """One host in the middle, others with a cable to it, and no way to anywhere else.

    Args:
        center:
            The name of the host in the middle.
        others:
            Names of the others.

    Raises:
        NoNamespaces: If the machine does not let us make it, once it is entered.
    """

    def __init__(self, center: str, *others: str) -> None:
        self._center, self._others = center, others

    def inside(self, host: str) -> list[str]:
        """The command that runs another one on a host."""
        return [program("ip"), "netns", "exec", self._namespace(host)]

    def center_for(self, host: str) -> str:
        """The address under which a host reaches the one in the middle."""
        return f"10.79.{self._others.index(host)}.1"

    def address(self, host: str) -> str:
        """The address of a host, as the one in the middle sees it."""
        return f"10.79.{self._others.index(host)}.2"

    def cut_off(self, host: str) -> None:
        """Pulls a host's cable: what is sent gets lost, on both sides."""
        self._ip("-n", self._namespace(host), "link", "set", "cable", "down")

    def join(self, host: str) -> None:
        """Plugs a host's cable in."""
        self._ip("-n", self._namespace(host), "link", "set", "cable", "up")

    def _namespace(self, host: str) -> str:
        return f"test-{os.getpid()}-{host}"

    def _ip(self, *arguments: str) -> None:
        try:
            command = [program("ip"), *arguments]
        except MissingServer as error:
            raise NoNamespaces(str(error)) from None
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise NoNamespaces(f"ip {' '.join(arguments)}: {done.stderr.strip()}")

    def _set_up(self) -> None:
        for host in (self._center, *self._others):
            self._ip("netns", "add", self._namespace(host))
            self._ip("-n", self._namespace(host), "link", "set", "lo", "up")
        center = self._namespace(self._center)
        for i, host in enumerate(self._others):
            name, namespace = f"cable{i}", self._namespace(host)
            ends = ["name", name, "netns", center, "type", "veth"]
            self._ip("link", "add", *ends, "peer", "name", "cable", "netns", namespace)
            self._ip("-n", center, "address", "add", f"{self.center_for(host)}/30", "dev", name)
            self._ip("-n", namespace, "address", "add", f"{self.address(host)}/30", "dev", "cable")
            self._ip("-n", center, "link", "set", name, "up")
            self.join(host)

    def _take_down(self) -> None:
        for host in (self._center, *self._others):  # the cables go with them
            with suppress(NoNamespaces):
                self._ip("netns", "delete", self._namespace(host))

    def __enter__(self) -> Self:
        try:
            self._set_up()
        except BaseException:
            self._take_down()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._take_down()
