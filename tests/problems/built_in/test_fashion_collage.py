from __future__ import annotations

import numpy as np
import pytest

from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems._built_in._fashion_collage import collages
from optuna_codeepneat.problems._built_in._fashion_collage import fashion_collage
from tests.problems.built_in.small import check_whole
from tests.problems.built_in.small import splits_or_skip


torch = pytest.importorskip("torch")


def garments() -> tuple[np.ndarray, np.ndarray]:
    """Ten images, each of one grey that tells its class."""
    classes = np.arange(10)
    greys = (20 + 20 * classes).astype(np.uint8)
    return np.broadcast_to(greys[:, None, None], (10, 28, 28)), classes


def test_collages_of_published_images() -> None:
    pytest.importorskip("sklearn")
    problem = get_problem("fashion_collage", train=1000)
    splits = splits_or_skip(problem)

    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [
        1000,
        2000,
        2000,
    ]
    assert float(splits.train.inputs.mean()) == pytest.approx(0.0, abs=0.05)
    assert float(splits.train.inputs.std()) == pytest.approx(1.0, abs=0.05)
    check_whole(problem)
    assert problem.floor == pytest.approx(0.5, abs=0.05)
    # Once more is the same.
    assert torch.equal(fashion_collage(train=1000).load().test.inputs, splits.test.inputs)


def test_labels_are_what_is_seen() -> None:
    canvases, labels = collages(*garments(), 300, seed=0)

    assert canvases.shape == (300, 56, 56) and labels.shape == (300, 10)
    counts = np.bincount(labels.sum(1).astype(int))
    assert len(counts) == 4 and counts.min() > 40
    for canvas, row in zip(canvases, labels, strict=True):
        seen = {(int(grey) - 20) // 20 for grey in np.unique(canvas) if grey}
        # A brighter one may hide another in whole, but hardly ever does.
        assert seen <= set(np.flatnonzero(row))
        area = int((canvas > 0).sum())
        assert (area > 0) == bool(row.any()) and area in range(0, 3 * 28 * 28 + 1)
        brightest = max(np.flatnonzero(row), default=None)
        if brightest is not None:
            assert int((canvas == 20 + 20 * brightest).sum()) >= 28 * 28


def test_bounds_of_options() -> None:
    with pytest.raises(ValueError, match="`train` must be a whole number from 1000 to 100000"):
        fashion_collage(train=10)
