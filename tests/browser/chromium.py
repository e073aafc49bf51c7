"""Chromium as the system has it, and the accessibility rules of axe-core."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from tests.servers import ServerUnavailable

ROOT: Final = Path(__file__).resolve().parents[2]
AXE: Final = ROOT / ".cache" / "axe" / "axe.min.js"
"""Where ``scripts/fetch_axe.sh`` puts it."""

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")

FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
"""Root has no sandbox, and containers little shared memory."""


def chromium_path() -> str:
    """Returns the path of the browser.

    Raises:
        ServerUnavailable: There is none.
    """
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise ServerUnavailable("chromium is not installed (Debian: apt-get install chromium)")
    return path


def axe_source() -> str:
    """Returns the script of axe-core.

    Raises:
        ServerUnavailable: It was not fetched.
    """
    if not AXE.exists():
        raise ServerUnavailable("no axe-core: scripts/fetch_axe.sh fetches it, by npm")
    return AXE.read_text(encoding="utf-8")


@contextmanager
def launched(*flags: str) -> Iterator[Browser]:
    """Starts the browser with further flags, and ends it.

    Raises:
        ServerUnavailable: There is none.
    """
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()
