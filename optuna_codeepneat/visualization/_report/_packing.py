"""Parts of a report that a browser unpacks when they are looked at."""

from __future__ import annotations

import base64
import gzip


def packed(text: str) -> str:
    """A text as base 64 of gzip, which holds nothing that HTML could take for markup.

    Figures and diagrams repeat themselves: they become ten times smaller.
    """
    # Without the time, so that the same study gives the same report.
    return base64.b64encode(gzip.compress(text.encode(errors="replace"), 6, mtime=0)).decode()


def unpacked(text: str) -> str:
    """The inverse of `packed`."""
    return gzip.decompress(base64.b64decode(text)).decode()
