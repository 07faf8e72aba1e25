"""`Preprocessing`: what is done to raw examples before a network, and to its outputs after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeAlias

from optuna_codeepneat.problems._preprocessing._arrays import ArrayReader
from optuna_codeepneat.problems._preprocessing._images import ImageReader
from optuna_codeepneat.problems._preprocessing._table import TableReader
from optuna_codeepneat.problems._preprocessing._targets import ClassTarget
from optuna_codeepneat.problems._preprocessing._targets import LabelTarget
from optuna_codeepneat.problems._preprocessing._targets import NumberTarget
from optuna_codeepneat.problems._preprocessing._targets import checked_outputs
from optuna_codeepneat.problems._preprocessing._text import TextReader


if TYPE_CHECKING:
    import torch

Reader: TypeAlias = ArrayReader | ImageReader | TableReader | TextReader
Target: TypeAlias = ClassTarget | NumberTarget | LabelTarget

_FORMAT = 1
_READERS = {cls.kind: cls for cls in (ArrayReader, ImageReader, TableReader, TextReader)}
_TARGETS = {cls.task: cls for cls in (ClassTarget, NumberTarget, LabelTarget)}


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """How raw examples become what a network reads, and its outputs answers.

    A trained network is of use only together with it. The class methods of `Problem` make one
    from the training examples; it has a JSON form, so that it can lie beside the weights.

    Args:
        reader:
            Reads raw examples of one kind.
        target:
            What the outputs mean.

    Example:
        >>> from optuna_codeepneat.problems import Preprocessing
        >>> made = Preprocessing.from_json(
        ...     {
        ...         "format": 1,
        ...         "inputs": {
        ...             "kind": "table",
        ...             "columns": [
        ...                 {"name": "age", "mean": 40.0, "std": 10.0, "fill": 40.0},
        ...                 {"name": "city", "categories": ["Oslo", "Rome"]},
        ...             ],
        ...         },
        ...         "outputs": {"task": "classification", "name": None, "classes": ["no", "yes"]},
        ...     }
        ... )
        >>> made.inputs([{"age": 50, "city": "Rome"}, {"age": None, "city": "Paris"}])
        tensor([[1., 0., 1., 0.],
                [0., 0., 0., 1.]])
        >>> made.answers([[0.0, 2.0]])[0]["class"]
        'yes'
        >>> Preprocessing.from_json(made.to_json()) == made
        True
    """

    reader: Reader
    target: Target

    @property
    def kind(self) -> str:
        """What raw examples are: ``"arrays"``, ``"images"``, ``"table"`` or ``"text"``."""
        return self.reader.kind

    @property
    def task(self) -> str:
        """What outputs mean: ``"classification"``, ``"regression"`` or ``"labels"``."""
        return self.target.task

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one example, as a network reads it; ``(length,)`` for the tokens of a text."""
        return self.reader.input_shape

    @property
    def num_outputs(self) -> int:
        """Outputs of a network."""
        return self.target.num_outputs

    def inputs(self, raw: Any) -> torch.Tensor:
        """What a network reads of raw examples.

        Args:
            raw:
                By the kind. ``"arrays"``: an array ``(examples, ...)`` as it was before.
                ``"images"``: a list of paths, of Pillow's images, or of arrays of bytes ``(height,
                width)`` or ``(height, width, channels)``. ``"table"``: a data frame, a mapping
                from names to columns, or a list of one mapping for each row. ``"text"``: a list of
                strings.

        Returns:
            ``(examples, *input_shape)``, float32, or int64 for tokens.

        Raises:
            DataError: If it can't be read, in one sentence with the example.
        """
        import torch

        return torch.from_numpy(self.reader.read(raw))

    def answers(self, outputs: Any) -> list[dict[str, Any]]:
        """What outputs of a network mean, in values that JSON has.

        Args:
            outputs:
                A tensor or an array ``(examples, num_outputs)``.

        Returns:
            For each example, by the task: ``"classification"`` its ``class``, the ``probability``
            of that, and the ``probabilities`` by the names of all classes; ``"regression"`` a
            ``value``, or, where there are several, ``values`` by their names; ``"labels"`` the
            ``labels`` that are more likely than not, and the ``probabilities`` of all.

        Raises:
            DataError: If they have another shape, or are not finite.
        """
        return self.target.answers(checked_outputs(outputs, self.num_outputs))

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description; `from_json` is its inverse."""
        return {
            "format": _FORMAT,
            "inputs": self.reader.to_json(),
            "outputs": self.target.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Preprocessing:
        """The preprocessing that `to_json` described.

        Raises:
            ValueError: If a newer version of the package wrote it, or it describes none.
        """
        try:
            if value["format"] != _FORMAT:
                raise ValueError(
                    f"this preprocessing has format {value['format']!r}; this version of "
                    f"optuna-codeepneat reads format {_FORMAT}."
                )
            reader, target = value["inputs"], value["outputs"]
            return cls(
                reader=_READERS[reader["kind"]].from_json(reader),
                target=_TARGETS[target["task"]].from_json(target),
            )
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError(f"this describes no preprocessing: {error!r}.") from None
