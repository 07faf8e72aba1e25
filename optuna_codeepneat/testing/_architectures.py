"""Random architectures of a search space, by a seed or as a strategy of hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler import draw
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    import numpy as np
    from hypothesis.strategies import DrawFn
    from hypothesis.strategies import SearchStrategy

_MAX_DRAWS = 100


def random_architecture(space: SearchSpace, seed: int) -> Architecture:
    """A network of a space, every parameter drawn from its whole range.

    Args:
        space:
            The space.
        seed:
            The same seed gives the same network, in any process.

    Returns:
        A network within `max_params` and `max_macs`; the smallest where they leave so few that
        chance does not find one.

    Example:
        >>> from optuna_codeepneat import SearchSpace
        >>> from optuna_codeepneat.testing import random_architecture
        >>> space = SearchSpace.dense(input_shape=(4,), num_outputs=2)
        >>> architecture = random_architecture(space, seed=1)
        >>> space.decode(space.encode(architecture)) == architecture
        True
    """
    return drawn_architecture(space, rng_for(seed, "architecture"))


def drawn_architecture(space: SearchSpace, rng: np.random.Generator) -> Architecture:
    """A random network of a space, within its caps."""
    for _ in range(_MAX_DRAWS):
        architecture = space.walk(lambda name, distribution: draw(distribution, rng))
        if space.excess(architecture) is None:
            return architecture
    return space.smallest()


def architectures(space: SearchSpace) -> SearchStrategy[Architecture]:
    """A hypothesis strategy for the networks of a space, which shrinks to small ones.

    Args:
        space:
            The space.

    Example:
        >>> from hypothesis import given
        >>> from optuna_codeepneat import SearchSpace
        >>> from optuna_codeepneat.testing import architectures
        >>> space = SearchSpace.dense(input_shape=(4,), num_outputs=2)
        >>> @given(architecture=architectures(space))
        ... def test_has_a_head(architecture):
        ...     assert architecture.depth >= 1
    """
    from hypothesis import strategies as st

    @st.composite
    def walks(draw: DrawFn) -> Architecture:
        return space.walk(lambda name, distribution: draw(_values(distribution)))

    return walks().filter(lambda architecture: space.excess(architecture) is None)


def _values(distribution: BaseDistribution) -> SearchStrategy[Any]:
    """The values of a distribution."""
    from hypothesis import strategies as st

    if isinstance(distribution, CategoricalDistribution):
        return st.sampled_from(distribution.choices)
    assert isinstance(distribution, IntDistribution | FloatDistribution)
    low, high, step = distribution.low, distribution.high, distribution.step
    if step is None:
        return st.floats(low, high)
    return st.integers(0, round((high - low) / step)).map(lambda i: low + i * step)
