"""The figures of a report: what the browser draws when it comes to them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.visualization._palette import INK
from optuna_codeepneat.visualization._report._packing import packed


if TYPE_CHECKING:
    from optuna_codeepneat.visualization._figures import Panel

_MATRIX = 6  # plots: those of four objectives
# Pixels, once the title is gone.
_ABOVE, _ABOVE_WITH_LEGEND = 24, 56
_VIRIDIS = "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725".split()
# Viridis from 0.35 on: what comes before is as dark as the page.
_LIGHTER = "2c718e 25838e 1f968b 20a386 2db27d 4ec36b 73d056 a0da39 d0e11c fde725".split()

DARK = {
    "white": "#17191f",
    "#ffffff": "#17191f",
    INK: "#e5e7eb",
    "#000000": "#f3f4f6",
    "#2a3f5f": "#e5e7eb",
    "#e5e7eb": "#363b46",
    "#ebf0f8": "#363b46",
    "#c8d4e3": "#363b46",
    "#6b7280": "#a3aab6",
    **{f"#{light}": f"#{dark}" for light, dark in zip(_VIRIDIS, _LIGHTER, strict=True)},
}
"""What colours of figures become on a dark page."""


@dataclass(frozen=True)
class Shown:
    """A figure as a report holds it."""

    name: str  # letters and hyphens
    title: str  # its heading
    height: int  # pixels, so that the page does not jump when it is drawn
    data: str  # packed; empty where there is no figure
    reason: str  # why there is none
    note: str = ""  # what else stands above it
    is_wide: bool = False  # a matrix of plots, which a narrow page has to scroll


def shown(panel: Panel) -> Shown:
    """A figure as a report holds it: its title is a heading, which doesn't get cut off."""
    if panel.figure is None:
        return Shown(panel.name, panel.title, 0, "", panel.reason)
    figure: dict[str, Any] = json.loads(panel.figure.to_json())
    layout = figure["layout"]
    title = _plain(layout.pop("title", {}).get("text", "")) or panel.title
    layout.pop("width", None)
    layout["autosize"] = True
    has_legend = (
        layout.get("showlegend", True) and layout.get("legend", {}).get("yref") != "container"
    )
    layout.setdefault("margin", {})["t"] = _ABOVE_WITH_LEGEND if has_legend else _ABOVE
    annotations = layout.get("annotations", [])
    notes = [annotation for annotation in annotations if _is_note(annotation)]
    layout["annotations"] = [each for each in annotations if each not in notes]
    height = int(layout.get("height") or 450)
    is_wide = sum(key.startswith("xaxis") for key in layout) >= _MATRIX
    text = json.dumps(figure, separators=(",", ":"))
    return Shown(panel.name, title, height, packed(text), "", _sentence(notes), is_wide)


def _is_note(annotation: dict[str, Any]) -> bool:
    """Whether a text stands in the upper right corner, where a narrow page has the legend."""
    place = [annotation.get(key) for key in ("xref", "yref", "x", "xanchor", "yanchor")]
    return place == ["paper", "paper", 1, "right", "bottom"]


def _sentence(notes: Sequence[dict[str, Any]]) -> str:
    text = "; ".join(_plain(note["text"]) for note in notes)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _plain(text: str) -> str:
    """A title without Plotly's markup."""
    return unescape(re.sub(r"<[^>]*>", " ", text)).strip()
