"""Problems by name."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from importlib.util import module_from_spec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat.problems._data_names import DataName
from optuna_codeepneat.problems._problem import Problem
from optuna_codeepneat.problems._problem_names import ProblemName
from optuna_codeepneat.problems._problem_names import Value
from optuna_codeepneat.problems._problem_names import defaults_of


# The module and the function in it that makes a problem; imported when asked for.
_BUILT_IN = {
    name: (f"optuna_codeepneat.problems._built_in._{name}", name)
    for name in (
        "chest_xray",
        "cifar10",
        "emoji",
        "fashion_collage",
        "fashion_mnist",
        "mnist1d",
        "tweets",
        "wikidetox",
        "word_language",
    )
}
_MADE: dict[str, Problem] = {}
"""The built-in problems that were asked for, by their names with options."""
_READ: dict[str, Problem] = {}
"""The problem whose data were read last, by its name."""


def available_problems() -> tuple[str, ...]:
    """The names of the built-in problems.

    Example:
        >>> from optuna_codeepneat.problems import available_problems
        >>> "mnist1d" in available_problems()
        True
    """
    return tuple(sorted(_BUILT_IN))


def options_of(name: str) -> dict[str, Value]:
    """The options of a built-in problem, with their defaults."""
    return defaults_of(_function_of(name))


def canonical_name(name: str) -> str:
    """A problem's name as a study keeps it: the same for a file, however it is named.

    A file in the current folder is the module of its name, where there is no other; paths of
    others begin in the current folder where they can. The name of data, ``data:PATH``, gets a hash
    of what they are now. Options are in the order of the alphabet, and those of a built-in problem
    without its defaults.
    """
    try:
        data = DataName.of(name)
        named = ProblemName.of(name)
        if named.base in _BUILT_IN:
            return str(named.without_defaults(_function_of(named.base)))
    except ValueError:  # `get_problem` says what is wrong
        return name
    if data is not None:
        return str(data.canonical())
    return str(replace(named, base=_canonical_base(named.base)))


def _canonical_base(name: str) -> str:
    path, attribute = _split_path(name)
    if path is None:
        return name
    file = Path(os.path.abspath(os.path.expanduser(path)))
    is_module = file.is_file() and file.parent == Path.cwd() and file.stem.isidentifier()
    if attribute and is_module and _module_name(file) == file.stem:
        return f"{file.stem}:{attribute}"
    relative = os.path.relpath(file)
    file = file if relative.startswith("..") else Path(relative)
    return f"{file.as_posix()}{':' if attribute else ''}{attribute}"


def get_problem(name: str, **options: Any) -> Problem:
    """The problem of a name.

    Args:
        name:
            One of `available_problems`; or ``package.module:attribute`` or
            ``folder/file.py:attribute``, where the attribute is a `Problem`, or a function of that
            module without arguments that returns one. The module may lie in the current folder. A
            file that holds a single `Problem` needs no attribute. Or ``data:PATH?target=COLUMN``
            for data of your own, with the options of ``search --data``. Options may stand in the
            name, as in ``fashion_mnist?size=14``.
        **options:
            Those keyword arguments of the problem's function that are not to be their defaults,
            which are numbers, texts, True or False.

    Returns:
        The problem, the same object each time for a built-in one with the same options.

    Raises:
        ValueError: If there is no such problem or option, or its module can't be imported.
        DataError: If data don't do for a problem, or are others than the name says.

    Example:
        >>> from optuna_codeepneat.problems import get_problem
        >>> get_problem("mnist1d").metric_names
        ('accuracy', 'num_params')
    """
    named = ProblemName.of(name).with_options(options)
    if named.base in _BUILT_IN:
        function = _function_of(named.base)
        key = str(named.without_defaults(function))
        if key not in _MADE:
            _MADE[key] = _make(ProblemName.of(key), inspect.getmodule(function), function)
        return _MADE[key]
    if (data := DataName.of(name)) is not None:
        return _read(name, data)
    name = named.base
    path, attribute = _split_path(name)
    if path is not None:
        module = _imported(name, path, partial(_import_file, path))
        attribute = attribute or _only_problem(name, module)
    else:
        module_name, _, attribute = name.partition(":")
        if not (module_name and attribute):
            raise ValueError(
                f"there is no problem {name!r}; the known ones are "
                f"{', '.join(available_problems())}, and one of your own is given as "
                "package.module:attribute or file.py:attribute."
            )
        module = _imported(name, module_name, partial(_import, module_name))
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise ValueError(
                f"the problem {name!r} can't be loaded: {module.__name__!r} has no {attribute!r}."
            )
        found = getattr(found, part)
    return _make(named, module, found)


def _function_of(name: str) -> Callable[..., Any]:
    """What makes a built-in problem."""
    module, attribute = _BUILT_IN[name]
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function


def needs_no_trust(name: str) -> bool:
    """Whether a problem may be loaded whose name others have written: none of their code is run.

    That is so for a built-in one, and for data with a hash: whoever wrote that knows them, and
    other data are not read.
    """
    try:
        data, named = DataName.of(name), ProblemName.of(name)
    except ValueError:
        return False
    return named.base in _BUILT_IN if data is None else data.content is not None


def _read(name: str, data: DataName) -> Problem:
    """The problem of data; those with a hash, which stay what they are, are read once."""
    if name not in _READ:
        problem = data.load()
        _READ.clear()
        if data.content is None:
            return problem
        _READ[name] = problem
    return _READ[name]


def _split_path(name: str) -> tuple[str | None, str]:
    """The path and the attribute in a name, which may be ""; None where it names no file."""
    if name.endswith(".py"):
        return name, ""
    path, _, attribute = name.rpartition(":")
    return (path, attribute) if path.endswith(".py") and attribute else (None, "")


def _imported(name: str, what: str, run: Callable[[], ModuleType]) -> ModuleType:
    try:
        return run()
    # Whatever the user's module raises while it is imported.
    except (Exception, SystemExit) as error:
        raise ValueError(
            f"the problem {name!r} can't be loaded: importing {what!r} failed with "
            f"{type(error).__name__}: {error}"
        ) from error


def _import(module: str) -> ModuleType:
    # An installed command does not look for modules in the current folder, `python -m` does.
    with _looking_in(os.getcwd()):
        return importlib.import_module(module)


def _import_file(path: str) -> ModuleType:
    """The module of a file, by a name that is the same in all processes."""
    file = Path(path).expanduser().resolve()
    name = _module_name(file)
    if name in sys.modules:
        return sys.modules[name]
    with _looking_in(str(file.parent)):
        spec = spec_from_file_location(name, file)
        assert spec is not None and spec.loader is not None  # as its name ends with .py
        module = sys.modules[name] = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        return module


def _module_name(file: Path) -> str:
    """What `import` may call the module of a file; another name where that hides a module."""
    try:
        spec = find_spec(file.stem)
        is_free = spec is None or (spec.origin is not None and Path(spec.origin).samefile(file))
    except (ImportError, OSError, ValueError):
        is_free = False
    return file.stem if is_free else f"{file.stem}_{content_hash(str(file), 8)}"


@contextmanager
def _looking_in(folder: str) -> Iterator[None]:
    """A stretch in which modules of a folder can be imported."""
    if folder in sys.path or ("" in sys.path and folder == os.getcwd()):
        yield
        return
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _only_problem(name: str, module: ModuleType) -> str:
    """The attribute of a module that is a problem."""
    found = [key for key, value in vars(module).items() if isinstance(value, Problem)]
    if len(found) == 1:
        return found[0]
    holds = f"holds {', '.join(found)}" if found else "holds no `Problem`"
    raise ValueError(f"{name!r} {holds}; name one as {name}:attribute.")


def _make(named: ProblemName, module: ModuleType | None, found: Any) -> Problem:
    name, home = str(named), getattr(module, "__name__", None)
    if not isinstance(found, Problem) and callable(found):
        # Nothing else is called, as a name may come from a database.
        if not inspect.isfunction(inspect.unwrap(found)) or found.__module__ != home:
            raise ValueError(
                f"the problem {name!r} must be a `Problem` or a function that returns one and is "
                f"defined in {home!r}, got {found!r}."
            )
        values = named.values(found)
        try:
            found = found(**values)
        except Exception as error:
            said = str(error) if isinstance(error, ValueError) and values else None
            raise ValueError(
                f"the problem {name!r} can't be made: {said or f'{type(error).__name__}: {error}'}"
            ) from error
    elif named.options:
        raise ValueError(
            f"the problem {named.base!r} has no options: it is no function but "
            f"{'a `Problem`' if isinstance(found, Problem) else type(found).__name__}."
        )
    if not isinstance(found, Problem):
        raise ValueError(
            f"the problem {name!r} must be a `Problem` or a function that returns one, "
            f"got {type(found).__name__}."
        )
    if not named.options:
        return found
    # Another name for its study and its files, which hold other networks.
    return replace(
        found, name=f"{found.name}{named.suffix}", title=f"{found.title}{named.in_words}"
    )
