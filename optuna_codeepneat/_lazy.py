"""Names of a package that load their modules when they are first used (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any


_NEEDED = {
    "torch": ("PyTorch", "torch"),
    "jinja2": ("Jinja2", "visualization"),
    "matplotlib": ("Matplotlib", "visualization"),
    "plotly": ("Plotly", "visualization"),
    "resvg_py": ("resvg", "visualization"),
    "optuna_dashboard": ("Optuna Dashboard", "dashboard"),
    "filelock": ("the package filelock", "data"),
    "PIL": ("Pillow", "data"),
    "fontTools": ("fontTools", "data"),
    "pandas": ("pandas", "data"),
    "pyarrow": ("PyArrow", "data"),
    "sklearn": ("scikit-learn", "data"),
    "onnx": ("the package onnx", "onnx"),
    "onnxruntime": ("ONNX Runtime", "onnx"),
    "onnxscript": ("ONNX Script", "onnx"),
    "safetensors": ("safetensors", "torch"),
    "tokenizers": ("the package tokenizers", "text"),
}
"""What an import may lack, as it is called, and the extra that brings it."""


def lazy_names(
    namespace: dict[str, Any], homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """A package's ``__getattr__`` and ``__dir__``.

    Args:
        namespace:
            The package's ``globals()``.
        homes:
            The module of each name that loads late.
    """

    def __getattr__(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}")
        with needing(f"`{name}`"):
            value = getattr(import_module(homes[name]), name)
        namespace[name] = value  # the next access finds it without coming here
        return value

    def __dir__() -> list[str]:
        return sorted({*namespace, *namespace["__all__"]})

    return __getattr__, __dir__


@contextmanager
def needing(what: str) -> Iterator[None]:
    """A stretch of imports; a package that it lacks is one sentence with the extra of it.

    Args:
        what:
            What the imports are for: the sentence begins with it.

    Raises:
        ImportError: If a package is missing that an extra brings.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _NEEDED:
            raise
        title, extra = _NEEDED[missing]
        raise ImportError(
            f"{what} needs {title}; install it with: pip install optuna-codeepneat[{extra}]"
        ) from error
