from __future__ import annotations

import math
import time
from typing import Any

import pytest

from optuna_codeepneat.exceptions import NetworkDivergedError
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import evaluate
from optuna_codeepneat.training import fit
from optuna_codeepneat.training import seeded


torch = pytest.importorskip("torch")


def examples(n: int = 240) -> Examples:
    """Sequences with a bump: on the left of the middle, or on the right."""
    generator = torch.Generator().manual_seed(0)
    inputs = 0.3 * torch.randn(n, 1, 16, generator=generator)
    places = torch.randint(16, (n,), generator=generator)
    inputs[torch.arange(n), 0, places] += 3.0
    return Examples(inputs, (places >= 8).long())


def network(dropout: float = 0.0) -> Any:
    with seeded(0):
        return torch.nn.Sequential(
            torch.nn.Conv1d(1, 4, 3, padding=1),
            torch.nn.BatchNorm1d(4),
            torch.nn.ReLU(),
            torch.nn.Dropout(dropout),
            torch.nn.Flatten(),
            torch.nn.Linear(64, 2),
        )


def weights(trained: Any) -> Any:
    return torch.nn.utils.parameters_to_vector(trained.parameters()).detach()


class Recorder(torch.nn.Module):
    """Remembers its inputs; they are their own numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(1, 2)
        self.batches: list[list[int]] = []

    def forward(self, x: Any) -> Any:
        self.batches.append(x.flatten().int().tolist())
        return self.layer(x / 1000)


def numbered(n: int) -> Examples:
    return Examples(torch.arange(float(n)).reshape(n, 1), torch.zeros(n, dtype=torch.long))


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_network_learns(optimizer: Any, precision: Any) -> None:
    trained = network()
    recipe = Recipe(steps=120, batch_size=40, optimizer=optimizer, precision=precision)

    result = fit(trained, examples(), recipe)

    assert result.steps == 120
    assert result.stopped is None
    assert result.loss < 0.3
    assert result.seconds > 0
    assert evaluate(trained, examples()) > 0.9


def test_the_result_depends_on_the_seed_alone() -> None:
    recipe = Recipe(steps=20, batch_size=40)
    results = []
    for seed in (3, 3, 4):
        torch.manual_seed(len(results))
        trained = network(dropout=0.5)
        fit(trained, examples(), recipe, seed=seed)
        results.append(weights(trained))

    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def test_the_callers_random_stream_is_left_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)

    fit(network(dropout=0.5), examples(), Recipe(steps=5))

    assert torch.equal(torch.rand(3), expected)


def test_it_is_what_a_plain_loop_does() -> None:
    data, recipe = numbered(6), Recipe(steps=7, batch_size=2, schedule="constant")
    recorder = Recorder()
    plain = torch.nn.Linear(1, 2)
    plain.load_state_dict(recorder.layer.state_dict())

    fit(recorder, data, recipe)

    optimizer = torch.optim.AdamW(plain.parameters(), lr=1e-2, weight_decay=1e-2)
    for batch in recorder.batches:
        inputs = torch.tensor(batch).reshape(-1, 1) / 1000
        loss = torch.nn.functional.cross_entropy(
            plain(inputs), torch.zeros(len(batch), dtype=torch.long)
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.allclose(weights(recorder.layer), weights(plain), atol=1e-6)


@pytest.mark.parametrize("n", [5, 12, 100])
@pytest.mark.parametrize("chunk_bytes", [1, 64, 1 << 26])
def test_batches_are_full_and_go_through_all_examples(
    n: int, chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optuna_codeepneat.training._batches._CHUNK_BYTES", chunk_bytes)
    recorder = Recorder()

    fit(recorder, numbered(n), Recipe(steps=30, batch_size=12))

    assert [len(batch) for batch in recorder.batches] == [min(12, n)] * 30
    order = [number for batch in recorder.batches for number in batch]
    for begin in range(0, len(order) - n + 1, n):
        assert sorted(order[begin : begin + n]) == list(range(n))


def test_the_order_does_not_depend_on_how_many_are_shuffled_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orders = []
    for chunk_bytes in (1, 1 << 26):
        monkeypatch.setattr("optuna_codeepneat.training._batches._CHUNK_BYTES", chunk_bytes)
        recorder = Recorder()
        fit(recorder, numbered(50), Recipe(steps=30, batch_size=12))
        orders.append(recorder.batches)

    assert orders[0] == orders[1]


@pytest.mark.parametrize(("steps", "seen"), [(120, [50, 100, 120]), (20, [20]), (50, [50])])
def test_progress(steps: int, seen: list[int]) -> None:
    calls: list[tuple[int, int, float]] = []

    result = fit(
        network(), examples(), Recipe(steps=steps), on_progress=lambda *call: calls.append(call)
    )

    assert [(call[0], call[1]) for call in calls] == [(step, steps) for step in seen]
    assert calls[-1][2] == result.loss


def test_a_loss_that_is_not_finite_stops_the_training_early() -> None:
    trained = network()
    with torch.no_grad():
        trained[0].weight[0, 0, 0] = math.nan

    result = fit(trained, examples(), Recipe(steps=1000))

    assert result.stopped == "nan"
    assert result.steps == 50
    with pytest.raises(NetworkDivergedError, match="diverged: its training loss was nan within"):
        result.raise_if_diverged()


def test_a_loss_that_is_not_finite_is_seen_in_the_last_steps_too() -> None:
    trained = network()
    with torch.no_grad():
        trained[0].weight[0, 0, 0] = math.nan

    assert fit(trained, examples(), Recipe(steps=3)).stopped == "nan"


def test_a_finite_loss_raises_nothing() -> None:
    fit(network(), examples(), Recipe(steps=3)).raise_if_diverged()


def test_deadline() -> None:
    late = fit(network(), examples(), Recipe(steps=5), deadline=time.monotonic() - 1.0)
    assert (late.steps, late.stopped) == (0, "deadline")
    assert math.isnan(late.loss)

    early = fit(network(), examples(), Recipe(steps=5), deadline=time.monotonic() + 600.0)
    assert (early.steps, early.stopped) == (5, None)

    short = fit(network(), examples(), Recipe(steps=10**5), deadline=time.monotonic() + 1.0)
    assert short.stopped == "deadline"
    assert 0 < short.steps < 10**5
    assert short.seconds < 5.0


@pytest.mark.parametrize("training", [False, True])
def test_the_network_is_left_as_an_ordinary_one(training: bool) -> None:
    trained = network()
    trained.train(training)
    before = list(trained.parameters())

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    fit(trained, examples(), Recipe(steps=5))
    with pytest.raises(KeyboardInterrupt):
        fit(trained, examples(), Recipe(steps=100), on_progress=interrupt)

    assert trained.training is training
    for parameter, old in zip(trained.parameters(), before, strict=True):
        assert parameter is old
        assert parameter.is_leaf
        assert parameter.grad is None
        assert parameter.untyped_storage().nbytes() == parameter.nbytes


def test_training_goes_on_where_it_was() -> None:
    trained = network()
    fit(trained, examples(), Recipe(steps=60))
    good = evaluate(trained, examples())

    result = fit(trained, examples(), Recipe(steps=1, learning_rate=1e-6))

    assert result.loss < 0.5
    assert evaluate(trained, examples()) == pytest.approx(good, abs=0.05)


def test_weights_decay_as_the_recipe_says() -> None:
    def without_loss(outputs: Any, targets: Any, smoothing: float) -> Any:
        return 0.0 * outputs.sum()

    trained = torch.nn.Linear(16, 2)
    before = weights(trained)
    recipe = Recipe(steps=10, learning_rate=0.1, weight_decay=0.5, schedule="constant")

    data = Examples(torch.rand(50, 16), torch.zeros(50, dtype=torch.long))
    fit(trained, data, recipe, loss=without_loss)

    assert torch.allclose(weights(trained), before * 0.95**10, rtol=1e-4)


def test_the_loss_gets_the_label_smoothing() -> None:
    seen = set()

    def loss(outputs: Any, targets: Any, smoothing: float) -> Any:
        seen.add(smoothing)
        return outputs.sum()

    fit(network(), examples(), Recipe(steps=2, label_smoothing=0.25), loss=loss)

    assert seen == {0.25}


def test_augmentation_changes_what_the_network_reads_and_is_seeded() -> None:
    orders = []
    for _ in range(2):
        recorder = Recorder()
        fit(
            recorder,
            numbered(10),
            Recipe(steps=6, batch_size=5),
            augment=lambda x: 100 + x + 100 * torch.randint(5, (len(x), 1)),
        )
        orders.append(recorder.batches)

    assert orders[0] == orders[1]
    assert min(min(batch) for batch in orders[0]) >= 100
    assert len({number for batch in orders[0] for number in batch}) > 10


def test_large_gradients_are_clipped() -> None:
    def steep(outputs: Any, targets: Any, smoothing: float) -> Any:
        return 1e6 * outputs.sum()

    trained = torch.nn.Linear(16, 2)
    before = weights(trained)
    recipe = Recipe(
        steps=1, optimizer="sgd", momentum=0.0, learning_rate=1.0, weight_decay=0.0,
        schedule="constant", gradient_clip=0.25,
    )  # fmt: skip

    data = Examples(torch.rand(50, 16), torch.zeros(50, dtype=torch.long))
    fit(trained, data, recipe, loss=steep)

    assert float((weights(trained) - before).norm()) == pytest.approx(0.25, rel=1e-3)


@pytest.mark.parametrize("before", [False, True])
def test_denormals_are_flushed_for_the_training_alone(before: bool) -> None:
    # torch can do it on x86 and on some ARM processors alone; elsewhere there is nothing to test.
    if not torch.set_flush_denormal(before):
        pytest.skip("this processor can't flush denormals")
    flushed = []

    def is_flushing() -> bool:
        return bool(torch.tensor(1e-38) * 1e-3 == 0.0)

    try:
        fit(
            network(),
            examples(),
            Recipe(steps=1),
            on_progress=lambda *_: flushed.append(is_flushing()),
        )
        assert flushed == [True]
        assert is_flushing() is before
    finally:
        torch.set_flush_denormal(False)


def test_recurrent_networks_are_trained() -> None:
    class Last(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = torch.nn.GRU(1, 6, batch_first=True)
            self.head = torch.nn.Linear(6, 2)

        def forward(self, x: Any) -> Any:
            return self.head(self.cell(x.transpose(1, 2))[0][:, -1])

    with seeded(0):
        trained = Last()

    result = fit(trained, examples(), Recipe(steps=150, batch_size=40, learning_rate=3e-2))

    assert result.loss < 0.5


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_gpu_trains_too(precision: Any) -> None:
    trained = network()
    states = torch.get_rng_state(), torch.cuda.get_rng_state()

    result = fit(
        trained, examples(), Recipe(steps=120, batch_size=40, precision=precision), device="cuda"
    )

    assert result.loss < 0.3
    assert evaluate(trained, examples()) > 0.9
    assert torch.equal(states[0], torch.get_rng_state())
    assert torch.equal(states[1], torch.cuda.get_rng_state())
