"""What a command keeps off the terminal."""

from __future__ import annotations


def hush() -> None:
    """Leaves the terminal to this command."""
    import warnings

    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
