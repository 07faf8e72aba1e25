"""`Checkpoints`: the weights of trained networks, kept where all workers of a study find them."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import optuna
from optuna.logging import get_logger

from optuna_codeepneat import _optuna
from optuna_codeepneat._attributes import INHERITANCE
from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat._recent import Recent
from optuna_codeepneat._scalars import whole
from optuna_codeepneat._text import error_in_words
from optuna_codeepneat._text import single_spaced
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.morphism._artifact import Checkpoint
from optuna_codeepneat.morphism._artifact import UnusableWeightsError
from optuna_codeepneat.morphism._garbage import GarbageCollector
from optuna_codeepneat.morphism._garbage import removed
from optuna_codeepneat.morphism._garbage import weights_name
from optuna_codeepneat.morphism._importance import importance_of
from optuna_codeepneat.morphism._inherit import inherit
from optuna_codeepneat.morphism._inheritance_report import InheritanceReport
from optuna_codeepneat.morphism._store import NotStoredError
from optuna_codeepneat.morphism._store import fetch_weights
from optuna_codeepneat.morphism._store import store_weights
from optuna_codeepneat.morphism._weights import weights_of
from optuna_codeepneat.network import Network
from optuna_codeepneat.sampler import WEIGHTS
from optuna_codeepneat.sampler import Ancestry
from optuna_codeepneat.sampler import ancestry_of
from optuna_codeepneat.sampler import donors_of
from optuna_codeepneat.sampler import never_inherits
from optuna_codeepneat.sampler import saved_weights
from optuna_codeepneat.sampler import set_text


if TYPE_CHECKING:
    from typing import Any

    from optuna.study import Study
    from optuna.trial import BaseTrial
    from optuna.trial import Trial

    from optuna_codeepneat._optuna import ArtifactStore

_logger = get_logger(f"optuna.{__name__}")

_REMEMBERED = 4
"""How many downloaded networks are kept in memory: siblings have the same parents."""


class Checkpoints:
    """Networks inherit the weights of those that their sampler names as donors.

    Weights travel through one of Optuna's artifact stores: a folder that all workers see, S3, or
    Google Cloud Storage. Whatever happens to them costs a warning and a fresh start, never a
    trial: weights that are missing, damaged or foreign are not inherited, and a store that fails
    is passed over. Trials of samplers that know no ancestors neither save nor inherit, and under
    a sampler of this package without inheritance only their steps are recorded.

    One object serves all trials of a study in a process, from any number of threads.

    Args:
        store:
            A store of `optuna.artifacts`. The folder of a `FileSystemArtifactStore` must exist.

    Example:
        >>> import optuna, tempfile
        >>> from optuna.artifacts import FileSystemArtifactStore
        >>> from optuna_codeepneat import CoDeepNEATSampler, SearchSpace, build_network
        >>> from optuna_codeepneat.morphism import Checkpoints
        >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
        >>> space = SearchSpace.dense(input_shape=(4,), num_outputs=2)
        >>> checkpoints = Checkpoints(FileSystemArtifactStore(tempfile.mkdtemp()))
        >>> def objective(trial):
        ...     network = build_network(space.suggest(trial))
        ...     report = checkpoints.inherit(trial, network)
        ...     steps = 100 if report.share > 0 else 400  # train it for so long
        ...     checkpoints.save(trial, network, steps=steps)
        ...     return network.architecture.num_params
        >>> sampler = CoDeepNEATSampler(space, seed=1, inheritance="exact")
        >>> study = optuna.create_study(sampler=sampler)
        >>> study.optimize(objective, n_trials=2)
        >>> study.trials[1].user_attrs["inheritance"]["line_steps"]
        500
    """

    def __init__(self, store: ArtifactStore) -> None:
        missing = [name for name in ("open_reader", "write", "remove") if not hasattr(store, name)]
        if missing:
            raise ValueError(f"`store` must be a store of `optuna.artifacts`, got {store!r}.")
        self._store = store
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._collecting = threading.Lock()
        self._collector: GarbageCollector | None = None
        self._reports: WeakKeyDictionary[Trial, InheritanceReport] = WeakKeyDictionary()
        self._saved: WeakKeyDictionary[Trial, str] = WeakKeyDictionary()
        self._downloaded: Recent[str, Checkpoint] = Recent(_REMEMBERED)

    def inherit(self, trial: BaseTrial, network: Network) -> InheritanceReport:
        """Gives a network the weights of its trial's donor, before it is trained.

        Args:
            trial:
                The running trial; a `FixedTrial` has no ancestors.
            network:
                Its network, whose weights change in place where there are some to inherit. Its
                architecture gets the innovation ids of the trial.

        Returns:
            What was inherited; an empty report for a fresh start.
        """
        if not isinstance(trial, optuna.Trial):  # a fixed trial, which has no study
            return InheritanceReport()
        report = self._inherit(trial, network)
        self._reports[trial] = report
        return report

    def save(
        self, trial: BaseTrial, network: Network, *, steps: int, weights: bool = True
    ) -> None:
        """Keeps the weights of a trained network for those that descend from it.

        Once they are stored, the trial says where they lie. It also gets the user attribute
        ``inheritance`` with the donor (``from``), the `share` of the parameters that came from
        it, the `steps` of this trial and those of its whole line (``line_steps``).

        Args:
            trial:
                The running trial.
            network:
                Its network. Weights that are not finite are not saved.
            steps:
                For how many steps it was trained in this trial.
            weights:
                Whether to keep the weights; else its steps are recorded alone, as for a training
                that was stopped early.
        """
        steps = whole("steps", steps, 0)
        if not isinstance(trial, optuna.Trial) or _ancestry(trial, network) is None:
            return
        report = self._reports.get(trial, InheritanceReport())
        line_steps = report.line_steps + steps
        if weights and not never_inherits(
            trial.study
        ):  # else they would lie there for nobody, and stay
            self._keep(trial, Checkpoint(network.architecture, weights_of(network), line_steps))
        inherited = Inherited(report.donor, report.share, steps, line_steps)
        trial.set_user_attr(INHERITANCE, inherited.to_json())
        self._collect_garbage(trial.study)

    def collect_garbage(self, study: Study, *, everything: bool = False) -> int:
        """Removes weights that no network will inherit any more.

        `save` does so as it goes; calling it is never needed. It removes nothing where the
        study's sampler cannot tell what is needed.

        Args:
            study:
                The study, with its sampler.
            everything:
                Looks at all trials, and not only at those that `save` has not looked at yet.

        Returns:
            How many artifacts were removed.
        """
        with self._collecting:
            if self._collector is None or self._collector.identity != _optuna.identity(study):
                self._collector = GarbageCollector(self._store, study, donors_of)
            return self._collector.collect_garbage(everything=everything)

    # -- details -----------------------------------------------------------------------------

    def _inherit(self, trial: Trial, network: Network) -> InheritanceReport:
        ancestry = _ancestry(trial, network)
        if ancestry is None or ancestry.donor is None or ancestry.inheritance is None:
            return InheritanceReport()
        before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        try:
            ancestor = self._fetch(trial.study, ancestry.donor)
            importance = importance_of(ancestor.architecture, ancestor.weights)
            aligned = plan(ancestor.architecture, network.architecture, importance)
            if not aligned.inherited:
                return InheritanceReport()
            mode = ancestry.inheritance
            report = inherit(network, ancestor.weights, aligned, inheritance=mode)
        # NOTE: `Exception`, since an artifact may hold what nobody has thought of, and a trial is
        # worth more than what it inherits. A ValueError says that two networks do not go together.
        except Exception as error:
            network.load_state_dict(before)
            known = isinstance(error, UnusableWeightsError | ValueError)
            reason = single_spaced(error) if known else error_in_words(error)
            _logger.warning(
                f"The network of trial {trial.number} starts afresh and not with the weights of "
                f"trial {ancestry.donor}: {reason.rstrip('.')}."
            )
            return InheritanceReport()
        return replace(
            report, donor=ancestry.donor, line_steps=ancestor.line_steps, ancestor=ancestor
        )

    def _fetch(self, study: Study, number: int) -> Checkpoint:
        """The network that a trial saved; UnusableWeightsError if none that could be used."""
        trial = _optuna.numbered(study, number)
        try:
            saved = None if trial is None else saved_weights(trial)
        except StoredStateError as error:
            raise UnusableWeightsError(str(error).rstrip(".")) from None
        if saved is None:
            raise UnusableWeightsError("it saved none")
        with self._lock:
            if saved.sha256 in self._downloaded:
                return self._downloaded[saved.sha256]
        checkpoint = fetch_weights(self._store, saved)
        with self._lock:
            self._downloaded[saved.sha256] = checkpoint
        return checkpoint

    def _keep(self, trial: Trial, checkpoint: Checkpoint) -> None:
        """Stores a network and then says so on its trial, or warns."""
        artifact = weights_name(trial.study, trial.number)
        try:
            saved = store_weights(self._store, artifact, checkpoint)
        except NotStoredError as error:
            _logger.warning(f"The weights of trial {trial.number} are not saved: {error}.")
            return
        set_text(trial.study, _optuna.frozen(trial), WEIGHTS, saved.pack())
        earlier = self._saved.get(trial)
        self._saved[trial] = artifact
        if earlier is not None:
            removed(_optuna.without_backoff(self._store), earlier)

    def _collect_garbage(self, study: Study) -> None:
        """Removes weights that nobody needs, unless another thread does."""
        if self._collecting.locked():
            return
        # A trial that is trained does not fail because weights could not be removed.
        try:
            self.collect_garbage(study)
        except Exception as error:
            _logger.warning(
                f"Weights that nobody needs stay where they are: {error_in_words(error)}."
            )

    def __getstate__(self) -> dict[str, Any]:
        # A copy in another process begins anew with the same store.
        return {"_store": self._store}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()


def _ancestry(trial: Trial, network: Network) -> Ancestry | None:
    """Where a network comes from; its architecture gets the innovation ids. None if unknown."""
    ancestry = ancestry_of(trial)
    if ancestry is None:
        return None
    try:
        network.architecture = network.architecture.with_innovation_ids(ancestry.innovation_ids)
    except ValueError:
        _logger.warning(
            f"The network of trial {trial.number} neither inherits weights nor leaves any: it is "
            "not the one that the sampler assigned."
        )
        return None
    return ancestry
