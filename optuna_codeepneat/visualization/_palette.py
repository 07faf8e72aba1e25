"""The colours of figures and diagrams; all of them differ in lightness too."""

from __future__ import annotations


CATEGORIES = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#000000",
)
"""Categories (Okabe and Ito 2008): told apart with any colour vision."""

DASHES = ("solid", "dash", "dot", "dashdot")
"""Lines differ in their dashes as well."""

GENERATIONS = "Viridis"
"""From early to late: perceptually uniform, and dark to light."""

INK = "#1f2937"

BY_HAND = "#d55e00"
"""Networks that no search made: vermilion, which no generation has."""

PALE = "#9ca3af"
"""What is left out of the comparison: infeasible trials, references."""


def category(i: int) -> str:
    """The colour of the category numbered i, which repeat after eight."""
    return CATEGORIES[i % len(CATEGORIES)]
