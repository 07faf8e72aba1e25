"""`write_report`: all there is to see of a study, in one file."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from collections.abc import Sequence
from errno import EISDIR
from pathlib import Path
from typing import TYPE_CHECKING

from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.visualization._budget import Expense
from optuna_codeepneat.visualization._report._page import page


if TYPE_CHECKING:
    import optuna


def write_report(
    study: optuna.Study,
    path: str | os.PathLike[str],
    *,
    space: SearchSpace | None = None,
    references: Mapping[str, float] | None = None,
    test_scores: Mapping[int, float] | None = None,
    price_per_hour: float | None = None,
    training: Sequence[str] = (),
    max_bytes: int = 10_000_000,
) -> Path:
    """Writes what there is to see of a study into one HTML file, which opens without a network.

    It holds a summary, the front as a table that can be sorted, each network of it with its
    diagram and the code that builds it again, all figures, settings and versions. A study of any
    sampler will do, finished or not. The file replaces an older one at once, so that nobody ever
    sees half of it.

    Args:
        study:
            The study.
        path:
            The file to write.
        space:
            The search space; without it there are no diagrams, and sizes are what trials say.
        references:
            Values of the first objective to compare with, by the names of what reached them.
        test_scores:
            Test scores of finally trained networks by the numbers of their trials. None for those
            that ``optuna-codeepneat search`` left in the study.
        price_per_hour:
            What an hour of one worker costs, in any currency; None leaves out costs.
        training:
            How networks are trained, a sentence each.
        max_bytes:
            Where the file would be longer, diagrams are left out, those of the best networks
            last.

    Returns:
        The path.

    Raises:
        OSError: If the file can't be written.
        ValueError: If an argument is wrong.

    Example:
        >>> import optuna
        >>> from optuna_codeepneat.visualization import write_report
        >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
        >>> study = optuna.create_study()
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), 20)
        >>> path = write_report(study, "report.html")  # doctest: +SKIP
    """
    if space is not None and not isinstance(space, SearchSpace):
        raise ValueError(f"`space` must be a SearchSpace or None, got {space!r}.")
    if price_per_hour is not None:
        Expense.named("cost", price_per_hour)
    if isinstance(training, str):
        raise ValueError(f"`training` must be a list of sentences, got {training!r}.")
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int) or max_bytes < 0:
        raise ValueError(f"`max_bytes` must be a whole number from 0, got {max_bytes!r}.")
    text = page(
        study,
        space=space,
        references=references,
        test_scores=test_scores,
        price_per_hour=price_per_hour,
        training=training,
        max_bytes=max_bytes,
    )
    _write(Path(path), text)
    return Path(path)


def _write(path: Path, text: str) -> None:
    """Writes a file beside another, then gives it the other's name."""
    if path.exists() and not path.is_file():  # /dev/null would become an ordinary file
        raise IsADirectoryError(EISDIR, "it is not a file", str(path))
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
