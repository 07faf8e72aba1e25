"""`EvolvedClassifier` and `EvolvedRegressor`: a whole search behind scikit-learn's `fit`."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from typing import Any
from typing import ClassVar
from typing import Literal

import numpy as np
import optuna
from optuna.study import MaxTrialsCallback
from optuna.trial import FrozenTrial
from optuna.trial import TrialState
from sklearn.base import BaseEstimator
from sklearn.base import ClassifierMixin
from sklearn.base import RegressorMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted
from sklearn.utils.validation import validate_data

from optuna_codeepneat import training
from optuna_codeepneat._attributes import HAND_MADE
from optuna_codeepneat._ranking import front
from optuna_codeepneat._ranking import gains
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.sampler import CoDeepNEATSampler


if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from torch import nn
    from typing_extensions import Self

    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import SearchSpace

# Of the shapes that search spaces know: vectors, sequences, images.
_MOST_DIMENSIONS = 4
_LEAST_EXAMPLES = 2
# So that hand-made networks are no more than a tenth of all.
_NETWORKS_FOR_EACH = 10


@dataclass(frozen=True, kw_only=True)
class FrontMember:
    """A network of the front: none is better that is smaller.

    Args:
        trial:
            The number of its trial.
        score:
            On the validation examples, by the metric.
        num_params:
            Its trainable parameters.
    """

    trial: int
    score: float
    num_params: int


class _Evolved(BaseEstimator):  # type: ignore[misc]
    """What both have in common."""

    _task: ClassVar[Literal["classification", "regression"]]

    def __init__(
        self,
        *,
        n_trials: int = 30,
        max_params: int | None = None,
        metric: str | None = None,
        space: SearchSpace | Callable[..., SearchSpace] | None = None,
        steps: int | None = None,
        augment: bool = False,
        validation: float = 0.2,
        test: float = 0.2,
        sampler: BaseSampler | None = None,
        storage: str | optuna.storages.BaseStorage | None = None,
        study_name: str | None = None,
        device: str = "auto",
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.n_trials = n_trials
        self.max_params = max_params
        self.metric = metric
        self.space = space
        self.steps = steps
        self.augment = augment
        self.validation = validation
        self.test = test
        self.sampler = sampler
        self.storage = storage
        self.study_name = study_name
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    def _evolve(self, X: Any, y: Any) -> Self:
        """Searches networks for checked examples, and trains the best one finally."""
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        problem = Problem.from_arrays(
            X,
            y,
            task=self._task,
            metric=self.metric,
            space=self.space,
            steps=self.steps,
            validation=self.validation,
            test=self.test,
            seed=seed,
            name=type(self).__name__,
        )
        study = optuna.create_study(
            directions=list(problem.directions),  # type: ignore[arg-type]
            sampler=self.sampler or CoDeepNEATSampler(problem.space, seed=seed),
            storage=self.storage,
            study_name=self.study_name,
            load_if_exists=self.study_name is not None,
        )
        if self.n_trials >= _NETWORKS_FOR_EACH * len(problem.baselines):
            if not study.get_trials(deepcopy=False):
                problem.enqueue_baselines(study)
            self._train(study, problem, len(problem.baselines), seed)
            least = problem.floor_by_hand(
                trial.values[0] for trial in _finished(study) if HAND_MADE in trial.user_attrs
            )
            problem = problem if least is None else problem.with_floor(least)
        self._train(study, problem, self.n_trials, seed)
        self._problem: Problem | None = problem
        self._seed, self.study_ = seed, study
        assert problem.preprocessing is not None  # `from_arrays` makes one
        self._preprocessing = problem.preprocessing
        self.front_ = self._front([direction == "maximize" for direction in problem.directions])
        return self.choose(max_params=self.max_params)

    def _train(self, study: optuna.Study, problem: Problem, n_trials: int, seed: int) -> None:
        """Trains networks until a study has so many."""
        if len(_finished(study)) < n_trials:
            study.optimize(
                partial(problem.objective, device=self.device, seed=seed),
                callbacks=[MaxTrialsCallback(n_trials, states=(TrialState.COMPLETE,))],
                show_progress_bar=self.verbose,
            )

    def _front(self, maximize: Sequence[bool]) -> list[FrontMember]:
        """The front; of all networks, where none is better than a guess."""
        finished = _finished(self.study_)
        if not finished:
            raise ValueError(
                f"none of {self.n_trials} networks could be trained; the trials of `study_` say "
                "why."
            )
        feasible = self.study_.best_trials
        values = np.array([trial.values for trial in finished])
        chosen = feasible or [finished[i] for i in front(gains(values, maximize))]
        return [
            FrontMember(trial=trial.number, score=trial.values[0], num_params=int(trial.values[1]))
            for trial in sorted(chosen, key=lambda trial: trial.values[1])
        ]

    def choose(self, *, trial: int | None = None, max_params: int | None = None) -> Self:
        """Takes another network of the front, and trains it finally.

        Args:
            trial:
                The number of its trial; None for the best one.
            max_params:
                The most parameters that it may have; None for any number.

        Returns:
            The estimator itself.

        Raises:
            ValueError: If no network of the front is so small, or the trial is none of the front.
        """
        known: list[FrontMember] | None = getattr(self, "front_", None)
        if known is None:
            raise NotFittedError(f"this {type(self).__name__} has no front yet: call `fit` first.")
        members = [
            member
            for member in known
            if (trial is None or member.trial == trial)
            and (max_params is None or member.num_params <= max_params)
        ]
        if not members:
            numbers = ", ".join(f"{m.trial} ({m.num_params:,} parameters)" for m in known)
            asked = f"trial {trial}" if trial is not None else f"at most {max_params} parameters"
            raise ValueError(
                f"the front has no network with {asked}; it has the trials {numbers or 'none'}."
            )
        if self._problem is None:
            raise ValueError(
                f"this {type(self).__name__} was pickled, without its examples: to train another "
                "network of the front, call `fit` again."
            )
        maximize = self._problem.directions[0] == "maximize"
        best = max(members, key=lambda m: (m.score if maximize else -m.score, -m.num_params))
        params = self.study_.get_trials(deepcopy=False)[best.trial].params
        self.member_ = best
        self.architecture_: Architecture = self._problem.space.decode(params)
        problem = self._problem
        changes = {"augmentation": problem.augmentation} if self.augment else {}
        self.network_: nn.Module = problem.train_final(
            self.architecture_,
            params,
            device=self.device,
            seed=self._seed,
            recipe=problem.final_recipe.replace(**changes),
        )
        self.test_score_ = self._problem.test(self.network_)
        return self

    def _answers(self, X: Any) -> list[dict[str, Any]]:
        X = self._checked(X, reset=False)
        inputs = self._preprocessing.inputs(X)
        return self._preprocessing.answers(training.predict(self.network_, inputs))

    def _checked(self, X: Any, y: Any = None, **options: Any) -> Any:
        """Examples as numbers; of what they are not, scikit-learn says what is wrong."""
        if y is None and options.get("reset", True):
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is None."
            )
        given = {"X": X} if y is None else {"X": X, "y": y}
        checked = validate_data(
            self,
            **given,
            allow_nd=True,
            dtype=np.float32,
            ensure_min_samples=1 if y is None else _LEAST_EXAMPLES,
            **options,
        )
        X = checked if y is None else checked[0]
        if X.ndim > _MOST_DIMENSIONS:
            raise ValueError(
                f"Found array with dim {X.ndim}, while dim <= {_MOST_DIMENSIONS} is required by "
                f"{type(self).__name__}: (examples, channels, height, width) at most."
            )
        return checked

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")

    def __getstate__(self) -> dict[str, Any]:
        """All that it takes to predict: neither the examples nor the study."""
        state: dict[str, Any] = dict(super().__getstate__())
        if "_problem" in state:
            state |= {"_problem": None, "study_": None}
        return state


class EvolvedClassifier(ClassifierMixin, _Evolved):  # type: ignore[misc]
    """Evolves networks for a classification, and predicts by the best of the front.

    `fit` begins with hand-made networks, if they are no more than a tenth of `n_trials`, and
    evolves from there. It sets some examples aside to compare networks on (`validation`) and some
    for an honest score of the one that it trains at the end (`test_score_`). Networks are compared
    by their score and their size: `front_` has those that none is better than that is smaller, and
    `choose` takes another one.

    Args:
        n_trials:
            Networks that are evaluated, those of a resumed study among them.
        max_params:
            The most parameters of the network that is taken; None for any number.
        metric:
            See `Problem.from_arrays`; None for the accuracy.
        space:
            A search space, or what makes one of `input_shape` and `num_outputs`, such as
            `SearchSpace.conv1d`; None for the preset that fits the inputs.
        steps:
            Of the training of a network in the search, None to go by the examples.
        augment:
            Whether the final training changes examples at random: images are moved and turned a
            little, sequences moved and scaled, and numbers get a little noise.
        validation:
            Share of the examples that networks are compared on.
        test:
            Share of the examples that `test_score_` is from.
        sampler:
            Any sampler of Optuna; None for a `CoDeepNEATSampler`.
        storage:
            Of the study; None for memory.
        study_name:
            Of the study: one of this name is resumed.
        device:
            Where networks are trained; ``"auto"`` for a GPU if torch finds one.
        random_state:
            A seed, or what scikit-learn takes for one.
        verbose:
            Whether a progress bar is shown.

    Attributes:
        classes_:
            The classes.
        front_:
            The networks of the front, the smallest first.
        member_:
            The one that was taken.
        network_:
            The same, trained: a module of torch.
        architecture_:
            What it was made from.
        test_score_:
            Its score on the examples that no network was trained or chosen by.
        study_:
            The study.

    Example:
        >>> import numpy as np
        >>> from optuna_codeepneat.estimators import EvolvedClassifier
        >>> X = np.random.default_rng(0).normal(size=(200, 4))
        >>> y = np.where(X[:, 0] > 0, "right", "left")
        >>> model = EvolvedClassifier(n_trials=3, steps=60, random_state=0).fit(X, y)
        >>> model.predict([[3.0, 0.0, 0.0, 0.0]]).tolist()
        ['right']
    """

    _task = "classification"

    def fit(self, X: Any, y: Any) -> Self:
        """Evolves networks for examples and their classes.

        Args:
            X:
                ``(examples, features)``, ``(examples, channels, length)`` or ``(examples,
                channels, height, width)``.
            y:
                Their classes, ``(examples,)``.

        Returns:
            The estimator itself.

        Raises:
            ValueError: If they don't do for a search, in one sentence.
        """
        X, y = self._checked(X, y)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"Classifier can't train when only one class is present: '{self.classes_[0]}'."
            )
        return self._evolve(X, numbers)

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, in the order of `classes_`, ``(examples, classes)``."""
        check_is_fitted(self)
        answers = self._answers(X)
        return np.array([list(answer["probabilities"].values()) for answer in answers])

    def predict(self, X: Any) -> Any:
        """The likeliest class of each example, ``(examples,)``."""
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class EvolvedRegressor(RegressorMixin, _Evolved):  # type: ignore[misc]
    """Evolves networks that predict a number, or several; see `EvolvedClassifier`.

    The metric is R2 by default, and there are no classes; all else is the same.

    Example:
        >>> import numpy as np
        >>> from optuna_codeepneat.estimators import EvolvedRegressor
        >>> X = np.random.default_rng(0).normal(size=(200, 4))
        >>> model = EvolvedRegressor(n_trials=3, steps=60, random_state=0).fit(X, X[:, 0] ** 2)
        >>> model.predict(X[:2]).shape
        (2,)
    """

    _task = "regression"

    def fit(self, X: Any, y: Any) -> Self:
        """Evolves networks for examples and their numbers.

        Args:
            X:
                See `EvolvedClassifier.fit`.
            y:
                ``(examples,)``, or ``(examples, outputs)``.

        Returns:
            The estimator itself.

        Raises:
            ValueError: If they don't do for a search, in one sentence.
        """
        X, y = self._checked(X, y, multi_output=True, y_numeric=True)
        self._is_single = y.ndim == 1
        return self._evolve(X, np.asarray(y, dtype=np.float64))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def predict(self, X: Any) -> Any:
        """The number of each example, ``(examples,)``, or several, ``(examples, outputs)``."""
        check_is_fitted(self)
        answers = self._answers(X)
        if self._is_single:
            return np.array([answer["value"] for answer in answers])
        return np.array([_values(answer) for answer in answers])


def _finished(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))


def _values(answer: dict[str, Any]) -> list[float]:
    return [answer["value"]] if "value" in answer else list(answer["values"].values())
