"""Widths of texts against the font itself, and what is put into XML."""

from __future__ import annotations

import string
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.ft2font import FT2Font
from matplotlib.ft2font import LoadFlags

from optuna_codeepneat.visualization._diagram._text import escaped
from optuna_codeepneat.visualization._diagram._text import shortened
from optuna_codeepneat.visualization._diagram._text import text_width
from optuna_codeepneat.visualization._diagram._text import wrapped


FONTS = Path(matplotlib.get_data_path(), "fonts", "ttf")
UNITS = 2048


@pytest.mark.parametrize(
    ("name", "bold"), [("DejaVuSans.ttf", False), ("DejaVuSans-Bold.ttf", True)]
)
def test_widths_are_those_of_the_font(name: str, bold: bool) -> None:
    font = FT2Font(str(FONTS / name))
    printable = string.ascii_letters + string.digits + string.punctuation + " "
    for character in printable + "×÷→…\N{NO-BREAK SPACE}":
        flags = LoadFlags.NO_SCALE | LoadFlags.NO_HINTING
        exact = font.load_char(ord(character), flags).horiAdvance * 1000 / UNITS
        assert exact <= text_width(character, 1000, bold) <= exact + 32


@given(st.text(), st.integers(0, 200), st.booleans())
def test_shortened_text_fits(text: str, limit: int, bold: bool) -> None:
    short = shortened(text, 11, limit, bold)
    assert short == text or short.endswith("…")
    assert text_width(short, 11, bold) <= limit or short == "…"
    if text_width(text, 11, bold) <= limit:
        assert short == text


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=9)), st.integers(0, 90))
def test_wrapped_text_fits_and_keeps_its_words(words: list[str], first: int) -> None:
    lines = wrapped(words, 11, first, 90)
    assert " ".join(lines).split() == words
    assert text_width(lines[0], 11) <= first
    assert all(text_width(line, 11) <= 90 for line in lines[1:])


@given(st.text(st.characters()))
def test_escaped_text_is_xml(text: str) -> None:
    element = ElementTree.fromstring(f'<a b="{escaped(text)}">{escaped(text)}</a>')
    plain = "".join(c for c in text if c.isprintable() and c != "\ufffd")
    assert plain in ("".join(c for c in (element.text or "") if c.isprintable() and c != "\ufffd"))
