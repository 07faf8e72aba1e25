"""A report as a reader without a browser sees it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from optuna_codeepneat.visualization._report._packing import unpacked


class Reading(HTMLParser):
    """A page: its elements, its text and what is packed in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self._open: list[str] = []
        self._texts: list[str] = []
        self.feed(html)
        self.close()
        self.text = " ".join(" ".join(self._texts).split())

    @classmethod
    def of(cls, path: Path) -> Reading:
        return cls(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            attrs, text = self.scripts[-1]
            self.scripts[-1] = (attrs, text + data)
        elif not self._open or self._open[-1] != "style":
            self._texts.append(data)

    @property
    def trials(self) -> list[int]:
        """The trials of the table, from top to bottom."""
        ids = [attrs.get("id") or "" for tag, attrs in self.tags if tag == "tr"]
        return [int(name.removeprefix("trial-")) for name in ids if name]

    def details(self, number: int) -> Reading:
        """What opens below a row."""
        return Reading(self._unpacked(f"detail-{number}"))

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        names = [str(attrs.get("id")) for attrs, _ in self.scripts]
        return {
            name.removeprefix("figure-"): json.loads(self._unpacked(name))
            for name in names
            if name.startswith("figure-")
        }

    def _unpacked(self, name: str) -> str:
        return next(unpacked(text) for attrs, text in self.scripts if attrs.get("id") == name)
