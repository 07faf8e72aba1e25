"""On which scale values are seen best, whatever draws them."""

from __future__ import annotations

from collections.abc import Sequence


def is_log(values: Sequence[float]) -> bool:
    """Whether values are better seen on a log scale: they are positive and span a decade."""
    return bool(values) and min(values) > 0 and max(values) / min(values) >= 10
