"""`show --svg` and `--png`: the files that they ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from typing import TypeAlias

from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat._objectives import objective_names
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._study import file_name
from optuna_codeepneat.visualization import format_metric


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.search_space import Architecture

    Draw: TypeAlias = Callable[[Architecture, str], bytes]


class Drawings:
    """The pictures that a command line asks for.

    Args:
        paths:
            The path for each format, "" for one that is named after study and trial, None for no
            picture.

    Raises:
        CommandError: If a path has another suffix, or a package is missing.
    """

    def __init__(self, **paths: str | None) -> None:
        self._paths = {name: path for name, path in paths.items() if path is not None}
        for name, path in self._paths.items():
            if path and Path(path).suffix.lower() != f".{name}":
                raise CommandError(f"`--{name}` must be a file *.{name}, got {path!r}", 2)
        self._draw = {name: _painter(name) for name in self._paths}

    def __bool__(self) -> bool:
        return bool(self._paths)

    def write(
        self, architecture: Architecture, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, str]:
        """Writes the files, into folders made for them, and returns where each format is.

        Raises:
            CommandError: If a file can't be written.
        """
        written = {}
        for name, given in self._paths.items():
            path = Path(given or f"{file_name(study.study_name)}-{trial.number}.{name}")
            content = self._draw[name](architecture, title_of(study, trial))
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            except OSError as error:
                raise CommandError(f"cannot write {str(path)!r}: {error.strerror}") from error
            written[name] = str(path)
        return written


def _painter(name: str) -> Draw:
    from optuna_codeepneat import visualization

    try:
        if name == "svg":
            svg = visualization.network_svg
            return lambda architecture, title: svg(architecture, title=title).encode()
        png = visualization.network_png
        return lambda architecture, title: png(architecture, title=title)
    except ImportError as error:
        raise CommandError(f"`--{name}`: {error}") from error


def title_of(study: optuna.Study, trial: FrozenTrial) -> str:
    """As in "mnist1d, trial 17: accuracy 95.1 %"; sizes stand in the picture anyway."""
    title = f"{study.study_name}, trial {trial.number}"
    if trial.values is None:
        return f"{title} ({trial.state.name.lower()})"
    results = [
        f"{name} {format_metric(name, value)}"
        for name, value in zip(objective_names(study), trial.values, strict=True)
        if name not in SIZES
    ]
    return f"{title}: {', '.join(results)}" if results else title
