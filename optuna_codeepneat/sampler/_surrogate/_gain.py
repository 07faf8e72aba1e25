"""How much hypervolume candidates are expected to add to a front."""

from __future__ import annotations

import numpy as np


REFERENCE = 1.1
"""Where the hypervolume is measured from: objectives go from 0 to 1 over what was observed."""


def gains(front: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """The hypervolume that each candidate alone would add.

    Args:
        front:
            ``(n, objectives)``, smaller is better, none dominated by another.
        candidates:
            ``(m, objectives)``.

    Returns:
        ``(m,)``.
    """
    inside = np.minimum(candidates, REFERENCE)
    front = front[(front < REFERENCE).all(axis=1)]
    n_objectives = candidates.shape[1]
    if n_objectives == 1:
        best = front.min(initial=REFERENCE)
        return np.asarray(np.maximum(best - inside[:, 0], 0.0))
    if n_objectives == 2:
        return _areas(front, inside)
    import moocore

    reference = np.full(n_objectives, REFERENCE)
    known = moocore.hypervolume(front, ref=reference) if len(front) else 0.0
    volumes = [moocore.hypervolume(np.vstack([front, point]), ref=reference) for point in inside]
    return np.array(volumes) - known


def _areas(front: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Of two objectives: what is new below each step of the front."""
    ordered = front[np.lexsort((front[:, 1], front[:, 0]))]
    begins = np.concatenate([[-np.inf], ordered[:, 0]])
    ends = np.concatenate([ordered[:, 0], [REFERENCE]])
    heights = np.concatenate([[REFERENCE], ordered[:, 1]])
    widths = ends[None, :] - np.maximum(begins[None, :], candidates[:, :1])
    new = np.maximum(heights[None, :] - candidates[:, 1:], 0.0)
    return np.asarray((np.maximum(widths, 0.0) * new).sum(axis=1))
