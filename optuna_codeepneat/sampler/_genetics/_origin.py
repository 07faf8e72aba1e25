"""How a network came about, and which networks it came from."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Generic
from typing import NewType
from typing import TypeVar


Position = NewType("Position", int)
"""Of a result among all that count. States speak of positions, since trial numbers differ with
the number of workers."""

TrialNumber = NewType("TrialNumber", int)
"""Of a trial in its study. What is stored on a trial speaks of trial numbers."""

_Network = TypeVar("_Network", Position, TrialNumber)

ARCHIVE = "archive"
"""How a network was made that is an archived one with a component replaced."""


@dataclass(frozen=True)
class Origin(Generic[_Network]):
    """How a network came about."""

    how: str = "assembly"  # or "archive", "enqueued", or LEMONADE's morphisms
    parent: _Network | None = None
    donor: _Network | None = None  # whose weights it inherits
    inheritance: str | None = None  # "exact", "noisy" or "fresh"; None without donor

    def by_trial(self: Origin[Position], counted: Sequence[TrialNumber]) -> Origin[TrialNumber]:
        """The same with trial numbers for positions; `counted` has the trial at each."""
        parent = None if self.parent is None else counted[self.parent]
        donor = None if self.donor is None else counted[self.donor]
        return Origin(self.how, parent, donor, self.inheritance)

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible value; `from_json` is its inverse."""
        heir = {} if self.donor is None else {"heir": [self.donor, self.inheritance]}
        return {"origin": self.how, "parent": self.parent, **heir}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Origin[_Network]:
        """What `to_json` wrote."""
        return cls(value["origin"], value["parent"], *value.get("heir", (None, None)))
