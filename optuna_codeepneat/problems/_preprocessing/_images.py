"""`ImageReader`: image files, and images in memory."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING
from typing import Any
from typing import ClassVar
from typing import Literal
from typing import TypeVar
from typing import get_args

import numpy as np

from optuna_codeepneat._lazy import needing
from optuna_codeepneat._scalars import whole
from optuna_codeepneat._text import single_spaced
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._preprocessing._scaling import checked_scaling
from optuna_codeepneat.problems._preprocessing._scaling import scaling_of_counts


if TYPE_CHECKING:
    from PIL.Image import Image

    from optuna_codeepneat.training import ImageExamples

_Read = TypeVar("_Read")

Mode = Literal["L", "RGB"]
"""Pillow's names for images in grey and in colour."""

Resampling = Literal["bilinear", "box"]
"""Pillow's names for how images get another size; a box takes means of pixels."""

_CHANNELS = {"L": 1, "RGB": 3}
_GREY = ("1", "L", "LA", "La", "I", "F")
_TURNED = (5, 6, 7, 8)
"""Values of the EXIF tag 274 that exchange height and width."""


@dataclass(frozen=True, kw_only=True)
class ImageReader:
    """Reads images: decodes them, and brings them to one size, one mode and one scale.

    Args:
        size:
            Height and width.
        mode:
            ``"L"`` for one channel of greys, ``"RGB"`` for three of colours.
        mean:
            Of each channel, between 0 and 1.
        std:
            Of each channel, whose values are between 0 and 1.
        resampling:
            How images of another size are brought to this one.
    """

    kind: ClassVar[str] = "images"

    size: tuple[int, int]
    mode: Mode
    mean: tuple[float, ...]
    std: tuple[float, ...]
    resampling: Resampling = "bilinear"

    def __post_init__(self) -> None:
        for name, kinds in (("mode", Mode), ("resampling", Resampling)):
            if getattr(self, name) not in get_args(kinds):
                known = ", ".join(map(repr, get_args(kinds)))
                raise ValueError(f"`{name}` must be one of {known}, got {getattr(self, name)!r}.")
        if len(self.size) != 2:
            raise ValueError(f"`size` must be (height, width), got {self.size!r}.")
        for side in self.size:
            whole("size", side, 1)
        checked_scaling(self.mean, self.std)
        if len(self.mean) != _CHANNELS[self.mode]:
            raise ValueError(
                f"`mean` must hold {_CHANNELS[self.mode]} numbers for the mode {self.mode!r}, got "
                f"{len(self.mean)}."
            )

    @classmethod
    def fitted(cls, size: tuple[int, int], counts: np.ndarray[Any, Any]) -> ImageReader:
        """The reader that brings images to one scale.

        Args:
            size:
                Height and width.
            counts:
                How often each byte is in each channel, ``(channels, 256)``.
        """
        mean, std = scaling_of_counts(counts)
        return cls(
            size=size,
            mode="L" if len(counts) == 1 else "RGB",
            mean=tuple(number / 255 for number in mean),
            std=tuple(number / 255 for number in std),
        )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of what a network reads."""
        return (_CHANNELS[self.mode], *self.size)

    @property
    def vocab_size(self) -> None:
        """There are no tokens."""

    def read(self, raw: Any) -> np.ndarray[Any, Any]:
        """What a network reads of images, ``(images, channels, height, width)``, float32.

        Args:
            raw:
                A list of paths, of Pillow's images, or of arrays ``(height, width)`` or ``(height,
                width, channels)`` of bytes.

        Raises:
            DataError: If an image can't be read, with its path.
            ImportError: If Pillow is not installed.
        """
        if isinstance(raw, str | PathLike) or not isinstance(raw, Iterable):
            raise DataError(f"images must be a list of them, got {type(raw).__name__}.")
        with decoders_silenced():
            pixels = pixels_of(list(raw), self.size, self.mode, self.resampling)
        shape = (1, -1, 1, 1)
        mean, std = (np.array(each, dtype=np.float32).reshape(shape) for each in self.scale)
        return np.asarray((pixels.astype(np.float32) - mean) / std)

    @property
    def scale(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and deviation of each channel in bytes, as numbers of 32 bits."""
        mean, std = (
            np.array(each, dtype=np.float32) * np.float32(255) for each in (self.mean, self.std)
        )
        return tuple(mean.tolist()), tuple(std.tolist())

    def examples(
        self,
        pixels: np.ndarray[Any, Any],
        targets: np.ndarray[Any, Any],
        chosen: np.ndarray[Any, Any] | None = None,
    ) -> ImageExamples:
        """Pixels with their targets, which networks read as `read` does it.

        Args:
            pixels:
                ``(images, channels, height, width)``, bytes; they are shared, and not copied.
            targets:
                Of the examples.
            chosen:
                The images of the examples, ``(examples,)``; None for all.
        """
        import torch

        from optuna_codeepneat.training import ImageExamples

        with warnings.catch_warnings():  # those in a file can't be written to, and nobody does
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            shared = torch.from_numpy(pixels)
        mean, std = self.scale
        return ImageExamples(
            shared,
            torch.from_numpy(targets),
            mean=mean,
            std=std,
            rows=None if chosen is None else torch.from_numpy(chosen),
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description; `from_json` is its inverse."""
        return {
            "kind": self.kind,
            "size": list(self.size),
            "mode": self.mode,
            "mean": list(self.mean),
            "std": list(self.std),
            "resampling": self.resampling,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ImageReader:
        """The reader that `to_json` described."""
        height, width = value["size"]
        return cls(
            size=(height, width),
            mode=value["mode"],
            mean=tuple(value["mean"]),
            std=tuple(value["std"]),
            resampling=value.get("resampling", "bilinear"),
        )


@contextmanager
def decoders_silenced() -> Iterator[None]:
    """A stretch in which Pillow warns of nothing: a damaged EXIF block, a size that is suspicious.

    To be begun where no other thread decodes: warnings are filtered for all threads.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def channels_of(mode: Mode) -> int:
    """Channels of images of a mode."""
    return _CHANNELS[mode]


def pixels_of(
    images: list[Any], size: tuple[int, int], mode: Mode, resampling: Resampling = "bilinear"
) -> np.ndarray[Any, Any]:
    """The pixels of images, ``(images, channels, height, width)``, uint8.

    Raises:
        DataError: If an image can't be read, with its path or its number.
        ImportError: If Pillow is not installed.
    """
    pixels = np.empty((len(images), _CHANNELS[mode], *size), dtype=np.uint8)
    for i, raw in enumerate(images):
        decoded = _brought_to(opened_image(raw, i), size, mode, resampling)
        pixels[i] = decoded.reshape(*size, -1).transpose(2, 0, 1)
    return pixels


@dataclass(frozen=True)
class ImageHeader:
    """What an image file says before it is decoded.

    Args:
        size:
            Height and width.
        is_grey:
            Whether it has no colours.
    """

    size: tuple[int, int]
    is_grey: bool


def header_of(path: str | PathLike[str]) -> ImageHeader:
    """What an image file says before it is decoded.

    Raises:
        DataError: If it is no image, with its path.
        ImportError: If Pillow is not installed.
    """
    with needing("reading images"):
        from PIL import Image

    def read() -> ImageHeader:
        with Image.open(path) as image:
            turned = image.getexif().get(274) in _TURNED
            size = image.size if turned else image.size[::-1]
            grey = image.mode in _GREY or image.mode.startswith("I;")
            return ImageHeader((size[0], size[1]), grey)

    return _decoding(path, 0, read)


def opened_image(raw: Any, number: int) -> Image:
    """An image, decoded, and turned as its camera was held.

    Args:
        raw:
            A path, an image of Pillow's, or an array of bytes.
        number:
            Names an image without a path.
    """
    with needing("reading images"):
        from PIL import Image
        from PIL import ImageOps

    def read() -> Image.Image:
        if _is_path(raw):
            with Image.open(raw) as image:
                return ImageOps.exif_transpose(image)
        return ImageOps.exif_transpose(
            raw if isinstance(raw, Image.Image) else Image.fromarray(_bytes(raw))
        )

    return _decoding(raw, number, read)


def _decoding(raw: Any, number: int, read: Callable[[], _Read]) -> _Read:
    """What a function makes of an image; whatever is wrong with it is one sentence."""
    try:
        return read()
    except FileNotFoundError:
        raise DataError(f"there is no image {str(raw)!r}.") from None
    except Exception as error:  # whatever a decoder raises for damaged bytes
        if not _is_path(raw):
            raise DataError(f"image {number} can't be read: {single_spaced(error)}") from None
        # Some texts of Pillow's repeat the path.
        said = single_spaced(error).replace(f" {str(raw)!r}", "")
        raise DataError(f"{str(raw)!r} can't be read as an image: {said}") from None


def _is_path(raw: Any) -> bool:
    return isinstance(raw, str | PathLike)


def _bytes(raw: Any) -> np.ndarray[Any, Any]:
    array = np.asarray(raw)
    if array.dtype != np.uint8:
        raise ValueError(f"an array of bytes (uint8) is needed, got {array.dtype}.")
    return array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else array


def _brought_to(
    image: Image, size: tuple[int, int], mode: Mode, resampling: Resampling
) -> np.ndarray[Any, Any]:
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits, which Pillow would cut off at 255
        deep = np.asarray(image)
        image = Image.fromarray((deep >> 8 if deep.max() > 255 else deep).astype(np.uint8))
    if image.mode != mode:
        image = image.convert(mode)
    if image.size != (size[1], size[0]):
        image = image.resize((size[1], size[0]), Image.Resampling[resampling.upper()])
    return np.asarray(image)
