from __future__ import annotations

from pathlib import Path

import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems._built_in._emoji import _GROUPS
from optuna_codeepneat.problems._built_in._emoji import _LISTS
from optuna_codeepneat.problems._built_in._emoji import _Bitmaps
from optuna_codeepneat.problems._built_in._emoji import _emojis
from optuna_codeepneat.problems._built_in._emoji import emoji
from tests.problems.built_in.small import check_whole
from tests.problems.built_in.small import splits_or_skip


torch = pytest.importorskip("torch")

LIST = """
# group: Component
1F3FB                 ; component       # light skin tone
1F9B0                 ; fully-qualified # made up
# group: People & Body
1F44B                 ; fully-qualified # waving hand
1F44B 1F3FB           ; fully-qualified # waving hand: light skin tone
1F3C3 200D 2640 FE0F  ; fully-qualified # woman running
1F3C3 200D 2640       ; minimally-qualified # woman running
1F469 200D 1F692      ; fully-qualified # woman firefighter
1F468 200D 1F692      ; fully-qualified # man firefighter
1F468                 ; fully-qualified # man
# group: Flags
1F1E6 1F1E8           ; fully-qualified # flag
"""


def test_pictures_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    problem = get_problem("emoji", size=16)
    splits = splits_or_skip(problem)

    parts = (splits.train, splits.validation, splits.test)
    assert sum(map(len, parts)) > 1500
    assert 0.55 < len(splits.train) / sum(map(len, parts)) < 0.65
    for part in parts:
        assert len(part.targets.unique()) == 9
    mean, std = splits.train.inputs.mean((0, 2, 3)), splits.train.inputs.std((0, 2, 3))
    assert float(mean.abs().max()) < 0.05 and float((std - 1).abs().max()) < 0.1
    check_whole(problem)


def test_which_emoji_there_are_and_which_are_alike(tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text(LIST)

    found = _emojis(listed)

    assert [one.kind for one in found] == [1, 1, 1, 1, 1, 8]
    bases = [one.base for one in found]
    assert bases == ["1f44b", "1f3c3", "1f692", "1f692", "1f468", "1f1e6-1f1e8"]


def test_signs_that_are_put_together_have_pictures_of_their_own() -> None:
    from optuna_codeepneat.problems._built_in._emoji import _FONT
    from optuna_codeepneat.problems._built_in._emoji import _FONTS

    pytest.importorskip("fontTools")
    try:
        bitmaps, listed = _Bitmaps(_FONTS.find() / _FONT), _emojis(_LISTS.find() / _GROUPS)
    except DataError as error:
        pytest.skip(str(error))  # Debian's packages: CI installs them, a developer need not
    pictures = [bitmaps.png(one.points) for one in listed]
    there = [picture for picture in pictures if picture is not None]
    assert len(there) > 0.95 * len(listed)
    assert len(set(there)) > 0.99 * len(there)
    assert all(picture.startswith(b"\x89PNG") for picture in there)
    assert bitmaps.png([0x41]) is None and bitmaps.png([0x41, 0x42]) is None


def test_what_is_no_font(tmp_path: Path) -> None:
    pytest.importorskip("fontTools")
    font = tmp_path / "font.ttf"
    font.write_bytes(b"no font")
    with pytest.raises(DataError, match="font.ttf' can't be read: TTLibError: "):
        _Bitmaps(font)


def test_bounds_of_options() -> None:
    with pytest.raises(ValueError, match="`size` must be one of 16, 32, 64, got 17"):
        emoji(size=17)
