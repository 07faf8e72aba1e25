"""`Reference`: a result of others."""

from __future__ import annotations

from dataclasses import dataclass

from optuna_codeepneat._scalars import in_python_scalars


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A result to hold a search's networks against.

    Args:
        name:
            Of the network.
        score:
            On the test examples, by the problem's metric.
        source:
            Who found it.
        num_params:
            Of the network; None where there is no network.
    """

    name: str
    score: float
    source: str
    num_params: int | None = None

    def __post_init__(self) -> None:
        in_python_scalars(self)
