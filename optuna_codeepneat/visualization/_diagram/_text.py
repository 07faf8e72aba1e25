"""How wide a text is, without a font: advance widths of DejaVu Sans."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from xml.sax.saxutils import escape


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split()))


# Per mille of the font's size, for the characters from the space to the tilde. A viewer without
# DejaVu Sans falls back to Verdana, which is as wide, or to a font that is narrower.
_REGULAR = _numbers(
    """
    318 401 460 838 637 951 780 275 391 391 500 838 318 361 318 337 637 637 637 637 637 637
    637 637 637 637 337 337 838 838 838 531 1000 685 687 699 771 632 576 775 752 295 295 656
    558 863 749 788 604 788 695 635 611 732 685 989 686 611 686 391 337 391 838 500 500 613
    635 550 635 616 353 635 634 278 278 580 278 975 634 612 635 635 412 521 393 634 592 818
    592 592 525 637 337 637 838
    """
)
_BOLD = _numbers(
    """
    349 457 521 838 696 1002 873 307 458 458 523 838 380 416 380 366 696 696 696 696 696 696
    696 696 696 696 400 400 838 838 838 581 1000 774 763 734 831 684 684 821 837 373 373 775
    638 996 837 851 733 851 771 721 683 813 774 1104 771 725 726 458 366 458 838 500 500 675
    716 593 716 679 436 716 712 343 343 666 343 1042 712 688 716 716 494 596 479 712 652 924
    646 652 583 712 366 712 838
    """
)
_OTHERS = {"\N{NO-BREAK SPACE}": 349, "×": 838, "÷": 838, "→": 838, "…": 1000}
_WIDEST = 1500  # of any other character

# What an XML document may not hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, bold: bool = False) -> int:
    """The width of a line of text in pixels, rounded up, in a font of `size` pixels."""
    widths, total = (_BOLD if bold else _REGULAR), 0
    for character in text:
        place = ord(character) - 32
        total += widths[place] if 0 <= place < 95 else _OTHERS.get(character, _WIDEST)
    return ceil(total * size / 1000)


def shortened(text: str, size: float, limit: float, bold: bool = False) -> str:
    """The text, or as much of it as fits with "…" behind it."""
    if text_width(text, size, bold) <= limit:
        return text
    while text and text_width(text + "…", size, bold) > limit:
        text = text[:-1]
    return text + "…"


def wrapped(
    words: Sequence[str], size: float, first: float, limit: float, bold: bool = False
) -> list[str]:
    """Lines of words, the first at most `first` wide, the others `limit`; longer words are cut."""
    lines, room = [""], first
    for word in words:
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if text_width(joined, size, bold) <= room:
            lines[-1] = joined
        else:
            lines.append(shortened(word, size, limit, bold))
            room = limit
    return lines


def escaped(text: str) -> str:
    """The text as it stands in an XML element or an attribute in double quotes."""
    return escape(_FORBIDDEN.sub("�", text), {'"': "&quot;"})
