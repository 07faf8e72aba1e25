"""`Case`: what is being checked, with which all complaints about it begin."""

from __future__ import annotations

from abc import ABC
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from typing import NoReturn

from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Layer
from optuna_codeepneat.search_space import Shape


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


@dataclass(frozen=True)
class LayerCase(Case):
    """A layer with gene values and the shape of its input."""

    layer: Layer
    genes: Genes
    shape: Shape

    def __str__(self) -> str:
        return f"layer {self.layer.name!r} with genes {dict(self.genes)} on input {self.shape}"

    def ask(self, name: str, function: Any) -> Any:
        """What one of the layer's functions returns; it must leave the genes as they are."""
        __tracebackhide__ = True
        genes = dict(self.genes)
        answer = self.attempt(f"`{name}`", function, self.shape, genes)
        self.require(genes == self.genes, f"`{name}` changes its `genes`, to {genes}.")
        return answer
