"""How much memory this machine has."""

from __future__ import annotations

import os


def memory_bytes() -> float:
    """Bytes of memory of this machine; infinity where that is not known."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # Windows
        return float("inf")
