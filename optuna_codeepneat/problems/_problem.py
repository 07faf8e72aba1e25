"""`Problem`: all that a search needs beside the algorithm."""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import InitVar
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from dataclasses import replace
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

import optuna
from optuna.distributions import BaseDistribution

from optuna_codeepneat import training
from optuna_codeepneat._attributes import HAND_MADE
from optuna_codeepneat._objectives import LATENCY
from optuna_codeepneat._objectives import MIN_SCORE
from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.exceptions import NetworkDivergedError
from optuna_codeepneat.problems._baselines import as_params
from optuna_codeepneat.problems._baselines import hand_made
from optuna_codeepneat.problems._data import FromData
from optuna_codeepneat.problems._early_stopping import EarlyStopping
from optuna_codeepneat.problems._early_stopping import StoppedError
from optuna_codeepneat.problems._final import begin_with
from optuna_codeepneat.problems._final import check_suits
from optuna_codeepneat.problems._final import meaning_of
from optuna_codeepneat.problems._final import parted
from optuna_codeepneat.problems._own_objective import OwnObjective
from optuna_codeepneat.problems._own_objective import WithObjective
from optuna_codeepneat.search_space import extremes
from optuna_codeepneat.search_space import suggest
from optuna_codeepneat.search_space import widened
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Continuation
from optuna_codeepneat.training import Recipe


if TYPE_CHECKING:
    import torch
    from optuna.trial import BaseTrial
    from torch import nn

    from optuna_codeepneat.morphism import Checkpoints
    from optuna_codeepneat.morphism import InheritanceReport
    from optuna_codeepneat.network import Network
    from optuna_codeepneat.problems._preprocessing import Preprocessing
    from optuna_codeepneat.problems._splits import Splits
    from optuna_codeepneat.pruning import FrontPruner
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import SearchSpace
    from optuna_codeepneat.training import Examples
    from optuna_codeepneat.training import FitResult
    from optuna_codeepneat.training import Latency
    from optuna_codeepneat.training import Loss
    from optuna_codeepneat.training import Measurement

