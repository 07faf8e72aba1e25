"""`network_png`: a network diagram as a PNG, through resvg."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

import matplotlib
import resvg_py

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.visualization._diagram._svg import drawn
from optuna_codeepneat.visualization._diagram._svg import svg_of


_MOST_PIXELS = 100_000_000


def network_png(
    architecture: Architecture,
    *,
    title: str | None = None,
    fold: bool | None = None,
    zoom: float = 2.0,
) -> bytes:
    """Draws a network as `network_svg` does, as a PNG.

    Needs no browser and no installed fonts: it looks the same on every machine.

    Args:
        architecture:
            The network.
        title:
            A line above it.
        fold:
            As in `network_svg`.
        zoom:
            Pixels of the PNG for one of the SVG, in each direction.

    Returns:
        The content of a PNG file.

    Raises:
        ValueError: If `zoom` is not positive, or the picture would have more than 100 million
            pixels.
        ImportError: If resvg or Matplotlib is not installed.
    """
    if not (isfinite(zoom) and zoom > 0):
        raise ValueError(f"`zoom` must be a number above 0, got {zoom!r}.")
    picture = drawn(architecture, title=title, fold=fold)
    width, height = max(1, round(picture.width * zoom)), max(1, round(picture.height * zoom))
    if width * height > _MOST_PIXELS:
        raise ValueError(
            f"`zoom` {zoom!r} makes a picture of {width:,} x {height:,} pixels; the most are "
            f"{_MOST_PIXELS:,}."
        )
    fonts = Path(matplotlib.get_data_path(), "fonts", "ttf")
    png: bytes = resvg_py.svg_to_bytes(
        svg_string=svg_of(picture),
        width=width,
        height=height,
        skip_system_fonts=True,
        font_files=[str(fonts / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")],
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
    )
    return png
