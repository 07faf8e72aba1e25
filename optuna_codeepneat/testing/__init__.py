"""For the tests of your own layers and mutations: what is wrong with them, in one sentence.

Importing this package loads neither torch nor hypothesis; `check_layer` needs the former,
`architectures` the latter.
"""

from optuna_codeepneat.testing._architectures import architectures
from optuna_codeepneat.testing._architectures import random_architecture
from optuna_codeepneat.testing._check_layer import check_layer
from optuna_codeepneat.testing._check_operator import check_operator


__all__ = ["architectures", "check_layer", "check_operator", "random_architecture"]
