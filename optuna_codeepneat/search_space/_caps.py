"""`Caps`: the largest that a network may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Literal


if TYPE_CHECKING:
    from collections.abc import Callable

    from optuna_codeepneat.search_space._architecture import Architecture

Size = Literal["num_params", "macs"]


@dataclass(frozen=True)
class Caps:
    """The most parameters and the most multiply-adds per example; None for any number."""

    max_params: int | None
    max_macs: int | None

    def excess(self, architecture: Architecture) -> str | None:
        """One sentence if a network is over a cap, else None."""
        return self._excess(architecture, "num_params") or self._excess(architecture, "macs")

    def check(self, smallest: Callable[[Size], Architecture]) -> None:
        """Raises `ValueError` if not even the network of the smallest size meets its cap."""
        sizes: tuple[Size, ...] = ("num_params", "macs")
        for size in sizes:
            capped = self._cap(size)[1] is not None
            excess = self._excess(smallest(size), size) if capped else None
            if excess is not None:
                raise ValueError(f"no network meets the caps; even the smallest: {excess}")

    def _excess(self, architecture: Architecture, size: Size) -> str | None:
        name, cap, noun = self._cap(size)
        value = getattr(architecture, size) if cap is not None else 0
        if cap is None or value <= cap:
            return None
        return f"the network has {value:,} {noun}, over `{name}`={cap:,}."

    def _cap(self, size: Size) -> tuple[str, int | None, str]:
        """A cap's name, its value, and what it counts."""
        if size == "num_params":
            return "max_params", self.max_params, "parameters"
        return "max_macs", self.max_macs, "multiply-adds"
