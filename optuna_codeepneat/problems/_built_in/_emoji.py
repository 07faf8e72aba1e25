"""Emoji as images of nine kinds: pictures from a font, kinds from the Unicode groups."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from optuna.distributions import FloatDistribution

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat._lazy import needing
from optuna_codeepneat._text import error_in_words
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._built_in._choices import one_of
from optuna_codeepneat.problems._built_in._files import DataFiles
from optuna_codeepneat.problems._built_in._recipes import RECIPES
from optuna_codeepneat.problems._cache import cached_arrays
from optuna_codeepneat.problems._data import by_groups
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import ImageReader
from optuna_codeepneat.problems._preprocessing import Preprocessing
from optuna_codeepneat.problems._preprocessing import pixels_of
from optuna_codeepneat.problems._problem import Problem
from optuna_codeepneat.problems._splits import Splits
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Recipe


_KINDS = (
    "Smileys & Emotion",
    "People & Body",
    "Animals & Nature",
    "Food & Drink",
    "Travel & Places",
    "Activities",
    "Objects",
    "Symbols",
    "Flags",
)
"""The groups of Unicode but for the parts that emoji are put together from."""

_FONT, _GROUPS = "NotoColorEmoji.ttf", "emoji-test.txt"
_FONTS = DataFiles(
    title="the problem emoji",
    folders=("emoji", "/usr/share/fonts/truetype/noto"),
    needed=(_FONT,),
    get="install Debian's packages fonts-noto-color-emoji and unicode-data, or put "
    f"{_FONT} with bitmaps, of https://github.com/googlefonts/noto-emoji",
)
_LISTS = DataFiles(
    title="the problem emoji",
    folders=("emoji", "/usr/share/unicode/emoji"),
    needed=(_GROUPS,),
    get=f"install Debian's package unicode-data, or put {_GROUPS} of "
    "https://unicode.org/Public/emoji",
)

_LINE = re.compile(r"([0-9A-F ]+?)\s*; fully-qualified")
_VARIANT = 0xFE0F
_SKINS = range(0x1F3FB, 0x1F3FF + 1)
_TWINS = {0x200D, 0x2640, 0x2642, 0x1F468, 0x1F469, 0x1F9D1}
"""What tells a woman's emoji from a man's and from that of no sex, and what joins code points."""

_SIZES = (16, 32, 64)
_SHARE = 0.2
_MEAN, _STD = (0.827, 0.781, 0.722), (0.274, 0.271, 0.338)


def emoji(*, size: int = 32, recipe: str = "cpu") -> Problem:
    """Emoji of nine kinds: accuracy against the number of parameters.

    Pictures of Noto Color Emoji on white. Those with a tone of skin are left out, and a woman and
    a man who do the same are in one part: about 60 % train networks, 20 % are for validation and
    20 % for the test.

    Args:
        size:
            Height and width: 16, 32 or 64.
        recipe:
            ``"cpu"`` for short trainings, ``"gpu"`` for longer ones.

    Raises:
        ValueError: If an option is out of its bounds.
    """
    size = one_of("size", size, _SIZES)
    steps = {"cpu": 150, "gpu": 600}[one_of("recipe", recipe, RECIPES)]
    search = Recipe(steps=steps, batch_size=50, learning_rate=1e-2, weight_decay=0.05)
    reader = ImageReader(size=(size, size), mode="RGB", mean=_MEAN, std=_STD)
    return Problem(
        name="emoji",
        title="Emoji",
        make_space=lambda: SearchSpace.conv2d(
            input_shape=reader.input_shape,
            num_outputs=len(_KINDS),
            max_params=50_000,
            max_macs=3_000_000,
        ),
        load_splits=partial(_load, reader),
        objectives={"accuracy": "maximize", "num_params": "minimize"},
        search_recipe=search,
        final_recipe=search.replace(steps=4 * steps, weight_decay=0.1),
        augmentation=Augmentation(flip=True, shift=0.1, rotate=10.0),
        hyperparameters={
            "learning_rate": FloatDistribution(2e-3, 4e-2, log=True),
            "weight_decay": FloatDistribution(1e-3, 0.3, log=True),
        },
        make_preprocessing=lambda: Preprocessing(
            reader=reader, target=ClassTarget(classes=_KINDS)
        ),
    )


@dataclass(frozen=True)
class _Emoji:
    """One of the list: its code points without variants, and the number of its kind."""

    points: tuple[int, ...]
    kind: int

    @property
    def base(self) -> str:
        """What is the same for emoji that are alike but for the sex of who is shown."""
        rest = [point for point in self.points if point not in _TWINS] or self.points[:1]
        return "-".join(f"{point:x}" for point in rest)


def _load(reader: ImageReader) -> Splits:
    font, listed = _FONTS.find() / _FONT, _LISTS.find() / _GROUPS
    sizes = [path.stat().st_size for path in (font, listed)]
    version = content_hash([*reader.size, *sizes], 12)
    arrays = cached_arrays(f"emoji-1-{version}", partial(_read, font, listed, reader))
    kinds = arrays["kinds"]
    split = by_groups(
        arrays["bases"].tolist(),
        kinds,
        validation=_SHARE,
        test=_SHARE,
        seed=0,
        place=lambda i: f"emoji {i}",
    )
    examples = reader.examples(arrays["pixels"], kinds)
    return Splits(
        train=examples.take(split.train.tolist()),
        validation=examples.take(split.validation.tolist()),
        test=examples.take(split.test.tolist()),
    )


def _read(font: Path, listed: Path, reader: ImageReader) -> dict[str, Any]:
    emojis, pictures = [], []
    seen: set[bytes] = set()  # some flags are the same
    bitmaps = _Bitmaps(font)
    for one in _emojis(listed):
        png = bitmaps.png(one.points)
        if png is not None and png not in seen:
            seen.add(png)
            emojis.append(one)
            pictures.append(_on_white(png))
    if len({one.kind for one in emojis}) < len(_KINDS):
        raise DataError(f"{str(font)!r} lacks emoji of some of the groups in {str(listed)!r}.")
    return {
        "pixels": pixels_of(pictures, reader.size, reader.mode),
        "kinds": np.array([one.kind for one in emojis], dtype=np.int64),
        "bases": np.array([one.base for one in emojis]),
    }


def _emojis(listed: Path) -> list[_Emoji]:
    """The emoji of a list without tones of skin."""
    found, kind = [], None
    try:
        lines = listed.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{str(listed)!r} can't be read: {error}.") from None
    for line in lines:
        if line.startswith("# group: "):
            name = line.removeprefix("# group: ").strip()
            kind = _KINDS.index(name) if name in _KINDS else None
        match = _LINE.match(line)
        if match is None or kind is None:
            continue
        points = [int(point, 16) for point in match[1].split()]
        if not any(point in _SKINS for point in points):
            found.append(_Emoji(tuple(p for p in points if p != _VARIANT), kind))
    return found


class _Bitmaps:
    """The pictures in a font."""

    def __init__(self, path: Path) -> None:
        with needing("the problem 'emoji'"):
            from fontTools.ttLib import TTFont
        try:
            font = TTFont(io.BytesIO(path.read_bytes()))
            self._glyphs: dict[int, str] = font.getBestCmap()
            self._ligatures = _ligatures(font)
            self._pictures: dict[str, Any] = font["CBDT"].strikeData[0]
        except KeyError:
            raise DataError(
                f"{str(path)!r} holds no bitmaps: another build of the font is needed, with the "
                "table CBDT."
            ) from None
        except Exception as error:  # whatever a damaged file comes to
            raise DataError(f"{str(path)!r} can't be read: {error_in_words(error)}.") from None

    def png(self, points: Sequence[int]) -> bytes | None:
        """The picture of an emoji, None where the font has none."""
        glyphs = tuple(self._glyphs.get(point, "") for point in points)
        glyph = glyphs[0] if len(glyphs) == 1 else self._ligatures.get(glyphs)
        picture = self._pictures.get(glyph or "")
        return None if picture is None else bytes(picture.imageData)


def _ligatures(font: Any) -> dict[tuple[str, ...], str]:
    """The glyph that stands for several glyphs."""
    found = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            for first, ligatures in getattr(table, "ligatures", {}).items():
                for ligature in ligatures:
                    found[(first, *ligature.Component)] = ligature.LigGlyph
    return found


def _on_white(png: bytes) -> Any:
    """The image of a picture whose background is transparent."""
    with needing("the problem 'emoji'"):
        from PIL import Image
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")
