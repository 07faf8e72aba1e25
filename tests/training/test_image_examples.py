"""Images as bytes: what networks read of them, and that training with them is the same."""

from __future__ import annotations

from typing import Any

import pytest


torch = pytest.importorskip("torch")

from optuna_codeepneat.training import Examples  # noqa: E402
from optuna_codeepneat.training import ImageExamples  # noqa: E402
from optuna_codeepneat.training import Recipe  # noqa: E402
from optuna_codeepneat.training import evaluate  # noqa: E402
from optuna_codeepneat.training import fit  # noqa: E402
from optuna_codeepneat.training import predict  # noqa: E402
from optuna_codeepneat.training import seeded  # noqa: E402


MEAN, STD = (100.5, 90.25), (60.0, 70.5)
PIXELS = torch.randint(0, 256, (40, 2, 3, 4), generator=torch.Generator().manual_seed(0)).byte()
TARGETS = torch.arange(40) % 3


def images(**more: Any) -> ImageExamples:
    return ImageExamples(PIXELS, more.pop("targets", TARGETS), mean=MEAN, std=STD, **more)


def numbers() -> Examples:
    each = (1, -1, 1, 1)
    scaled = (PIXELS.float() - torch.tensor(MEAN).reshape(each)) / torch.tensor(STD).reshape(each)
    return Examples(scaled, TARGETS)


def is_same(one: Examples, other: Examples) -> bool:
    return torch.equal(one.inputs, other.inputs) and torch.equal(one.targets, other.targets)


def test_networks_read_the_same_as_of_numbers() -> None:
    data, plain = images(), numbers()
    order = [7, 3, 3, 39]

    assert is_same(data, plain)
    assert is_same(data.take(order), plain.take(order))
    assert is_same(data.take(order).take([3, 0]), plain.take([39, 7]))
    assert is_same(data.with_targets(TARGETS + 1), plain.with_targets(TARGETS + 1))
    assert data.input_shape == plain.input_shape == (2, 3, 4)
    assert data.example_bytes == plain.example_bytes == 96
    assert len(data.take(order)) == 4 and data.to("cpu") is data


def test_parts_are_put_together() -> None:
    data, plain = images(), numbers()
    first, second = data.take(range(10)), data.take(range(20, 40))

    both = first + second

    assert isinstance(both, ImageExamples) and both.pixels is PIXELS
    assert is_same(both, plain.take([*range(10), *range(20, 40)]))
    others = ImageExamples(PIXELS.flip(0), TARGETS, mean=MEAN, std=STD)
    assert isinstance(data + others, ImageExamples)
    assert torch.equal((data + others).inputs, torch.cat([data.inputs, others.inputs]))
    assert not isinstance(data + plain, ImageExamples)
    assert is_same(data + plain, plain + plain)


def test_training_and_scores_are_the_same() -> None:
    found = []
    for data in (numbers(), images(), Far(PIXELS, TARGETS, mean=MEAN, std=STD)):
        with seeded(0):
            network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(24, 3))
        fit(network, data, Recipe(steps=30, batch_size=7), device="cpu", seed=1)
        found.append((network[1].weight, predict(network, data, batch_size=9)))
        assert evaluate(network, data) == evaluate(network, numbers())
    for weight, outputs in found[1:]:
        assert torch.equal(weight, found[0][0]) and torch.equal(outputs, found[0][1])


class Far(ImageExamples):
    """Such as are read from a disk, a few ahead of the training."""

    def is_at_hand(self, device: Any) -> bool:
        return False


def test_what_lies_where_networks_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from optuna_codeepneat.training import _image_examples

    assert images().is_at_hand("cpu") and numbers().is_at_hand("cpu")
    assert not images().is_at_hand("cuda") and not numbers().is_at_hand("cuda")
    monkeypatch.setattr(_image_examples, "memory_bytes", lambda: 2.0 * PIXELS.nbytes)
    assert not images().is_at_hand("cpu")


def test_images_that_are_too_large_for_a_device_stay_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from optuna_codeepneat.training import _image_examples

    data = images(rows=torch.arange(30), targets=TARGETS[:30])
    assert data.to("meta").pixels.device.type == "meta"
    monkeypatch.setattr(_image_examples, "_room", lambda device: 10.0)
    outside = data.to("meta")
    assert outside.targets.device.type == "meta" and outside.pixels is PIXELS


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pixels": PIXELS.float()}, "`pixels` must be a tensor of bytes, got torch.float32"),
        ({"pixels": [[1]]}, "`pixels` must be a tensor of bytes, got list"),
        ({"pixels": PIXELS[0]}, r"`pixels` must be \(images, channels, height, width\)"),
        ({"mean": (1.0,)}, "a `mean` and a `std` for each channel, got .* 1 and 2"),
        ({"targets": TARGETS[:3]}, "a target for each, got 40 and 3"),
        ({"rows": torch.arange(0), "targets": TARGETS[:0]}, "at least one example"),
    ],
)
def test_bad_arguments(changes: dict[str, Any], said: str) -> None:
    given = {"pixels": PIXELS, "targets": TARGETS, "mean": MEAN, "std": STD, **changes}
    with pytest.raises(ValueError, match=said):
        ImageExamples(given.pop("pixels"), given.pop("targets"), **given)
