"""Fixtures: one browser and one company for all tests here, and pages that must not complain."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import launched
from tests.browser.service import Service, served
from tests.servers.required import available

Opener = Callable[..., Page]

PATIENCE_MS: Final = 20_000
"""How long a page may take to show something, on a machine that has much else to do."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of one file.

    Playwright's loop runs in this thread as long as it is there: other tests of the process could
    not run one of their own.
    """
    expect.set_options(timeout=PATIENCE_MS)
    with ExitStack() as stack:
        with available():
            running = stack.enter_context(launched())
        yield running


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """The pages of a small company."""
    with served() as service:
        yield service


@pytest.fixture
def opened(browser: Browser, service: Service) -> Iterator[Opener]:
    """A function that opens a path in a browser of its own; see the assertions for what holds."""
    complaints: list[str] = []
    hosts: set[str] = set()
    own: set[str] = set()
    with ExitStack() as stack:

        def open_page(
            path: str = "/",
            width: int = 1280,
            at: Service = service,
            clock: bool = False,
            **options: Any,
        ) -> Page:
            viewport = ViewportSize(width=width, height=800)
            context = browser.new_context(base_url=at.url, viewport=viewport, **options)
            own.add(at.url)
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.on(
                "console",
                lambda said: (
                    complaints.append(said.text) if said.type in ("error", "warning") else None
                ),
            )
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda request: hosts.add("/".join(request.url.split("/")[:3])))
            if clock:
                page.clock.install()
            page.goto(path)
            return page

        yield open_page
    assert complaints == [], "no error in the console, nor anything that the policy forbids"
    assert hosts <= own, "nothing is asked of another host"
