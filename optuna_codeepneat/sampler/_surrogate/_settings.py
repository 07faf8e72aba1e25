"""`Surrogate`: how candidates are chosen among, as users set it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat._scalars import scalar
from optuna_codeepneat._scalars import whole
from optuna_codeepneat.sampler._genetics import later


@dataclass(frozen=True, kw_only=True)
class Surrogate:
    """Breeds many candidates a place and has a model choose the one that is evaluated.

    The field calls it surrogate-assisted evolution with pre-selection (Jin 2011); neither LEAF nor
    LEMONADE has it. The model is fitted again for each choice, to all finished trials up to
    `max_results`.

    Args:
        n_initial:
            Finished trials with a score from which on the model chooses.
        n_candidates:
            Candidates of a place.
        edit_rate:
            Share of the candidates that are a member of the observed front after one to three
            small edits; the others are bred as without a model.
        fresh_rate:
            Share of the candidates that are drawn at random.
        n_rounds:
            In hyperparameter-only mode, how often the best candidates of a place are bred on
            before the model chooses. It is done in every second place: it finds more where the
            objectives are smooth, and less where they are rugged.
        max_results:
            The most trials that the model is fitted to: the front, the last ones, and some of all
            others.
        crossed_rate:
            Share of the edited networks that are first crossed with one or two other members of
            the observed front; half of those are not edited.
        weighs_features:
            Whether the Gaussian process finds out how relevant each kind of features is. It does
            not where weights are inherited.
        believed_parents:
            Whether the front that networks are bred from is that of what the model believes, not
            of what was observed: the lucky are no parents. It is not so where weights are
            inherited, nor in hyperparameter-only mode.
        model:
            ``"gp"``, a Gaussian process, or ``"ridge"``, linear in the features.
    """

    n_initial: int = 10
    n_candidates: int = 50
    edit_rate: float = 0.85
    fresh_rate: float = 0.1
    max_results: int = 300
    n_rounds: int = later(3, before=0)
    crossed_rate: float = later(0.5, before=0.0)
    weighs_features: bool = later(True, before=False)
    believed_parents: bool = later(True, before=False)
    model: str = "gp"

    def __post_init__(self) -> None:
        in_python_scalars(self)
        whole("n_initial", self.n_initial, 3)
        whole("n_candidates", self.n_candidates, 2)
        whole("max_results", self.max_results, 20)
        whole("n_rounds", self.n_rounds, 0)
        for name in ("edit_rate", "fresh_rate", "crossed_rate"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"`{name}` must be from 0 to 1, got {getattr(self, name)}.")
        for name in ("weighs_features", "believed_parents"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"`{name}` must be True or False, got {getattr(self, name)!r}.")
        if self.edit_rate + self.fresh_rate > 1.0:
            raise ValueError("`edit_rate` and `fresh_rate` must not exceed 1 in sum.")
        if self.model not in ("gp", "ridge"):
            raise ValueError(f'`model` must be "gp" or "ridge", got {self.model!r}.')


def checked_surrogate(surrogate: Any) -> Surrogate | None:
    """The argument of a sampler as a `Surrogate` or None; ValueError if it is neither."""
    surrogate = scalar(surrogate)
    if surrogate is not None and not isinstance(surrogate, bool | Surrogate):
        raise ValueError(
            f"`surrogate` must be a Surrogate, True, False or None, got {surrogate!r}."
        )
    return Surrogate() if surrogate is True else surrogate or None
