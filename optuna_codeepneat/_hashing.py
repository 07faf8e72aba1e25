"""Content hashes: equal content, equal id, on every machine."""

from __future__ import annotations

import hashlib
import json


def content_hash(value: object, length: int = 16) -> str:
    """Hexadecimal digest of a JSON-compatible value: equal content, equal digest, anywhere."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:length]
