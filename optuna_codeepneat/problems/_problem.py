"""`Problem`: all that a search needs beside the algorithm."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import InitVar
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from functools import cached_property
from functools import partial
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

from optuna_codeepneat import training
from optuna_codeepneat._attributes import HAND_MADE
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._baselines import as_params
from optuna_codeepneat.problems._baselines import hand_made
from optuna_codeepneat.problems._costs import Costs
from optuna_codeepneat.problems._data import FromData
from optuna_codeepneat.problems._declaration import check_declared
from optuna_codeepneat.problems._early_stopping import EarlyStopping
from optuna_codeepneat.problems._final import train_finally
from optuna_codeepneat.problems._floor import floor_by_hand
from optuna_codeepneat.problems._floor import say_shortfall
from optuna_codeepneat.problems._measuring import measure
from optuna_codeepneat.problems._own_objective import OwnObjective
from optuna_codeepneat.problems._own_objective import WithObjective
from optuna_codeepneat.problems._search_training import train_and_score
from optuna_codeepneat.problems._search_training import train_descendant
from optuna_codeepneat.problems._trainer import Trainer
from optuna_codeepneat.search_space import suggest
from optuna_codeepneat.search_space import widened
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Continuation
from optuna_codeepneat.training import Recipe


if TYPE_CHECKING:
    import optuna
    import torch
    from optuna.distributions import BaseDistribution
    from optuna.trial import BaseTrial
    from torch import nn

    from optuna_codeepneat.morphism import Checkpoints
    from optuna_codeepneat.network import Network
    from optuna_codeepneat.problems._checked_data import CheckedData
    from optuna_codeepneat.problems._preprocessing import Preprocessing
    from optuna_codeepneat.problems._reference import Reference
    from optuna_codeepneat.problems._splits import Splits
    from optuna_codeepneat.pruning import FrontPruner
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import SearchSpace
    from optuna_codeepneat.training import Examples
    from optuna_codeepneat.training import Loss
    from optuna_codeepneat.training import Measurement
    from optuna_codeepneat.training import Metric
    from optuna_codeepneat.training import TrainingCheckpoint


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
        check_declared(
            objectives=self.objectives,
            hyperparameters=self.hyperparameters,
            final_hyperparameters=self.final_hyperparameters,
            min_score=self.min_score,
        )

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
            self.examples(device)

    def examples(self, device: torch.device | str = "auto") -> tuple[Examples, Examples]:
        """The training and the validation examples as networks read them, checked and kept.

        Numbers are float32 then, class numbers and tokens int64, whatever `load` has.

        Args:
            device:
                Where they shall lie; ``"auto"`` for a GPU if torch finds one. Images that would
                fill it stay outside.

        Raises:
            DataError: See `check`.
            ValueError: If the problem has no data.
        """
        return self._data.on(training.device_of(device))

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

    def floor_by_hand(self, scores: Iterable[float]) -> float | None:
        """The floor that hand-made networks set: nine tenths of what the best gains over guessing.

        A search that keeps whatever is better than a guess spends most of its networks on small
        ones that nobody wants.

        Args:
            scores:
                What `baselines` came to in a search.

        Returns:
            The score; None where `min_score` is not ``"chance"``, what guessing comes to is not
            known, or none of them is better.

        Example:
            >>> from optuna_codeepneat.problems import get_problem
            >>> problem = get_problem("mnist1d")
            >>> problem.floor_by_hand([0.94, 0.95])
            0.86
        """
        if self.min_score != "chance":
            return None
        return floor_by_hand(scores, chance=self.floor, maximize=self._maximizes)

    def with_floor(self, min_score: float | None) -> Problem:
        """This problem with another `min_score`; what it has loaded is not loaded again.

        Args:
            min_score:
                The score that a network needs to be on a front, None if any will do.

        Raises:
            ValueError: If that is no finite number.
        """
        other = replace(self, min_score=min_score)
        vars(other).update(
            {
                name: value
                for name, value in vars(self).items()
                if isinstance(getattr(type(self), name, None), cached_property)
            }
        )
        return other

    @cached_property
    def _chance(self) -> float | None:
        from optuna_codeepneat.problems._chance import score_to_beat

        return score_to_beat(
            self._metric,
            self._data.validation,  # the metric may need them where they are
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
        if self.floor is not None:
            say_shortfall(trial, values, self.floor, maximize=self._maximizes)

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
        trainer = self._trainer(device, seed, deadline, on_progress)
        data = self.examples(trainer.device)
        architecture = self.space.suggest(trial)
        recipe = self.search_recipe.replace(
            **{name: suggest(trial, name, d) for name, d in self.hyperparameters.items()}
        )
        costs = self._costs.of(architecture, trainer.device)
        if pruner is not None:
            metric, *others = self.metric_names
            sizes = dict(zip(others, costs, strict=True))
            trainer = replace(trainer, watch=partial(EarlyStopping, trial, pruner, metric, sizes))
        network = trainer.build(architecture)
        if checkpoints is None:
            score, _ = train_and_score(trainer, network, *data, recipe)
        else:
            score = train_descendant(
                trainer,
                network,
                *data,
                recipe,
                continuation=self.continuation,
                trial=trial,
                checkpoints=checkpoints,
            )
        return (score, *costs)

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
        trainer = self._trainer(device, seed, deadline, on_progress)
        data = self.examples(trainer.device)
        costs = self._costs.of(architecture, trainer.device)
        network = trainer.build(architecture)
        score, _ = train_and_score(trainer, network, *data, self.search_recipe)
        return (score, *costs)

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
        checkpoint: TrainingCheckpoint | None = None,
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
            checkpoint:
                Where the state of the training is kept now and then, and from where it goes on
                after it was ended; None for nowhere.

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
        trainer = self._trainer(device, seed, on_progress=on_progress)
        given = hyperparameters or {}
        recipe = (recipe or self.final_recipe).replace(
            **{name: given[name] for name in self.final_hyperparameters if name in given}
        )
        if ancestor is not None and ancestor.architecture == architecture:
            architecture = ancestor.architecture  # which has the innovation ids of its weights
        if widen != 1.0:
            architecture = widened(architecture, self.space, widen)
        self.examples(trainer.device)
        splits = self._data.splits
        return train_finally(
            trainer,
            architecture,
            splits.train + splits.validation,
            recipe,
            ancestor=ancestor,
            checkpoint=checkpoint,
        )

    def test(self, network: nn.Module) -> float:
        """The score of a finally trained network on the test examples."""
        return training.evaluate(network, self._data.splits.test, self._metric)

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
        augmentation = self.final_recipe.augmentation or self.augmentation
        if copies and not augmentation:
            raise DataError(
                f"the problem {self.name!r} has no `augmentation`, and without one all copies of "
                "an example are equal."
            )
        return measure(
            network,
            self._data.splits.test,
            self._metric,
            augmentation=augmentation if copies else None,
            copies=copies,
            loss=self.loss,
            seed=seed,
        )

    # -- what all of these need ----------------------------------------------------------------

    @property
    def _metric(self) -> Metric:
        return self.metric or training.accuracy

    @cached_property
    def _data(self) -> CheckedData:
        from optuna_codeepneat.problems._checked_data import CheckedData

        space = self.space  # first: it costs nothing
        return CheckedData(
            self.load(),
            space,
            loss=self.loss,
            metric=self.metric,
            recipes=(self.search_recipe, self.final_recipe),
            label_smoothing=self.hyperparameters.get("label_smoothing"),
        )

    @cached_property
    def _costs(self) -> Costs:
        return Costs(self.metric_names[1:])

    def _trainer(
        self,
        device: torch.device | str,
        seed: int,
        deadline: float | None = None,
        on_progress: Callable[[int, int, float], None] | None = None,
    ) -> Trainer:
        return Trainer(
            loss=self.loss or training.cross_entropy,
            metric=self._metric,
            initialize=self.initialize,
            device=training.device_of(device),
            seed=seed,
            deadline=deadline,
            on_progress=on_progress,
        )
