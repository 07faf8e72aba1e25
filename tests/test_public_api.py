"""The public API as one text file: a difference has to be meant.

After a change that is meant: ``UPDATE_GOLDEN=1 python -m pytest tests/test_public_api.py``.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType

import pytest

import optuna_codeepneat


GOLDEN = Path(__file__).parent / "assets" / "public_api.txt"


class _Bare(str):
    """An annotation that prints without quotes."""

    def __repr__(self) -> str:
        return str(self)


def public_modules() -> list[ModuleType]:
    """The package and its modules without an underscore, the innermost first."""
    found = pkgutil.walk_packages(optuna_codeepneat.__path__, "optuna_codeepneat.")
    names = [info.name for info in found if "._" not in info.name]
    names.sort(key=lambda name: (-name.count("."), name))
    return [importlib.import_module(name) for name in (*names, "optuna_codeepneat")]


def signature(function: object) -> str:
    """The signature of a callable, the same in every process and version of Python."""
    try:
        signature = inspect.signature(function)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "(...)"

    def bare(annotation: object) -> object:
        return _Bare(annotation) if isinstance(annotation, str) else annotation

    parameters = [
        parameter.replace(annotation=bare(parameter.annotation))
        for parameter in signature.parameters.values()
    ]
    returns = bare(signature.return_annotation)
    text = str(signature.replace(parameters=parameters, return_annotation=returns))
    text = re.sub(r"<(function|class|bound method) '?([\w.]+)'?[^>]*>", r"\2", text)
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def describe_class(name: str, cls: type) -> Iterator[str]:
    """The class's line and one for each public member, ours by inheritance included."""
    bases = [base.__name__ for base in cls.__bases__ if base is not object]
    # What Python says of an exception's constructor differs from version to version.
    call = "" if issubclass(cls, BaseException) else signature(cls)
    yield f"class {name}{call}" + (f" is {', '.join(bases)}" if bases else "")
    members: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("optuna_codeepneat"):
            members |= dict.fromkeys(inspect.get_annotations(base))
            members |= vars(base)
    for member, value in sorted(members.items()):
        if member.startswith("_"):
            continue
        if isinstance(value, (classmethod, staticmethod)):
            yield f"  {type(value).__name__} {member}{signature(getattr(cls, member))}"
        elif isinstance(value, (property, cached_property)):
            yield f"  property {member}"
        elif inspect.isroutine(value):
            yield f"  {member}{signature(value)}"
        else:
            yield f"  {member}"


def describe() -> str:
    """Every public name, each described where it is at home and named where it is passed on."""
    at_home: dict[int, str] = {}
    sections: list[list[str]] = []
    for module in public_modules():
        lines: list[str] = []
        for name in sorted(module.__all__):
            value, full = getattr(module, name), f"{module.__name__}.{name}"
            if inspect.isclass(value) or inspect.isroutine(value):
                home = at_home.setdefault(id(value), full)
                if home != full:
                    lines.append(f"{full} = {home}")
                elif inspect.isclass(value):
                    lines += describe_class(full, value)
                else:
                    lines.append(f"{full}{signature(value)}")
            else:
                lines.append(full)
        sections.append(lines)
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def test_every_public_module_lists_its_names() -> None:
    pytest.importorskip("torch")
    assert [m.__name__ for m in public_modules() if not hasattr(m, "__all__")] == []


def test_public_api_is_what_the_golden_file_says() -> None:
    pytest.importorskip("torch")
    described = describe()
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(described)
    assert described.splitlines() == GOLDEN.read_text().splitlines(), (
        "the public API changed; if that is meant, update the golden file as CONTRIBUTING.md says"
    )
