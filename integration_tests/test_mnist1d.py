"""The built-in problem as it is, from the search to its pages; its report is in `test_report`."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration_tests.browser import needs_browser
from integration_tests.browser import open_tab
from integration_tests.command import Command
from integration_tests.command import until
from integration_tests.test_dashboard import serving
from integration_tests.test_dashboard import text_of
from integration_tests.test_dashboard import trial_page


pytestmark = [needs_browser, pytest.mark.long, pytest.mark.soak]


def test_dashboard_of_mnist1d(mnist1d_search: Path) -> None:
    process = Command(mnist1d_search).start("dashboard", "mnist1d", "--port", "0")
    with serving(process) as url, open_tab() as tab:
        tab.open(f"{url}/dashboard/studies/1")
        until(lambda: "Pareto front:" in text_of(tab), "the figures")
        assert "of 12 networks" in text_of(tab)
        for number in (0, 11):
            assert "num_params" in trial_page(tab, url, number)
        assert not tab.complaints
