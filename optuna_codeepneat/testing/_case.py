"""`Case`: what is being checked, with which all complaints about it begin."""

from __future__ import annotations

from abc import ABC
from abc import abstractmethod
from collections.abc import Callable
from typing import Any
from typing import NoReturn


class Case(ABC):
    """One example of what a user wrote; its text stands in front of every complaint.

    The methods hide themselves from pytest's tracebacks, which then end where the check was
    called.
    """

    @abstractmethod
    def __str__(self) -> str: ...

    def fail(self, complaint: str) -> NoReturn:
        """Raises AssertionError."""
        __tracebackhide__ = True
        raise AssertionError(f"{self}: {complaint}")

    def require(self, condition: bool, complaint: str) -> None:
        """Raises AssertionError unless the condition holds."""
        __tracebackhide__ = True
        if not condition:
            self.fail(complaint)

    def attempt(self, what: str, call: Callable[..., Any], *args: Any) -> Any:
        """What `call` returns; if it raises, AssertionError from that."""
        __tracebackhide__ = True
        try:
            return call(*args)
        except Exception as error:
            reason = str(error).partition("\n")[0]
            complaint = f"{what} raised {type(error).__name__}: {reason}"
            raise AssertionError(f"{self}: {complaint}") from error
