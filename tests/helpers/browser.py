"""A real Chromium without a window, and the page of a host in it."""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE, DESKTOP = (390, 844), (1440, 900)
PATIENCE_MS = 20_000


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """Skips, with the reason, where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="a browser is steered by playwright")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("chromium is not installed (Debian: chromium)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET])
        yield browser
        browser.close()


def opened(browser: Browser, port: int, size: tuple[int, int] = DESKTOP) -> Page:
    """The page of the host at that port, connected."""
    page = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, has_touch=size == PHONE, is_mobile=size == PHONE
    ).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"http://127.0.0.1:{port}/")
    page.wait_for_selector("[data-link=there]")
    return page


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def sees(page: Page, selector: str, *words: str) -> None:
    """Waits until the element's text has all of the words."""

    def there() -> bool:
        text = page.inner_text(selector)
        return all(word in text for word in words)

    try:
        wait_for(there)
    except AssertionError:
        raise AssertionError(f"{selector}: found {page.inner_text(selector)!r}; expected {words}") from None
