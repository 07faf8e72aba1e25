"""Examples that are changed at random, each by its own chance."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import seeded


IMAGES = torch.arange(4.0 * 2 * 6 * 5).reshape(4, 2, 6, 5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flip", 1),
        ("shift", 1.0),
        ("rotate", -1.0),
        ("rotate", float("nan")),
        ("zoom", 1.0),
        ("scale", -0.1),
        ("noise", float("inf")),
        ("drop", 1.0),
    ],
)
def test_wrong_values_are_named(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^`{name}` must be .*got {value}"):
        Augmentation(**{name: value})


def test_nothing_changes_nothing() -> None:
    assert not Augmentation()
    assert str(Augmentation()) == "nothing"
    assert torch.equal(Augmentation()(IMAGES), IMAGES)


def changed(inputs: torch.Tensor, seed: int = 0, **values: Any) -> torch.Tensor:
    with seeded(seed):
        return Augmentation(**values)(inputs)


def test_half_of_the_examples_are_mirrored() -> None:
    images = IMAGES[:1].expand(400, -1, -1, -1)
    mirrored = (changed(images, flip=True) == IMAGES[:1].flip(-1)).all(dim=(1, 2, 3))
    same = (changed(images, flip=True) == IMAGES[:1]).all(dim=(1, 2, 3))
    assert bool((mirrored | same).all())
    assert 150 < int(mirrored.sum()) < 250


def test_images_move_by_whole_pixels_to_all_sides() -> None:
    image = torch.arange(36.0).reshape(1, 1, 6, 6)
    moved = changed(image.expand(300, -1, -1, -1), shift=0.2)
    # The middle of the image is still there, and tells by how much.
    places = {tuple((one[0] == 14.0).nonzero()[0].tolist()) for one in moved}
    assert places == {(row, column) for row in (1, 2, 3) for column in (1, 2, 3)}
    right = next(one[0] for one in moved if one[0, 2, 3] == 14.0 and one[0, 0, 1] == 0.0)
    assert torch.equal(right[:, 0], image[0, 0, :, 0])  # the edge goes on


def test_sequences_move_with_all_their_channels() -> None:
    sequence = torch.arange(10.0).expand(3, 10)
    moved = changed(sequence.expand(50, 3, 10), shift=0.3)
    assert torch.equal(moved[:, 0], moved[:, 1])
    assert {int(one[0, 5]) for one in moved} == {2, 3, 4, 5, 6, 7, 8}


def test_images_are_turned_about_their_middle() -> None:
    image = torch.zeros(1, 1, 9, 9)
    image[0, 0, 4, :] = 1.0  # a line from left to right
    turned = changed(image.expand(200, -1, -1, -1), rotate=90.0)
    assert torch.allclose(turned[:, 0, 4, 4], torch.tensor(1.0), atol=1e-5)
    ends = turned[:, 0, 0, 4]
    assert float(ends.max()) > 0.9 and float(ends.min()) == 0.0  # some stand upright


def test_a_turned_image_that_is_not_square_keeps_its_proportions() -> None:
    image = torch.zeros(1, 1, 5, 15)
    image[0, 0, 2, 5:10] = 1.0  # five pixels long
    turned = changed(image.expand(300, -1, -1, -1), rotate=90.0)
    upright = turned[turned[:, 0, 0, 7].argmax(), 0]
    assert torch.allclose(upright[:, 7], torch.ones(5), atol=0.2)


def test_zoom_and_scale_and_noise_stay_within_their_bounds() -> None:
    ones = torch.ones(500, 1, 6, 6)
    assert torch.allclose(changed(ones, zoom=0.5), ones)  # there is nothing but ones to see
    scaled = changed(ones, scale=0.25)
    assert 0.75 <= float(scaled.min()) < 0.8 and 1.2 < float(scaled.max()) <= 1.25
    assert float(scaled.std(dim=(1, 2, 3)).max()) < 1e-6  # each example by one number
    assert float((changed(ones, noise=0.1) - ones).std()) == pytest.approx(0.1, abs=0.01)


def test_tokens_become_unknown_but_not_those_behind_the_end() -> None:
    tokens = torch.tensor([5, 6, 7, 0, 0]).expand(1000, 5)
    dropped = changed(tokens, drop=0.3)
    assert torch.equal(dropped[:, 3:], tokens[:, 3:])
    unknown = dropped[:, :3] == 1
    assert torch.equal(dropped[:, :3][~unknown], tokens[:, :3][~unknown])
    assert float(unknown.float().mean()) == pytest.approx(0.3, abs=0.04)
    assert dropped.dtype == torch.long


def test_numbers_are_dropped() -> None:
    dropped = changed(torch.ones(1000, 4), drop=0.3)
    assert set(dropped.unique().tolist()) == {0.0, 1.0}
    assert float(dropped.mean()) == pytest.approx(0.7, abs=0.04)


@pytest.mark.parametrize(
    ("shape", "values", "words"),
    [
        ((3, 1, 40), {"rotate": 5.0}, r"by `rotate` does not suit sequences \(1, 40\); what does"),
        ((3, 8), {"shift": 0.1}, r"by `shift` does not suit rows of numbers \(8,\)"),
    ],
)
def test_what_does_not_suit_is_said(shape: Any, values: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Augmentation(**values)(torch.zeros(shape))


def test_tokens_are_not_moved() -> None:
    with pytest.raises(ValueError, match=r"by `noise` does not suit tokens .* what does: drop\."):
        Augmentation(noise=0.1).check(torch.zeros(2, 5, dtype=torch.long))


def test_the_same_seed_makes_the_same_examples() -> None:
    values = {"flip": True, "shift": 0.2, "rotate": 10.0, "noise": 0.1, "drop": 0.1}
    assert torch.equal(changed(IMAGES, **values), changed(IMAGES, **values))
    assert not torch.equal(changed(IMAGES, **values), changed(IMAGES, seed=1, **values))
