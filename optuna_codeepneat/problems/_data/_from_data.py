"""`FromData`: the class methods of `Problem` that make one of a user's own data."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from typing import get_args

from optuna_codeepneat._scalars import whole
from optuna_codeepneat._scalars import whole_or_none
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data._array_source import ArraySource
from optuna_codeepneat.problems._data._array_source import read_npz
from optuna_codeepneat.problems._data._image_source import ImageSource
from optuna_codeepneat.problems._data._image_source import find_images
from optuna_codeepneat.problems._data._image_source import image_column
from optuna_codeepneat.problems._data._image_source import named_images
from optuna_codeepneat.problems._data._making import problem_arguments
from optuna_codeepneat.problems._data._options import DataOptions
from optuna_codeepneat.problems._data._table_source import TableSource
from optuna_codeepneat.problems._data._tables import Table
from optuna_codeepneat.problems._data._tables import names_given
from optuna_codeepneat.problems._data._tables import read_table
from optuna_codeepneat.problems._data._target_values import target_columns
from optuna_codeepneat.problems._data._targets import read_target
from optuna_codeepneat.problems._data._text_source import TextSource
from optuna_codeepneat.problems._preprocessing import Unit


if TYPE_CHECKING:
    from typing_extensions import Self
    from typing_extensions import Unpack

    from optuna_codeepneat.problems._data._options import DataChoices


class FromData:
    """The class methods; `Problem` is the one class that has them.

    All of them take these options. What is found and chosen is in `Problem.findings`.

    * `task`: ``"classification"``, ``"regression"`` or ``"labels"``; guessed from the target.
    * `metric`: ``"accuracy"``, ``"balanced_accuracy"``, ``"macro_f1"``, ``"auroc"``,
      ``"average_precision"``, ``"log_loss"``, ``"r2"``, ``"rmse"`` or ``"mae"``; whether larger is
      better follows from it.
    * `split`: the part of each example, ``"train"``, ``"validation"`` or ``"test"``: a column
      where there are columns, else a list. By default parts are chosen by chance, in proportion.
    * `group`: the group of each example, likewise; all of a group are in one part.
    * `validation`, `test`: the shares of these parts, each 0.2; `seed` of the choice.
    * `space`: a search space, or a function such as a preset of `SearchSpace` that makes one of
      `input_shape` and `num_outputs`.
    * `steps`: of the training of a network during the search.
    * `class_weights`: whether rare classes count as much as frequent ones in the loss.
    * `name`: of the problem.
    """

    if TYPE_CHECKING:

        def __init__(self, **kwargs: Any) -> None: ...

    @classmethod
    def from_arrays(cls, x: Any, y: Any = None, **options: Unpack[DataChoices]) -> Self:
        """A problem of arrays: vectors, sequences or images of numbers.

        Args:
            x:
                ``(examples, features)``, ``(examples, channels, length)`` or ``(examples,
                channels, height, width)``; or the path of an ``.npz`` file with ``x`` and ``y``,
                or with ``x_train``, ``y_train``, ``x_test`` and so on.
            y:
                Integers or texts for classes, numbers for a regression, ``(examples,)``; or
                ``(examples, outputs)`` of several numbers, or of 0 and 1 for labels. None with a
                path.
            **options:
                See `FromData`.

        Returns:
            The problem.

        Raises:
            DataError: If the data don't do for a problem, in one sentence with the example.
            ValueError: If an option is out of its bounds.

        Example:
            >>> import numpy as np
            >>> from optuna_codeepneat.problems import Problem
            >>> x = np.random.default_rng(0).normal(size=(300, 4))
            >>> problem = Problem.from_arrays(x, x[:, 0] > x[:, 1])
            >>> problem.metric_names
            ('accuracy', 'num_params')
            >>> print(problem.findings["split"])
            180 training, 60 validation and 60 test examples, by chance, all classes in proportion
        """
        chosen = DataOptions.of(options)
        path = Path(x) if isinstance(x, str | PathLike) else None
        split = chosen.split
        if path is not None:
            if y is not None:
                raise ValueError("`y` must be None with a path: the file holds it.")
            x, y, parts = read_npz(path)
            split = parts if split is None and chosen.group is None else split
        elif y is None:
            raise ValueError("`y` must be given with `x`, got None.")
        source = ArraySource(x, path)
        columns = target_columns(y, len(source))
        target = read_target(columns, [None] * len(columns), task=chosen.task, place=source.place)
        return cls(
            **problem_arguments(
                source,
                target,
                chosen,
                split=_values("split", split, len(source)),
                group=_values("group", chosen.group, len(source)),
            )
        )

    @classmethod
    def from_table(
        cls,
        data: Any,
        *,
        target: str | Sequence[str],
        columns: Sequence[str] | None = None,
        drop: str | Sequence[str] = (),
        **options: Unpack[DataChoices],
    ) -> Self:
        """A problem of a table: columns of numbers and of categories.

        Args:
            data:
                The path of a CSV or Parquet file, a data frame, or a mapping from names to
                columns.
            target:
                The column of the target, or several for several numbers or labels.
            columns:
                Those that networks read; None for all others.
            drop:
                Columns that they don't read.
            **options:
                See `FromData`; `split` and `group` are names of columns.

        Returns:
            The problem.

        Raises:
            DataError: If the data don't do for a problem, in one sentence with the row.
            ValueError: If an option is out of its bounds.
            ImportError: If pandas is not installed.

        Example:
            >>> from optuna_codeepneat.problems import Problem
            >>> rows = [{"age": i % 90, "city": "Oslo" if i % 2 else "Rome"} for i in range(200)]
            >>> rows = [row | {"rent": 5.5 * row["age"]} for row in rows]
            >>> problem = Problem.from_table(rows, target="rent")
            >>> problem.metric_names
            ('r2', 'num_params')
            >>> print(problem.findings["inputs"])
            1 column of numbers and 1 column of categories, 4 features
        """
        chosen = DataOptions.of(options)
        table = read_table(data)
        targets = names_given("target", target)
        left_out = [drop] if isinstance(drop, str) else list(drop)
        used = [*targets, *_columns_of_split(chosen)]
        for name in (*left_out, *(columns or ())):
            table.check_column(name, "the inputs")
        names = [n for n in (columns or table.names) if n not in (*used, *left_out)]
        return cls(**_of_table(table, TableSource(table, names), targets, chosen))

    @classmethod
    def from_image_folder(
        cls,
        path: str | PathLike[str],
        *,
        target: str | Sequence[str] | None = None,
        image: str | None = None,
        size: int | tuple[int, int] | None = None,
        **options: Unpack[DataChoices],
    ) -> Self:
        """A problem of image files.

        Args:
            path:
                A folder with a sub-folder for each class, maybe in folders ``train``,
                ``validation`` and ``test``; or a CSV or Parquet file that names images and their
                targets. Relative names are beside that file.
            target:
                The column of the target, or several; only for a file.
            image:
                The column of the names; None for the first that holds names of images.
            size:
                Height and width, or one number for both, that all images are brought to. By
                default they keep theirs, if it is one for all and no more than 64.
            **options:
                See `FromData`; `split` and `group` are names of columns, which a folder has not.

        Returns:
            The problem.

        Raises:
            DataError: If the data don't do for a problem, in one sentence with the file.
            ValueError: If an option is out of its bounds.
            ImportError: If Pillow is not installed.
        """
        chosen = DataOptions.of(options)
        root = Path(path).expanduser()
        sides = _sides(size)
        if root.is_file():
            table = read_table(root)
            targets = names_given("target", target)
            image = image or image_column(table, targets)
            if image is None:
                raise DataError(f"no column of {str(root)!r} names images; say `image=`.")
            paths = named_images(table, image)
            return cls(
                **_of_table(table, ImageSource(paths, root=root, size=sides), targets, chosen)
            )
        if target is not None or image is not None:
            raise ValueError("`target` and `image` are for a file: folders are named for classes.")
        found = find_images(root)
        source = ImageSource(found.paths, root=root, size=sides)
        split = _values("split", chosen.split, len(found.paths))
        return cls(
            **problem_arguments(
                source,
                read_target([found.classes], [None], task=chosen.task, place=source.place),
                chosen,
                split=found.parts if split is None and chosen.group is None else split,
                group=_values("group", chosen.group, len(found.paths)),
            )
        )

    @classmethod
    def from_text(
        cls,
        data: Any,
        *,
        target: Any,
        text: str | None = None,
        length: int | None = None,
        tokens: Unit | None = None,
        vectors: str | PathLike[str] | None = None,
        **options: Unpack[DataChoices],
    ) -> Self:
        """A problem of texts.

        Args:
            data:
                A list of texts; or the path of a CSV or Parquet file, or a data frame.
            target:
                A list of targets; or the column of the target, or several.
            text:
                The column of the texts; None for a list.
            length:
                How many words networks read, or characters where texts have hardly any words; by
                default what 95 % of the texts have, and no more than 200.
            tokens:
                What networks read a text as: ``"words"``, ``"characters"``, or ``"byte_pairs"``,
                parts of words that are frequent in the training texts, for which the package
                tokenizers is needed. By default words, or characters where texts have hardly any.
            vectors:
                A file of vectors of words as fastText, word2vec and GloVe write them in text,
                maybe compressed (``.vec``, ``.txt``, ``.vec.gz``, ``.txt.gz``). The embeddings of
                networks are as wide and begin with these, and are trained as ever.
            **options:
                See `FromData`; `split` and `group` are names of columns where there are columns.

        Returns:
            The problem.

        Raises:
            DataError: If the data or the vectors don't do for a problem, in one sentence with the
                row.
            ValueError: If an option is out of its bounds.
            ImportError: If pandas is not installed, for a file, or tokenizers, for byte pairs.

        Example:
            >>> from optuna_codeepneat.problems import Problem
            >>> texts = ["what a good day", "what a bad day"] * 50
            >>> problem = Problem.from_text(texts, target=["good", "bad"] * 50)
            >>> problem.space.vocab_size, problem.space.input_shape
            (7, (16, 4))
        """
        chosen = DataOptions.of(options)
        whole_or_none("length", length, 1)
        if tokens not in (None, *get_args(Unit)):
            known = ", ".join(map(repr, get_args(Unit)))
            raise ValueError(f"`tokens` must be {known} or None, got {tokens!r}.")
        if vectors is not None and tokens not in (None, "words"):
            raise ValueError(f"`vectors` are of words, and `tokens` is {tokens!r}.")
        read_as: dict[str, Any] = {
            "length": length,
            "tokens": tokens,
            "vectors": None if vectors is None else Path(vectors),
        }
        if text is not None:
            table = read_table(data)
            source = TextSource(
                table.column(text, "the texts"),
                name="texts" if table.path is None else table.path.stem,
                path=table.path,
                place=table.place,
                column=text,
                **read_as,
            )
            arguments = _of_table(table, source, names_given("target", target), chosen)
            return cls(**arguments, initialize=source.initialize(arguments["make_space"]()))
        if isinstance(data, str | PathLike):
            raise ValueError("`text` must be the name of a column where `data` is a file.")
        texts = list(data)
        if not texts:
            raise DataError("there are no texts.")
        source = TextSource(texts, name="texts", place=lambda i: f"text {i}", **read_as)
        columns = target_columns(target, len(texts))
        arguments = problem_arguments(
            source,
            read_target(columns, [None] * len(columns), task=chosen.task, place=source.place),
            chosen,
            split=_values("split", chosen.split, len(texts)),
            group=_values("group", chosen.group, len(texts)),
        )
        return cls(**arguments, initialize=source.initialize(arguments["make_space"]()))


def _of_table(
    table: Table, source: Any, targets: list[str], chosen: DataOptions
) -> dict[str, Any]:
    """The arguments of a problem whose targets and parts are columns of a table."""
    columns = [table.column(name, "the target") for name in targets]
    return problem_arguments(
        source,
        read_target(columns, targets, task=chosen.task, place=table.place),
        chosen,
        split=_of_column(table, chosen.split, "the split"),
        group=_of_column(table, chosen.group, "the groups"),
    )


def _of_column(table: Table, given: Any, what: str) -> Sequence[Any] | None:
    if given is None or isinstance(given, str):
        return None if given is None else table.column(given, what)
    return _values(what, given, len(table))


def _columns_of_split(chosen: DataOptions) -> list[str]:
    return [name for name in (chosen.split, chosen.group) if isinstance(name, str)]


def _values(what: str, given: Any, n: int) -> Sequence[Any] | None:
    """The values for all examples that a list or an array gives."""
    if given is None:
        return None
    if isinstance(given, str):
        raise ValueError(f"`{what}` must be a list of {n} values where there are no columns.")
    values = list(given)
    if len(values) != n:
        raise ValueError(
            f"`{what}` must hold {n} values, one for each example, got {len(values)}."
        )
    return values


def _sides(size: int | tuple[int, int] | None) -> tuple[int, int] | None:
    if size is None:
        return None
    height, width = size if isinstance(size, tuple) else (size, size)
    return whole("size", height, 1), whole("size", width, 1)