_DIRECTIONS = ("maximize", "minimize")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A result to hold a search's networks against.

    Args:
        name:
            Of the network.
        score:
            On the test examples, by the problem's metric.
        source:
            Who found it.
        num_params:
            Of the network; None where there is no network.
    """

    name: str
    score: float
    source: str
    num_params: int | None = None

    def __post_init__(self) -> None:
        in_python_scalars(self)


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem(FromData, WithObjective):
    """Data, search space, loss and metric of a task.

    Space, data and preprocessing are made when they are first used, and then kept. `from_arrays`,
    `from_table`, `from_image_folder` and `from_text` make all of it from data alone.

    Args:
        name:
            A short name without spaces.
        title:
            A name to read.
        make_space:
            Returns the search space.
        load_splits:
            Returns the data; None where `objective` has its own.
        objectives:
            What a search is for: names with ``"maximize"`` or ``"minimize"``. The first is the
            metric on the validation examples, the others are of ``"num_params"``, ``"macs"``,
            ``"depth"`` and ``"latency"``, the seconds of a prediction for one example, measured
            on the device that trains the network.
        metric:
            ``metric(outputs, targets)`` over all examples; None for the accuracy.
        loss:
            ``loss(outputs, targets, label_smoothing)``, or ``loss(outputs, targets)`` where no
            recipe has label smoothing; None for the cross-entropy.
        search_recipe:
            How networks are trained during a search.
        continuation:
            How a network that inherits weights is trained during a search, compared with the
            search recipe.
        final_recipe:
            How the networks that a search chose are trained at its end, from new weights.
        augmentation:
            The augmentation that suits the examples, for a final training that is to have one and
            for predictions that are averaged; the recipes say where there is one anyway.
        hyperparameters:
            What a search varies of the search recipe: its names with Optuna distributions.
        final_hyperparameters:
            Which of these hyperparameters a final training takes over from a trial. What is best
            for a short training needn't be for a long one.
        references:
            Results of others.
        make_baselines:
            Returns hand-made networks by name, given the search space: a search trains them as it
            does its own, and shows them beside its front. They need not be in the space. By
            default they are those of `hand_made`; None for none.
        min_score:
            The least score on the validation examples with which a network is of use, the most
            where the metric is minimised. One that misses it violates the constraint
            ``min_score``: it is on no front. ``"chance"`` for what guessing comes to, see
            `floor`; None for no such constraint.
        objective:
            Trains and scores networks in the place of the recipes: ``objective(trial)`` returns
            the values of `objectives`. Of the other arguments of `Problem.objective` it gets
            those that it names.
        initialize:
            ``initialize(network)`` gives a network with fresh weights others to begin with, in
            place, such as vectors of words to its embedding; None for none.
        make_preprocessing:
            Returns how raw examples become inputs of these networks, and outputs answers; None
            where that is not known. It is stored beside networks that are exported.
        findings:
            What was found in the data, and what was chosen for that, for people: a search prints
            it when it begins.
        data_license:
            Of the data, as an SPDX identifier; None where it is not known. Model cards name it.

    Raises:
        ValueError: If the arguments contradict each other.

    Example:
        >>> import optuna
        >>> from optuna_codeepneat.problems import get_problem
        >>> problem = get_problem("mnist1d")
        >>> study = optuna.create_study(directions=problem.directions)
        >>> study.optimize(problem.objective, n_trials=100)  # doctest: +SKIP
    """

    name: str
    title: str
    make_space: Callable[[], SearchSpace]
    load_splits: Callable[[], Splits] | None = None
    objectives: Mapping[str, str] = field(
        default_factory=lambda: {"accuracy": "maximize", "num_params": "minimize"}
    )
    metric: Callable[[torch.Tensor, torch.Tensor], float] | None = None
    loss: Loss | None = None
    search_recipe: Recipe = Recipe()
    continuation: Continuation = Continuation()
    final_recipe: Recipe = Recipe()
    augmentation: Augmentation | None = None
    hyperparameters: Mapping[str, BaseDistribution] = field(default_factory=dict)
    final_hyperparameters: Sequence[str] = ()
    references: Sequence[Reference] = ()
    make_baselines: Callable[[SearchSpace], Mapping[str, Architecture]] | None = hand_made
    min_score: float | Literal["chance"] | None = "chance"
    objective: InitVar[OwnObjective | None] = WithObjective.objective
    initialize: Callable[[Network], None] | None = None
    make_preprocessing: Callable[[], Preprocessing] | None = None
    findings: Mapping[str, str] = field(default_factory=dict)
    data_license: str | None = None

    def __post_init__(self, objective: OwnObjective | None) -> None:
        self._keep_objective(objective)
        if self.load_splits is None and self.own_objective is None:
            raise ValueError("`load_splits` must be a function that returns `Splits`, got None.")
        least = self.min_score
        if not (least is None or least == "chance" or _is_number(least)):
            raise ValueError(
                f"`min_score` must be a finite number, 'chance' or None, got {least!r}."
            )
        first, *others = self.objectives or ("",)
        cheap = (*SIZES, LATENCY)
        if not first or first in cheap:
            raise ValueError(
                "`objectives` must begin with the metric on the validation examples, "
                f"got {list(self.objectives)}."
            )
        for name, direction in self.objectives.items():
            if direction not in _DIRECTIONS:
                raise ValueError(
                    f"`objectives[{name!r}]` must be 'maximize' or 'minimize', got {direction!r}."
                )
        known = [recipe_field.name for recipe_field in fields(Recipe)]
        own = self.hyperparameters
        names: tuple[tuple[str, Iterable[str], Container[str], str], ...] = (
            ("`objectives` beside the metric", others, cheap, ", ".join(cheap)),
            ("`hyperparameters`", own, known, f"a recipe's {', '.join(known)}"),
            ("`final_hyperparameters`", self.final_hyperparameters, own, "`hyperparameters`"),
        )
        for what, given, possible, words in names:
            for name in given:
                if name not in possible:
                    raise ValueError(f"{what} must be of {words}, got {name!r}.")

    # -- what a study is made of ---------------------------------------------------------------

    @property
    def metric_names(self) -> tuple[str, ...]:
        """The names of the objectives."""
        return tuple(self.objectives)

    @property
    def directions(self) -> tuple[str, ...]:
        """Their directions, for `optuna.create_study`."""
        return tuple(self.objectives.values())

    @cached_property
    def space(self) -> SearchSpace:
        """The search space."""
        return self.make_space()

    def load(self) -> Splits:
        """The data.

        Raises:
            ValueError: If the problem has none, but an objective of its own.
        """
        return self._splits

    @cached_property
    def _splits(self) -> Splits:
        if self.load_splits is None:
            raise ValueError(
                f"the problem {self.name!r} has no `load_splits`: only its own objective knows "
                "the data."
            )
        return self.load_splits()

    @cached_property
    def preprocessing(self) -> Preprocessing | None:
        """How raw examples become inputs, and outputs answers; None where that is not known.

        A vocabulary may come from the data, so these may be read for it.
        """
        return None if self.make_preprocessing is None else self.make_preprocessing()

    @cached_property
    def baselines(self) -> Mapping[str, Architecture]:
        """Hand-made networks by name; none where the user's own objective trains networks."""
        if self.make_baselines is None or self.own_objective is not None:
            return {}
        return self.make_baselines(self.space)

    def enqueue_baselines(self, study: optuna.Study) -> tuple[str, ...]:
        """Has a study begin with the hand-made networks that its search space holds.

        They become its next trials, with the hyperparameters of the recipe: any sampler goes on
        from there, so that a search is not behind what anybody writes down. A trial says which one
        it is in its user attribute ``"hand_made"``.

        Args:
            study:
                A study of this problem.

        Returns:
            Their names. The others have what the space has not, or are larger than it allows.

        Example:
            >>> import optuna
            >>> from optuna_codeepneat import CoDeepNEATSampler
            >>> from optuna_codeepneat.problems import get_problem
            >>> problem = get_problem("mnist1d")
            >>> study = optuna.create_study(
            ...     directions=problem.directions, sampler=CoDeepNEATSampler(problem.space)
            ... )
            >>> problem.enqueue_baselines(study)[0]
            'residual, 8 channels'
        """
        names = []
        for name, network in self.baselines.items():
            params = as_params(network, self.space, self.search_recipe, self.hyperparameters)
            if params is not None:
                study.enqueue_trial(params, user_attrs={HAND_MADE: name}, skip_if_exists=True)
                names.append(name)
        return tuple(names)

    @property
    def can_train_finally(self) -> bool:
        """Whether `train_final` and `test` have something to work with."""
        return self.load_splits is not None or type(self).train_final is not Problem.train_final

    @cached_property
    def _fitted(self) -> Splits:
        """The data as networks read them."""
        from optuna_codeepneat.problems._check import fitted

        space = self.space  # first: it costs nothing
        return fitted(self.load(), space)

    @cached_property
    def _seen_in_search(self) -> dict[str, tuple[Examples, Examples]]:
        """Training and validation examples by device, so that they are moved there once."""
        return {}

    @cached_property
    def _latencies(self) -> dict[str, Latency]:
        """What measures latencies by device: each knows the networks that it has measured."""
        return {}

    def check(self, *, device: torch.device | str = "auto") -> None:
        """Looks whether data, space, recipes, loss and metric fit together, once for each device.

        The first training does so too. The loss and the metric are tried on a few examples; of
        the test examples nothing is looked at but whether networks will be able to read them. A
        problem with an objective of its own is not checked.

        Args:
            device:
                Where networks are trained; ``"auto"`` for a GPU if torch finds one.

        Raises:
            DataError: If they don't, in one sentence: what is wrong, where, and what to do.
        """
        if self.own_objective is None:
            self._check_data(training.device_of(device))

    def _check_data(self, device: torch.device | str) -> None:
        from optuna_codeepneat.problems._check import check_targets

        key = str(device)
        if key in self._seen_in_search:
            return
        splits = self._fitted
        for recipe in (self.search_recipe, self.final_recipe):
            if recipe.augmentation:
                check_suits(recipe.augmentation, splits.train)
        check_targets(
            splits,
            self.space,
            loss=self.loss,
            metric=self.metric,
            label_smoothing=self._most_label_smoothing,
            device=device,
        )
        self._seen_in_search[key] = (splits.train.to(device), splits.validation.to(device))

    @property
    def _most_label_smoothing(self) -> float:
        name = "label_smoothing"
        recipes = [self.search_recipe.label_smoothing, self.final_recipe.label_smoothing]
        varied = self.hyperparameters.get(name)
        return max(recipes if varied is None else [*recipes, *extremes(varied)])

    @property
    def floor(self) -> float | None:
        """The score that a network needs to be on a front, None if any will do.

        It is `min_score`. For ``"chance"`` it lies a little beyond what a network could get that
        does not look at its inputs: by the best constant answer, by the accuracy the most frequent
        class, or of numbers their mean, their median or, if they are 0 and 1, their log-odds. A
        little is four standard deviations of such a guess on the validation examples, and never
        more than a twentieth of the way to a perfect score. A metric that has no value for
        constants sets no floor, and neither does an objective of the user's own.
        """
        if self.min_score != "chance":
            return self.min_score
        return None if self.own_objective is not None else self._chance

    @cached_property
    def _chance(self) -> float | None:
        from optuna_codeepneat.problems._chance import score_to_beat

        seen = list(self._seen_in_search.values())  # the metric may need them where they are
        return score_to_beat(
            self.metric or training.accuracy,
            seen[0][1] if seen else self._fitted.validation,
            num_outputs=self.space.num_outputs,
            maximize=self._maximizes,
        )

    @property
    def _maximizes(self) -> bool:
        return self.directions[0] == "maximize"

    def constrain(self, trial: BaseTrial, values: float | Sequence[float]) -> None:
        """Says on a trial by how much its score misses the floor; at most once.

        `objective` does so, and in the command line the worker for a subclass that has another
        one.

        Args:
            trial:
                The running trial.
            values:
                Its score, or the values of all objectives, of which that is the first.
        """
        first = values[0] if isinstance(values, Sequence) and values else values
        if not isinstance(first, Real) or math.isnan(first):  # Optuna says what is wrong
            return
        if self.floor is None or MIN_SCORE in trial.constraints:
            return
        score = float(first)
        trial.set_constraint(
            MIN_SCORE, self.floor - score if self._maximizes else score - self.floor
        )

    # -- what a study does ---------------------------------------------------------------------

    def _train_and_score(
        self,
        trial: BaseTrial,
        device: torch.device | str,
        seed: int,
        deadline: float | None,
        on_progress: Callable[[int, int, float], None] | None,
        checkpoints: Checkpoints | None,
        pruner: FrontPruner | None,
    ) -> tuple[float, ...]:
        """The objective by the recipes."""
        device = training.device_of(device)
        self._check_data(device)
        architecture = self.space.suggest(trial)
        recipe = self.search_recipe.replace(
            **{name: suggest(trial, name, d) for name, d in self.hyperparameters.items()}
        )
        train, validation = self._seen_in_search[str(device)]
        sizes = [self._size(name, architecture, str(device)) for name in self.metric_names[1:]]
        network = self._build(architecture, seed)
        steps = 0
        if checkpoints is not None:
            report = checkpoints.inherit(trial, network)
            recipe = self.continuation.recipe(recipe, report.share)
            seed += report.line_steps  # else each descendant saw the same batches again
            steps = self._distil(network, report, train, recipe, device, seed, deadline)
            recipe = recipe.replace(steps=max(1, recipe.steps - steps))
        if pruner is not None:
            metric, *others = self.metric_names
            on_progress = EarlyStopping(
                trial,
                pruner,
                lambda: training.evaluate(network, validation, self.metric or training.accuracy),
                metric,
                dict(zip(others, sizes, strict=True)),
                recipe.steps,
                on_progress,
            )
        try:
            score, own_steps = self._fit_and_evaluate(
                network, train, validation, recipe, device, seed, deadline, on_progress
            )
        except StoppedError as stopped:
            if checkpoints is not None:
                checkpoints.save(trial, network, steps=steps + stopped.steps, weights=False)
            raise
        if checkpoints is not None:
            checkpoints.save(trial, network, steps=steps + own_steps)
        return (score, *sizes)

    def evaluate(
        self,
        architecture: Architecture,
        *,
        device: torch.device | str = "auto",
        seed: int = 0,
        deadline: float | None = None,
        on_progress: Callable[[int, int, float], None] | None = None,
    ) -> tuple[float, ...]:
        """Trains a network outside of any trial as a search does, and scores it likewise.

        It begins with new weights, and has the hyperparameters of the search recipe. So a
        hand-made network is held against those of a search: `baselines`.

        Args:
            architecture:
                The network, which need not be in the search space.
            device:
                Where to train; ``"auto"`` for a GPU if torch finds one.
            seed:
                Of the initial weights and the order of the examples.
            deadline:
                `time.monotonic` at which the training ends at the latest.
            on_progress:
                See `optuna_codeepneat.training.fit`.

        Returns:
            The values of `objectives`.

        Raises:
            optuna.TrialPruned: If the network diverged or its time was up.
            DataError: If data, search space, loss and metric do not fit together, see `check`.
            ValueError: If an objective of the user's own trains networks.
        """
        if self.own_objective is not None:
            raise ValueError(
                f"the problem {self.name!r} has an objective of its own, which takes a trial."
            )
        device = training.device_of(device)
        self._check_data(device)
        train, validation = self._seen_in_search[str(device)]
        sizes = [self._size(name, architecture, str(device)) for name in self.metric_names[1:]]
        network = self._build(architecture, seed)
        score, _ = self._fit_and_evaluate(
            network, train, validation, self.search_recipe, device, seed, deadline, on_progress
        )
        return (score, *sizes)

    def _fit_and_evaluate(
        self,
        network: Network,
        train: Examples,
        validation: Examples,
        recipe: Recipe,
        device: torch.device | str,
        seed: int,
        deadline: float | None,
        on_progress: Callable[[int, int, float], None] | None,
    ) -> tuple[float, int]:
        """The validation score of a network after its training, and the steps of that."""
        try:
            result = self._fit(network, train, recipe, device, seed, deadline, on_progress)
            if result.stopped == "deadline":
                raise optuna.TrialPruned(
                    f"the time was up after {result.steps} of {recipe.steps} training steps."
                )
            score = training.evaluate(network, validation, self.metric or training.accuracy)
        except NetworkDivergedError as error:
            raise optuna.TrialPruned(str(error)) from error
        return score, result.steps

    def _distil(
        self,
        network: Network,
        report: InheritanceReport,
        data: Examples,
        recipe: Recipe,
        device: torch.device | str,
        seed: int,
        deadline: float | None,
    ) -> int:
        """Lets a network repeat its ancestor where it does not; returns the steps that took."""
        from optuna_codeepneat.morphism import distil

        steps = round(recipe.steps * self.continuation.distillation)
        if report.ancestor is None or report.plan.exact or not steps:
            return 0
        teacher = report.ancestor.build()
        result = distil(
            network,
            teacher,
            data,
            report.plan,
            recipe.replace(steps=steps),
            device=device,
            seed=seed,
            deadline=deadline,
        )
        return result.steps

    def train_final(
        self,
        architecture: Architecture,
        hyperparameters: Mapping[str, Any] | None = None,
        *,
        device: torch.device | str = "auto",
        seed: int = 0,
        on_progress: Callable[[int, int, float], None] | None = None,
        recipe: Recipe | None = None,
        widen: float = 1.0,
        ancestor: Network | None = None,
    ) -> nn.Module:
        """Trains a chosen network, by the final recipe.

        It learns from the training and the validation examples together, as published results
        do: nothing is left to be chosen. Only the schedule ``"plateau"`` holds some of them out.

        Args:
            architecture:
                The network.
            hyperparameters:
                Those of its trial, by name; such as are not in `final_hyperparameters` are not
                used.
            device:
                Where to train; ``"auto"`` for a GPU if torch finds one.
            seed:
                Of the initial weights and the order of the examples.
            on_progress:
                See `optuna_codeepneat.training.fit`.
            recipe:
                How it is trained; None for the final recipe.
            widen:
                What each of its widths is multiplied by (LEAF, Liang et al. 2019, section 4.2),
                see `optuna_codeepneat.search_space.widened`.
            ancestor:
                A network whose weights it begins with, such as the one that a search left of it;
                None for new weights. What is wider computes the same at first, wherever that is
                possible.

        Returns:
            The trained network.

        Raises:
            NetworkDivergedError: If its training loss was not finite.
            DataError: If data, search space, loss and metric do not fit together, see `check`, or
                the augmentation does not suit the examples.
            ValueError: If `widen` is less than 1.

        Example:
            >>> from optuna_codeepneat.problems import get_problem
            >>> problem = get_problem("mnist1d")
            >>> recipe = problem.final_recipe.replace(steps=20, augmentation=problem.augmentation)
            >>> network = problem.train_final(problem.space.smallest(), recipe=recipe, widen=2)
            >>> problem.measure(network, copies=5).copies
            5
        """
        device = training.device_of(device)
        given = hyperparameters or {}
        recipe = (recipe or self.final_recipe).replace(
            **{name: given[name] for name in self.final_hyperparameters if name in given}
        )
        if ancestor is not None and ancestor.architecture == architecture:
            architecture = ancestor.architecture  # which has the innovation ids of its weights
        if widen != 1.0:
            architecture = widened(architecture, self.space, widen)
        self._check_data(device)
        splits = self._fitted
        data = splits.train + splits.validation
        if recipe.augmentation:
            check_suits(recipe.augmentation, data)
        held_out = None
        if recipe.schedule == "plateau":
            data, held_out = parted(data, recipe.plateau.held_out)
            held_out = held_out.to(device)
        network = self._build(architecture, seed)
        if ancestor is not None:
            begin_with(network, ancestor)
        self._fit(network, data.to(device), recipe, device, seed, None, on_progress, held_out)
        return network

    def test(self, network: nn.Module) -> float:
        """The score of a finally trained network on the test examples."""
        return training.evaluate(network, self._fitted.test, self.metric or training.accuracy)

    def measure(self, network: nn.Module, *, copies: int = 0, seed: int = 0) -> Measurement:
        """The same with its 95 % interval; without one where a subclass has its own `test`.

        It looks at the test examples once, as `test` does.

        Args:
            network:
                The network.
            copies:
                How many copies of each example, changed by the augmentation of the final recipe
                or else by that of the problem, the predictions are averaged over; 0 for the
                examples as they are. With copies both scores are measured, and the averaged one
                is `Measurement.score`.
            seed:
                Of these changes.

        Raises:
            NetworkDivergedError: If an output is not finite.
            DataError: If there shall be copies, and the problem has no augmentation, or one that
                does not suit the examples.
        """
        if type(self).test is not Problem.test:
            return training.Measurement(score=float(self.test(network)))
        test, metric = self._fitted.test, self.metric or training.accuracy
        augmentation = self._for_copies(test) if copies else None
        outputs = training.predict(network, test)
        if not bool(outputs.isfinite().all()):
            raise NetworkDivergedError("the network diverged: its outputs are not finite.")
        targets = test.targets.to(outputs.device)
        if augmentation is None:
            return training.measured(outputs, targets, metric)
        plain = training.as_score(metric, metric(outputs, targets))
        averaged = training.predict_averaged(
            network,
            test,
            augmentation,
            copies=copies,
            meaning=meaning_of(self.loss, test.targets),
            seed=seed,
        )
        found = training.measured(averaged, targets, metric)
        return replace(found, copies=copies, plain=plain)

    def _for_copies(self, examples: Examples) -> Augmentation:
        """What changes copies of examples."""
        augmentation = self.final_recipe.augmentation or self.augmentation
        if not augmentation:
            raise DataError(
                f"the problem {self.name!r} has no `augmentation`, and without one all copies of "
                "an example are equal."
            )
        check_suits(augmentation, examples)
        return augmentation

    def _size(self, name: str, architecture: Architecture, device: str) -> float:
        """An objective beside the metric."""
        if name != LATENCY:
            return float(getattr(architecture, name))
        if device not in self._latencies:
            self._latencies[device] = training.Latency(device=device)
        return self._latencies[device](architecture)

    def _build(self, architecture: Architecture, seed: int) -> Network:
        # Here, so that a problem's space can be read where torch is not installed.
        from optuna_codeepneat.network import build_network

        with training.seeded(seed):
            network = build_network(architecture)
        if self.initialize is not None:
            self.initialize(network)
        return network

    def _fit(
        self,
        network: nn.Module,
        data: Examples,
        recipe: Recipe,
        device: torch.device | str,
        seed: int,
        deadline: float | None,
        on_progress: Callable[[int, int, float], None] | None,
        held_out: Examples | None = None,
    ) -> FitResult:
        result = training.fit(
            network,
            data,
            recipe,
            loss=self.loss or training.cross_entropy,
            device=device,
            seed=seed,
            deadline=deadline,
            on_progress=on_progress,
            report_at=on_progress.steps if isinstance(on_progress, EarlyStopping) else (),
            held_out=held_out,
        )
        result.raise_if_diverged()
        return result


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
