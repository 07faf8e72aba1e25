"""What may be said of any data, whatever kind they are of."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal
from typing import TypeAlias
from typing import TypedDict
from typing import get_args

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat._scalars import whole
from optuna_codeepneat._scalars import whole_or_none
from optuna_codeepneat._text import one_of_names


if TYPE_CHECKING:
    from optuna_codeepneat.search_space import SearchSpace

Task = Literal["classification", "regression", "labels"]
Column: TypeAlias = str | Sequence[Any]
"""The name of a column where there are columns, and the values themselves elsewhere."""


class DataChoices(TypedDict, total=False):
    """The same as `DataOptions`, for the signatures of functions that pass them on."""

    task: Task | None
    metric: str | None
    split: Column | None
    group: Column | None
    validation: float
    test: float
    seed: int
    space: SearchSpace | Callable[..., SearchSpace] | None
    steps: int | None
    class_weights: bool
    name: str | None


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """What may be said of any data.

    Args:
        task:
            What is learnt; None to guess it from the target.
        metric:
            A name of `METRICS`; None for the one that is usual for the task.
        split:
            Which part each example is in; None to choose by chance.
        group:
            The group that each example is of; None for none.
        validation:
            Share of the validation examples, where they are chosen.
        test:
            Share of the test examples, where they are chosen.
        seed:
            Of the choice.
        space:
            The search space, or what makes one of `input_shape` and `num_outputs`; None for the
            preset that fits the inputs.
        steps:
            Of a training during the search; None to go by the number of examples.
        class_weights:
            Whether rare classes count as much as frequent ones.
        name:
            Of the problem; None to take that of the file.

    Raises:
        ValueError: If a value is out of its bounds.
    """

    task: Task | None = None
    metric: str | None = None
    split: Column | None = None
    group: Column | None = None
    validation: float = 0.2
    test: float = 0.2
    seed: int = 0
    space: SearchSpace | Callable[..., SearchSpace] | None = None
    steps: int | None = None
    class_weights: bool = False
    name: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> DataOptions:
        """The options of these names.

        Raises:
            TypeError: If there is none of a name.
            ValueError: If a value is out of its bounds.
        """
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                raise TypeError(f"there is no option `{name}`; {one_of_names(name, known, 20)}.")
        return cls(**given)

    def __post_init__(self) -> None:
        in_python_scalars(self)
        if self.task not in (None, *get_args(Task)):
            known = ", ".join(map(repr, get_args(Task)))
            raise ValueError(f"`task` must be {known} or None, got {self.task!r}.")
        if self.split is not None and self.group is not None:
            raise ValueError("`split` and `group` exclude each other: a given split is kept.")
        for name in ("validation", "test"):
            share = getattr(self, name)
            if not 0.0 < share < 1.0:
                raise ValueError(f"`{name}` must be a share between 0 and 1, got {share!r}.")
        if self.validation + self.test >= 1.0:
            raise ValueError(
                "`validation` and `test` must leave something to train on, got "
                f"{self.validation} and {self.test}."
            )
        whole("seed", self.seed, 0)
        whole_or_none("steps", self.steps, 1)
