from __future__ import annotations

from typing import Any

import pytest

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Latency  # noqa: E402


torch = pytest.importorskip("torch")


SPACE = SearchSpace.conv2d(input_shape=(3, 32, 32), num_outputs=10)


def network(width: int, n_modules: int) -> Architecture:
    nodes = [Node(str(i), "A", (str(i - 1) if i else "in",)) for i in range(n_modules)]
    return SPACE.architecture(
        nodes, {"A": [Node("0", "conv2d", genes=Genes(width=width, kernel=5))]}
    )


def test_a_larger_network_takes_longer() -> None:
    latency = Latency(repeats=5)
    small, large = network(8, 1), network(64, 4)
    assert large.macs > 200 * small.macs
    assert 0.0 < 3 * latency(small) < latency(large)


def test_a_larger_batch_takes_longer() -> None:
    architecture = network(16, 2)
    one, many = Latency(repeats=5), Latency(repeats=5, batch_size=64)
    assert 3 * one(architecture) < many(architecture)


def test_a_network_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    latency = Latency(repeats=1)
    first = latency(SPACE.smallest())

    def fail(*args: Any) -> float:
        raise AssertionError("measured again")

    monkeypatch.setattr(Latency, "_measure", fail)
    assert latency(SPACE.smallest()) == first
    assert latency.is_measured


def test_it_reads_tokens() -> None:
    space = SearchSpace.sequence(input_shape=(5, 7), num_outputs=2, vocab_size=11)
    assert Latency(repeats=1)(space.smallest()) > 0.0


@pytest.mark.parametrize("threads", [1, 2, None])
def test_threads_and_random_numbers_are_given_back(threads: int | None) -> None:
    before = torch.get_num_threads()
    state = torch.get_rng_state()
    seen = []

    class Spying(Latency):
        def _measure(self, *args: Any) -> float:
            seen.append(torch.get_num_threads())
            return super()._measure(*args)

    Spying(repeats=1, threads=threads)(SPACE.smallest())
    assert seen == [before if threads is None else threads]
    assert torch.get_num_threads() == before
    assert torch.equal(torch.get_rng_state(), state)


def test_threads_are_given_back_by_a_network_that_fails() -> None:
    before = torch.get_num_threads()

    class Failing(Latency):
        def _measure(self, *args: Any) -> float:
            raise RuntimeError("no luck")

    with pytest.raises(RuntimeError, match="no luck"):
        Failing(threads=before + 1)(SPACE.smallest())
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("name", ["batch_size", "repeats", "threads"])
def test_numbers_below_one_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be at least 1, got 0"):
        Latency(**{name: 0})
