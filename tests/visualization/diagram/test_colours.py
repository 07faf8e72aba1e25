"""The colours of slots: told apart by everyone, and text on them is readable."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from optuna_codeepneat.visualization._diagram._svg import _INK
from optuna_codeepneat.visualization._diagram._svg import _PALE
from optuna_codeepneat.visualization._diagram._svg import _TINTS


# Machado, Oliveira and Fernandes (2009), table 1, severity 1.0, for linear RGB.
VISIONS = {
    "trichromacy": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour: str) -> np.ndarray:
    """Linear RGB of "#rrggbb" or "#rgb"."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    value = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB, D65."""
    xyz = TO_XYZ @ rgb.clip(0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISIONS)
def test_slots_are_told_apart(vision: str) -> None:
    seen = [lab(VISIONS[vision] @ linear(fill)) for fill, _ in _TINTS]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen[:4], 2)) > 7
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 2.5


@pytest.mark.parametrize("ink", [_INK, _PALE])
def test_text_is_readable_on_every_slot(ink: str) -> None:
    for fill, _ in _TINTS:
        light, dark = (TO_XYZ[1] @ linear(colour) for colour in (fill, ink))
        assert (light + 0.05) / (dark + 0.05) > 4.5  # WCAG 2, level AA
