"""`Diagrams`: each trial shows a picture of its network, and what it consists of."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from typing import Any
from typing import BinaryIO

from optuna.artifacts import upload_artifact
from optuna.exceptions import ExperimentalWarning
from optuna.exceptions import UpdateFinishedTrialError
from optuna.logging import get_logger
from optuna.trial import BaseTrial
from optuna.trial import Trial

from optuna_codeepneat._attributes import NETWORK
from optuna_codeepneat._optuna import begun_with
from optuna_codeepneat._optuna import frozen
from optuna_codeepneat._text import error_in_words
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.storages import Item
from optuna_codeepneat.storages import UploadQueue
from optuna_codeepneat.visualization._format import layers_in_words


if TYPE_CHECKING:
    from optuna_codeepneat._optuna import ArtifactStore

_logger = get_logger(f"optuna.{__name__}")

_PLACEHOLDER = Path(__file__).with_name("network.svg")  # Optuna reads a file for each link
_LINK = "artifacts:"  # how Optuna's keys of links begin


class Diagrams:
    """Attaches a diagram of its network to each trial, which Optuna Dashboard shows.

    The picture is an SVG file in an artifact store, and what the network consists of is the
    trial's user attribute ``network``. Only two short entries are written at once; the picture is
    drawn and stored in a thread. Whatever goes wrong with it is a warning, and the trial goes on.

    Example:
        >>> import optuna, tempfile
        >>> from optuna_codeepneat import SearchSpace
        >>> from optuna_codeepneat.storages import open_artifacts
        >>> from optuna_codeepneat.visualization import Diagrams
        >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
        >>> space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
        >>> def objective(trial):
        ...     architecture = space.suggest(trial)
        ...     diagrams.attach(trial, architecture)
        ...     return architecture.num_params
        >>> study = optuna.create_study()
        >>> with Diagrams(open_artifacts(tempfile.mkdtemp())) as diagrams:
        ...     study.optimize(objective, n_trials=3)
        >>> len(optuna.artifacts.get_all_artifact_meta(study.trials[0], storage=study._storage))
        1

    Args:
        store:
            A store of `optuna.artifacts`, such as `optuna_codeepneat.storages.open_artifacts`
            opens.

    Raises:
        ValueError: If it is none.
    """

    def __init__(self, store: ArtifactStore) -> None:
        if not all(callable(getattr(store, name, None)) for name in ("open_reader", "write")):
            raise ValueError(f"`store` must be an artifact store, got {store!r}.")
        self._backlog = UploadQueue(store, _warn)
        self._is_behind = False

    def __enter__(self) -> Diagrams:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def attach(self, trial: BaseTrial, architecture: Architecture) -> None:
        """Attaches the diagram of a network to the trial that it belongs to.

        To be called while the trial is running. With a trial that no study keeps, such as a
        `optuna.trial.FixedTrial`, it does nothing.

        Args:
            trial:
                The trial, as the objective gets it.
            architecture:
                Its network.

        Raises:
            ValueError: If an argument is of another kind.
        """
        if not isinstance(trial, BaseTrial):
            raise ValueError(f"`trial` must be a trial of Optuna's, got {trial!r}.")
        if not isinstance(architecture, Architecture):
            raise ValueError(f"`architecture` must be an `Architecture`, got {architecture!r}.")
        if not isinstance(trial, Trial):
            return
        try:
            line, before = layers_in_words(trial.params), trial.user_attrs.get(NETWORK)
            if line and line != before:
                trial.set_user_attr(NETWORK, line)
            self._attach(trial, architecture, may_be_linked=not line or before is not None)
        except UpdateFinishedTrialError:
            pass  # another process has ended the trial, as whoever tells it will learn
        except Exception as error:
            _logger.warning(
                f"The diagram of trial {trial.number} is missing: {error_in_words(error)}"
            )

    def close(self, timeout: float = 10.0) -> None:
        """Waits until all diagrams are stored; those that can't be are given up.

        Args:
            timeout:
                Seconds to wait at most.
        """
        given_up = self._backlog.close(timeout)
        if given_up:
            s = "s" * (given_up > 1)
            _logger.warning(f"{given_up} diagram{s} could not be stored before the end.")

    def _attach(self, trial: Trial, architecture: Architecture, may_be_linked: bool) -> None:
        if self._backlog.is_full:  # for long; a link would lead nowhere
            if not self._is_behind:
                text = "is missing: the store can't be written to, or is too slow."
                _logger.warning(f"The diagram of trial {trial.number} {text}")
            self._is_behind = True
            return
        self._is_behind = False
        # One that Optuna retries has a link already, which may be younger than the trial.
        attrs = frozen(trial).system_attrs if may_be_linked else begun_with(trial)
        artifact_id = diagram_of(attrs)
        if artifact_id is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ExperimentalWarning)
                artifact_id = upload_artifact(
                    artifact_store=_Later(),
                    file_path=str(_PLACEHOLDER),
                    study_or_trial=trial,
                    mimetype="image/svg+xml",
                )
        title = f"trial {trial.number}"
        self._backlog.add(Item(artifact_id, lambda: _draw(architecture, title), str(trial.number)))


class _Later:
    """Where the content of an artifact goes that is only made later: nowhere.

    All three methods make it a store; only the first is called.
    """

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        pass  # the queue does

    def open_reader(self, artifact_id: str) -> BinaryIO:
        raise NotImplementedError  # `upload_artifact` only writes

    def remove(self, artifact_id: str) -> None:
        raise NotImplementedError  # `upload_artifact` only writes


def diagram_of(system_attrs: Mapping[str, Any]) -> str | None:
    """The diagram that a trial's system attributes have a link to, None if none."""
    for key, value in system_attrs.items():
        if key.startswith(_LINK) and isinstance(value, str):
            link = json.loads(value)
            if isinstance(link, dict) and link.get("filename") == _PLACEHOLDER.name:
                return key.removeprefix(_LINK)
    return None


def _draw(architecture: Architecture, title: str) -> bytes:
    from optuna_codeepneat.visualization import network_svg

    return network_svg(architecture, title=title).encode()


def _warn(item: Item, error: Exception) -> None:
    _logger.warning(f"The diagram of trial {item.name} is not stored yet: {error_in_words(error)}")
