"""`network_svg`: a network diagram as a self-contained SVG."""

from __future__ import annotations

from collections.abc import Iterable

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.visualization._diagram._labels import cost_text
from optuna_codeepneat.visualization._diagram._picture import FONT
from optuna_codeepneat.visualization._diagram._picture import Line
from optuna_codeepneat.visualization._diagram._picture import Picture
from optuna_codeepneat.visualization._diagram._picture import Placed
from optuna_codeepneat.visualization._diagram._picture import Text
from optuna_codeepneat.visualization._diagram._picture import picture_of
from optuna_codeepneat.visualization._diagram._scene import Box
from optuna_codeepneat.visualization._diagram._scene import Form
from optuna_codeepneat.visualization._diagram._scene import scene_of
from optuna_codeepneat.visualization._diagram._text import escaped


_TINTS = (
    ("#b6dff6", "#1f78b0"),
    ("#f5d99a", "#b07800"),
    ("#e6f5f1", "#008a64"),
    ("#eed4e2", "#a8507f"),
    ("#f9f3ae", "#8f8400"),
    ("#cfe4f1", "#005080"),
    ("#f9eade", "#c04c00"),
    ("#dadada", "#606060"),
)
"""Fill and outline of a module by its slot: shades of the colours of Okabe and Ito (2008), some
pale and some less so, that those who see two of the three primary colours tell apart as well:
under each of the three dichromacies (Machado et al. 2009) two of the first four differ by 7
units of CIELAB at least, any two by 2.5. A slot's letter says the same."""

_INK, _PALE, _LINE = "#1a1a1a", "#555", "#444"


def network_svg(
    architecture: Architecture, *, title: str | None = None, fold: bool | None = None
) -> str:
    """Draws a network from top to bottom, its modules as groups of layers.

    A box says which layer it is, the genes that matter, the shape of its output and its
    parameters; the rest is in its tooltip. Modules of the same slot have the same colour. The
    same architecture gives the same text, which holds no scripts, no ids and no references, so
    that it can be shown as an image and put into a page.

    Args:
        architecture:
            The network.
        title:
            A line above it, which is also its name for those who do not see it.
        fold:
            Whether a module that has been shown before becomes one box that says "again"; by
            default in networks of 12 or more layers.

    Returns:
        The SVG, without an XML declaration.

    Example:
        >>> from optuna_codeepneat import SearchSpace
        >>> from optuna_codeepneat.search_space import Node
        >>> from optuna_codeepneat.visualization import network_svg
        >>> space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
        >>> architecture = space.architecture(
        ...     blueprint=[Node("0", "A"), Node("1", "A", inputs=["0"])],
        ...     modules={"A": [Node("0", "conv1d", genes={"width": 12})]},
        ... )
        >>> network_svg(architecture, title="Two convolutions").count("conv1d</tspan>")
        2
    """
    return svg_of(drawn(architecture, title=title, fold=fold))


def drawn(
    architecture: Architecture, *, title: str | None = None, fold: bool | None = None
) -> Picture:
    """The picture of a network, its heading included."""
    sizes = f"{cost_text(architecture.num_params, architecture.macs)}, depth {architecture.depth}"
    return picture_of(scene_of(architecture, fold=fold), title=title, caption=sizes)


def svg_of(picture: Picture) -> str:
    """The SVG of a picture."""
    width, height = picture.width, picture.height
    name = escaped(" ".join(picture.name.split()))
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" aria-label="{name}">',
            f"<title>{name}</title>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            f'<g font-family="DejaVu Sans,Verdana,sans-serif" font-size="{FONT}" fill="{_INK}">',
            *map(_text, picture.heading),
            *map(_group, picture.groups),
            *_lines(picture.lines),
            *map(_box, picture.boxes),
            *map(_text, picture.foot),
            "</g></svg>\n",
        ]
    )


def _group(group: Placed) -> str:
    fill, outline = _tint(group)
    return f"<g>{_tooltip(group)}{_rect(group, 10, fill, outline)}{_texts(group)}</g>"


def _box(box: Placed) -> str:
    assert isinstance(box.item, Box)
    form = box.item.form
    if form is Form.FOLD:
        # A second outline behind it, as of cards in a stack.
        fill, outline = _tint(box)
        behind = box.moved(3, 3)
        shape = _rect(behind, 8, fill, outline) + _rect(box, 8, fill, outline)
    elif form is Form.LAYER:
        shape = _rect(box, 4, "#fff", _tint(box)[1])
    elif form is Form.PILL:
        shape = _rect(box, box.height // 2, "#fff", _LINE)
    else:
        shape = _rect(box, 4, "#eee", _LINE)
    return f"<g>{_tooltip(box)}{shape}{_texts(box)}</g>"


def _tint(placed: Placed) -> tuple[str, str]:
    """The colours of a slot: "A" has the first, whatever other slots a network has."""
    slot = placed.item.slot or ""
    return _TINTS[sum(map(ord, slot), -ord("A")) % len(_TINTS)]


def _rect(placed: Placed, radius: int, fill: str, outline: str) -> str:
    return (
        f'<rect x="{placed.x}" y="{placed.y}" width="{placed.width}" height="{placed.height}" '
        f'rx="{radius}" fill="{fill}" stroke="{outline}"/>'
    )


def _tooltip(placed: Placed) -> str:
    return f"<title>{escaped(placed.item.tooltip)}</title>"


def _texts(placed: Placed) -> str:
    return "".join(map(_text, placed.texts))


def _text(text: Text) -> str:
    size = f' font-size="{text.size}"' if text.size != FONT else ""
    pale = f' fill="{_PALE}"' if text.is_pale else ""
    bold, plain = escaped(text.bold), escaped(text.plain)
    if bold and plain:
        words = f'<tspan font-weight="bold">{bold}</tspan> {plain}'
    else:
        size += ' font-weight="bold"' if bold else ""
        words = bold or plain
    return f'<text x="{text.x}" y="{text.y}"{size}{pale}>{words}</text>' if words else ""


def _lines(lines: Iterable[Line]) -> list[str]:
    """All lines as one path, all arrowheads as another: markers would need ids."""
    strokes, heads = [], []
    for line in lines:
        link = line.link
        strokes.append(f"M{link.x0} {link.y0}")
        if link.x0 != link.x1:
            middle = (link.bend0 + link.bend1) // 2
            strokes.append(f"V{link.bend0}" if link.bend0 != link.y0 else "")
            strokes.append(f"C{link.x0} {middle} {link.x1} {middle} {link.x1} {link.bend1}")
            strokes.append(f"V{link.y1}" if link.bend1 != link.y1 else "")
        else:
            strokes.append(f"V{link.y1}")
        if line.has_arrow:
            heads.append(f"M{link.x1} {link.y1}l-3-6h6z")
    return [
        f'<path d="{"".join(strokes)}" fill="none" stroke="{_LINE}"/>',
        f'<path d="{"".join(heads)}" fill="{_LINE}"/>',
    ]
