"""docs/glossary.md defines what classes are named for."""

from __future__ import annotations

import ast
import re
from pathlib import Path


ROOT = Path(__file__).parents[1]
TERM = re.compile(r"^([a-z][a-z ]*)$", re.M)

# Verbs and adjectives: messages named for what has happened, rules named for how they go on.
NOT_NOUNS = {
    "abandoned",
    "asynchronous",
    "broken",
    "counted",
    "crashed",
    "decoded",
    "evaluated",
    "finally",
    "finished",
    "inherit",
    "inherited",
    "interrupted",
    "joined",
    "lamarckian",
    "masked",
    "next",
    "placed",
    "progressed",
    "recurrent",
    "residual",
    "searched",
    "shown",
    "silence",
    "started",
    "synchronous",
    "tested",
    "warned",
    "yet",
}
# Words of everybody, in what draws and lays out.
PLAIN = {"box", "column", "form", "group", "item", "layout", "line", "link", "name", "net", "row"}
PLAIN |= {"picture", "scene", "table", "text", "index", "collector", "command", "count", "other"}
PLAIN |= {"backend", "connection", "handler", "server", "log", "parameter", "comparison", "rule"}
PLAIN |= {"space"}


def nouns() -> dict[str, str]:
    """The last word of each class's name, and the class."""
    found = {}
    for path in (ROOT / "optuna_codeepneat").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                words = re.findall(r"[A-Z][a-z0-9]+|[A-Z]+(?![a-z])", node.name)
                found[words[-1].lower()] = node.name
    return found


def test_every_noun_of_a_class_is_defined() -> None:
    terms = set(TERM.findall((ROOT / "docs" / "glossary.md").read_text()))
    known = terms | NOT_NOUNS | PLAIN | {"conv", "pointwise", "lemonade", "neat", "presets"}

    def is_known(noun: str) -> bool:
        return bool({noun, noun.removesuffix("s"), noun.removesuffix("es")} & known)

    assert {noun: name for noun, name in nouns().items() if not is_known(noun)} == {}
