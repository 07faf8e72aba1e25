"""`network_svg`: what the text holds, and what it must not."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.testing import architectures
from optuna_codeepneat.visualization import network_svg
from tests.visualization.diagram.examples import EXAMPLES
from tests.visualization.diagram.examples import SPACES
from tests.visualization.diagram.examples import five_layers
from tests.visualization.diagram.examples import long_names
from tests.visualization.diagram.examples import many_layers


SVG = "{http://www.w3.org/2000/svg}"
TAGS = {f"{SVG}{tag}" for tag in ("svg", "title", "g", "rect", "path", "text", "tspan")}


def check(architecture: Architecture, title: str | None = None) -> ElementTree.Element:
    text = network_svg(architecture, title=title)
    root = ElementTree.fromstring(text)
    width, height = root.attrib["width"], root.attrib["height"]
    assert root.attrib["viewBox"] == f"0 0 {width} {height}"
    # Only shapes and texts: nothing that runs, is fetched or could clash on a page.
    assert {element.tag for element in root.iter()} <= TAGS
    names = {name for element in root.iter() for name in element.attrib}
    assert not names & {"id", "class", "style", "href"}
    assert not any(name.startswith("on") for name in names)
    assert "url(" not in text
    background = root.find(f"{SVG}rect")
    assert background is not None
    assert background.attrib == {"width": width, "height": height, "fill": "#fff"}
    for path in root.iter(f"{SVG}path"):
        assert re.fullmatch(r"[-MVCZlhz0-9 ]*", path.attrib["d"])
    # Every operation is a tooltip's, by its name or as part of a fold.
    tips = [element.text or "" for element in root.iter(f"{SVG}title")][1:]
    named = {tip.partition(":")[0] for tip in tips}
    folded = {place for tip in tips for place in places(tip)}
    for op in architecture.operations:
        assert op.name in named or op.name.partition(".")[0] in folded
    return root


def places(tip: str) -> list[str]:
    """The blueprint nodes that a fold stands for."""
    found = re.match(r"module \w again, at nodes? ([\d, ]+) of", tip)
    return found[1].split(", ") if found else []


@given(
    st.sampled_from(sorted(SPACES)).flatmap(lambda name: architectures(SPACES[name])),
    st.none() | st.text(st.characters()),
)
def test_any_svg(architecture: Architecture, title: str | None) -> None:
    check(architecture, title)


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str) -> None:
    check(EXAMPLES[name](), name)


def test_title_names_the_picture() -> None:
    root = check(five_layers(), 'net "1" <&>')
    name = root.attrib["aria-label"]
    assert name.startswith('net "1" <&>: ')
    assert root.attrib["role"] == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == name


def test_genes_that_are_markup_are_text() -> None:
    shown = "".join(check(long_names()).itertext())
    assert "gate <soft> & 'hard'" in shown


def test_slots_have_colours_of_their_own_in_every_network() -> None:
    groups = {}
    for architecture in (five_layers(), many_layers()):
        for element in check(architecture).iter(f"{SVG}g"):
            texts = element.findall(f"{SVG}text")
            if texts and (texts[0].text or "").startswith("module"):
                rect = element.find(f"{SVG}rect")
                assert rect is not None
                groups.setdefault((texts[0].text or "")[:8], set()).add(rect.attrib["fill"])
    assert {len(fills) for fills in groups.values()} == {1}
    assert len({next(iter(fills)) for fills in groups.values()}) == len(groups) == 4


def test_size_is_small() -> None:
    assert len(network_svg(five_layers(), title="five").encode()) < 6_000
    assert len(network_svg(many_layers(), title="many").encode()) < 20_000


def test_same_architecture_same_text_in_another_process() -> None:
    code = (
        "from tests.visualization.diagram.examples import many_layers;"
        "from optuna_codeepneat.visualization import network_svg;"
        "import sys; sys.stdout.buffer.write(network_svg(many_layers(), title='t').encode())"
    )
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    assert other == network_svg(many_layers(), title="t").encode()


def test_fold_is_the_users_choice() -> None:
    assert "again" not in network_svg(many_layers(), fold=False)
    assert "again" in network_svg(many_layers())
