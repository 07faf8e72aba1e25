"""A real browser, and all that it complained about."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from playwright.sync_api import Page
    from playwright.sync_api import Request

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


class Tab:
    """A page in a browser that reaches no host but this one.

    Args:
        page:
            The page.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        """Errors of scripts, what they wrote to the console as errors, and what didn't load."""
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", lambda said: self._listen(said.type, said.text))
        page.on("requestfailed", self._lose)

    def _listen(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(f"console: {text}")

    def _lose(self, request: Request) -> None:
        # A page that is left gives up what it still waits for: on a busy machine, anything.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"lost: {request.url}")

    def open(self, place: str | Path) -> Page:
        """Opens a file or a URL, and waits until it is all there."""
        url = place.as_uri() if isinstance(place, Path) else place
        self.page.goto(url, wait_until="load")
        return self.page


@contextmanager
def open_tab(*, offline: bool = False, dark: bool = False) -> Iterator[Tab]:
    """A tab in a headless browser of its own, 1280 by 900 pixels.

    Args:
        offline:
            Without any network, as a file is opened on a train.
        dark:
            For a reader who prefers dark pages.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": 1280, "height": 900},
            offline=offline,
            color_scheme="dark" if dark else "light",
        )
        try:
            yield Tab(context.new_page())
        finally:
            browser.close()
