from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.visualization._scale import Scale
from optuna_codeepneat.visualization._scale import percent
from optuna_codeepneat.visualization._trials import Objective


ACCURACY = Objective("accuracy", True, 0)
SIZE = Objective("num_params", False, 1)


@pytest.mark.parametrize(
    ("objective", "values", "kind"),
    [
        (ACCURACY, [0.3, 0.99, 0.999], "error"),
        (ACCURACY, [0.5, 0.9], "linear"),
        (ACCURACY, [0.5, 0.96], "error"),
        (ACCURACY, [0.5, 1.0], "linear"),
        (ACCURACY, [30.0, 99.9], "linear"),
        (ACCURACY, [], "linear"),
        (Objective("accuracy lost", False, 0), [0.3, 0.999], "linear"),
        (SIZE, [100.0, 1000.0], "log"),
        (SIZE, [100.0, 900.0], "linear"),
        (SIZE, [0.0, 900.0], "linear"),
    ],
)
def test_what_lies_close_together_is_told_apart(
    objective: Objective, values: list[float], kind: str
) -> None:
    assert Scale.of(objective, values).kind == kind


def test_nothing_lies_beyond_the_end_of_an_axis() -> None:
    scale = Scale.of(ACCURACY, [0.3, 0.99, 0.999, 1.0])
    assert scale.error(0.999) == pytest.approx(0.001)
    assert scale.error(1.0) == pytest.approx(0.0005)
    words = [percent(share) for share in scale.shares()]
    assert words == ["70", "90", "97", "99", "99.7", "99.9", "100"]


accuracies = st.floats(0, 1).map(lambda x: round(x, 5))


@given(st.lists(accuracies, min_size=2), st.sampled_from([4, 9]))
def test_an_axis_has_several_labels_and_not_too_many(values: list[float], most: int) -> None:
    scale = Scale.of(ACCURACY, values)
    if scale.kind == "error":
        shares = scale.shares(most)
        assert 2 <= len(shares)
        assert shares == sorted(set(shares))
        assert len({percent(share) for share in shares}) == len(shares)
        errors = [scale.error(value) for value in sorted(values)]
        assert min(errors) > 0
        assert errors == sorted(errors, reverse=True)
