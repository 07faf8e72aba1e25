"""The hash by which data are known again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from optuna_codeepneat.problems import _content
from optuna_codeepneat.problems._content import content_of


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read, where each is large enough for its hash to be kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(_content, "_WORTH_BYTES", 0)
    opened: list[str] = []
    open_file = Path.open

    def opening(self: Path, mode: str = "r", **more: Any) -> object:
        if self.suffix == ".vec" and mode == "rb":
            opened.append(self.name)
        return open_file(self, mode, **more)

    monkeypatch.setattr(Path, "open", opening)
    return opened


def test_a_large_file_is_read_once_until_it_changes(
    tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_content, "_SETTLED_SECONDS", -1.0)
    file = tmp_path / "wiki.vec"
    file.write_bytes(b"a 1 2")
    known = hashlib.sha256(b"a 1 2").hexdigest()[:16]
    assert [content_of(file), content_of(file)] == [known] * 2
    assert read == ["wiki.vec"]
    file.write_bytes(b"a 1 3")
    os.utime(file, (10.0, 10.0))
    assert content_of(file) == hashlib.sha256(b"a 1 3").hexdigest()[:16]
    assert len(read) == 2


def test_a_file_that_has_just_changed_may_change_again(tmp_path: Path, read: list[str]) -> None:
    file = tmp_path / "wiki.vec"
    for content in (b"a 1 2", b"a 1 3"):
        file.write_bytes(content)
        os.utime(file, (10.0, 10.0))
        assert content_of(file) == hashlib.sha256(content).hexdigest()[:16]
    assert len(read) == 2


def test_what_is_not_there_has_none(tmp_path: Path) -> None:
    (tmp_path / "t.csv").touch()
    assert content_of(tmp_path / "t.csv") is not None
    assert content_of(tmp_path / "t.csv", tmp_path / "wiki.vec") is None
