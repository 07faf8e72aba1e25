"""`Measurement`: a score, and how sure it is. No torch here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A score as it was measured, with the interval that holds the true one with 95 %.

    Args:
        score:
            By the metric.
        low:
            The lower end of the interval; None where there is none.
        high:
            The upper end.
        n_examples:
            On how many examples it was measured; None where nobody said so.
        copies:
            How many changed copies of each example the predictions are averaged over; 0 where the
            network saw the examples alone, as they are.
        plain:
            The score without these copies; None where there are none.
    """

    score: float
    low: float | None = None
    high: float | None = None
    n_examples: int | None = None
    copies: int = 0
    plain: float | None = None
