"""A terminal's screen: what is seen once all that a program wrote has had its effect."""

from __future__ import annotations

import re


_PIECE = re.compile(r"\x1b\[(?P<arguments>[?\d;]*)(?P<code>[A-Za-z])|(?P<char>[\s\S])")


class Screen:
    """A screen of endless height that wraps its lines anew when it becomes narrower.

    It knows the control codes that the command uses, and no others.

    Args:
        width:
            Its width in columns.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.cursor_is_shown = True
        self.rows = [""]
        self.widest = 0
        """The most columns that were ever filled."""
        self._row = self._column = 0

    @property
    def text(self) -> str:
        """What is seen, without empty space to the right or below."""
        return "\n".join(row.rstrip() for row in self.rows).rstrip()

    def write(self, text: str) -> None:
        """Takes what a program wrote."""
        for piece in _PIECE.finditer(text):
            if piece["char"] is None:
                self._control(piece["code"], piece["arguments"])
            else:
                self._char(piece["char"])

    def narrow(self, width: int) -> None:
        """Makes the screen narrower; lines that don't fit any more become several rows."""
        rows = []
        for i, row in enumerate(self.rows):
            text = row.rstrip() if i != self._row else row
            parts = [text[j : j + width] for j in range(0, len(text), width)] or [""]
            rows += parts
            if i == self._row:
                cursor = len(rows) - 1, len(parts[-1])
        self.rows, self.width = rows, width
        self._row, self._column = cursor

    def _char(self, char: str) -> None:
        if char == "\r":
            self._column = 0
        elif char == "\n":
            self._row, self._column = self._row + 1, 0
        else:
            assert char >= " ", f"unknown control character {char!r}"
            if self._column == self.width:
                self._row, self._column = self._row + 1, 0
            self._fill()
            row = self.rows[self._row].ljust(self._column)
            self.rows[self._row] = row[: self._column] + char + row[self._column + 1 :]
            self._column += 1
            self.widest = max(self.widest, self._column)
        self._fill()

    def _fill(self) -> None:
        while len(self.rows) <= self._row:
            self.rows.append("")

    def _control(self, code: str, arguments: str) -> None:
        if code == "m":
            return
        if arguments == "?25":
            self.cursor_is_shown = code == "h"
        elif code == "K" and arguments == "2":
            self.rows[self._row] = ""
        elif code == "A":
            self._row = max(0, self._row - int(arguments or 1))
        elif code == "B":
            self._row = min(len(self.rows) - 1, self._row + int(arguments or 1))
        else:
            raise AssertionError(f"unknown control code {arguments}{code}")
