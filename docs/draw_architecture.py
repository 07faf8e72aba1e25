"""Draws `images/architecture.svg` from the imports: ``python docs/draw_architecture.py``.

Floors are those that import-linter holds (`pyproject.toml`), captions are the first words of each
package's docstring, arrows are imports. What follows from other arrows is left out, and so are the
modules of the ground floor, which everybody may import.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import grimp
import networkx as nx


if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PACKAGE = "optuna_codeepneat"
PICTURE = ROOT / "docs" / "images" / "architecture.svg"

_WIDTH = 960
_MARGIN = 24
_GAP = 36  # between floors, where the arrows run
_LINE = 17
_CHARACTER = 6.3
_INNER = ("sampler", "cli")
"""Packages whose own floors are drawn inside of them."""

_COLUMNS = {
    "testing": 0.14,
    "cli": 0.6,
    "export": 0.5,
    "problems": 0.5,
    "visualization": 0.84,
    "morphism": 0.38,
    "training": 0.2,
    "network": 0.2,
    "sampler": 0.56,
    "alignment": 0.42,
    "search_space": 0.28,
    "storages": 0.84,
}
"""Where the middle of a package is, from 0 to 1, so that no arrow crosses another package."""


@dataclass(frozen=True)
class Room:
    """A package of the package, or a row of modules."""

    name: str
    lines: Sequence[str]
    floors: Sequence[str] = ()

    @property
    def width(self) -> float:
        texts = [f"{self.name}/", *self.lines, *self.floors]
        return _CHARACTER * max(map(len, texts)) + 28

    @property
    def height(self) -> float:
        return _LINE * (1 + len(self.lines) + len(self.floors)) + 18 + 4 * bool(self.floors)


def contracts() -> list[dict[str, object]]:
    """The contracts of import-linter."""
    text = (ROOT / "pyproject.toml").read_text()
    contracts: list[dict[str, object]] = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return contracts


def floors(container: str) -> list[list[str]]:
    """The modules of each floor of a package, the highest floor first."""
    (layers,) = [c["layers"] for c in contracts() if c.get("containers") == [container]]
    assert isinstance(layers, list)
    return [[name.strip(" ()") for name in layer.split("|")] for layer in layers]


def caption_of(name: str) -> list[str]:
    """What a package says of itself, in lines of a few words."""
    doc = ast.get_docstring(ast.parse((ROOT / PACKAGE / name / "__init__.py").read_text())) or ""
    words = doc.split("\n")[0].split(": ")[0].rstrip(".").replace("`", "").split()
    rows = [""]
    for word in words:
        if len(rows[-1]) + len(word) > 30:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows


def room_of(name: str) -> Room:
    """The room of a package."""
    inner = [
        " · ".join(floor)
        for floor in (floors(f"{PACKAGE}.{name}") if name in _INNER else [])
        if floor != ["__main__"]
    ]
    return Room(name, caption_of(name), inner)


def arrows(names: Sequence[str]) -> list[tuple[str, str]]:
    """Who imports whom, less what follows from the rest."""
    graph = grimp.build_graph(PACKAGE)
    imports = nx.DiGraph()
    imports.add_nodes_from(names)
    for a in names:
        for b in names:
            modules = (f"{PACKAGE}.{a}", f"{PACKAGE}.{b}")
            if a != b and graph.direct_import_exists(
                importer=modules[0], imported=modules[1], as_packages=True
            ):
                imports.add_edge(a, b)
    return sorted(nx.transitive_reduction(imports).edges)


def svg() -> str:
    """The picture."""
    *upper, ground = floors(PACKAGE)
    upper = [[name for name in floor if (ROOT / PACKAGE / name).is_dir()] for floor in upper]
    # Nothing imports `testing`, so it needs no floor above all others.
    upper = [[*upper[0], *upper[1]], *upper[2:]]
    rows = [[room_of(name) for name in floor] for floor in upper if floor]
    places: dict[str, tuple[float, float, float, float]] = {}
    top = float(_MARGIN)
    for row in rows:
        height = max(room.height for room in row)
        for i, room in enumerate(row):
            middle = _WIDTH * _COLUMNS.get(room.name, (i + 1) / (len(row) + 1))
            y = top + (height - room.height) / 2
            places[room.name] = (middle - room.width / 2, y, room.width, room.height)
        top += height + _GAP
    names = list(places)
    parts = [_arrow(places[a], places[b]) for a, b in arrows(names)]
    parts += [_box(room, *places[room.name]) for row in rows for room in row]
    text = "for everybody: " + " · ".join(ground)
    width = _CHARACTER * len(text) + 40
    parts.append(
        f'<rect class="ground" x="{(_WIDTH - width) / 2:.1f}" y="{top:.1f}" width="{width:.1f}" '
        f'height="30" rx="6"/><text class="small middle" x="{_WIDTH / 2}" y="{top + 19:.1f}">'
        f"{escape(text)}</text>"
    )
    height = top + 30 + _MARGIN
    return _FRAME.format(width=_WIDTH, height=f"{height:.0f}", parts="\n".join(parts))


_FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" \
aria-label="The packages of optuna_codeepneat, and who imports whom">
<style>
text {{ font: 12px ui-monospace, "DejaVu Sans Mono", monospace; fill: #222 }}
.small {{ font-size: 10.5px; fill: #555 }}
.name {{ font-weight: bold }}
.middle {{ text-anchor: middle }}
rect {{ fill: #fff; stroke: #888 }}
.torch {{ fill: #fff3dd }}
.floor {{ fill: #eef4fa; stroke: #c5d5e5 }}
.ground {{ fill: #f2f2f2; stroke: #bbb }}
path {{ fill: none; stroke: #6b7f93; stroke-width: 1.4; marker-end: url(#head) }}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#6b7f93;stroke:none"/></marker></defs>
<rect width="{width}" height="{height}" style="stroke:none"/>
{parts}
</svg>
"""


def _box(room: Room, x: float, y: float, width: float, height: float) -> str:
    needs_torch = ("morphism", "network", "training", "problems", "export")
    torch = ' class="torch"' if room.name in needs_torch else ""
    middle = x + width / 2
    parts = [
        f'<rect{torch} x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="6"/>',
        f'<text class="name middle" x="{middle:.1f}" y="{y + 20:.1f}">{room.name}/</text>',
    ]
    y += 20
    for line in room.lines:
        y += _LINE
        parts.append(
            f'<text class="small middle" x="{middle:.1f}" y="{y:.1f}">{escape(line)}</text>'
        )
    for floor in room.floors:
        y += _LINE
        parts.append(
            f'<rect class="floor" x="{x + 8:.1f}" y="{y - 9:.1f}" width="{width - 16:.1f}" '
            f'height="{_LINE - 2}"/><text class="small middle" x="{middle:.1f}" y="{y + 2.5:.1f}">'
            f"{escape(floor)}</text>"
        )
    return "\n".join(parts)


def _arrow(
    importer: tuple[float, float, float, float], imported: tuple[float, float, float, float]
) -> str:
    x1, y1 = importer[0] + importer[2] / 2, importer[1] + importer[3]
    x2, y2 = imported[0] + imported[2] / 2, imported[1]
    # Arrows to one room spread over its upper edge, on the side that they come from.
    x2 += max(-0.35, min(0.35, (x1 - x2) / 600)) * imported[2]
    bend = (y2 - y1) / 2
    return (
        f'<path d="M{x1:.1f} {y1:.1f}C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} '
        f'{x2:.1f} {y2 - 2:.1f}"/>'
    )


if __name__ == "__main__":
    PICTURE.write_text(svg())
    print(PICTURE.relative_to(ROOT))
