"""Surrogate-assisted evolution: breed many candidates, train the one that a model expects most of.

Both algorithms hand over their candidates and what is known (`Chooser`); a Gaussian process over a
bag of structural features (`_features`) predicts the objectives that training costs, those that
are known before it enter exactly, and the expected gain of hypervolume decides
(`_gain`).
"""

from optuna_codeepneat.sampler._surrogate._chooser import Chooser
from optuna_codeepneat.sampler._surrogate._chooser import Judge
from optuna_codeepneat.sampler._surrogate._chooser import scored
from optuna_codeepneat.sampler._surrogate._settings import Surrogate
from optuna_codeepneat.sampler._surrogate._settings import checked_surrogate


__all__ = ["Chooser", "Judge", "Surrogate", "checked_surrogate", "scored"]
