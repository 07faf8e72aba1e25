"""Content hashes: equal content, equal id, on every machine."""

from __future__ import annotations

import hashlib
import json


# `json.dumps` with these arguments would make an encoder each time.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def content_hash(value: object, length: int = 16) -> str:
    """Hexadecimal digest of a JSON-compatible value: equal content, equal digest, anywhere."""
    return hashlib.sha256(_canonical(value).encode()).hexdigest()[:length]
