"""`FinalSettings`: how networks are trained finally, where that is not left to their problem."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.problems import Problem


@dataclass(frozen=True, kw_only=True)
class FinalSettings:
    """What a command says of final trainings; nothing of it leaves all to the problem.

    Args:
        steps:
            Training steps; None for what `epochs` says.
        epochs:
            How often each example is seen; None for what the problem says.
        schedule:
            Of the learning rate; None for that of the problem.
        augment:
            Whether examples are changed by the problem's augmentation; None for what its recipe
            says.
        copies:
            How many changed copies of each test example predictions are averaged over.
        widen:
            What each width is multiplied by.
        weights:
            Where the weights of the search are that a widened network begins with; None where
            there are none.
    """

    steps: int | None = None
    epochs: float | None = None
    schedule: str | None = None
    augment: bool | None = None
    copies: int = 0
    widen: float = 1.0
    weights: str | None = None

    @property
    def is_usual(self) -> bool:
        """Whether networks are trained and tested as the problem says."""
        return self == FinalSettings(weights=self.weights)

    def check(self, problem: Problem) -> None:
        """Raises `CommandError` if a problem can't train networks so."""
        asked_for = {
            "--widen": self.widen != 1.0,
            "--augment": self.augment,
            "--tta": self.copies,
            "--schedule": self.schedule,
        }
        if not trains_by_recipe(problem):
            for option in (name for name, asked in asked_for.items() if asked):
                raise CommandError(
                    f"`{option}`: the problem {problem.name!r} trains networks in a way of its "
                    "own, which knows nothing of that."
                )
        augmentation = problem.final_recipe.augmentation or problem.augmentation
        for option in ("--augment", "--tta"):
            if asked_for[option] and not augmentation:
                raise CommandError(
                    f"`{option}`: the problem {problem.name!r} has no `augmentation`; give it "
                    "one, as in `Problem(..., augmentation=Augmentation(shift=0.1))`."
                )

    def applied_to(self, problem: Problem) -> Problem:
        """The problem with a final recipe as they say."""
        recipe, steps = problem.final_recipe, self.steps
        if steps is None and self.epochs is not None:
            splits = problem.load()
            n = len(splits.train) + len(splits.validation)
            steps = max(1, round(self.epochs * n / min(recipe.batch_size, n)))
        changes: dict[str, Any] = {"steps": steps, "schedule": self.schedule}
        changes = {name: value for name, value in changes.items() if value is not None}
        if self.augment is not None:
            own = recipe.augmentation or problem.augmentation
            changes["augmentation"] = own if self.augment else None
        if not changes:
            return problem
        return replace(problem, final_recipe=recipe.replace(**changes))


def trains_by_recipe(problem: Problem) -> bool:
    """Whether a problem trains networks finally by its recipe, and not in a way of its own."""
    return type(problem).train_final is Problem.train_final
