"""Counter-based randomness: a generator is made from what it is for, never stored."""

from __future__ import annotations

import hashlib
import json

import numpy as np


def rng_for(seed: int, *path: int | str) -> np.random.Generator:
    """The generator for one purpose: the same seed and path, the same numbers, in any process.

    Args:
        seed:
            The seed of the study.
        *path:
            What the numbers are for, such as ``("breed", generation, slot, child)``.
    """
    digest = hashlib.sha256(json.dumps([seed, *path]).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))
