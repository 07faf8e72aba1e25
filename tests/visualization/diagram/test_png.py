"""`network_png`: the SVG, in pixels."""

from __future__ import annotations

import io
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
import pytest

from optuna_codeepneat.visualization import network_png
from optuna_codeepneat.visualization import network_svg
from tests.visualization.diagram.examples import EXAMPLES
from tests.visualization.diagram.examples import five_layers


def pixels(png: bytes) -> np.ndarray:
    """The picture as an array (height, width, 3), 1 is white."""
    return matplotlib.image.imread(io.BytesIO(png))[..., :3]


@pytest.mark.parametrize(
    "zoom", [0.5, 1.0, pytest.param(2.5, marks=[pytest.mark.long, pytest.mark.soak])]
)
@pytest.mark.parametrize("name", EXAMPLES)
def test_size_and_content(name: str, zoom: float) -> None:
    architecture = EXAMPLES[name]()
    root = ElementTree.fromstring(network_svg(architecture, title=name))
    image = pixels(network_png(architecture, title=name, zoom=zoom))
    size = [float(root.attrib[side]) * zoom for side in ("height", "width")]
    assert image.shape[:2] == pytest.approx(size, abs=1)
    assert image[0, 0] == pytest.approx(1)
    colours = np.unique((image * 255).round().astype(int) @ (1, 256, 256**2))
    assert len(colours) > 20


def test_text_is_drawn_without_any_fonts_of_the_system() -> None:
    image = pixels(network_png(five_layers(), title="A title in bold", zoom=2))
    heading = image[2 * 14 : 2 * 28, 2 * 14 : 2 * 140]
    assert 0.05 < (heading < 0.5).mean() < 0.5
    other = pixels(network_png(five_layers(), title="B title in bold", zoom=2))
    assert (image != other).any()


def test_same_architecture_same_bytes() -> None:
    assert network_png(five_layers()) == network_png(five_layers())


@pytest.mark.parametrize("zoom", [0, -1.0, float("nan"), float("inf"), 1e4])
def test_zoom_that_cannot_be(zoom: float) -> None:
    with pytest.raises(ValueError, match=r"^`zoom` "):
        network_png(five_layers(), zoom=zoom)


@pytest.mark.parametrize(
    ("package", "title"), [("resvg_py", "resvg"), ("matplotlib", "Matplotlib")]
)
def test_missing_package_is_one_clear_sentence(package: str, title: str) -> None:
    code = f"""
import sys
sys.modules[{package!r}] = None
from optuna_codeepneat.visualization import network_svg
try:
    from optuna_codeepneat.visualization import network_png
except ImportError as error:
    print(error)
"""
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert printed.stdout.decode().strip() == (
        f"`network_png` needs {title}; "
        "install it with: pip install optuna-codeepneat[visualization]"
    )


def test_svg_loads_neither_torch_nor_a_drawing_package() -> None:
    code = (
        "import sys; from tests.visualization.diagram.examples import five_layers;"
        "from optuna_codeepneat.visualization import network_svg; network_svg(five_layers());"
        "names = {'torch', 'matplotlib', 'resvg_py', 'plotly', 'jinja2'};"
        "print(sorted(names & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert printed.stdout.decode().strip() == "[]"
