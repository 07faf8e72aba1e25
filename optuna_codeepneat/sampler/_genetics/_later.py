"""Settings that came later: what they are in studies of versions that did not have them."""

from __future__ import annotations

from dataclasses import field
from dataclasses import fields
from dataclasses import is_dataclass
from typing import Any


_BEFORE = "before"


def later(default: Any, *, before: Any) -> Any:
    """A field of a part that earlier versions did not have, and behaved as with `before`.

    It is not stored where it has that value, so that what an earlier version stored says so too.
    """
    return field(default=default, metadata={_BEFORE: before})


def came_later(part: Any) -> dict[str, Any]:
    """The fields of a part, or of its class, that are `later`, as earlier versions behaved."""
    if not is_dataclass(part):
        return {}
    return {f.name: f.metadata[_BEFORE] for f in fields(part) if _BEFORE in f.metadata}
