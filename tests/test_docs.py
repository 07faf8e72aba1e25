"""The Python in README.md and in the documentation runs, page by page, with few trials."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest


ROOT = Path(__file__).parent.parent
FEW_TRIALS = 3

# What a page leaves to its reader.
GIVEN: dict[str, dict[str, Callable[..., object]]] = {
    "README.md": {"train": lambda network, lr: 0.5},
}


def blocks(page: Path) -> str:
    """The page's Python, at its own line numbers, so that an error names the right line."""
    inside = False
    lines = []
    for line in page.read_text().splitlines():
        if line.startswith("```"):
            inside = line == "```python"
            line = ""
        lines.append(line if inside else "")
    return re.sub(r"n_trials=\d+", f"n_trials={FEW_TRIALS}", "\n".join(lines))


PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if blocks(page).strip()
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    code = compile(blocks(page), str(page), "exec", dont_inherit=True)
    exec(code, {"__name__": "__main__", **GIVEN.get(page.name, {})})
