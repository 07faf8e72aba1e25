"""What a network says that it inherited."""

from __future__ import annotations

from dataclasses import replace

from optuna_codeepneat.alignment import Plan
from optuna_codeepneat.alignment import Step
from optuna_codeepneat.morphism import InheritanceReport


def step(change: str, num_params: int, inherited: int) -> Step:
    return Step(
        operation="0.0",
        parent=None,
        change=change,  # type: ignore[arg-type]
        exact=True,
        num_params=num_params,
        inherited=inherited,
    )


PLAN = Plan((step("widened", 60, 40), step("copied", 20, 20), step("copied", 20, 20)), True, ())


def test_a_fresh_start() -> None:
    report = InheritanceReport()
    assert (report.share, report.exact, report.donor, report.line_steps) == (0.0, False, None, 0)
    assert str(report) == "nothing inherited"


def test_one_line_says_it_all() -> None:
    report = InheritanceReport(PLAN, "exact", donor=3, line_steps=400)
    assert report.share == 0.8
    assert str(report) == "80% of the parameters inherited (exact): 2 copied, 1 widened"


def test_only_an_exact_plan_carried_out_exactly_is_exact() -> None:
    assert InheritanceReport(PLAN, "exact").exact
    assert not InheritanceReport(PLAN, "noisy").exact
    assert not InheritanceReport(replace(PLAN, exact=False), "exact").exact
    assert "(approximate)" in str(InheritanceReport(PLAN, "noisy"))
